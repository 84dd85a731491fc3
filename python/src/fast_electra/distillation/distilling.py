"""From logits to the values that a shard keeps of them: candidates, the original's logit, the tail's mass, races."""

from __future__ import annotations

import dataclasses
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from ..block import Block, Ids
from ..header import Header
from ..quantization import DEFICITS, INFINITE_CODE, TAIL_STEP, head_codes
from ..ragged import starts
from .candidates import candidate_counts
from .noise import pool
from .rows import LogitsError, NumpyRows

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: Logits of the rows that are distilled at a time: a few MiB in single precision.
_CHUNK = 1 << 21
_MOST_ROWS = 256


@dataclasses.dataclass(frozen=True, eq=False)
class Distilled:
    """The values that shards keep of M masked positions: the columns of `Block` that are not those of its text."""

    header: Header
    candidate_counts: Ids
    head_ids: Ids
    head_codes: npt.NDArray[np.uint16]
    original_codes: npt.NDArray[np.uint16]
    original_ranks: npt.NDArray[np.int32]
    race_counts: npt.NDArray[np.uint16]
    tail_codes: npt.NDArray[np.int32]
    change_counts: npt.NDArray[np.uint16]
    winners: Ids
    change_codes: npt.NDArray[np.uint16]

    def __len__(self) -> int:
        return self.candidate_counts.size

    @staticmethod
    def concatenate(pieces: "Sequence[Distilled]") -> "Distilled":
        """All positions of these, which are of one header; at least one."""
        names = [field.name for field in dataclasses.fields(Distilled) if field.name != "header"]
        joined = {name: np.concatenate([getattr(piece, name) for piece in pieces], axis=-1) for name in names}
        return Distilled(header=pieces[0].header, **joined)

    def block(
        self,
        *,
        first_sequence: int,
        lengths: Sequence[int],
        tokens: npt.ArrayLike,
        mask_counts: Sequence[int],
        positions: npt.ArrayLike,
        sources: Optional[Sequence[int]] = None,
        second_segments: Optional[Sequence[int]] = None,
    ) -> Block:
        """The block of these positions and their text: N sequences end to end, whose masked positions end to end are these.

        `lengths`, `mask_counts`, `sources`, `second_segments` have N elements, `tokens` as many as the lengths add up to, `positions` as many
        as there are positions, each counted within its sequence.
        """
        count = len(lengths)
        return Block(
            passes=np.full(count, self.header.pass_number, dtype=np.uint16),
            sequences=np.arange(first_sequence, first_sequence + count, dtype=np.int64),
            lengths=np.asarray(lengths, dtype=np.uint16),
            sources=np.asarray(np.zeros(count) if sources is None else sources, dtype=np.uint16),
            second_segments=np.asarray(np.zeros(count) if second_segments is None else second_segments, dtype=np.uint16),
            mask_counts=np.asarray(mask_counts, dtype=np.uint16),
            tokens=np.asarray(tokens, dtype=self.head_ids.dtype),
            positions=np.asarray(positions, dtype=np.uint16),
            **{field.name: getattr(self, field.name) for field in dataclasses.fields(self)},
        )


