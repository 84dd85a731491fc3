"""Refuses uses that would silently go wrong between this package and those that wrap its dataset."""

from __future__ import annotations

import sys


class WrappedWronglyError(RuntimeError):
    """The dataset is read in a way that would repeat or lose sequences, or make batches of batches."""


#: The classes that deal the batches of one process out to all, or take a share of each process's batches.
_DEALERS = {"DataLoaderDispatcher": "accelerate.data_loader", "IterableDatasetShard": ""}


def check_reader(world_size: int) -> None:
    """Looks at who is about to read the dataset, on the stack; a worker that was forked still has its parent's frames there."""
    frame = sys._getframe(1)
    while frame is not None:
        module, own = frame.f_globals.get("__name__", ""), frame.f_locals
        name = type(own.get("self")).__name__
        if world_size > 1 and name in _DEALERS and module.startswith(("accelerate.", "transformers.")):
            raise WrappedWronglyError(
                f"{module.split('.')[0]} ({name}) would divide among processes what is divided already: one rank's sequences would be dealt to "
                "all, and those of the others never seen. Leave the loader out of `accelerator.prepare`, or use "
                "`fast_electra.trainer.ReplayTrainer`; or give the dataset rank=0, world_size=1"
            )
        if module == "torch.utils.data._utils.fetch" and own.get("auto_collation", False):
            raise WrappedWronglyError(
                "the dataset yields whole batches, and the DataLoader would make batches of them. Give it batch_size=None, or use "
                "`ReplayLoader`; for Hugging Face's Trainer use `fast_electra.trainer.ReplayTrainer`"
            )
        frame = frame.f_back  # type: ignore[assignment]
