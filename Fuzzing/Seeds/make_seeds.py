"""Writes the seeds of fuzz-weights: small files of weights as torch and safetensors write them."""

import collections

import torch
from safetensors.torch import save_file

tensors = collections.OrderedDict(
    word=torch.arange(6, dtype=torch.float32).reshape(2, 3), bias=torch.ones(3, dtype=torch.float16),
    norm=torch.ones(2, dtype=torch.bfloat16), position_ids=torch.arange(4))
torch.save(tensors, "weights.bin")
torch.save({"a.weight": tensors["word"].t().contiguous(), "b": tensors["word"][1], "n": 3}, "views.bin")
save_file(dict(tensors), "weights.safetensors", metadata={"format": "pt"})
