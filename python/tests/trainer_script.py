"""One process of `test_trainer.py`: trains on shards with ReplayTrainer, and writes down what it saw. Arguments: shards, output."""

from __future__ import annotations

import json
import os
import pathlib
import sys
from typing import Any, Dict, List

import torch
import transformers
from fast_electra.guard import WrappedWronglyError
from fast_electra.torch_dataset import ReplayDataset
from fast_electra.trainer import ReplayTrainer, replay_dataset

SCHEDULE = "linear:2"


class Recorder(torch.nn.Module):
    """A model that keeps what it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(4))
        self.seen: List[List[List[int]]] = []

    def forward(self, input_ids: Any, attention_mask: Any, labels: Any, token_type_ids: Any = None, **_: Any) -> Dict[str, Any]:
        self.seen.append([ids[mask == 1].tolist() for ids, mask in zip(input_ids, attention_mask)])
        return {"loss": (self.weight**2).sum() + labels.float().mean() * self.weight.sum()}


def arguments(out: pathlib.Path, **more: Any) -> Any:
    settings: Dict[str, Any] = {
        "output_dir": str(out), "num_train_epochs": 3, "per_device_train_batch_size": 4, "logging_steps": 1, "use_cpu": True, "report_to": [],
        "save_strategy": "no", "disable_tqdm": True, "seed": 5, "remove_unused_columns": False,
    }  # fmt: skip
    if int(os.environ.get("WORLD_SIZE", 1)) > 1:
        settings["ddp_backend"] = "gloo"
    return transformers.TrainingArguments(**{**settings, **more})


def train(shards: pathlib.Path, out: pathlib.Path, checkpoint: Any = None, dataset: Dict[str, Any] = {}, **more: Any) -> Dict[str, Any]:  # noqa: B006
    args = arguments(out, **more)
    model = Recorder()
    own = replay_dataset(args, shards, temperature=SCHEDULE, **dataset)
    trainer = ReplayTrainer(model=model, args=args, train_dataset=own)
    trainer.train(resume_from_checkpoint=checkpoint)
    temperatures = [entry["temperature"] for entry in trainer.state.log_history if "loss" in entry]
    return {"seen": model.seen, "temperatures": temperatures, "length": len(own.batches)}


def refused_by_accelerate(shards: pathlib.Path, workers: int, dispatches: bool) -> bool:
    """Whether a prepared loader is refused, not read with half of the data dealt to all."""
    import accelerate

    configuration = accelerate.utils.DataLoaderConfiguration(dispatch_batches=dispatches)
    accelerator = accelerate.Accelerator(cpu=True, dataloader_config=configuration, rng_types=[])
    loader = torch.utils.data.DataLoader(ReplayDataset(shards, batch_size=4, temperature=1.5), batch_size=None, num_workers=workers)
    if accelerator.process_index > 0 and dispatches:
        return True  # It waits for the first process, which does not come.
    try:
        next(iter(accelerator.prepare(loader)))
    except WrappedWronglyError:
        return True
    except TypeError:
        return not dispatches  # Some versions stumble over a loader without a batch size.
    return False


def main() -> None:
    shards, out = map(pathlib.Path, sys.argv[1:3])
    torch.set_num_threads(1)
    rank = int(os.environ.get("RANK", 0))
    result = train(shards, out / "run")
    if int(os.environ.get("WORLD_SIZE", 1)) > 1:
        result["refused"] = [refused_by_accelerate(shards, workers, dispatches) for workers in (0, 2) for dispatches in (True, False)]
    (out / f"seen-{rank}.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
