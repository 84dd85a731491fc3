"""Copies the metrics of a run into MLflow, W&B or trackio, while the run goes on or afterwards.

    pip install mlflow-skinny       # or wandb, or trackio
    python python/examples/track_run.py RUN --to mlflow [--project NAME] [--follow]

RUN is the folder that `fast-electra train` or `mlm` writes. Its settings become parameters, the numbers of metrics.jsonl become
metrics at their steps, and health warnings become marks and tags. With --follow the script waits for more lines until the run
has finished. MLFLOW_TRACKING_URI, WANDB_MODE, TRACKIO_DIR and so on work as usual.

The script needs nothing of fast-electra. For another tracker, write a class like those below.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pathlib
import time
from typing import Any, Callable, Dict, Iterator, Protocol


class Tracker(Protocol):
    """The functions of the module mlflow that are used here."""

    def log_metrics(self, metrics: Dict[str, float], step: int) -> Any: ...

    def set_tag(self, key: str, value: str) -> Any: ...


class MLflow:
    def __init__(self, project: str, name: str, settings: Dict[str, str]) -> None:
        self._mlflow = importlib.import_module("mlflow")
        self._mlflow.set_experiment(project)
        self._mlflow.start_run(run_name=name)
        self._mlflow.log_params(settings)
        self.log_metrics, self.set_tag = self._mlflow.log_metrics, self._mlflow.set_tag

    def finish(self) -> None:
        self._mlflow.end_run()


class WandB:
    """W&B, and trackio, which has the same functions."""

    def __init__(self, project: str, name: str, settings: Dict[str, str], module: str = "wandb") -> None:
        self._module = importlib.import_module(module)
        self._module.init(project=project, name=name, config=settings)

    def log_metrics(self, metrics: Dict[str, float], step: int) -> None:
        self._module.log(metrics, step=step)

    def set_tag(self, key: str, value: str) -> None:
        print(f"{key}: {value}")

    def finish(self) -> None:
        self._module.finish()


def trackio(project: str, name: str, settings: Dict[str, str]) -> WandB:
    return WandB(project, name, settings, module="trackio")


TRACKERS: Dict[str, Callable[[str, str, Dict[str, str]], Any]] = {"mlflow": MLflow, "wandb": WandB, "trackio": trackio}


def records(run: pathlib.Path, follow: bool = False, pause: float = 5.0) -> Iterator[Dict[str, Any]]:
    """The lines of metrics.jsonl, each once. With `follow`, also those that come later, until the run has finished.

    A run that continues after a kill cuts its log and writes the lines of the repeated steps again, with the same values. So
    the whole log is read each time, and a step that was given is not given a second time.
    """
    log = run / "metrics.jsonl"
    seen: Dict[str, int] = {}  # the last step of each kind of line
    before = None
    while True:
        is_finished = has_finished(run)  # before the log is read: a finished run writes no more lines
        content = log.read_bytes() if log.exists() else b""
        if content != before:
            before = content
            # A line without its end is still being written.
            for line in content[: content.rfind(b"\n") + 1].splitlines():
                record = json.loads(line)
                kind = record.get("health") or ("evaluation" if "eval_loss" in record else "training")
                if record["step"] > seen.get(kind, -1):
                    seen[kind] = record["step"]
                    yield record
        if not follow or is_finished:
            return
        time.sleep(pause)


def has_finished(run: pathlib.Path) -> bool:
    """Whether the summary is newer than the log. A run that got more steps has an older one."""
    times = [(run / name).stat().st_mtime_ns if (run / name).exists() else -1 for name in ("metrics.jsonl", "summary.json")]
    return times[1] >= 0 and times[1] >= times[0]


def settings(run: pathlib.Path) -> Dict[str, str]:
    """The options that the run was begun with."""
    contents = json.loads((run / "run.json").read_text())
    return {name[2:]: value for name, value in contents.items() if name.startswith("--") and isinstance(value, str) and value}


def log(run: pathlib.Path, tracker: Tracker, follow: bool = False, pause: float = 5.0) -> int:
    """Gives all lines to `tracker`. Returns their number."""
    count = 0
    for record in records(run, follow, pause):
        step = record["step"]
        numbers = {name: float(value) for name, value in record.items() if name != "step" and isinstance(value, (int, float))}
        if "health" in record:
            numbers[f"health/{record['health']}"] = 1.0
            tracker.set_tag(f"health.{record['health']}", f"step {step}: {record['message']}")
        tracker.log_metrics(numbers, step=step)
        count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description="Copy the metrics of a run into MLflow, W&B or trackio.")
    parser.add_argument("run", type=pathlib.Path, help="folder of a run")
    parser.add_argument("--to", choices=TRACKERS, default="mlflow")
    parser.add_argument("--project", default="fast-electra", help="project of W&B or trackio, experiment of MLflow")
    parser.add_argument("--follow", action="store_true", help="wait for more lines until the run has finished")
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two looks at the log")
    options = parser.parse_args()
    tracker = TRACKERS[options.to](options.project, options.run.resolve().name, settings(options.run))
    print(log(options.run, tracker, options.follow, options.pause), "lines")
    tracker.finish()


if __name__ == "__main__":
    main()
