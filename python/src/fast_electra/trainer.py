"""Hugging Face's Trainer on shards. Needs torch and transformers.

    args = TrainingArguments(...)
    dataset = replay_dataset(args, "shards", temperature="exponential:2.0:0.1")
    ReplayTrainer(model=model, args=args, train_dataset=dataset).train()
"""

from __future__ import annotations

import math
from typing import Any, Dict, Sequence, Union

import torch.utils.data
import transformers

from .schedule import Schedule
from .torch_dataset import Data, ReplayDataset


def replay_dataset(
    args: Any, data: Union[Data, Sequence[Data]], *, temperature: Union[float, str, Schedule] = "exponential:2.0:0.1", **arguments: Any
) -> ReplayDataset:
    """The dataset of a run with these `TrainingArguments`: its rank and number of processes, batch size, and number of batches.

    Without `global_batch_size` a rank's batch has `per_device_train_batch_size` sequences. The other arguments are those of `ReplayDataset`.
    """
    if "total_batches" in arguments:
        raise ValueError("the number of batches follows from the TrainingArguments; leave `total_batches` out")
    given: Dict[str, Any] = {"rank": args.process_index, "world_size": args.world_size, "seed": args.seed, **arguments}
    if "batch_size" not in given and "global_batch_size" not in given:
        given["batch_size"] = args.per_device_train_batch_size * max(1, args.n_gpu)
    focal = given.pop("focal", None)
    length = len(ReplayDataset(data, temperature=Schedule.of(temperature)(1.0), **given).batches)
    return ReplayDataset(data, temperature=temperature, focal=focal, total_batches=total_batches(args, length), **given)


def total_batches(args: Any, length: int) -> int:
    """Batches that a rank takes in a run with these arguments, where an epoch has `length`."""
    updates = updates_per_epoch(args, length)
    steps = args.max_steps if args.max_steps > 0 else math.ceil(args.num_train_epochs * updates)
    whole, rest = divmod(steps, updates)
    return int(whole * length + min(rest * args.gradient_accumulation_steps, length))


def updates_per_epoch(args: Any, length: int) -> int:
    """Steps of the optimizer in an epoch of so many batches."""
    return max(1, -(-length // int(args.gradient_accumulation_steps)))


class ReplayTrainerMixin:
    """For classes of your own: `class MyTrainer(ReplayTrainerMixin, Trainer)`.

    - Each rank reads its own part: accelerate, which would divide the dataset once more, does not see the loader.
    - Each epoch is a visit, with draws of its own, also where a run goes on from a checkpoint.
    - The log has the temperature.
    """

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self._check_dataset()
        # ELECTRA's loss is the mean over a batch, whatever else its forward takes: without this Trainer would scale it by tokens.
        self.model_accepts_loss_kwargs = False
        self.add_callback(_EpochTeller(self.train_dataset))  # type: ignore[attr-defined]

    def get_train_dataloader(self) -> Any:
        self._check_dataset()
        args = self.args  # type: ignore[attr-defined]
        workers: int = args.dataloader_num_workers
        more: Dict[str, Any] = {"prefetch_factor": args.dataloader_prefetch_factor} if workers else {}
        return torch.utils.data.DataLoader(
            self.train_dataset,  # type: ignore[attr-defined]
            batch_size=None,
            num_workers=workers,
            persistent_workers=workers > 0 and args.dataloader_persistent_workers,
            pin_memory=args.dataloader_pin_memory and torch.cuda.is_available(),
            **more,
        )

    def log(self, logs: Dict[str, float], *positional: Any, **named: Any) -> None:
        if "loss" in logs:
            logs["temperature"] = self.temperature_of_step(self.state.global_step)  # type: ignore[attr-defined]
        super().log(logs, *positional, **named)  # type: ignore[misc]

    def temperature_of_step(self, step: int) -> float:
        """That of the last batch of an update, counted from 1."""
        batches = self.train_dataset.batches  # type: ignore[attr-defined]
        args = self.args  # type: ignore[attr-defined]
        epoch, update = divmod(max(0, step - 1), updates_per_epoch(args, len(batches)))
        batch = min((update + 1) * args.gradient_accumulation_steps, len(batches)) - 1
        return float(batches.temperature_of(epoch, batch))

    def _check_dataset(self) -> None:
        dataset, args = self.train_dataset, self.args  # type: ignore[attr-defined]
        if not isinstance(dataset, ReplayDataset):
            raise TypeError(f"the train_dataset is {type(dataset).__name__}; give a ReplayDataset, such as `replay_dataset` makes")
        batches = dataset.batches
        if (batches.rank, batches.world_size) != (args.process_index, args.world_size):
            raise ValueError(
                f"the dataset is that of rank {batches.rank} of {batches.world_size}, and this is rank {args.process_index} of {args.world_size}. "
                "Make it with `replay_dataset`, after the TrainingArguments"
            )
        wanted = total_batches(args, len(batches))
        if batches.total_batches not in (None, wanted):
            raise ValueError(
                f"the schedule is over {batches.total_batches} batches, and the run has {wanted}. Make the dataset with `replay_dataset`, or give it "
                f"total_batches={wanted}"
            )


class ReplayTrainer(ReplayTrainerMixin, transformers.Trainer):  # type: ignore[misc,unused-ignore]
    """`transformers.Trainer` on a `ReplayDataset`; see `ReplayTrainerMixin`."""


class _EpochTeller(transformers.TrainerCallback):  # type: ignore[misc,unused-ignore]
    """Tells the dataset which epoch comes. A run that goes on skips its batches that are done by reading them, which replay does fast."""

    def __init__(self, dataset: ReplayDataset) -> None:
        self._dataset = dataset

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._dataset.set_epoch(state.global_step // updates_per_epoch(args, len(self._dataset.batches)))
