"""Compares what TensorBoard's own reader finds in a run's folder with the run's metrics.jsonl.

    python -m venv /tmp/tb && /tmp/tb/bin/pip install tensorboard
    /tmp/tb/bin/python conformance/tensorboard_scalars.py RUN

Every number of every line has to be there, under its step, once, as a 32-bit float; and nothing else.
"""

import json
import pathlib
import struct
import sys

from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer


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


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    wanted, got = expected(folder), found(folder)
    if wanted.keys() != got.keys():
        sys.exit(f"tags differ: {sorted(wanted.keys() ^ got.keys())}")
    for tag, points in sorted(wanted.items()):
        if points != got[tag]:
            sys.exit(f"{tag} differs: {sorted(set(points.items()) ^ set(got[tag].items()))[:6]}")
        print(f"{tag}: {len(points)} points")


if __name__ == "__main__":
    main()
