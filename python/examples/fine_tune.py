"""Fine-tunes a discriminator that fast-electra trained, with transformers alone: from which file is this paragraph?

    pip install './python[examples]'
    python python/examples/fine_tune.py RUN CLASS_0.txt CLASS_1.txt ...

Each file holds the paragraphs of one class, separated by blank lines; a fifth of each is held out. RUN is the folder that
`fast-electra train` wrote, opened like any other Hugging Face folder.
"""

from __future__ import annotations

import argparse
import pathlib
import random
from typing import Dict, List, Tuple

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

Example = Tuple[str, int]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fine-tune a discriminator to tell paragraphs of several files apart.")
    parser.add_argument("model", help="Hugging Face folder of a discriminator")
    parser.add_argument("files", nargs="+", type=pathlib.Path, help="one file a class, two or more")
    parser.add_argument("--paragraphs", type=int, default=500, help="of each class, at most")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--max-length", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def examples(options: argparse.Namespace) -> Tuple[List[Example], List[Example]]:
    train: List[Example] = []
    held_out: List[Example] = []
    for label, path in enumerate(options.files):
        paragraphs = [one.strip() for one in path.read_text(encoding="utf-8").split("\n\n") if len(one.strip()) > 80]
        random.shuffle(paragraphs)
        chosen = [(one, label) for one in paragraphs[: options.paragraphs]]
        held_out += chosen[: len(chosen) // 5]
        train += chosen[len(chosen) // 5 :]
    return train, held_out


def main() -> None:
    options = arguments()
    random.seed(options.seed)
    torch.manual_seed(options.seed)
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    model = AutoModelForSequenceClassification.from_pretrained(options.model, num_labels=len(options.files))
    train, held_out = examples(options)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate)

    def encode(batch: List[Example]) -> Dict[str, torch.Tensor]:
        texts, labels = zip(*batch)
        encoded = tokenizer(
            list(texts), padding=True, truncation=True, max_length=options.max_length, return_tensors="pt"
        )
        return {**encoded, "labels": torch.tensor(labels)}

    def accuracy() -> float:
        model.eval()
        right = 0
        with torch.no_grad():
            for first in range(0, len(held_out), options.batch_size):
                batch = encode(held_out[first : first + options.batch_size])
                right += int((model(**batch).logits.argmax(-1) == batch["labels"]).sum())
        return right / len(held_out)

    print(f"{len(train)} paragraphs to train on, {len(held_out)} held out; accuracy before {accuracy():.3f}")
    for epoch in range(options.epochs):
        model.train()
        random.shuffle(train)
        total = 0.0
        for first in range(0, len(train), options.batch_size):
            batch = encode(train[first : first + options.batch_size])
            loss = model(**batch).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            total += float(loss.detach()) * len(batch["labels"])
        print(f"epoch {epoch}: loss {total / len(train):.3f}, accuracy {accuracy():.3f}")


if __name__ == "__main__":
    main()
