"""Writes real_logits.safetensors: what trained masked language models say at some masked positions.

    fast-electra vocab --text TEXT --size 30522 --out V && fast-electra mlm --text TEXT --vocab V --preset tiny --out MODEL
    python make_real_logits.py MODEL_27 MODEL_600 MODEL_30522 LETTERS TEXT TEXT

(MODEL_27 was trained on LETTERS, single letters between spaces, with a vocabulary of the 22 commonest.) The rows are those of
the least, the middle and the largest entropy among 200 masked positions, as float16: the tests take what is in the file as the logits.
"""

import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForMaskedLM, AutoTokenizer


def rows(folder: str, text: str, count: int) -> torch.Tensor:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForMaskedLM.from_pretrained(folder).eval()
    with open(text, encoding="utf-8") as file:
        lines = [line for line in file.read(400_000).splitlines() if len(line) > 200][:50]
    found = []
    for line in lines:
        ids = tokenizer(line, truncation=True, max_length=64, return_tensors="pt")["input_ids"]
        positions = torch.arange(5, ids.shape[1] - 1, 13)[:4]
        ids[0, positions] = tokenizer.mask_token_id
        with torch.no_grad():
            found.append(model(input_ids=ids).logits[0, positions])
    logits = torch.cat(found)
    probabilities = logits.softmax(-1)
    order = (probabilities * probabilities.clamp_min(1e-30).log()).sum(-1).argsort(descending=True)
    picks = torch.linspace(0, len(order) - 1, count).round().long()
    return logits[order[picks]].half().contiguous()


folders, texts = sys.argv[1:4], sys.argv[4:7]
tensors = {}
for folder, text, count in zip(folders, texts, [4, 4, 3]):
    found = rows(folder, text, count)
    tensors[f"logits{found.shape[1]}"] = found
    entropies = -(found.float().softmax(-1) * found.float().log_softmax(-1)).sum(-1)
    print(folder, found.shape, "entropies", [round(float(entropy), 2) for entropy in entropies])
save_file(tensors, "real_logits.safetensors")
