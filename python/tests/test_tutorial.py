"""The Python of docs/tutorial.md, on a classifier that the command line has just made."""

from __future__ import annotations

import pathlib
import re
from typing import Callable

import pytest
from conftest import REPOSITORY

TEXT = REPOSITORY / "data" / "sample" / "plain.txt"


def test_the_classifier_opens_in_transformers(
    program: Callable[..., str], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("transformers")
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    paragraphs = [line for line in TEXT.read_text().splitlines() if len(line) > 80][:20]
    (tmp_path / "examples.tsv").write_text("".join(f"{'odd' if i % 2 else 'even'}\t{line}\n" for i, line in enumerate(paragraphs)))
    preset = REPOSITORY / "data" / "presets" / "demo.json"
    program("vocab", "--text", TEXT, "--size", 600, "--out", "vocabulary")
    program("mlm", "--text", TEXT, "--vocab", "vocabulary", "--preset", preset, "--max-length", 64, "--steps", 1, "--batch-size", 4, "--out", "model")
    program("finetune", "--model", "model", "--train", "examples.tsv", "--test", "examples.tsv", "--max-length", 64,
            "--learning-rates", "1e-3", "--epochs", 1, "--seeds", 1, "--out", "work/classifier")  # fmt: skip

    page = (REPOSITORY / "docs" / "tutorial.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 1
    exec(compile(blocks[0], "docs/tutorial.md", "exec"), {})
    assert re.search(r"'label': '(even|odd)'", capsys.readouterr().out)
