"""The order in which one rank goes through a data set in one epoch: a function of (seed, epoch, rank), without state."""

from __future__ import annotations

import dataclasses
from typing import List

import numpy as np
import numpy.typing as npt

from . import philox
from .philox import Purpose
from .ragged import Offsets, starts


@dataclasses.dataclass(frozen=True, eq=False)
class Piece:
    """Some sequences of one block, by their numbers in it."""

    block: int
    rows: Offsets


class Order:
    """A rank's share of an epoch, shuffled at two levels.

    All blocks are permuted. Of their sequences, in that order, each rank has a contiguous part, so that it reads
    almost no block that another rank reads. The sequences of `pool_size` consecutive blocks of a part, a *pool*, are
    permuted among themselves. With `shuffles` false everything is in the data set's order.

    `pool_starts` says where each pool starts among the rank's sequences, and where the last one ends.
    """

    def __init__(
        self, block_sizes: Offsets, seed: int, epoch: int, rank: int, world_size: int, pool_size: int, shuffles: bool
    ) -> None:
        self._seed, self._epoch, self._pool_size, self._shuffles = seed, epoch, pool_size, shuffles
        blocks = np.arange(block_sizes.size)
        if shuffles:
            blocks = np.argsort(self._random(Purpose.BLOCK_ORDER, blocks), kind="stable")
        ends = starts(block_sizes[blocks])
        total = int(ends[-1])
        self._first = rank * total // world_size
        end = (rank + 1) * total // world_size
        # The blocks that the part touches, and which of their rows.
        low = np.maximum(self._first - ends[:-1], 0)
        high = np.minimum(end - ends[:-1], block_sizes[blocks])
        mine = np.flatnonzero(low < high)
        self._blocks, self._low, self._counts = blocks[mine], low[mine], (high - low)[mine]
        self.pool_starts: Offsets = starts(self._counts)[np.append(np.arange(0, mine.size, pool_size), mine.size)]

    def __len__(self) -> int:
        """The rank's sequences."""
        return int(self.pool_starts[-1])

    def pool(self, number: int) -> List[Piece]:
        """The pieces to read for a pool."""
        first = number * self._pool_size
        pieces = range(first, min(first + self._pool_size, self._blocks.size))
        return [Piece(int(self._blocks[i]), np.arange(self._low[i], self._low[i] + self._counts[i])) for i in pieces]

    def permutation(self, number: int) -> Offsets:
        """The order of a pool's sequences, as numbers into its pieces end to end."""
        first, end = self.pool_starts[number], self.pool_starts[number + 1]
        if not self._shuffles:
            return np.arange(end - first)
        place = np.arange(self._first + first, self._first + end)
        return np.argsort(self._random(Purpose.SEQUENCE_ORDER, place), kind="stable")

    def _random(self, purpose: Purpose, at: Offsets) -> npt.NDArray[np.uint64]:
        place = philox.words(at)
        counter = (philox.words(0), place & np.uint64(0xFFFFFFFF), place >> np.uint64(32), philox.words(self._epoch))
        return philox.numbers(philox.key(self._seed, purpose), counter)
