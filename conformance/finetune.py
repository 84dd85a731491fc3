"""Compares fine-tuning: the same folder, the same data in the same order, no dropout, here and in transformers.

For every family a classifier of transformers' own is fine-tuned further by our program, on texts and on pairs of texts, some
of them too long. Checked: the losses of 50 updates within 1e-4 and the gradients' norms; the ids, by way of the losses; and
the folder that comes out: no missing or unexpected weight, the labels, the tokenizer, the logits within 1e-4 and the accuracy.
`--speed` times both instead, on an ELECTRA-small. Exits 1 on a difference.
"""

import argparse
import io
import json
import logging
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
from fast_electra import philox
from tokenizers import ByteLevelBPETokenizer
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertConfig,
    DistilBertConfig,
    ElectraConfig,
    RobertaConfig,
)
from transformers.utils import logging as transformers_logging

from probe import PROGRAM, ROOT, Probe

TEXT = ROOT / "data" / "sample" / "plain.txt"
LABELS = ["never", "often", "rarely"]
SHUFFLE = 4  # Kernels.RandomPurpose.shuffle
SEED, STEPS, BATCH, LENGTH, RATE = 7, 50, 8, 32, 1e-3
failures = []


def check(holds: bool, label: str, detail: str = ""):
    print("ok    " if holds else "FAILED", label, detail)
    if not holds:
        failures.append(label)


def run(*arguments):
    subprocess.run([PROGRAM, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def permutation(count: int, seed: int, epoch: int) -> list:
    """`Kernels.Permutation`: a Feistel network of six rounds on the smallest domain of an even number of bits, walked until it
    lands inside."""
    key = philox.key(seed, SHUFFLE)
    bits = max(1, (count - 1).bit_length())
    half = (bits + 1) // 2
    mask = (1 << half) - 1

    def encrypt(value: int) -> int:
        left, right = value >> half, value & mask
        for step in range(6):
            counter = tuple(philox.words(word) for word in (right, step << 28, 0, epoch << 16))
            words = philox.philox(key, counter)
            scrambled = (int(words[1][0]) << 32 | int(words[0][0])) & mask
            left, right = right, left ^ scrambled
        return left << half | right

    def element(index: int) -> int:
        value = encrypt(index)
        while value >= count:
            value = encrypt(value)
        return value

    return [element(index) for index in range(count)]


def batches(count: int, steps: int, size: int, seed: int) -> list:
    epochs = -(-steps * size // count)
    order = [number for epoch in range(epochs) for number in permutation(count, seed, epoch)]
    return [order[step * size:(step + 1) * size] for step in range(steps)]


def examples(count: int, paired: bool, seed: int) -> list:
    """A label and one or two pieces of the sample text, up to twice as long as a model may read."""
    words = TEXT.read_text().split()
    draws = np.random.default_rng(seed)

    def piece():
        start = draws.integers(len(words) - 60)
        return " ".join(words[start:start + draws.integers(1, 40)])

    return [[LABELS[draws.integers(len(LABELS))]] + [piece() for _ in range(1 + paired)] for _ in range(count)]


def encode(tokenizer, rows: list, length: int):
    texts = [row[1] for row in rows]
    pairs = [row[2] for row in rows] if len(rows[0]) > 2 else None
    return tokenizer(texts, pairs, truncation=True, max_length=length, padding=True, return_tensors="pt")


def optimizer_of(model, rate: float, steps: int):
    """AdamW and schedule as `finetune` has them."""
    decayed, others = [], []
    for key, parameter in model.named_parameters():
        (others if key.endswith("bias") or "norm" in key.lower() else decayed).append(parameter)
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.999), eps=1e-6)
    warmup = int(steps * 0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: (step + 1) / warmup if step < warmup else max(0, steps - step) / max(1, steps - warmup))
    return optimizer, schedule


def curve(model, tokenizer, rows: list, order: list, length: int, rate: float):
    optimizer, schedule = optimizer_of(model, rate, len(order))
    losses, norms = [], []
    for batch in order:
        inputs = encode(tokenizer, [rows[number] for number in batch], length)
        labels = torch.tensor([model.config.label2id[rows[number][0]] for number in batch])
        optimizer.zero_grad()
        loss = model(**inputs, labels=labels).loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        losses.append(loss.item())
        optimizer.step()
        schedule.step()
    return np.array(losses), np.array(norms)


def write(rows: list, path: pathlib.Path):
    path.write_text("".join("\t".join(row) + "\n" for row in rows))


def record(folder: pathlib.Path) -> dict:
    return json.loads(next((folder / "runs").glob("encoder-test-*.json")).read_text())


def load(folder: pathlib.Path, label: str):
    """The classifier as transformers loads it, complaints counted."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logger = transformers_logging.get_logger("transformers")
    logger.addHandler(handler)
    model, info = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
    logger.removeHandler(handler)
    check(not any(info.values()), f"{label}: every weight has its place", str({k: v for k, v in info.items() if v}))
    check(not heard.getvalue(), f"{label}: no warnings", heard.getvalue().strip())
    return model.eval()


def configurations(size: dict, ids: int) -> dict:
    names = dict(id2label=dict(enumerate(LABELS)), label2id={name: number for number, name in enumerate(LABELS)})
    shape = dict(
        hidden_size=size["width"], num_hidden_layers=size["layers"], num_attention_heads=4,
        intermediate_size=4 * size["width"], max_position_embeddings=128, vocab_size=ids,
        initializer_range=size["spread"], **names)
    return {
        "electra": ElectraConfig(**shape, embedding_size=size["embedding"]),
        "bert": BertConfig(**shape),
        "roberta": RobertaConfig(**shape, type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5),
        "distilbert": DistilBertConfig(
            vocab_size=ids, dim=size["width"], n_layers=size["layers"], n_heads=4, hidden_dim=4 * size["width"],
            max_position_embeddings=128, initializer_range=size["spread"], **names),
    }


def prepare(folder: pathlib.Path, family: str, config, vocabulary: pathlib.Path):
    """A classifier of transformers' own with random weights, and its tokenizer."""
    torch.manual_seed(3)
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    if family == "roberta":
        bpe = ByteLevelBPETokenizer()
        bpe.train(
            str(TEXT), vocab_size=config.vocab_size, show_progress=False,
            special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
        bpe.save_model(str(folder))
        (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "RobertaTokenizer"}))
    else:
        for file in ["vocab.txt", "tokenizer_config.json"]:
            (folder / file).write_text((vocabulary / file).read_text())


