"""Compares masked language models: random ones of every family and option, ours against transformers.

Each model's float32 logits at masked positions, in a padded batch of lengths 1 to the longest, have to agree within 2e-4
(weights in 16 bits are upcast for the reference: 5e-3). Prints the worst difference by family and type, and the largest
logit; exits 1 where a difference is too large. `--quick` leaves out the wide models and most combinations; `--family`
takes one family.
"""

import argparse
import itertools
import json
import pathlib
import sys
import tempfile

import numpy as np
import torch
from safetensors.torch import save_file
import transformers
from transformers import (
    BertConfig, BertForMaskedLM, DistilBertConfig, DistilBertForMaskedLM, ElectraConfig, ElectraForMaskedLM,
    RobertaConfig, RobertaForMaskedLM,
)

from probe import Probe, Refusal

TYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
TOLERANCE = {"float32": 2e-4, "float16": 5e-3, "bfloat16": 5e-3}
ACTIVATIONS = ["gelu", "gelu_new", "relu", "silu"]
LAYOUTS = ["one", "sharded", "torch", "torch-sharded"]
NAMINGS = ["today", "copies", "buffers", "gamma-beta", "no-prefix"]
MASK = 4


def shape(size: str) -> dict:
    """Weights as large as trained ones: logits of several units, attention that is far from even."""
    if size == "wide":
        return dict(
            vocabulary=30522, hidden=768, layers=4, heads=12, intermediate=3072, lengths=[1, 2, 77, 512],
            deviation=0.04)
    return dict(
        vocabulary=1000, hidden=64, layers=3, heads=4, intermediate=160, lengths=[1, 2, 3, 17, 40, 128, 512],
        deviation=0.12)


