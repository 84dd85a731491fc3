"""Compares what TensorBoard's own reader finds in a run's folder with the run's metrics.jsonl.

    tensorboard_scalars.py          makes a run for it, kills it twice and lets it finish
    tensorboard_scalars.py RUN...   looks at these

Every number of every line has to be there, under its step, once, as a 32-bit float; and nothing else. Exits 1 on a difference.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

from probe import PROGRAM, ROOT

TEXT = ROOT / "data" / "sample" / "plain.txt"


def expected(folder: pathlib.Path) -> dict[str, dict[int, float]]:
    scalars: dict[str, dict[int, float]] = {}
    for line in (folder / "metrics.jsonl").read_text().splitlines():
        record = json.loads(line)
        if "health" in record:
            continue
        for name, value in record.items():
            if name == "step":
                continue
            tag = "eval/" + name.removeprefix("eval_") if name.startswith("eval_") else "train/" + name
            scalars.setdefault(tag, {})[int(record["step"])] = struct.unpack("f", struct.pack("f", value))[0]
    return scalars


def found(folder: pathlib.Path) -> dict[str, dict[int, float]]:
    multiplexer = EventMultiplexer(size_guidance=None, tensor_size_guidance={"scalars": 0})
    multiplexer.AddRunsFromDirectory(str(folder))
    multiplexer.Reload()
    scalars: dict[str, dict[int, float]] = {}
    for run, tags in multiplexer.Runs().items():
        # Simple values are migrated to tensors of the scalars plugin, as the web interface shows them.
        for tag in tags["tensors"]:
            for event in multiplexer.Tensors(run, tag):
                value = event.tensor_proto.float_val[0]
                if event.step in scalars.setdefault(tag, {}):
                    sys.exit(f"{tag} has step {event.step} twice")
                scalars[tag][event.step] = value
    return scalars


def compare(folder: pathlib.Path) -> None:
    wanted, got = expected(folder), found(folder)
    if wanted.keys() != got.keys():
        sys.exit(f"tags differ: {sorted(wanted.keys() ^ got.keys())}")
    for tag, points in sorted(wanted.items()):
        if points != got[tag]:
            sys.exit(f"{tag} differs: {sorted(set(points.items()) ^ set(got[tag].items()))[:6]}")
        print(f"ok     {tag}: {len(points)} points")


def run(*arguments) -> None:
    subprocess.run([PROGRAM, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def make_run(folder: pathlib.Path) -> pathlib.Path:
    """A run that was killed between its checkpoints and went on: its events file has the steps that were made twice."""
    run("vocab", "--text", TEXT, "--size", 600, "--out", folder / "vocabulary")
    run("mlm", "--text", TEXT, "--vocab", folder / "vocabulary", "--preset", "tiny", "--steps", 20, "--batch-size", 4,
        "--max-length", 32, "--out", folder / "generator")
    compare(folder / "generator")
    run("generate", "--generator", folder / "generator", "--text", TEXT, "--out", folder / "shards", "--max-length", 32)
    train = ["train", "--shards", folder / "shards", "--eval-shards", folder / "shards", "--preset", "tiny",
             "--steps", 300, "--batch-size", 4, "--log-interval", 1, "--checkpoint-interval", 37, "--eval-interval", 50,
             "--eval-sequences", 20, "--out", folder / "run"]
    log = folder / "run" / "metrics.jsonl"
    for limit in [60, 160]:
        process = subprocess.Popen([PROGRAM, *map(str, train)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and (not log.exists() or log.read_bytes().count(b"\n") < limit):
            time.sleep(0.01)
        process.kill()
        process.wait()
        for line in log.read_text().splitlines():
            json.loads(line)
    run(*train)
    files = len(list((folder / "run").glob("events.out.tfevents.*")))
    if files != 1:
        sys.exit(f"a run that goes on appends to its events file, but there are {files}")
    return folder / "run"


def main() -> None:
    if folders := sys.argv[1:]:
        for folder in folders:
            compare(pathlib.Path(folder))
    else:
        with tempfile.TemporaryDirectory() as name:
            compare(make_run(pathlib.Path(name)))


if __name__ == "__main__":
    main()
