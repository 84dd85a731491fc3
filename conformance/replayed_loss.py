"""Compares losses on shards: what `train` says of its held-out shards, against transformers on what the Python package replays.

The package reads the shards and draws the replacements, transformers computes the loss of the checkpoint; both temperatures
of the evaluation have to agree within 1e-4. Exits 1 on a difference.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from fast_electra import DataSet, replay
from transformers import ElectraForPreTraining

from probe import PROGRAM, ROOT

TEXT = ROOT / "data" / "sample" / "plain.txt"
SEED = 11


def run(*arguments) -> str:
    done = subprocess.run([PROGRAM, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def loss(model, data: DataSet, temperature: float) -> float:
    """The mean over all tokens of the data set's first visit."""
    total, count = 0.0, 0
    for entry in range(len(data)):
        block = data[entry]
        tokens = replay(block, temperature=temperature, visit=0, seed=SEED)
        labels = torch.tensor((tokens != block.tokens).astype(np.int64))[None]
        ids = torch.tensor(tokens.astype(np.int64))[None]
        with torch.no_grad():
            mean = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels).loss
        total += float(mean) * ids.numel()
        count += ids.numel()
    return total / count


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    run("vocab", "--text", TEXT, "--size", 600, "--out", folder / "vocabulary")
    run("mlm", "--text", TEXT, "--vocab", folder / "vocabulary", "--preset", "tiny", "--steps", 200, "--batch-size", 8,
        "--max-length", 48, "--out", folder / "generator")
    run("generate", "--generator", folder / "generator", "--text", TEXT, "--out", folder / "shards", "--max-length", 48)
    result = json.loads(run(
        "train", "--shards", folder / "shards", "--eval-shards", folder / "shards", "--preset", "tiny", "--steps", 60,
        "--batch-size", 8, "--seed", SEED, "--out", folder / "run", "--json"))
    model = ElectraForPreTraining.from_pretrained(folder / "run").eval()
    data = DataSet.open(folder / "shards")
    failed = False
    for evaluation in result["evaluations"]:
        ours, theirs = evaluation["loss"], loss(model, data, evaluation["temperature"])
        holds = abs(ours - theirs) <= 1e-4
        failed |= not holds
        print("ok    " if holds else "FAILED", f"T = {evaluation['temperature']}: loss {ours:.6f}, transformers {theirs:.6f}")
sys.exit(failed)
