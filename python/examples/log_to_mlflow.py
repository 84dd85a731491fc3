"""Copies the metrics of a run into MLflow, while the run goes on or afterwards.

    pip install mlflow-skinny
    python python/examples/log_to_mlflow.py RUN [--experiment NAME] [--follow]

RUN is the folder that `fast-electra train` or `mlm` writes. Its settings become parameters, the numbers of metrics.jsonl become
metrics at their steps, and health warnings become tags. With --follow the script waits for more lines until the run has
finished. MLFLOW_TRACKING_URI says where MLflow keeps the result.

The script needs nothing of fast-electra: `records` is all that another tracker needs, too.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import time
from typing import Any, Dict, Iterator, Protocol


class Tracker(Protocol):
    """The functions of the module mlflow that are used here."""

    def log_params(self, params: Dict[str, str]) -> Any: ...

    def log_metrics(self, metrics: Dict[str, float], step: int) -> Any: ...

    def set_tag(self, key: str, value: str) -> Any: ...


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
    """Gives everything to `tracker`. Returns the number of lines."""
    tracker.log_params(settings(run))
    count = 0
    for record in records(run, follow, pause):
        step = record["step"]
        if "health" in record:
            tracker.set_tag(f"health.{record['health']}", f"step {step}: {record['message']}")
        numbers = {name: float(value) for name, value in record.items() if name != "step" and isinstance(value, (int, float))}
        if numbers:
            tracker.log_metrics(numbers, step=step)
        count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description="Copy the metrics of a run into MLflow.")
    parser.add_argument("run", type=pathlib.Path, help="folder of a run")
    parser.add_argument("--experiment", default="fast-electra", help="name of the experiment in MLflow")
    parser.add_argument("--follow", action="store_true", help="wait for more lines until the run has finished")
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two looks at the log")
    options = parser.parse_args()

    import mlflow

    mlflow.set_experiment(options.experiment)
    with mlflow.start_run(run_name=options.run.name):
        print(log(options.run, mlflow, options.follow, options.pause), "lines")


if __name__ == "__main__":
    main()
