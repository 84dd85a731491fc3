"""The parts of a run: data sets, or their sources, each visited in epochs of its own, in given proportions."""

from __future__ import annotations

import dataclasses
import functools
import os
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np

from .block import Block
from .dataset import DataSet
from .errors import Kind, ShardError
from .index import Entry
from .permutation import permutation
from .philox import Purpose
from .ragged import Offsets, starts
from .summation import plain_sum

#: Blocks of one window of the Swift trainer's order.
WINDOW_BLOCKS = 16
#: Sequences of one cycle of a mixture: every cycle has the same number of each stream.
CYCLE = 1 << 16


@dataclasses.dataclass(frozen=True, eq=False)
class Stream:
    """Sequences of a data set that are visited in epochs of their own: all of them, or those of one source.

    `blocks` are [blocks, 2]: shard, and block in it. `rows` are the stream's rows of the blocks that hold others as well.
    """

    data: DataSet
    blocks: Offsets
    sizes: Offsets
    weight: float
    rows: Dict[int, Offsets]

    @functools.cached_property
    def count(self) -> int:
        """Its sequences."""
        return int(self.sizes.sum())

    def block(self, number: int) -> Block:
        """Its sequences of one of its blocks."""
        shard, block = map(int, self.blocks[number])
        content = self.data.shards[shard].block(block)
        return content.select(self.rows[number]) if number in self.rows else content


@dataclasses.dataclass(frozen=True, eq=False)
class Window:
    """Some blocks of a stream in the order of an epoch, and the order of their sequences: `places` of the epoch."""

    epoch: int
    blocks: Offsets
    first: int
    end: int
    order: Offsets


class StreamOrder:
    """The Swift trainer's order of a stream (`Sources/Replay/ReplayOrder.swift`): blocks are permuted, then the sequences of each window."""

    def __init__(self, sizes: Offsets, window_blocks: int, seed: int) -> None:
        self._sizes, self._window_blocks, self._seed = sizes, window_blocks, seed
        self._epoch = functools.lru_cache(maxsize=2)(self._plan)

    def window(self, epoch: int, place: int) -> Window:
        """The window that holds a place of an epoch."""
        order, ends = self._epoch(epoch)
        number = int(np.searchsorted(ends, place, side="right")) - 1
        first = number * self._window_blocks
        start, end = int(ends[number]), int(ends[number + 1])
        rows = permutation(end - start, self._seed, Purpose.SHUFFLE, epoch, 1 + first)
        return Window(epoch, order[first : first + self._window_blocks], start, end, rows)

    def _plan(self, epoch: int) -> Tuple[Offsets, Offsets]:
        """The order of the blocks, and where windows start and the last one ends."""
        order = permutation(self._sizes.size, self._seed, Purpose.SHUFFLE, epoch)
        ends = starts(self._sizes[order])
        return order, ends[np.append(np.arange(0, order.size, self._window_blocks), order.size)]


