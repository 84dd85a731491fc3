"""Times `python -m fast_electra.generate` beside inference of the same model over the same batches; a Markdown table to stdout.

python plain_inference.py --generator FOLDER --text FILE... [--rounds 2]

Needs the package in ../../python with its extra `generate`. A round is: generate, then the model over the masked sequences that are in
the shards, with logits at all positions, then with the head at masked positions alone. Everything is on the processor, in fp32.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy
import torch
from fast_electra import DataSet
from fast_electra.generation.model import Generator
from fast_electra.generation.pipeline import batches

BATCH_TOKENS = 4_096


def generated(options: argparse.Namespace, out: str) -> float:
    """Tokens a second of the whole command, without the start of Python and torch."""
    command = [sys.executable, "-m", "fast_electra.generate", "--generator", options.generator, "--text", *options.text]
    command += ["--out", out, "--json", "--progress", "none", "--threads", str(options.threads), "--batch-tokens", str(BATCH_TOKENS)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["tokens_per_second"]


def work_of(data: DataSet):
    """Texts and masked positions of the batches that the command makes."""
    for shard in data.shards:
        for number in range(len(shard.block_sizes)):
            block = shard.block(number)
            texts = numpy.split(block.tokens.astype(int), numpy.cumsum(block.lengths)[:-1])
            masked = numpy.split(block.positions.astype(int), numpy.cumsum(block.mask_counts)[:-1])
            for start, end in batches(list(map(len, texts)), BATCH_TOKENS):
                yield [text.tolist() for text in texts[start:end]], [own.tolist() for own in masked[start:end]]


def rate(run, work) -> float:
    start = time.perf_counter()
    with torch.inference_mode():
        for texts, masked in work:
            run(texts, masked)
    return sum(len(text) for texts, _ in work for text in texts) / (time.perf_counter() - start)


def padded(texts, masked, mask: int):
    """Ids with masks in them, and which of them are text."""
    ids = torch.zeros((len(texts), max(map(len, texts))), dtype=torch.int64)
    present = torch.zeros_like(ids)
    for row, (text, own) in enumerate(zip(texts, masked)):
        ids[row, : len(text)] = torch.tensor(text)
        present[row, : len(text)] = 1
        ids[row, own] = mask
    return ids, present


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--generator", required=True)
    parser.add_argument("--text", nargs="+", required=True)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print("| generating | logits at all positions | the head at masked positions |\n|---:|---:|---:|")
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            whole = generated(options, os.path.join(folder, "shards"))
            data = DataSet.open(os.path.join(folder, "shards"))
            mask, work = data.header.special_tokens.mask, list(work_of(data))
        generator = Generator(options.generator)

        def everywhere(texts, masked):
            ids, present = padded(texts, masked, mask)
            return generator.model(input_ids=ids, attention_mask=present).logits

        def at_masked_positions(texts, masked):
            return generator.logits(texts, masked, [0] * len(texts), mask, 0)

        plain, masked = rate(everywhere, work[: max(1, len(work) // 4)]), rate(at_masked_positions, work)
        print(f"| {whole:,.0f} | {plain:,.0f} ({whole / plain:.2f}) | {masked:,.0f} ({whole / masked:.2f}) |", flush=True)


if __name__ == "__main__":
    main()