def distil(
    logits: Any,
    *,
    header: Header,
    originals: npt.ArrayLike,
    sequences: npt.ArrayLike,
    positions: npt.ArrayLike,
    in_place: bool = False,
) -> Distilled:
    """The values that a shard keeps of the generator's logits at M masked positions.

    - `logits`: [M, V], a numpy array or a PyTorch tensor; half precision is widened. A tensor on a GPU is reduced there, and only stored
      values come back.
    - `header`: of the shard, as `header_for` makes it; its `pass_number` must be right.
    - `originals`, `sequences`, `positions`: M integers each: the token that the text has there, the sequence's number in its pass, the position
      in the sequence. The pool's numbers are addressed by them.
    - `in_place`: the logits are of no use afterwards, and may be changed: that saves a copy.

    The draws depend on the header's seed and on the place of the first position: the same call gives the same races.
    Raises `LogitsError` for logits that are NaN or plus infinity, or all minus infinity.
    """
    texts, places, offsets = (np.asarray(values, dtype=np.int64) for values in (originals, sequences, positions))
    shape = tuple(logits.shape)
    if len(shape) != 2 or shape[1] != header.vocabulary_size or not shape[0] == texts.size == places.size == offsets.size:
        raise ValueError(
            f"logits of shape {shape} do not go with {texts.size} originals, {places.size} sequences, {offsets.size} positions "
            f"and a vocabulary of {header.vocabulary_size}; give [positions, vocabulary]"
        )
    if texts.size and not 0 <= texts.min() <= texts.max() < header.vocabulary_size:
        raise ValueError(f"an original is not a token of a vocabulary of {header.vocabulary_size}")
    rows_of = _rows_of(logits)
    chunk = max(1, min(_MOST_ROWS, _CHUNK // header.vocabulary_size))
    pieces: List[Distilled] = []
    for first in range(0, max(1, shape[0]), chunk):
        part = slice(first, first + chunk)
        try:
            rows = rows_of(header, logits[part], texts[part], in_place=in_place) if texts[part].size else None
            pieces.append(_distil(rows, header, texts[part], places[part], offsets[part]))
        except LogitsError as error:
            raise LogitsError(first + error.row) from None
    return Distilled.concatenate(pieces)


def _rows_of(logits: Any) -> Any:
    """The constructor of rows that reduce these logits, on the device that they are on."""
    if isinstance(logits, np.ndarray):
        return NumpyRows
    from .device_rows import TorchRows, rows_of_tensor

    return TorchRows if logits.device.type != "cpu" else rows_of_tensor


def _distil(rows: Any, header: Header, originals: Integers, sequences: Integers, positions: Integers) -> Distilled:
    ids_of = np.uint16 if header.id_width == 2 else np.uint32
    if rows is None:
        return _nothing(header, ids_of)
    low, high = header.minimum_temperature, header.maximum_temperature
    nodes = np.array(header.tail_nodes)
    ids, deficits = rows.top()
    beyond = rows.log_masses_beyond()
    original_deficits = rows.references.astype(np.float64) - rows.original_logits
    is_original = (ids == originals[:, None]) & ~np.isneginf(-deficits)
    is_beyond = ~is_original.any(axis=1)

    # As many candidates as are worth their bytes.
    weights = np.exp(-deficits / high)
    totals = weights.sum(axis=1) + np.where(is_beyond, np.exp(-original_deficits / high), 0.0)
    if nodes.size:
        totals += np.exp(beyond[:, -1])
    counts = candidate_counts(header, weights, totals)
    ranks = np.arange(ids.shape[1])
    in_head = ranks < counts[:, None]
    codes = head_codes(deficits / low)
    original_ranks = np.where((is_original | (ids == originals[:, None])) & in_head, ranks, ids.shape[1]).min(axis=1)
    original_ranks[original_ranks == ids.shape[1]] = -1

    # The tail: the tokens that lie beyond, and the largest that are neither candidates nor the original.
    left = ~in_head & ~is_original & ~np.isinf(deficits)
    has_tail = left.any(axis=1) | (~np.isneginf(beyond).all(axis=1) if nodes.size else False)
    tail_codes = _tail_codes(beyond, deficits, left, nodes)[:, has_tail]
    last = np.take_along_axis(codes, counts[:, None] - 1, axis=1)[:, 0]
    original_codes = np.maximum(last, head_codes(original_deficits / low))
    # The stored value is the gap to the last candidate, plus 1: its largest value says that there is no weight.
    original_codes[original_codes - last >= INFINITE_CODE - 1] = INFINITE_CODE
    inside = original_ranks >= 0
    original_codes[inside] = codes[inside, original_ranks[inside]]

    race_counts = np.zeros(counts.size, dtype=np.int64)
    tailed = np.flatnonzero(has_tail)
    race_counts[tailed] = _race_counts(
        header, codes[tailed], in_head[tailed], np.where(inside, INFINITE_CODE, original_codes)[tailed], tail_codes[-1] if nodes.size else None,
        sequences[tailed], positions[tailed],
    )  # fmt: skip
    change_counts, winners, change_codes = _races(rows, header, counts, race_counts, int(sequences[0]), int(positions[0]))
    return Distilled(
        header=header,
        candidate_counts=counts.astype(ids_of),
        head_ids=ids[in_head].astype(ids_of),
        head_codes=codes[in_head].astype(np.uint16),
        original_codes=original_codes.astype(np.uint16),
        original_ranks=original_ranks.astype(np.int32),
        race_counts=race_counts.astype(np.uint16),
        tail_codes=tail_codes,
        change_counts=change_counts.astype(np.uint16),
        winners=winners.astype(ids_of),
        change_codes=change_codes.astype(np.uint16),
    )


def _tail_codes(beyond: Floats, deficits: Floats, left: npt.NDArray[np.bool_], nodes: Floats) -> npt.NDArray[np.int32]:
    """[nodes, rows]"""
    result = np.zeros((nodes.size, len(deficits)), dtype=np.int32)
    for node, temperature in enumerate(nodes):
        terms = np.concatenate([np.where(left, -deficits / temperature, -np.inf), beyond[:, node : node + 1]], axis=1)
        largest = terms.max(axis=1)
        largest[np.isneginf(largest)] = 0.0
        with np.errstate(divide="ignore"):
            masses = largest + np.log(np.exp(terms - largest[:, None]).sum(axis=1))
        steps = np.where(masses < 0, np.ceil(masses / TAIL_STEP - 0.5), np.floor(masses / TAIL_STEP + 0.5))
        result[node] = np.clip(steps, -(2**31), 2**31 - 1)
    return result


def _race_counts(
    header: Header,
    codes: Integers,
    in_head: npt.NDArray[np.bool_],
    original_codes: Integers,
    hottest: Optional[npt.NDArray[np.int32]],
    sequences: Integers,
    positions: Integers,
) -> Integers:
    """How many of the pool's numbers can draw the tail, at least 1."""
    if hottest is None or hottest.size == 0:
        return np.zeros(len(codes), dtype=np.int64)
    scale = header.minimum_temperature / header.maximum_temperature
    tails = np.exp(hottest * TAIL_STEP)
    totals = tails + np.where(in_head, np.exp(-DEFICITS[codes] * scale), 0.0).sum(axis=1) + np.exp(-DEFICITS[original_codes] * scale)
    numbers = pool(header, np.arange(header.visit_count)[:, None], sequences[None, :], positions[None, :])
    result: Integers = np.maximum((numbers * totals < tails).sum(axis=0), 1)
    return result


def _races(
    rows: Any, header: Header, counts: Integers, race_counts: Integers, sequence: int, position: int
) -> Tuple[Integers, Integers, Integers]:
    """Changes of each race, leaders and change codes of all."""
    if not race_counts.any():
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing
    lead_counts, leaders, changes = rows.races(counts, race_counts, sequence, position)
    firsts = starts(lead_counts)[:-1]
    codes = np.zeros(leaders.size, dtype=np.int64)
    is_first = np.zeros(leaders.size, dtype=bool)
    is_first[firsts] = True
    center = np.sqrt(header.minimum_temperature * header.maximum_temperature)
    places = (changes - center) / (changes + center)
    low, high = header.place(header.minimum_temperature), header.place(header.maximum_temperature)
    if high > low:
        parts = np.floor((places - low) / (high - low) * header.change_parts + 0.5)
        codes[~is_first] = np.clip(parts, 0, header.change_parts)
    # Of changes in one part the last counts; one in part 0 took place before the race begins.
    stays = np.ones(leaders.size, dtype=bool)
    stays[:-1] = is_first[1:] | (codes[1:] > codes[:-1])
    race = np.repeat(np.arange(lead_counts.size), lead_counts)
    kept = np.bincount(race[stays], minlength=lead_counts.size)
    begins = np.zeros(leaders.size, dtype=bool)
    begins[np.flatnonzero(stays)[starts(kept)[:-1]]] = True
    return kept - 1, leaders[stays], codes[stays & ~begins]


def _nothing(header: Header, ids_of: Any) -> Distilled:
    ids, codes = np.zeros(0, dtype=ids_of), np.zeros(0, dtype=np.uint16)
    tails = np.zeros((len(header.tail_nodes), 0), dtype=np.int32)
    return Distilled(header, ids, ids, codes, codes, np.zeros(0, dtype=np.int32), codes, tails, codes, ids, codes)
