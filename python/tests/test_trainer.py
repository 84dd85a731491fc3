"""Hugging Face's Trainer on shards: every sequence once an epoch, the right draws and temperatures, on one process and on two."""

from __future__ import annotations

import collections
import json
import pathlib
import subprocess
import sys
from typing import Any, Counter, Dict, List, Tuple

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("accelerate")

from fast_electra import DataSet, Schedule, replay  # noqa: E402
from fast_electra.torch_dataset import ReplayDataset, ReplayLoader  # noqa: E402
from fast_electra.trainer import ReplayTrainer, replay_dataset  # noqa: E402
from test_torch import folder  # noqa: E402, F401
from trainer_script import SCHEDULE, Recorder, arguments, train  # noqa: E402

TESTS = pathlib.Path(__file__).parent


def check(folder: pathlib.Path, results: List[Dict[str, Any]], epochs: int) -> None:  # noqa: F811
    """Each sequence once an epoch over all ranks, at its visit and its batch's temperature; and the temperatures logged."""
    data, schedule = DataSet.open(folder), Schedule.parse(SCHEDULE)
    length = results[0]["length"]
    temperatures = [schedule(batch / (epochs * length)) for batch in range(epochs * length)]
    for result in results:
        assert len(result["seen"]) == epochs * length and result["temperatures"] == pytest.approx(temperatures)
    for epoch in range(epochs):
        found: Counter[Tuple[int, ...]] = collections.Counter()
        possible: Counter[Tuple[int, ...]] = collections.Counter()
        for batch in range(epoch * length, (epoch + 1) * length):
            for result in results:
                found.update(tuple(row) for row in result["seen"][batch])
        texts: Counter[Tuple[int, ...]] = collections.Counter()
        for entry in range(len(data)):
            block = data[entry]
            drawn = {tuple(replay(block, temperature=t, visit=epoch, seed=5).tolist()) for t in temperatures[epoch * length : (epoch + 1) * length]}
            texts[tuple(sorted(drawn))[0]] += 1
            possible.update(drawn)
        assert sum(found.values()) == len(data)
        assert not set(found) - set(possible), "a draw of another visit or temperature"


def test_one_process(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:  # noqa: F811
    check(folder, [train(folder, tmp_path)], 3)


def test_two_processes(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:  # noqa: F811
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(TESTS / "trainer_script.py"), str(folder),
         str(tmp_path)], capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]
    results = [json.loads((tmp_path / f"seen-{rank}.json").read_text()) for rank in range(2)]
    check(folder, results, 3)
    for result in results:
        assert all(result["refused"]), result["refused"]


@pytest.mark.parametrize("accumulation", [1, 3])
@pytest.mark.parametrize("dataset", [{}, {"global_batch_size": 4}])
def test_a_run_that_goes_on_in_mid_epoch(folder: pathlib.Path, tmp_path: pathlib.Path, accumulation: int, dataset: Dict[str, Any]) -> None:  # noqa: F811
    settings: Dict[str, Any] = {"gradient_accumulation_steps": accumulation, "dataset": dataset}
    whole = train(folder, tmp_path / "whole", **settings)
    length = whole["length"]
    updates = -(-length // accumulation)
    stop = updates + 1
    saving = {"save_strategy": "steps", "save_steps": stop}
    train(folder, tmp_path / "cut", **settings, **saving, num_train_epochs=3)
    batches = length + accumulation
    again = train(folder, tmp_path / "again", checkpoint=str(tmp_path / "cut" / f"checkpoint-{stop}"), **settings)
    assert again["seen"] == whole["seen"][batches:] and 0 < len(again["seen"]) < len(whole["seen"])


def test_a_plain_trainer_with_a_replay_loader_goes_through_the_visits(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:  # noqa: F811
    import transformers

    args = arguments(tmp_path)
    loader = ReplayLoader(replay_dataset(args, folder, temperature=SCHEDULE))

    class Plain(transformers.Trainer):  # type: ignore[misc,unused-ignore]
        def get_train_dataloader(self) -> Any:
            return loader

    model = Recorder()
    Plain(model=model, args=args, train_dataset=loader.dataset).train()
    assert model.seen == train(folder, tmp_path / "own")["seen"]


def test_what_is_refused(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:  # noqa: F811
    import transformers
    from fast_electra.guard import WrappedWronglyError

    args = arguments(tmp_path)
    with pytest.raises(TypeError, match="replay_dataset"):
        ReplayTrainer(model=Recorder(), args=args, train_dataset=[1, 2])
    for dataset in (
        ReplayDataset(folder, batch_size=4, temperature=SCHEDULE, total_batches=12, rank=0, world_size=2),
        ReplayDataset(folder, batch_size=4, temperature=SCHEDULE, total_batches=7),
    ):
        with pytest.raises(ValueError, match="Make"):
            ReplayTrainer(model=Recorder(), args=args, train_dataset=dataset)
    plain = transformers.Trainer(model=Recorder(), args=args, train_dataset=replay_dataset(args, folder))
    with pytest.raises(WrappedWronglyError, match="ReplayTrainer"):
        plain.train()
