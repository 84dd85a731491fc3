"""Rows of logits in memory: the largest, the mass of all others, and races among them, with numpy."""

from __future__ import annotations

import threading
from typing import Any, Tuple

import numpy as np
import numpy.typing as npt

from ..header import Header
from ..ragged import starts
from .noise import generator
from .races import Runners, race
from .tail_mass import TailMass

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_LEAST_FLOAT = np.float32(np.finfo(np.float32).min)
#: Below this size of a vocabulary and so many times the largest wanted, all logits are sorted.
_FEWEST_IN_GROUP = 16


class LogitsError(ValueError):
    """A row of the generator's logits cannot be stored. `row` is its number among the rows given."""

    def __init__(self, row: int) -> None:
        super().__init__(
            f"the generator's logits of row {row} are not finite numbers. Check the generator's weights: they overflow or are damaged"
        )
        self.row = row


#: The memory that each thread keeps from one call to the next.
_kept = threading.local()


def _scratch(shape: Tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Memory of this thread, until it asks again: fresh memory costs more than the arithmetic on it."""
    size = shape[0] * shape[1]
    buffer: Any = getattr(_kept, "buffer", None)
    if buffer is None or buffer.size < size:
        buffer = _kept.buffer = np.empty(size, dtype=np.float32)
    result: npt.NDArray[np.float32] = buffer[:size].reshape(shape)
    return result


def _tail_mass(nodes: Tuple[float, ...]) -> TailMass:
    known: Any = getattr(_kept, "tail_mass", None)
    if known is None or known[0] != nodes:
        known = _kept.tail_mass = (nodes, TailMass(nodes))
    result: TailMass = known[1]
    return result


class NumpyRows:
    """Some rows of logits. It has the operations that `distil` needs on them; `device_rows.TorchRows` has the same.

    The next ones on a thread use the memory of those before.
    """

    def __init__(self, header: Header, logits: npt.NDArray[Any], originals: Integers, *, in_place: bool = False) -> None:
        self._header = header
        # A copy: tokens that are never drawn have no logit.
        if in_place and logits.dtype == np.float32 and logits.flags.writeable and logits.flags.c_contiguous:
            self._rows = logits
        else:
            self._rows = _scratch(logits.shape)
            self._rows[:] = logits
        for first, last in header.never_drawn:
            self._rows[:, first : last + 1] = -np.inf
        self._originals = originals
        self.references = self._check()
        self.original_logits = self._rows[np.arange(len(originals)), originals]
        self._collect()

    def _check(self) -> npt.NDArray[np.float32]:
        largest: npt.NDArray[np.float32] = self._rows.max(axis=1)
        bad = ~np.isfinite(largest)
        if bad.any():
            raise LogitsError(int(np.argmax(bad)))
        return largest

    def _collect(self) -> None:
        """Finds the largest logits and some more, by rank; equal ones by id.

        If the maxima of n groups of a row reach a bound, then at least n logits reach it, and not many more.
        """
        header, rows = self._header, self._rows
        size = rows.shape[1]
        runners = 0 if header.visit_count == 0 else int(size**0.5) + 1
        wanted = min(header.most_candidates + 1 + runners, size)
        groups = max(512, 2 * wanted)
        self._bounds = np.full(len(rows), _LEAST_FLOAT)
        if size >= _FEWEST_IN_GROUP * groups:
            maxima = rows[:, : size // groups * groups].reshape(len(rows), -1, groups).max(axis=1)
            np.maximum(np.partition(maxima, groups - wanted, axis=1)[:, groups - wanted], _LEAST_FLOAT, out=self._bounds)
        found = np.flatnonzero(rows >= self._bounds[:, None])
        row, ids = np.divmod(found, size)
        counts = np.bincount(row, minlength=len(rows))
        bits = (rows.reshape(-1)[found] + np.float32(0)).view(np.uint32)
        ordered = np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31)).astype(np.uint64)
        keys = np.zeros((len(rows), int(counts.max())), dtype=np.uint64)
        place = np.arange(found.size) - np.repeat(starts(counts)[:-1], counts)
        keys[row, place] = ordered << np.uint64(32) | (np.uint64(0xFFFFFFFF) - ids.astype(np.uint64))
        keys = np.sort(keys, axis=1)[:, ::-1]
        self._ids = np.where(keys > 0, np.uint64(0xFFFFFFFF) - (keys & np.uint64(0xFFFFFFFF)), 0).astype(np.int64)
        self._logits = np.where(keys > 0, np.take_along_axis(rows, self._ids, axis=1), -np.inf).astype(np.float32)

    def top(self) -> Tuple[Integers, Floats]:
        """[rows, most candidates] The tokens of the largest logits, and how far these lie below the largest; infinitely far where
        there are no more that can be drawn."""
        most = self._header.most_candidates
        ids = np.zeros((len(self._rows), most), dtype=np.int64)
        logits = np.full(ids.shape, -np.inf)
        width = min(most, self._ids.shape[1])
        ids[:, :width], logits[:, :width] = self._ids[:, :width], self._logits[:, :width]
        least = self._header.least_candidates
        for row in np.flatnonzero(np.isneginf(logits[:, :least]).any(axis=1)):
            lacking = np.flatnonzero(np.isneginf(logits[row, :least]))
            ids[row, lacking] = np.flatnonzero(np.isneginf(self._rows[row]))[: lacking.size]
        return ids, self.references[:, None].astype(np.float64) - logits

    def log_masses_beyond(self) -> Floats:
        """[rows, nodes] The log-mass, relative to the largest logit, of all tokens but the largest ones of `top` and the original."""
        nodes = self._header.tail_nodes
        most, count = self._header.most_candidates, len(self._rows)
        if not nodes:
            return np.zeros((count, 0))
        at = np.arange(count)
        # Relative to the largest of them, so that no power is too small for single precision.
        next_ids, next_logits = np.zeros((count, 2), dtype=np.int64), np.full((count, 2), -np.inf, dtype=np.float32)
        width = max(0, min(2, self._ids.shape[1] - most))
        next_ids[:, :width] = self._ids[:, most : most + width]
        next_logits[:, :width] = self._logits[:, most : most + width]
        second = (next_ids[:, 0] == self._originals) & ~np.isneginf(next_logits[:, 0])
        largest = np.where(second, next_logits[:, 1], next_logits[:, 0])
        has_any = ~np.isneginf(largest)
        base = np.where(has_any, largest, self.references)
        # They are taken out for a while. Ids of columns without a token are 0, which must not be taken out for that.
        real = ~np.isneginf(self._logits[:, :most])
        row, column = np.append(np.nonzero(real)[0], at), np.append(self._ids[:, :most][real], self._originals)
        values = self._rows[row, column]
        self._rows[row, column] = -np.inf
        sums = _tail_mass(nodes).sums(self._rows, base)
        self._rows[row, column] = values
        depths = self.references.astype(np.float64) - base
        with np.errstate(divide="ignore"):
            result: Floats = np.log(sums) - depths[:, None] / np.array(nodes)
        result[~has_any] = -np.inf
        return result

    def races(
        self, counts: Integers, races: Integers, sequence: int, position: int
    ) -> Tuple[Integers, Integers, Floats]:
        """Runs so many races of each row among the tokens behind its first `counts`; see `races.race`."""
        ranks = np.arange(self._ids.shape[1])
        runs = (ranks >= counts[:, None]) & (self._ids != self._originals[:, None])
        logits = np.where(runs, self._logits.astype(np.float64) - self.references[:, None], -np.inf)
        is_all = self._bounds == _LEAST_FLOAT
        bounds = np.where(is_all, -np.inf, self._bounds.astype(np.float64) - self.references)
        runners = Runners(self._ids, logits, bounds, self._rows, self.references, self._originals)
        row = np.repeat(np.arange(len(counts)), races)
        header = self._header
        random = generator(header, sequence, position)
        return race(runners, row, header.minimum_temperature, header.maximum_temperature, random)
