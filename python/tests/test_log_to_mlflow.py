"""examples/log_to_mlflow.py, with a recorder in the place of MLflow, and with MLflow itself where it is installed."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import threading
import time
from types import ModuleType
from typing import Any, Dict, List, Tuple

import pytest
from conftest import REPOSITORY


@pytest.fixture(scope="module")
def example() -> ModuleType:
    path = REPOSITORY / "python" / "examples" / "log_to_mlflow.py"
    specification = importlib.util.spec_from_file_location("log_to_mlflow", path)
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class Recorder:
    def __init__(self) -> None:
        self.params: Dict[str, str] = {}
        self.metrics: List[Tuple[int, Dict[str, float]]] = []
        self.tags: Dict[str, str] = {}

    def log_params(self, params: Dict[str, str]) -> None:
        self.params.update(params)

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
    assert recorder.params == {"seed": "1"}
    assert recorder.metrics == [(10, {"loss": 0.1, "tokens/en": 128}), (20, {"loss": 0.05, "tokens/en": 128}), (20, {"eval_loss": 0.1})]
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
    mlflow = pytest.importorskip("mlflow", reason="MLflow is not installed: pip install mlflow-skinny")
    run = make_run(tmp_path)
    write(run, [training(10), training(20), evaluation(20)])
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri((tmp_path / "mlruns").as_uri())
    mlflow.set_experiment("test")
    with mlflow.start_run() as active:
        example.log(run, mlflow)
    stored = mlflow.get_run(active.info.run_id)
    assert stored.data.params == {"seed": "1"}
    assert stored.data.metrics == {"loss": 0.05, "tokens/en": 128, "eval_loss": 0.1}
    history = mlflow.MlflowClient().get_metric_history(active.info.run_id, "loss")
    assert [(one.step, one.value) for one in history] == [(10, 0.1), (20, 0.05)]
