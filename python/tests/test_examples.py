"""The examples run, tiny, with models that are made on the spot."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from typing import Callable

import pytest
from conftest import REPOSITORY
from fast_electra import DataSet, replay
from small_models import make_model

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("accelerate")

EXAMPLES = REPOSITORY / "python" / "examples"
TEXT = REPOSITORY / "data" / "sample" / "plain.txt"


def run(name: str, *arguments: object) -> str:
    done = subprocess.run([sys.executable, str(EXAMPLES / name), *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout


def test_from_xlm_roberta_to_a_modernbert_discriminator(tmp_path: pathlib.Path) -> None:
    make_model("xlm-roberta", tmp_path / "model", TEXT)
    lines = [line for line in TEXT.read_text().splitlines() if line.strip()][:40]
    (tmp_path / "text.txt").write_text("\n".join(lines))
    run("generate_xlm_roberta.py", tmp_path / "model", tmp_path / "text.txt", tmp_path / "shards", "--max-length", 48)
    data = DataSet.open(tmp_path / "shards")
    assert data.is_complete and len(data) == 40 and (tmp_path / "shards" / "manifest.json").exists()
    block = data.shards[0].block(0)
    assert (replay(block, temperature=2.0, visit=0, seed=1) != block.tokens).any()
    out = run("train_modernbert.py", tmp_path / "shards", "--out", tmp_path / "run", "--steps", 6, "--batch-size", 8, "--cpu")
    assert "temperature" in out
    assert json.loads((tmp_path / "run" / "config.json").read_text())["architectures"] == ["ModernBertForTokenClassification"]


def test_shards_of_the_loop_pass_verify(program: Callable[..., str], tmp_path: pathlib.Path) -> None:
    make_model("bert", tmp_path / "model", TEXT)
    (tmp_path / "text.txt").write_text("\n".join(line for line in TEXT.read_text().splitlines() if line.strip()))
    run("generate_xlm_roberta.py", tmp_path / "model", tmp_path / "text.txt", tmp_path / "shards", "--max-length", 48)
    assert json.loads(program("verify", tmp_path / "shards", "--json"))["faults"] == []
