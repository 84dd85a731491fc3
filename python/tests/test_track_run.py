"""examples/track_run.py, with a recorder in the place of a tracker, and with the trackers that are installed."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import sys
import threading
import time
from types import ModuleType
from typing import Any, Dict, List, Tuple

import pytest
from conftest import REPOSITORY


@pytest.fixture(scope="module")
def example() -> ModuleType:
    path = REPOSITORY / "python" / "examples" / "track_run.py"
    specification = importlib.util.spec_from_file_location("track_run", path)
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class Recorder:
    def __init__(self) -> None:
        self.metrics: List[Tuple[int, Dict[str, float]]] = []
        self.tags: Dict[str, str] = {}

    def log_metrics(self, metrics: Dict[str, float], step: int) -> None:
        self.metrics.append((step, metrics))

    def set_tag(self, key: str, value: str) -> None:
        self.tags[key] = value


def training(step: int) -> Dict[str, Any]:
    return {"step": step, "loss": 1 / step, "tokens/en": 128}


def evaluation(step: int) -> Dict[str, Any]:
    return {"step": step, "eval_loss": 2 / step}


def write(run: pathlib.Path, lines: List[Dict[str, Any]], end: str = "\n") -> None:
    (run / "metrics.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + end)


def make_run(folder: pathlib.Path) -> pathlib.Path:
    run = folder / "run"
    run.mkdir()
    (run / "run.json").write_text(json.dumps({"--seed": "1", "--focal": "", "command": "train", "arguments": ["--seed", "1"]}))
    return run


def test_a_finished_run(example: ModuleType, tmp_path: pathlib.Path) -> None:
    run, recorder = make_run(tmp_path), Recorder()
    warning = {"step": 20, "health": "collapse", "message": "recall below 0.001"}
    write(run, [training(10), training(20), evaluation(20), warning])
    assert example.log(run, recorder) == 4
    assert example.settings(run) == {"seed": "1"}
    assert recorder.metrics == [
        (10, {"loss": 0.1, "tokens/en": 128}),
        (20, {"loss": 0.05, "tokens/en": 128}),
        (20, {"eval_loss": 0.1}),
        (20, {"health/collapse": 1}),
    ]
    assert recorder.tags == {"health.collapse": "step 20: recall below 0.001"}


def test_follows_a_run_that_is_killed_and_continues(example: ModuleType, tmp_path: pathlib.Path) -> None:
    run, recorder = make_run(tmp_path), Recorder()
    counts: List[int] = []
    thread = threading.Thread(target=lambda: counts.append(example.log(run, recorder, follow=True, pause=0.001)))
    thread.start()

    def wait_for(count: int) -> None:
        deadline = time.monotonic() + 60
        while len(recorder.metrics) < count and time.monotonic() < deadline:
            time.sleep(0.001)
        assert len(recorder.metrics) == count

    write(run, [training(10), training(20)])
    wait_for(2)
    # The beginning of a line, torn by the kill, then a log that was cut and is written again.
    write(run, [training(10), training(20), training(30)], end="")
    write(run, [training(10)])
    write(run, [training(10), training(20), training(30)])
    wait_for(3)
    write(run, [training(10), training(20), training(30), evaluation(30)])
    wait_for(4)
    (run / "summary.json").write_text("{}")
    thread.join(60)
    assert counts == [4]
    assert [step for step, _ in recorder.metrics] == [10, 20, 30, 30]


def test_with_mlflow(example: ModuleType, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # the store that needs no database
    mlflow = pytest.importorskip("mlflow", reason="MLflow is not installed: pip install mlflow-skinny")
    run = make_run(tmp_path)
    write(run, [training(10), training(20), evaluation(20)])
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri((tmp_path / "mlruns").as_uri())
    monkeypatch.setattr(sys, "argv", ["track_run.py", str(run), "--to", "mlflow", "--project", "test"])
    example.main()
    (stored,) = mlflow.MlflowClient().search_runs([mlflow.get_experiment_by_name("test").experiment_id])
    assert stored.data.params == {"seed": "1"}
    assert stored.data.metrics == {"loss": 0.05, "tokens/en": 128, "eval_loss": 0.1}
    history = mlflow.MlflowClient().get_metric_history(stored.info.run_id, "loss")
    assert [(one.step, one.value) for one in history] == [(10, 0.1), (20, 0.05)]


@pytest.mark.parametrize("name", ["wandb", "trackio"])
def test_with(name: str, example: ModuleType, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline. What arrives is looked at where the package's own functions give it back."""
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    pytest.importorskip(name)
    run = make_run(tmp_path)
    write(run, [training(10), training(20), evaluation(20)])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["track_run.py", str(run), "--to", name, "--project", "test"])
    example.main()
    if name == "wandb":
        assert list((tmp_path / "wandb").glob("offline-run-*/*.wandb"))
    else:
        storage = importlib.import_module("trackio.sqlite_storage").SQLiteStorage
        assert [(row["step"], row.get("loss")) for row in storage.get_logs("test", "run")] == [(10, 0.1), (20, 0.05), (20, None)]