class Mixture:
    """Which stream each sequence of a run comes from, and its place there (`Sources/Replay/StreamMixture.swift`)."""

    def __init__(self, weights: Sequence[float], seed: int) -> None:
        total = plain_sum(weights)
        shares = [CYCLE * (weight / total) for weight in weights]
        # Rounded down, but every stream comes by. The rest goes to those that lost most by rounding.
        quotas = [max(1, int(share)) for share in shares]
        order = sorted(range(len(shares)), key=lambda i: (-(shares[i] - quotas[i]), i))
        left = CYCLE - sum(quotas)
        for index in order[: max(0, left)]:
            quotas[index] += 1
        for _ in range(max(0, -left)):
            # The first of the largest.
            quotas[max(range(len(quotas)), key=lambda i: (quotas[i], -i))] -= 1
        self.quotas = np.array(quotas, dtype=np.int64)
        self._seed = seed
        self._cycle = functools.lru_cache(maxsize=2)(self._plan)

    def locate(self, numbers: Offsets) -> Tuple[Offsets, Offsets]:
        """Stream, and place in the stream, of each sequence of the run."""
        streams, places = np.empty_like(numbers), np.empty_like(numbers)
        for cycle in np.unique(numbers // CYCLE):
            own = np.flatnonzero(numbers // CYCLE == cycle)
            kinds, ranks = self._cycle(int(cycle))
            index = numbers[own] % CYCLE
            streams[own] = kinds[index]
            places[own] = cycle * self.quotas[kinds[index]] + ranks[index]
        return streams, places

    def _plan(self, cycle: int) -> Tuple[Offsets, Offsets]:
        slots = np.repeat(np.arange(self.quotas.size), self.quotas)
        kinds = slots[permutation(CYCLE, self._seed, Purpose.MIXTURE, cycle >> 46, cycle & (1 << 46) - 1)]
        order = np.argsort(kinds, kind="stable")
        ranks = np.empty(CYCLE, dtype=np.int64)
        ranks[order] = np.arange(CYCLE) - np.repeat(starts(self.quotas)[:-1], self.quotas)
        return kinds, ranks


def streams_of(
    data: Sequence[DataSet], weights: Optional[Sequence[float]], source_power: Optional[float]
) -> List[Stream]:
    """The streams of data sets that share a vocabulary: each data set by its weight (left out: by its size), or each source by the power
    of its tokens, as `fast-electra train --source-power`."""
    for other in data[1:]:
        for field in ("vocabulary_size", "vocabulary_sha256", "special_tokens"):
            one, two = getattr(data[0].header, field), getattr(other.header, field)
            if one != two:
                raise ShardError(Kind.VOCABULARY, f"`{field}` is {two} here and {one} in {data[0].folder}", other.folder)
    if len({one.fingerprint for one in data}) < len(data):
        raise ValueError("a data set is given twice; give it once, with the sum of the weights")
    if weights is not None and source_power is not None:
        raise ValueError("give `weights` or `source_power`, not both")
    if weights is not None and (len(weights) != len(data) or not all(0 < weight <= 1e9 for weight in weights)):
        raise ValueError(f"the weights are {list(weights)}; give one above 0 for each of {len(data)} data sets")
    if source_power is None:
        return [
            _whole(one, len(one) if weights is None else weight)
            for one, weight in zip(data, weights or [1.0] * len(data))
        ]
    if not 0 <= source_power <= 4:
        raise ValueError(f"the power of sources is {source_power}; give one from 0 to 4")
    return _by_source(data, source_power)


def _whole(data: DataSet, weight: float) -> Stream:
    return Stream(data, data.block_places, data.block_sizes, float(weight), {})


def _names(data: Sequence[DataSet]) -> List[str]:
    """Folders' names; of data sets whose folders have the same name, their paths."""
    names = [os.path.basename(os.path.normpath(one.folder)) for one in data]
    return [one.folder if names.count(name) > 1 else name for one, name in zip(data, names)]


def _by_source(data: Sequence[DataSet], power: float) -> List[Stream]:
    """A source's share of the tokens is n^power, n its tokens in all data sets. Its sequences are drawn evenly."""
    found: List[Tuple[str, int, Stream]] = []
    totals: Dict[str, float] = {}
    for one, own_name in zip(data, _names(data)):
        parts: Dict[int, Tuple[List[int], List[int], Dict[int, Offsets]]] = {}
        tokens: Dict[int, int] = {}
        for number, (shard, block) in enumerate(one.block_places.tolist()):
            entry = one.shards[shard].index[block]
            if entry.source != Entry.SEVERAL_SOURCES:
                own = {entry.source: (np.arange(entry.sequences), entry.tokens)}
            else:
                content = one.shards[shard].block(block)
                rows = {int(s): np.flatnonzero(content.sources == s) for s in np.unique(content.sources)}
                own = {s: (row, int(content.lengths[row].sum(dtype=np.int64))) for s, row in rows.items()}
            for source, (rows_of_source, count) in own.items():
                numbers, sizes, kept = parts.setdefault(source, ([], [], {}))
                if rows_of_source.size < entry.sequences:
                    kept[len(numbers)] = rows_of_source
                numbers.append(number)
                sizes.append(rows_of_source.size)
                tokens[source] = tokens.get(source, 0) + count
        for source in sorted(parts):
            name = one.header.sources[source] or (own_name if len(data) > 1 else "")
            numbers, sizes, kept = parts[source]
            totals[name] = totals.get(name, 0.0) + tokens[source]
            found.append((name, sum(sizes), Stream(one, one.block_places[numbers], np.array(sizes), 1.0, kept)))
    return [dataclasses.replace(stream, weight=totals[name] ** (power - 1) * count) for name, count, stream in found]
