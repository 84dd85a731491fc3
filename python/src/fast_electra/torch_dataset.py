"""Shards as a PyTorch dataset, for Hugging Face's `ElectraForPreTraining` and the like. Needs torch."""

from __future__ import annotations

import operator
import os
from typing import Any, Dict, Iterator, Optional, Sequence, Tuple, Union

import torch
import torch.distributed
import torch.utils.data

from .batches import Batches
from .dataset import DataSet
from .global_batches import GlobalBatches
from .guard import check_reader
from .replay import Policy
from .schedule import FocalSchedule, Schedule

Data = Union[DataSet, str, "os.PathLike[str]"]
#: Where a run is, as JSON has it.
State = Dict[str, Any]


class ReplayDataset(torch.utils.data.IterableDataset[Dict[str, torch.Tensor]]):
    """Yields whole batches: `input_ids`, `token_type_ids`, `attention_mask` and `labels`, each int64 [sequences, longest sequence].

    Use it with `ReplayLoader`, or with `DataLoader(dataset, batch_size=None, num_workers=...)` and `set_epoch` before each epoch.
    A label is 1 where the token was replaced by another, 0 elsewhere; `ElectraForPreTraining` leaves padding, where
    `attention_mask` is 0, out of its loss.

    Batches, their order, their temperatures and the draws do not depend on the number of workers.

    - `data`: a folder or a `DataSet`; several of them with `global_batch_size`.
    - `batch_size`: sequences of a rank's batch: see `Batches`. Or `global_batch_size`, of all ranks together: the batches are those of
      `fast-electra train`, on any number of ranks: see `GlobalBatches`.
    - `temperature`: a number, or a schedule such as "exponential:2.0:0.1" (`fast-electra train --temperature`). A
      schedule needs `total_batches`, the batches that a rank takes in the whole run; the progress of batch b of epoch e
      is (e × batches an epoch + b) / total_batches. `focal`, the exponent of the focal policy, is given likewise.
    - `rank`, `world_size`: those of `torch.distributed` if it is initialized, else 0 and 1.
    - `drop_last`: false: each sequence comes exactly once an epoch, and batch sizes differ by at most
      one, up to `batch_size`; true: all batches have `batch_size`, some sequences are left out. Either way ranks have equally many.
    - `shuffle`, `pool_size`: blocks are shuffled, then the sequences of `pool_size` blocks of that order.
    - `weights`, `source_power`: in which proportion several data sets, or sources, come; with `global_batch_size`.
    - `layout`: "padded", to a multiple of `pad_to`; or "packed", without padding: `collate` lists its members.
    - `policy`: the rules by which draws depart from softmax(z / T), such as `Policy(disallows_correct=True)`.

    `state_dict` and `load_state_dict` are those that torchdata's `StatefulDataLoader` asks for.
    """

    def __init__(
        self,
        data: Union[Data, Sequence[Data]],
        *,
        batch_size: Optional[int] = None,
        global_batch_size: Optional[int] = None,
        temperature: Union[float, str, Schedule],
        seed: int = 1,
        total_batches: Optional[int] = None,
        rank: Optional[int] = None,
        world_size: Optional[int] = None,
        drop_last: bool = False,
        shuffle: bool = True,
        pool_size: int = 16,
        weights: Optional[Sequence[float]] = None,
        source_power: Optional[float] = None,
        pad_to: int = 1,
        layout: str = "padded",
        policy: Policy = Policy(),  # noqa: B008
        focal: Union[float, str, FocalSchedule, None] = None,
    ) -> None:
        super().__init__()
        if (rank is None) != (world_size is None):
            raise ValueError("give both `rank` and `world_size`, or neither")
        if (batch_size is None) == (global_batch_size is None):
            raise ValueError("give `batch_size`, of one rank, or `global_batch_size`, of all ranks together")
        if rank is None or world_size is None:
            rank, world_size = _rank_and_world_size()
        given: Sequence[Any] = data if isinstance(data, (list, tuple)) else [data]
        if not given:
            raise ValueError("there is no data set; give one, or several with `global_batch_size`")
        opened = [one if isinstance(one, DataSet) else DataSet.open(one) for one in given]
        common: Dict[str, Any] = {
            "temperature": temperature, "seed": seed, "total_batches": total_batches, "rank": rank, "world_size": world_size,
            "pad_to": pad_to, "layout": layout, "policy": policy, "focal": focal,
        }  # fmt: skip
        self.batches: Union[Batches, GlobalBatches]
        if global_batch_size is not None:
            if drop_last or not shuffle or pool_size != 16:
                raise ValueError("`drop_last`, `shuffle` and `pool_size` go with `batch_size`; with `global_batch_size` the order is that of the Swift trainer")
            self.batches = GlobalBatches(opened, global_batch_size, weights=weights, source_power=source_power, **common)
        elif len(opened) > 1 or weights is not None or source_power is not None:
            raise ValueError("several data sets, `weights` and `source_power` go with `global_batch_size`")
        else:
            self.batches = Batches(opened[0], batch_size or 0, drops_last=drop_last, shuffles=shuffle, pool_size=pool_size, **common)
        # Shared, so that workers that outlive an epoch (`persistent_workers`) see the values that `set_epoch` sets.
        self._position = torch.zeros(2, dtype=torch.int64)
        self._position.share_memory_()  # type: ignore[no-untyped-call,unused-ignore]
        # Of this process alone: where its iteration is, and where the next one is to begin.
        self._reached: Optional[Tuple[int, int]] = None
        self._loaded: Optional[Tuple[int, int]] = None

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """The epoch that the next iteration yields, from batch `start` on: how a run goes on in the middle of one.

        The epoch is the replay's visit: without this call every iteration yields the same draws.
        """
        epoch, start = operator.index(epoch), operator.index(start)
        if not 0 <= epoch < 1 << 16:
            raise ValueError(f"the epoch is {epoch}; give one from 0 to 65535")
        if not 0 <= start <= len(self.batches):
            raise ValueError(f"there is no batch {start} in an epoch of {len(self.batches)}")
        self._position[0], self._position[1] = epoch, start
        self._reached = self._loaded = None

    def state_dict(self) -> State:
        """Where the iteration in this process is: its epoch and the batch that it yields next, and the settings that they belong to."""
        epoch, start = map(int, self._position)
        info = torch.utils.data.get_worker_info()
        epoch, batch = self._reached or self._loaded or (epoch, start + (info.id if info else 0))
        return {**self.batches.identity, "epoch": epoch, "batch": batch}

    def load_state_dict(self, state: State) -> None:
        """Goes on at a state: the next iteration yields the batches that would have come. Raises ValueError for a state of another run."""
        epoch, batch = check_state(state, self.batches)
        if torch.utils.data.get_worker_info() is None:
            self.set_epoch(epoch, batch)
        else:
            # A worker's own: it yields some of the batches.
            self._loaded, self._reached = (epoch, batch), None

    def __len__(self) -> int:
        """Batches that the next iteration yields."""
        return len(self.batches) - int(self._position[1])

    def __iter__(self) -> Iterator[Dict[str, torch.Tensor]]:
        check_reader(self.batches.world_size)
        return self._iterate()

    def __getstate__(self) -> Dict[str, Any]:
        check_reader(self.batches.world_size)
        return self.__dict__

    def _iterate(self) -> Iterator[Dict[str, torch.Tensor]]:
        info = torch.utils.data.get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        epoch, start = map(int, self._position)
        following = start + worker
        if self._loaded is not None:
            epoch, following = self._loaded
            self._loaded = None
        self._reached = epoch, following
        for batch in self.batches.epoch(epoch, start=following - worker, worker=worker, workers=workers):
            following += workers
            self._reached = epoch, following
            yield {name: torch.from_numpy(array) for name, array in batch.items()}


