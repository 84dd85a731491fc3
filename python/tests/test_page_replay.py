"""The page's program replays the golden shards as the others do, to the last bit. Needs Node.js; a browser is not needed."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess

import pytest
from conftest import GOLDEN

HERE = pathlib.Path(__file__).parent
PROGRAM = HERE.parents[1] / "Sources" / "Inspect" / "Page" / "Resources" / "replay.js"


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_draws_and_weights_are_those_of_the_golden_shards() -> None:
    command = ["node", str(HERE / "replay_golden.js"), str(PROGRAM), str(GOLDEN)]
    counts = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert counts["draws"] > 10_000 and counts["weights"] > 5_000
    assert counts["differences"] == 0
