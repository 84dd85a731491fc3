"""Shards as a PyTorch dataset, for Hugging Face's `ElectraForPreTraining`. The only module that imports torch."""

from __future__ import annotations

import os
from typing import Dict, Iterator, Optional, Union

import torch
import torch.distributed
import torch.utils.data

from .batches import Batches
from .dataset import DataSet
from .replay import Policy
from .schedule import Schedule


class ReplayDataset(torch.utils.data.IterableDataset[Dict[str, torch.Tensor]]):
    """Yields whole batches: `input_ids`, `token_type_ids`, `attention_mask` and `labels`, each int64 [sequences, longest sequence].

    Use it with `DataLoader(dataset, batch_size=None, num_workers=...)`, and call `set_epoch` before each epoch.
    A label is 1 where the token was replaced by another, 0 elsewhere; `ElectraForPreTraining` leaves padding, where
    `attention_mask` is 0, out of its loss.

    Batches, their order, their temperatures and what is drawn do not depend on the number of workers. Each worker
    reads all blocks of its rank and builds each of its batches alone.

    - `temperature`: a number, or a schedule such as "exponential:2.0:0.1" (`fast-electra train --temperature`). A
      schedule needs `total_batches`, the batches that a rank takes in the whole run; the progress of batch b of epoch e
      is (e × len(self) + b) / total_batches.
    - `rank`, `world_size`: those of `torch.distributed` if it is initialised, else 0 and 1.
    - `drop_last`: false: each sequence comes exactly once an epoch, and batch sizes differ by at most
      one, up to `batch_size`; true: all batches have `batch_size`, some sequences are left out. Either way ranks have equally many.
    - `shuffle`, `pool_size`: blocks are shuffled, then the sequences of `pool_size` blocks of that order.
    - `pad_to`: batches are padded to a multiple of this.
    - `policy`: what draws depart from softmax(z / T) by, such as `Policy(focal=2.0)`.
    """

    def __init__(
        self,
        data: Union[DataSet, str, "os.PathLike[str]"],
        *,
        batch_size: int,
        temperature: Union[float, str, Schedule],
        seed: int = 1,
        total_batches: Optional[int] = None,
        rank: Optional[int] = None,
        world_size: Optional[int] = None,
        drop_last: bool = False,
        shuffle: bool = True,
        pool_size: int = 16,
        pad_to: int = 1,
        policy: Policy = Policy(),  # noqa: B008
    ) -> None:
        super().__init__()
        if (rank is None) != (world_size is None):
            raise ValueError("give both `rank` and `world_size`, or neither")
        if rank is None or world_size is None:
            distributed = torch.distributed.is_available() and torch.distributed.is_initialized()
            rank = torch.distributed.get_rank() if distributed else 0
            world_size = torch.distributed.get_world_size() if distributed else 1
        self.batches = Batches(
            data=data if isinstance(data, DataSet) else DataSet.open(data),
            batch_size=batch_size,
            temperature=temperature,
            seed=seed,
            total_batches=total_batches,
            rank=rank,
            world_size=world_size,
            drops_last=drop_last,
            shuffles=shuffle,
            pool_size=pool_size,
            pad_to=pad_to,
            policy=policy,
        )
        # Shared, so that workers that outlive an epoch (`persistent_workers`) see what `set_epoch` says.
        self._position = torch.zeros(2, dtype=torch.int64)
        self._position.share_memory_()  # type: ignore[no-untyped-call,unused-ignore]

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """The epoch that the next iteration yields, from batch `start` on: how a run goes on in the middle of one.

        The epoch is the replay's visit: without this call every iteration yields the same draws.
        """
        if not 0 <= epoch < 1 << 16:
            raise ValueError(f"the epoch is {epoch}; give one from 0 to 65535")
        if not 0 <= start <= len(self.batches):
            raise ValueError(f"there is no batch {start} in an epoch of {len(self.batches)}")
        self._position[0], self._position[1] = epoch, start

    def __len__(self) -> int:
        """Batches that the next iteration yields."""
        return len(self.batches) - int(self._position[1])

    def __iter__(self) -> Iterator[Dict[str, torch.Tensor]]:
        info = torch.utils.data.get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        epoch, start = map(int, self._position)
        for batch in self.batches.epoch(epoch, start=start, worker=worker, workers=workers):
            yield {name: torch.from_numpy(array) for name, array in batch.items()}
