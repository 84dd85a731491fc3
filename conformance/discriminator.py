"""Compares discriminators: a small pipeline is run, and transformers has to take every checkpoint as its own.

Checked: no warning and no missing or unexpected weight, a complete config.json, a working tokenizer, the same logits
within 1e-4 and the same loss, and a run that goes on from a checkpoint that transformers has saved again. Exits 1 on a
difference.
"""

import io
import json
import logging
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from transformers import AutoConfig, AutoTokenizer, ElectraConfig, ElectraForPreTraining
from transformers.utils import logging as transformers_logging

from probe import PROGRAM, ROOT, Probe

TEXT = ROOT / "data" / "sample" / "plain.txt"
ACTIVATIONS = ["gelu", "gelu_new", "relu", "silu"]
failures = []


def check(holds: bool, label: str, detail: str = ""):
    print("ok    " if holds else "FAILED", label, detail)
    if not holds:
        failures.append(label)


def run(*arguments):
    subprocess.run([PROGRAM, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def preset(folder: pathlib.Path, activation: str) -> pathlib.Path:
    path = folder / f"preset-{activation}.json"
    path.write_text(json.dumps({
        "model_type": "electra", "embedding_size": 32, "hidden_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "intermediate_size": 96, "max_position_embeddings": 128, "hidden_act": activation,
        "hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0}))
    return path


def losses(folder: pathlib.Path) -> list:
    return [json.loads(line)["loss"] for line in (folder / "metrics.jsonl").read_text().splitlines()]


def load(folder: pathlib.Path, label: str):
    """The model as transformers loads it, complaints counted."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logger = transformers_logging.get_logger("transformers")
    logger.addHandler(handler)
    model, info = ElectraForPreTraining.from_pretrained(folder, output_loading_info=True)
    logger.removeHandler(handler)
    check(not any(info.values()), f"{label}: every weight has its place", str({k: v for k, v in info.items() if v}))
    check(not heard.getvalue(), f"{label}: no warnings", heard.getvalue().strip())
    return model.eval()


def check_checkpoint(folder: pathlib.Path, label: str, probe: Probe):
    model = load(folder, label)
    ours = json.loads((folder / "config.json").read_text())
    with tempfile.TemporaryDirectory() as name:
        AutoConfig.from_pretrained(folder).save_pretrained(name)
        theirs = json.loads((pathlib.Path(name) / "config.json").read_text())
    lacking = {k: v for k, v in theirs.items() if k not in ours and k not in ("transformers_version", "dtype")}
    differing = {k: (ours[k], v) for k, v in theirs.items() if k in ours and ours[k] != v}
    check(not lacking and not differing, f"{label}: config.json is complete", f"{lacking or ''} {differing or ''}")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    check(len(tokenizer) == model.config.vocab_size, f"{label}: tokenizer", f"{len(tokenizer)} tokens")
    check(tokenizer.pad_token_id == model.config.pad_token_id, f"{label}: padding token")

    torch.manual_seed(1)
    lengths = [1, 5, 64, 128]
    tokens = torch.full((len(lengths), max(lengths)), model.config.pad_token_id)
    mask = torch.zeros_like(tokens)
    for row, n in enumerate(lengths):
        tokens[row, :n] = torch.randint(5, model.config.vocab_size, (n,))
        mask[row, :n] = 1
    labels = torch.randint(0, 2, tokens.shape)
    with torch.no_grad():
        output = model(input_ids=tokens, attention_mask=mask, labels=labels)
    expected = torch.cat([output.logits[row, :n] for row, n in enumerate(lengths)]).numpy()
    logits = probe.logits(folder, [tokens[row, :n].tolist() for row, n in enumerate(lengths)])
    error = float(np.abs(logits - expected).max())
    check(error <= 1e-4, f"{label}: logits", f"{error:.1e}")
    flat = torch.cat([labels[row, :n] for row, n in enumerate(lengths)]).float()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(torch.from_numpy(logits.copy()), flat).item()
    check(abs(loss - output.loss.item()) <= 1e-5, f"{label}: loss", f"{loss:.6f} {output.loss.item():.6f}")


def main() -> int:
    transformers_logging.disable_progress_bar()
    probe = Probe()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        vocabulary, generator, shards = folder / "vocabulary", folder / "generator", folder / "shards"
        run("vocab", "--text", TEXT, "--size", 400, "--out", vocabulary)
        run("mlm", "--text", TEXT, "--vocab", vocabulary, "--preset", preset(folder, "gelu"), "--steps", 60,
            "--batch-size", 8, "--max-length", 64, "--out", generator)
        run("generate", "--generator", generator, "--text", TEXT, "--max-length", 64, "--out", shards)
        for activation in ACTIVATIONS:
            first, saved, second, direct, anew = (
                folder / f"{activation}-{part}" for part in ["first", "saved", "second", "direct", "anew"])
            common = ["--shards", shards, "--preset", preset(folder, activation), "--batch-size", 16,
                      "--temperature", "constant:1", "--log-interval", 1, "--learning-rate", 2e-3]
            run("train", *common, "--steps", 50, "--out", first)
            check_checkpoint(first, activation, probe)
            load(first, activation).save_pretrained(saved)
            run("train", *common, "--steps", 20, "--init-from", saved, "--seed", 5, "--out", second)
            run("train", *common, "--steps", 20, "--init-from", first, "--seed", 5, "--out", direct)
            run("train", *common, "--steps", 20, "--seed", 5, "--out", anew)
            before, after, fresh = losses(first), losses(second), losses(anew)
            end = np.mean(before[-10:])
            # The first loss is that of the parameters as they were taken over, on the batch a new model has, too.
            check(abs(after[0] - end) < 0.2 * (fresh[0] - end), f"{activation}: goes on without a jump",
                  f"{end:.3f}, then {after[0]:.3f}; a new model {fresh[0]:.3f}")
            check(after == losses(direct), f"{activation}: transformers' copy is the checkpoint, loss for loss")

        torch.manual_seed(2)
        config = ElectraConfig(
            vocab_size=400, embedding_size=32, hidden_size=48, num_hidden_layers=2, num_attention_heads=4,
            intermediate_size=96, max_position_embeddings=128)
        theirs = folder / "theirs"
        ElectraForPreTraining(config).save_pretrained(theirs)
        run("train", "--shards", shards, "--preset", theirs / "config.json", "--init-from", theirs, "--steps", 2,
            "--batch-size", 4, "--learning-rate", 1e-9, "--out", folder / "from-theirs")
        ours = load(folder / "from-theirs", "from theirs").state_dict()
        check(all(torch.allclose(ours[k], v, atol=1e-6) for k, v in
                  ElectraForPreTraining.from_pretrained(theirs).state_dict().items()),
              "a discriminator of transformers' own is taken over whole")
    print(f"{len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
