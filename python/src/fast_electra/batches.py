"""Batches of replayed sequences, as numpy arrays. Needs no PyTorch; `torch_dataset` makes tensors of them."""

from __future__ import annotations

import dataclasses
from typing import Dict, Iterator, List, Optional, Tuple, Union

import numpy as np

from .block import Block
from .collate import Batch, Replayed, check_layout, collate
from .dataset import DataSet
from .header import Header
from .order import Order
from .ragged import Offsets
from .replay import Policy, replay
from .run_settings import check_complete, check_integers, check_share, schedules
from .schedule import FocalSchedule, Schedule


@dataclasses.dataclass(frozen=True, eq=False)
class Batches:
    """One rank's batches of every epoch. Batch b of an epoch is a function of the arguments and (epoch, b) alone.

    Every sequence is in exactly one batch of one rank, and all ranks have equally many batches: each rank divides its
    sequences evenly among as few as hold them, so sizes differ by one and are at most `batch_size` (but where that is 1
    and the ranks do not divide the data set, one batch of some ranks has 2). With `drops_last` all have exactly
    `batch_size`, and the sequences at the end of each rank's part are left out.

    Consecutive batches come from `lanes` places of the epoch's order in turn. So of 2, 4 or 8 workers each decompresses blocks that no
    other one reads, but for those at the borders of lanes. Without shuffling there is one lane, so that the order is that of the data set.

    `temperature` is a number, or a schedule over `total_batches`, the batches that a rank takes in the whole run.
    `focal`, the exponent of the focal policy, is likewise. `policy` has the other rules by which draws depart from softmax(z / T).
    `layout`: see `collate`.
    """

    data: DataSet
    batch_size: int
    temperature: Union[float, str, Schedule]
    seed: int = 1
    total_batches: Optional[int] = None
    rank: int = 0
    world_size: int = 1
    drops_last: bool = False
    shuffles: bool = True
    pool_size: int = 16
    lanes: int = 8
    pad_to: int = 1
    layout: str = "padded"
    focal: Union[float, str, FocalSchedule, None] = None
    policy: Policy = Policy()  # noqa: B008, RUF009
    schedule: Schedule = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        check_integers(self, ("batch_size", "world_size", "pool_size", "lanes", "pad_to"))
        check_complete([self.data])
        check_share(self.seed, self.rank, self.world_size)
        check_layout(self.layout)
        schedule, focal = schedules(
            [self.data.header], self.temperature, self.focal, self.policy, self.total_batches,
            "the batches that a rank takes in the whole run",
        )  # fmt: skip
        object.__setattr__(self, "schedule", schedule)
        object.__setattr__(self, "focal", focal)
        if len(self) == 0:
            raise ValueError(
                f"{len(self.data)} sequences do not make a batch for each of {self.world_size} ranks; "
                "give smaller batches or fewer ranks"
            )

    def __len__(self) -> int:
        """Batches of an epoch: the same for every rank."""
        fewest = len(self.data) // self.world_size
        most = -(-len(self.data) // self.world_size)
        if self.drops_last:
            return fewest // self.batch_size
        return min(-(-most // self.batch_size), fewest)

    def temperature_of(self, epoch: int, batch: int) -> float:
        """The temperature that a batch is replayed at."""
        return self.schedule(self._progress(epoch, batch))

    @property
    def header(self) -> Header:
        return self.data.header

    @property
    def identity(self) -> Dict[str, object]:
        """The settings that decide which sequences a batch of an epoch has."""
        return {
            "order": "ranks", "seed": self.seed, "data": [self.data.fingerprint], "batch_size": self.batch_size,
            "world_size": self.world_size, "drop_last": self.drops_last, "shuffle": self.shuffles, "pool_size": self.pool_size,
            "lanes": self.lanes,
        }  # fmt: skip

    def _progress(self, epoch: int, batch: int) -> float:
        return 0.0 if self.total_batches is None else (epoch * len(self) + batch) / self.total_batches

    def epoch(self, epoch: int, *, start: int = 0, worker: int = 0, workers: int = 1) -> Iterator[Batch]:
        """The batches of an epoch from number `start` on; every `workers`th of them, from `worker` on.

        `DataLoader` takes batches of its workers in turn, so their order is that of one worker.
        """
        if not 0 <= epoch < 1 << 16:
            raise ValueError(f"the epoch is {epoch}; give one from 0 to 65535")
        order = Order(self.data.block_sizes, self.seed, epoch, self.rank, self.world_size, self.pool_size, self.shuffles)
        pools: Dict[int, _Pool] = {}  # by lane
        for batch in range(start + worker, len(self), workers):
            lane = batch % self._lanes
            row, end = self._bounds(self._place(batch), len(order))
            pieces: List[Block] = []
            while row < end:
                if lane not in pools or not pools[lane].first <= row < pools[lane].end:
                    # The old one first: a lane has one pool in memory.
                    pools.pop(lane, None)
                    pools[lane] = _Pool.read(self.data, order, row)
                stop = min(end, pools[lane].end)
                pieces.append(pools[lane].sequences(row, stop))
                row = stop
            yield self._batch(Block.concatenate(pieces), epoch, batch)

    @property
    def _lanes(self) -> int:
        return min(self.lanes, len(self)) if self.shuffles else 1

    def _place(self, batch: int) -> int:
        """Where in the order of the epoch a batch lies, counted in batches: those of lane 0 come first, then those of lane 1."""
        lane, turn = batch % self._lanes, batch // self._lanes
        shortest, longer = divmod(len(self), self._lanes)
        return lane * shortest + min(lane, longer) + turn

    def _bounds(self, place: int, count: int) -> Tuple[int, int]:
        """Which of the rank's sequences the batch at a place has."""
        if self.drops_last:
            return place * self.batch_size, (place + 1) * self.batch_size
        return place * count // len(self), (place + 1) * count // len(self)

    def _batch(self, block: Block, epoch: int, batch: int) -> Batch:
        progress = self._progress(epoch, batch)
        policy = self.policy
        if isinstance(self.focal, FocalSchedule):
            policy = dataclasses.replace(policy, focal=self.focal(progress))
        tokens = replay(block, temperature=self.schedule(progress), visit=epoch, seed=self.seed, policy=policy)
        return collate(Replayed.of(block, tokens), self.layout, self.header.special_tokens.padding, self.pad_to)


@dataclasses.dataclass(frozen=True, eq=False)
class _Pool:
    """The sequences of some blocks in memory: the rank's sequences `first` to `end`, before they are permuted."""

    content: Block
    permutation: Offsets
    first: int
    end: int

    @staticmethod
    def read(data: DataSet, order: Order, row: int) -> _Pool:
        """The pool that has one of the rank's sequences."""
        number = int(np.searchsorted(order.pool_starts, row, side="right")) - 1
        pieces = []
        for piece in order.pool(number):
            shard, block = map(int, data.block_places[piece.block])
            content = data.shards[shard].block(block)
            pieces.append(content if piece.rows.size == len(content) else content.select(piece.rows))
        first, end = map(int, order.pool_starts[number : number + 2])
        return _Pool(Block.concatenate(pieces), order.permutation(number), first, end)

    def sequences(self, row: int, end: int) -> Block:
        """Those of the rank's sequences `row` to `end`, which are in this pool."""
        return self.content.select(self.permutation[row - self.first : end - self.first])
