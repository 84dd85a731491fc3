"""Makes shards from XLM-R, or from another masked language model of Hugging Face, in a loop of your own.

    pip install './python[examples]'
    python python/examples/generate_xlm_roberta.py MODEL TEXT SHARDS

`python -m fast_electra.generate` does more: packing, masks as those of the Swift program, parts, going on after a kill. This shows what a loop of your own
needs, for a model that is not a class of Hugging Face: logits in, `distil`, a block, a writer.
"""

from __future__ import annotations

import argparse
import hashlib
import pathlib
import random
from typing import List

import torch
from fast_electra import SpecialTokens, distil, header_for
from fast_electra.writer import DataSetWriter
from transformers import AutoModelForMaskedLM, AutoTokenizer


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description="Make shards in a loop of your own.")
    parser.add_argument("model", help="Hugging Face folder of a masked language model")
    parser.add_argument("text", type=pathlib.Path, help="text, a sequence a line")
    parser.add_argument("shards", help="folder of shards to write")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--max-length", type=int, default=128)
    options = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    model = AutoModelForMaskedLM.from_pretrained(options.model).eval()
    special = set(tokenizer.all_special_ids)
    size = model.get_output_embeddings().weight.shape[0]
    lines = [line for line in options.text.read_text().splitlines() if line.strip()]
    texts: List[List[int]] = tokenizer(lines, truncation=True, max_length=options.max_length)["input_ids"]
    names = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    texts = [text for text in texts if any(token not in special for token in text)]

    header = header_for(
        vocabulary_size=size,
        vocabulary_sha256=hashlib.sha256("".join(f"{name}\n" for name in names).encode()).hexdigest(),
        generator_sha256=hashlib.sha256(str(options.model).encode()).hexdigest(),
        special_tokens=SpecialTokens(tokenizer.pad_token_id, tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.mask_token_id),
        never_drawn=[(token, token) for token in sorted(special)],
        maximum_length=options.max_length,
        seed=1,
    )
    with DataSetWriter(options.shards, header, sequences=len(texts)) as writer:
        while writer.position is not None:
            _, first = writer.position
            batch = texts[first : first + min(options.batch_size, writer.room)]
            masked = [mask(text, first + row, special) for row, text in enumerate(batch)]
            inputs = tokenizer.pad({"input_ids": batch}, return_tensors="pt")
            for row, positions in enumerate(masked):
                inputs["input_ids"][row, positions] = tokenizer.mask_token_id
            logits = model(**inputs).logits
            distilled = distil(
                torch.cat([logits[row, positions] for row, positions in enumerate(masked)]),
                header=writer.header,
                originals=[text[place] for text, positions in zip(batch, masked) for place in positions],
                sequences=[first + row for row, positions in enumerate(masked) for _ in positions],
                positions=[place for positions in masked for place in positions],
            )
            writer.append(
                distilled.block(
                    first_sequence=first,
                    lengths=list(map(len, batch)),
                    tokens=[token for text in batch for token in text],
                    mask_counts=list(map(len, masked)),
                    positions=[place for positions in masked for place in positions],
                )
            )
            print(f"{first + len(batch)} of {len(texts)} sequences", flush=True)


def mask(text: List[int], sequence: int, special: "set[int]") -> List[int]:
    """15 % of the ordinary tokens, one at least: a function of the sequence's number, so that a run that goes on masks the same."""
    ordinary = [place for place, token in enumerate(text) if token not in special]
    return sorted(random.Random(sequence).sample(ordinary, max(1, round(0.15 * len(ordinary)))))


if __name__ == "__main__":
    main()
