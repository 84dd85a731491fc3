"""Batches that do not depend on the number of ranks: those of the Swift trainer, in its order."""

from __future__ import annotations

import dataclasses
import functools
from typing import Dict, Iterator, List, Optional, Sequence, Tuple, Union

import numpy as np

from .block import Block
from .collate import Batch, Replayed, check_layout, collate
from .dataset import DataSet
from .header import Header
from .ragged import Offsets
from .replay import Policy, replay
from .run_settings import check_complete, check_integers, check_share, schedules
from .schedule import FocalSchedule, Schedule
from .streams import WINDOW_BLOCKS, Mixture, Stream, StreamOrder, Window, streams_of


@dataclasses.dataclass(frozen=True, eq=False)
class GlobalBatches:
    """One rank's parts of the batches of a run: rank r of n has the r-th n-th of the sequences of each.

    Batch b of the run has its sequences number b × `global_batch_size` and following. Sequences come in the order of `fast-electra train`,
    epoch after epoch without a gap, so a batch may have sequences of two epochs, and each is drawn at its own visit. An epoch of this
    class is so many batches as fit into the data: batch b of epoch e is batch e × len + b of the run.

    Several data sets come in the proportion of `weights`, or of their sizes; with `source_power` their sources do. Each is visited in
    epochs of its own then.

    `temperature` is a number or a schedule over `total_batches`, those of the whole run, and so is `focal`, the exponent of the focal
    policy. `policy` has the other rules by which draws depart from softmax(z / T).
    """

    data: Sequence[DataSet]
    global_batch_size: int
    temperature: Union[float, str, Schedule]
    seed: int = 1
    total_batches: Optional[int] = None
    rank: int = 0
    world_size: int = 1
    weights: Optional[Sequence[float]] = None
    source_power: Optional[float] = None
    pad_to: int = 1
    layout: str = "padded"
    policy: Policy = Policy()  # noqa: B008, RUF009
    focal: Union[float, str, FocalSchedule, None] = None
    schedule: Schedule = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        if not self.data:
            raise ValueError("there is no data set; give one or more")
        check_integers(self, ("global_batch_size", "world_size", "pad_to"))
        if self.global_batch_size % self.world_size:
            raise ValueError(
                f"a batch of {self.global_batch_size} sequences cannot be dealt to {self.world_size} ranks evenly; give a multiple"
            )
        check_complete(self.data)
        check_share(self.seed, self.rank, self.world_size)
        check_layout(self.layout)
        schedule, focal = schedules(
            [one.header for one in self.data], self.temperature, self.focal, self.policy, self.total_batches,
            "the batches of the whole run",
        )  # fmt: skip
        object.__setattr__(self, "schedule", schedule)
        object.__setattr__(self, "focal", focal)
        # Data sets that do not go together, and wrong weights, are told here and not at the first batch. Sources are in the blocks, and
        # those behind a URL are fetched when they are first read.
        if self.source_power is None or not any("://" in one.folder for one in self.data):
            _ = self._streams

    def __len__(self) -> int:
        """Batches of an epoch, as it is defined here."""
        return max(1, sum(map(len, self.data)) // self.global_batch_size)

    @property
    def header(self) -> Header:
        """Its vocabulary and special tokens are those of all data sets."""
        return self.data[0].header

    @property
    def identity(self) -> Dict[str, object]:
        """The settings that decide which sequences a batch of the run has."""
        return {
            "order": "global", "seed": self.seed, "data": [one.fingerprint for one in self.data],
            "global_batch_size": self.global_batch_size, "weights": None if self.weights is None else list(self.weights),
            "source_power": self.source_power,
        }  # fmt: skip

    def temperature_of(self, epoch: int, batch: int) -> float:
        """The temperature that a batch is replayed at."""
        return self.schedule(self._progress(epoch, batch))

    def epoch(self, epoch: int, *, start: int = 0, worker: int = 0, workers: int = 1) -> Iterator[Batch]:
        """The batches of an epoch from number `start` on; every `workers`th of them, from `worker` on."""
        readers = [_Reader(stream, self._window_blocks, self.seed) for stream in self._streams]
        share = self.global_batch_size // self.world_size
        for batch in range(start + worker, len(self), workers):
            first = (epoch * len(self) + batch) * self.global_batch_size + self.rank * share
            numbers = np.arange(first, first + share, dtype=np.int64)
            streams, places = (np.zeros_like(numbers), numbers) if self._mixture is None else self._mixture.locate(numbers)
            pieces: List[Replayed] = []
            wanted: List[Offsets] = []
            for stream in np.unique(streams):
                own = np.flatnonzero(streams == stream)
                for at, block, visit in readers[int(stream)].sequences(places[own]):
                    pieces.append(self._replayed(block, visit, epoch, batch))
                    wanted.append(own[at])
            yield collate(Replayed.joined(pieces, wanted), self.layout, self.header.special_tokens.padding, self.pad_to)

    def _replayed(self, block: Block, visit: int, epoch: int, batch: int) -> Replayed:
        progress = self._progress(epoch, batch)
        policy = self.policy
        if isinstance(self.focal, FocalSchedule):
            policy = dataclasses.replace(policy, focal=self.focal(progress))
        return Replayed.of(
            block, replay(block, temperature=self.schedule(progress), visit=visit, seed=self.seed, policy=policy)
        )

    def _progress(self, epoch: int, batch: int) -> float:
        return 0.0 if self.total_batches is None else (epoch * len(self) + batch) / self.total_batches

    @functools.cached_property
    def _streams(self) -> List[Stream]:
        if len(self.data) == 1 and self.weights is None and self.source_power is None:
            return streams_of(self.data, None, None)
        return streams_of(self.data, self.weights, self.source_power)

    @property
    def _window_blocks(self) -> int:
        # So many blocks as one stream has in memory at a time, or one of each.
        return max(1, WINDOW_BLOCKS // len(self._streams))

    @functools.cached_property
    def _mixture(self) -> Optional[Mixture]:
        return None if len(self._streams) == 1 else Mixture([stream.weight for stream in self._streams], self.seed)


class _Reader:
    """The sequences of a stream, whose places count on from one epoch to the next."""

    def __init__(self, stream: Stream, window_blocks: int, seed: int) -> None:
        self._stream = stream
        self._order = StreamOrder(stream.sizes, window_blocks, seed)
        self._window: Optional[Tuple[Window, Block]] = None

    def sequences(self, places: Offsets) -> Iterator[Tuple[Offsets, Block, int]]:
        """Those at these places, which ascend: which of the places, their sequences, and their visit."""
        at = 0
        while at < places.size:
            epoch, place = divmod(int(places[at]), self._stream.count)
            if epoch >= 1 << 16:
                raise ValueError("a run goes through a data set 65,536 times at most")
            if self._window is None or self._window[0].epoch != epoch or not self._window[0].first <= place < self._window[0].end:
                window = self._order.window(epoch, place)
                self._window = window, Block.concatenate([self._stream.block(int(number)) for number in window.blocks])
            window, content = self._window
            end = int(np.searchsorted(places, epoch * self._stream.count + window.end))
            rows = window.order[places[at:end] - epoch * self._stream.count - window.first]
            yield np.arange(at, end), content.select(rows), epoch
            at = end