def compare(folder: pathlib.Path, family: str, paired: bool, probe: Probe):
    label = f"{family}, {'pairs' if paired else 'texts'}"
    rows, held = examples(STEPS * BATCH // 2, paired, 1), examples(40, paired, 2)
    train, test, out = (folder / f"{part}-{paired}" for part in ["train.tsv", "test.tsv", "out"])
    write(rows, train)
    write(held, test)
    run("finetune", "--model", folder, "--train", train, "--test", test, "--out", out, "--dropout", 0, "--seeds", 1,
        "--seed", SEED, "--learning-rates", RATE, "--epochs", 2, "--batch-size", BATCH, "--max-length", LENGTH)
    ours = record(out)

    config = AutoConfig.from_pretrained(folder)
    for key in [key for key in config.to_dict() if "dropout" in key]:
        setattr(config, key, 0.0)
    model = AutoModelForSequenceClassification.from_pretrained(folder, config=config).train()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    losses, norms = curve(model, tokenizer, rows, batches(len(rows), STEPS, BATCH, SEED), LENGTH, RATE)
    error = np.abs(losses - ours["losses"]).max()
    check(len(ours["losses"]) == STEPS and error <= 1e-4, f"{label}: losses of {STEPS} updates",
          f"{error:.1e}, {losses.min():.2f} to {losses.max():.2f}")
    error = (np.abs(norms - ours["gradient_norms"]) / norms).max()
    check(error <= 1e-3, f"{label}: gradient norms", f"{error:.1e} relative")

    written = load(out, label)
    check(written.config.id2label == dict(enumerate(LABELS)), f"{label}: labels")
    check(written.config.problem_type == "single_label_classification", f"{label}: kind of problem")
    inputs = encode(AutoTokenizer.from_pretrained(out), held, LENGTH)
    with torch.no_grad():
        expected = written(**inputs).logits.numpy()
    lengths = inputs["attention_mask"].sum(1).tolist()
    sequences = [inputs["input_ids"][row, :n].tolist() for row, n in enumerate(lengths)]
    types = inputs.get("token_type_ids", torch.zeros_like(inputs["input_ids"]))
    # Families without types ignore them.
    segments = [next((i for i in range(n) if types[row, i] == 1), n) for row, n in enumerate(lengths)]
    logits = probe.logits(out, sequences, second_segments=segments).reshape(expected.shape)
    error = np.abs(logits - expected).max()
    check(error <= 1e-4, f"{label}: logits", f"{error:.1e}, up to {np.abs(expected).max():.2f}")
    right = int((expected.argmax(1) == [LABELS.index(row[0]) for row in held]).sum())
    counted = sum(ours["confusion"]["counts"][4 * number] for number in range(len(LABELS)))
    check(right == counted, f"{label}: examples put right", f"{right} {counted}")


def speed(folder: pathlib.Path, vocabulary: pathlib.Path, threads: int, steps: int):
    """Tokens a second of training updates alone, in both; PyTorch pads a batch to its longest text."""
    torch.set_num_threads(threads)
    ids = len((vocabulary / "vocab.txt").read_text().splitlines())
    for name, size in {"tiny (4x128)": dict(layers=4, width=128, embedding=128, spread=0.02),
                       "small (12x256)": dict(layers=12, width=256, embedding=128, spread=0.02)}.items():
        model_folder = folder / name.split()[0]
        prepare(model_folder, "electra", configurations(size, ids)["electra"], vocabulary)
        rows = examples(steps * 16, False, 1)
        write(rows, folder / "rows.tsv")
        order = batches(len(rows), steps, 16, SEED)
        model = AutoModelForSequenceClassification.from_pretrained(model_folder).train()
        tokenizer = AutoTokenizer.from_pretrained(model_folder)
        prepared = [(encode(tokenizer, [rows[number] for number in batch], 128),
                     torch.tensor([LABELS.index(rows[number][0]) for number in batch])) for batch in order]
        tokens = sum(int(inputs["attention_mask"].sum()) for inputs, _ in prepared)
        for round_number in range(3):
            out = folder / f"out-{name.split()[0]}-{round_number}"
            run("finetune", "--model", model_folder, "--train", folder / "rows.tsv", "--test", folder / "rows.tsv",
                "--out", out, "--seeds", 1, "--seed", SEED, "--learning-rates", 1e-4, "--epochs", 1, "--threads", threads)
            ours = record(out)
            optimizer, schedule = optimizer_of(model, 1e-4, steps)
            start = time.perf_counter()
            for inputs, labels in prepared:
                optimizer.zero_grad()
                model(**inputs, labels=labels).loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
            seconds = time.perf_counter() - start
            ratio = seconds / ours["seconds"]
            print(f"{name}, {threads} threads, {steps} updates: {tokens / ours['seconds']:.0f} tokens/s, "
                  f"PyTorch {tokens / seconds:.0f}, {ratio:.2f} times")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=40, help="updates that are timed")
    arguments = parser.parse_args()
    transformers_logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        vocabulary = folder / "vocabulary"
        run("vocab", "--text", TEXT, "--size", 400, "--out", vocabulary)
        if arguments.speed:
            speed(folder, vocabulary, arguments.threads, arguments.steps)
            return 0
        probe = Probe()
        ids = len((vocabulary / "vocab.txt").read_text().splitlines())
        # Weights so large that the logits are, too: an error would show.
        size = dict(layers=2, width=48, embedding=32, spread=0.15)
        for family, config in configurations(size, ids).items():
            prepare(folder / family, family, config, vocabulary)
            for paired in [False, True]:
                compare(folder / family, family, paired, probe)
    print(f"{len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