def model_of(family: str, activation: str, size: str, **options):
    """A model with random weights, and the length of its batch's longest sequence."""
    s = shape(size)
    standard = dict(
        vocab_size=s["vocabulary"], hidden_size=s["hidden"], num_hidden_layers=s["layers"],
        num_attention_heads=s["heads"], intermediate_size=s["intermediate"], hidden_act=activation,
        initializer_range=s["deviation"])
    if family == "bert":
        model = BertForMaskedLM(BertConfig(**standard | options))
    elif family == "electra":
        model = ElectraForMaskedLM(ElectraConfig(**standard | dict(embedding_size=s["hidden"] // 2) | options))
    elif family == "electra-square":
        model = ElectraForMaskedLM(ElectraConfig(**standard | dict(embedding_size=s["hidden"]) | options))
    elif family == "roberta":
        model = RobertaForMaskedLM(RobertaConfig(
            **standard | dict(max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5) | options))
    else:
        model = DistilBertForMaskedLM(DistilBertConfig(
            vocab_size=s["vocabulary"], dim=s["hidden"], n_layers=s["layers"], n_heads=s["heads"],
            hidden_dim=s["intermediate"], activation=activation, initializer_range=s["deviation"],
            sinusoidal_pos_embds=family == "distilbert-sinusoidal", **options))
    with torch.no_grad():
        # transformers starts norms and biases at 1 and 0, where errors hide.
        for name, parameter in model.named_parameters():
            if name.endswith("bias") or "norm" in name.lower():
                parameter.add_(0.1 * torch.randn_like(parameter))
    model.config.architectures = [type(model).__name__]
    return model.eval()


def batch(model, size: str, generator):
    lengths = shape(size)["lengths"]
    vocabulary, padding = model.config.vocab_size, model.config.pad_token_id
    sequences = [torch.randint(5, vocabulary, (n,), generator=generator) for n in lengths]
    positions = []
    for sequence in sequences:
        count = max(1, len(sequence) * 15 // 100)
        chosen = torch.randperm(len(sequence), generator=generator)[:count].sort().values
        sequence[chosen] = MASK
        positions.append(chosen.tolist())
    tokens = torch.full((len(lengths), max(lengths)), padding)
    mask = torch.zeros_like(tokens)
    for row, sequence in enumerate(sequences):
        tokens[row, :len(sequence)] = sequence
        mask[row, :len(sequence)] = 1
    with torch.no_grad():
        logits = model(input_ids=tokens, attention_mask=mask).logits
    expected = torch.cat([logits[row, chosen] for row, chosen in enumerate(positions)]).numpy()
    return [s.tolist() for s in sequences], positions, expected


def stored(model, type_name: str, naming: str) -> dict:
    """The model's tensors as a release of transformers has named them."""
    kept = model.state_dict()
    tensors, seen = {}, set()
    for name, tensor in kept.items():
        if naming != "copies" and tensor.data_ptr() in seen:
            continue
        seen.add(tensor.data_ptr())
        tensors[name] = tensor.to(TYPES[type_name]).clone()
    prefix = model.base_model_prefix + "."
    if naming == "buffers":
        limit = model.config.max_position_embeddings
        tensors[prefix + "embeddings.position_ids"] = torch.arange(limit).expand((1, -1)).clone()
        tensors[prefix + "pooler.dense.weight"] = torch.zeros(3, 3)
    if naming == "gamma-beta":
        tensors = {
            name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): tensor
            for name, tensor in tensors.items()}
    if naming == "no-prefix":
        tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return tensors


def save(tensors: dict, config, layout: str, folder: pathlib.Path):
    config.save_pretrained(folder)
    suffix = "bin" if layout.startswith("torch") else "safetensors"
    stem = "pytorch_model" if suffix == "bin" else "model"

    def write(part, path):
        torch.save(part, path) if suffix == "bin" else save_file(part, path, {"format": "pt"})

    if not layout.endswith("sharded"):
        return write(tensors, folder / f"{stem}.{suffix}")
    names = list(tensors)
    parts = [names[0::3], names[1::3], names[2::3]]
    weight_map = {}
    for index, part in enumerate(parts):
        file = f"{stem}-{index + 1:05}-of-00003.{suffix}"
        write({name: tensors[name] for name in part}, folder / file)
        weight_map |= {name: file for name in part}
    (folder / f"{stem}.{suffix}.index.json").write_text(
        json.dumps({"metadata": {"total_size": 1}, "weight_map": weight_map}))


class Comparison:
    def __init__(self):
        self.probe = Probe()
        self.worst: dict = {}
        self.largest: dict = {}
        self.failures: list = []
        self.count = 0

    def compare(self, label, key, folder, sequences, positions, expected):
        self.count += 1
        try:
            ours = self.probe.logits(folder, sequences, positions).reshape(expected.shape)
        except Refusal as refusal:
            self.failures.append(f"{label}: {refusal}")
            return
        error = float(np.abs(ours - expected).max())
        self.worst[key] = max(self.worst.get(key, 0), error)
        self.largest[key] = max(self.largest.get(key, 0), float(np.abs(expected).max()))
        if not error <= TOLERANCE[key[1]]:
            self.failures.append(f"{label}: differs by {error:.2e}")

    def model(self, family, activation, type_name, size, variants, **options):
        torch.manual_seed(2024)
        model = model_of(family, activation, size, **options)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(parameter.to(TYPES[type_name]).float())
        sequences, positions, expected = batch(model, size, torch.Generator().manual_seed(7))
        for layout, naming in variants:
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                save(stored(model, type_name, naming), model.config, layout, folder)
                label = " ".join([family, activation, type_name, size, layout, naming, str(options or "")])
                self.compare(label, (family, type_name), folder, sequences, positions, expected)

    def as_transformers_saves(self, family):
        """`save_pretrained` itself, whole and sharded."""
        torch.manual_seed(3)
        model = model_of(family, "gelu", "small")
        sequences, positions, expected = batch(model, "small", torch.Generator().manual_seed(8))
        for limit in ["5GB", "100KB"]:
            with tempfile.TemporaryDirectory() as name:
                model.save_pretrained(name, max_shard_size=limit)
                self.compare(
                    f"{family} save_pretrained {limit}", (family, "float32"), name, sequences, positions, expected)


FAMILIES = ["bert", "electra", "electra-square", "roberta", "distilbert", "distilbert-sinusoidal"]


def compare(family: str, quick: bool, comparison: Comparison):
    combinations = list(itertools.product(LAYOUTS, NAMINGS))
    comparison.as_transformers_saves(family)
    for activation, type_name in itertools.product(ACTIVATIONS, TYPES):
        comparison.model(family, activation, type_name, "small", combinations[::7] if quick else combinations)
    if not quick:
        for type_name in TYPES:
            comparison.model(family, "gelu", type_name, "wide", [("one", "today"), ("torch", "copies")])
    if family != "distilbert-sinusoidal":
        untied = [(layout, "copies") for layout in LAYOUTS]
        comparison.model(family, "gelu", "float32", "small", untied, tie_word_embeddings=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--family", choices=FAMILIES, action="append")
    arguments = parser.parse_args()
    transformers.utils.logging.disable_progress_bar()
    comparison = Comparison()
    for family in arguments.family or FAMILIES:
        compare(family, arguments.quick, comparison)
        for (name, type_name), error in sorted(comparison.worst.items()):
            if name == family:
                largest = comparison.largest[name, type_name]
                print(f"{family:24}{type_name:10}{error:.1e} of {largest:.1f}", flush=True)
    for failure in comparison.failures:
        print("FAILED", failure)
    print(f"{comparison.count} comparisons, {len(comparison.failures)} failed")
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