class ReplayLoader:
    """The batches of a run, epoch after epoch: each iteration is the rest of an epoch, and the next one is the next epoch.

    It counts in the main process, whatever workers have read ahead. So `state_dict` says exactly which batch comes next, and a run may go
    on with another number of workers. All other arguments are those of `DataLoader`.
    """

    def __init__(self, dataset: ReplayDataset, **arguments: Any) -> None:
        if arguments.get("batch_size") is not None:
            raise ValueError("the dataset has a batch size of its own; give none to the loader")
        self.dataset = dataset
        self.loader: "torch.utils.data.DataLoader[Dict[str, torch.Tensor]]" = torch.utils.data.DataLoader(
            dataset, **{**arguments, "batch_size": None}
        )
        self.epoch, self.batch = 0, 0

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """Sets the place where the next iteration begins."""
        self.dataset.set_epoch(epoch, start)
        self.epoch, self.batch = epoch, start

    def state_dict(self) -> State:
        """Which batch comes next, as JSON can keep it."""
        return {**self.dataset.batches.identity, "epoch": self.epoch, "batch": self.batch}

    def load_state_dict(self, state: State) -> None:
        """Goes on at a state. Raises ValueError for a state of another run: other data, another seed, another number of ranks."""
        self.set_epoch(*check_state(state, self.dataset.batches))

    def __len__(self) -> int:
        """Batches that are left of the epoch."""
        return len(self.dataset.batches) - self.batch

    def __iter__(self) -> Iterator[Dict[str, torch.Tensor]]:
        if self.batch >= len(self.dataset.batches):
            self.epoch, self.batch = self.epoch + 1, 0
        self.dataset.set_epoch(self.epoch, self.batch)
        for batch in self.loader:
            self.batch += 1
            yield batch
        self.epoch, self.batch = self.epoch + 1, 0


def check_state(state: State, batches: Union[Batches, GlobalBatches]) -> Tuple[int, int]:
    """Epoch and batch of a state. Raises ValueError where it is of another run."""
    if not isinstance(state, dict) or not all(type(state.get(name)) is int for name in ("epoch", "batch")):
        raise ValueError(f"{state!r} is not a state of a replay; give a state that `state_dict` returned")
    for name, own in batches.identity.items():
        if name not in state or state[name] != own:
            raise ValueError(
                f"the state was made with {name} {state.get(name, 'unset')!r}, now it is {own!r}. Give the same data, seed and ranks, or begin anew"
            )
    epoch, batch = state["epoch"], state["batch"]
    # A worker's next batch may lie behind the epoch's end.
    return epoch, min(batch, len(batches))


def _rank_and_world_size() -> Tuple[int, int]:
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return 0, 1
