"""Rows of logits on a GPU: only stored values leave it. Races are dense there: a Gumbel variable for each token."""

from __future__ import annotations

from typing import Tuple

import numpy as np
import numpy.typing as npt
import torch

from ..header import Header
from ..ragged import starts
from .envelope import leads
from .noise import seed_of
from .rows import LogitsError, NumpyRows

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: Gumbel variables that exist at a time: 8 bytes each, and some copies.
_MOST_VARIABLES = 1 << 25


def rows_of_tensor(header: Header, logits: torch.Tensor, originals: Integers, *, in_place: bool = False) -> NumpyRows:
    """Rows of a tensor in memory."""
    return NumpyRows(header, logits.detach().float().numpy(), originals, in_place=in_place)


class TorchRows:
    """The operations that `distil` needs on some rows; `rows.NumpyRows` has the same."""

    def __init__(self, header: Header, logits: torch.Tensor, originals: Integers, *, in_place: bool = False) -> None:
        self._header = header
        # A copy: tokens that are never drawn have no logit.
        self._rows = torch.empty(logits.shape, dtype=torch.float32, device=logits.device).copy_(logits.detach())
        for first, last in header.never_drawn:
            self._rows[:, first : last + 1] = -torch.inf
        self._originals = torch.from_numpy(originals).to(logits.device)
        largest = self._rows.amax(dim=1)
        count = min(header.most_candidates, logits.shape[1])
        top = torch.topk(self._rows, count, dim=1)
        own = self._rows.gather(1, self._originals[:, None])[:, 0]
        # One trip over the bus for all three.
        numbers = torch.cat([largest[:, None], own[:, None], top.values], dim=1).cpu().numpy()
        self.references, self.original_logits = numbers[:, 0], numbers[:, 1]
        bad = ~np.isfinite(self.references) | np.isnan(numbers).any(axis=1)
        if bad.any():
            raise LogitsError(int(np.argmax(bad)))
        self._largest = largest
        self._top_ids, self._top_logits = top.indices, numbers[:, 2:]

    def top(self) -> Tuple[Integers, Floats]:
        ids = self._top_ids.cpu().numpy()
        # Equal logits by id, as everywhere.
        order = np.lexsort((ids, -self._top_logits), axis=1)
        ids = np.take_along_axis(ids, order, axis=1)
        logits = np.take_along_axis(self._top_logits, order, axis=1).astype(np.float64)
        return ids, self.references[:, None].astype(np.float64) - logits

    def log_masses_beyond(self) -> Floats:
        nodes = self._header.tail_nodes
        if not nodes:
            return np.zeros((len(self.references), 0))
        rest = self._rows.clone()
        rest.scatter_(1, self._top_ids, -torch.inf)
        rest.scatter_(1, self._originals[:, None], -torch.inf)
        base = rest.amax(dim=1)
        has_any = base > -torch.inf
        base = torch.where(has_any, base, self._largest)
        rest -= base[:, None]
        sums = [torch.sum(torch.exp(rest * (1 / node)), dim=1, dtype=torch.float64) for node in nodes]
        depths = (self._largest.double() - base.double())[:, None]
        masses = torch.stack(sums, dim=1).log() - depths / torch.tensor(nodes, dtype=torch.float64, device=rest.device)
        result: Floats = torch.where(has_any[:, None], masses, -torch.inf).cpu().numpy()
        return result

    def races(
        self, counts: Integers, races: Integers, sequence: int, position: int
    ) -> Tuple[Integers, Integers, Floats]:
        """Runs so many races of each row among the tokens behind its first `counts`; see `races.race`."""
        header, device = self._header, self._rows.device
        random = torch.Generator(device=device)
        random.manual_seed(seed_of(header, sequence, position) & (1 << 63) - 1)
        tails = self._rows.double() - self._largest.double()[:, None]
        ranked = torch.from_numpy(np.ascontiguousarray(self.top()[0])).to(device)
        is_candidate = torch.arange(ranked.shape[1], device=device) < torch.from_numpy(counts).to(device)[:, None]
        # Everything but candidates is sent to the original, which never runs.
        tails.scatter_(1, torch.where(is_candidate, ranked, self._originals[:, None]), -torch.inf)
        tails.scatter_(1, self._originals[:, None], -torch.inf)
        row = torch.from_numpy(np.repeat(np.arange(len(counts)), races)).to(device)
        step = max(1, _MOST_VARIABLES // tails.shape[1])
        pieces = [self._race(tails, row[first : first + step], random) for first in range(0, len(row), step)]
        return tuple(np.concatenate(parts) for parts in zip(*pieces))  # type: ignore[return-value]

    def _race(
        self, tails: torch.Tensor, row: torch.Tensor, random: torch.Generator
    ) -> Tuple[Integers, Integers, Floats]:
        low, high = self._header.minimum_temperature, self._header.maximum_temperature
        logits = tails[row]
        # In single precision the numbers of the tail's tokens would be told apart by 24 bits.
        gumbels = torch.empty_like(logits).exponential_(generator=random).log_().neg_()
        cold = torch.argmax(logits + low * gumbels, dim=1, keepdim=True)
        hot = torch.argmax(logits + high * gumbels, dim=1, keepdim=True)
        z_cold, z_hot = logits.gather(1, cold), logits.gather(1, hot)
        g_cold, g_hot = gumbels.gather(1, cold), gumbels.gather(1, hot)
        crossing = torch.where(cold == hot, high, (z_cold - z_hot) / (g_hot - g_cold)).nan_to_num(high).clamp(low, high)
        stays = logits + crossing * gumbels > z_cold + crossing * g_cold
        stays.scatter_(1, cold, True)
        stays.scatter_(1, hot, True)
        race, ids = torch.nonzero(stays, as_tuple=True)
        found = torch.stack([race.double(), ids.double(), logits[race, ids], gumbels[race, ids]]).cpu().numpy()
        owner = found[0].astype(np.int64)
        line_counts = np.bincount(owner, minlength=len(row))
        place = np.arange(owner.size) - np.repeat(starts(line_counts)[:-1], line_counts)
        padded = np.full((3, len(row), int(line_counts.max())), -np.inf)
        padded[1:] = 0.0
        for target, values in zip(padded, (found[2], found[3], found[1])):
            target[owner, place] = values
        lead_counts, lines, changes = leads(padded[0], padded[1], low, high)
        owner_of_lead = np.repeat(np.arange(len(row)), lead_counts)
        return lead_counts, padded[2][owner_of_lead, lines].astype(np.int64), changes
