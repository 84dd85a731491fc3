"""Reads fast-electra's logit shards and replays them at any temperature of their range.

Written from docs/format.md alone, to be read beside it: `decode` and `replay` are the page in numpy. `fast_electra.torch_dataset.ReplayDataset` feeds PyTorch.
"""

from .batches import Batches
from .block import Block
from .cache import ShardCache
from .collate import Batch
from .dataset import DataSet
from .distillation import Distilled, distil, header_for
from .errors import Kind, ShardError
from .global_batches import GlobalBatches
from .header import Header, SpecialTokens
from .index import BlockIndex
from .replay import Policy, Weights, replay, weights
from .schedule import FocalSchedule, Schedule
from .shard import Shard

__all__ = [
    "Batch",
    "Batches",
    "Block",
    "BlockIndex",
    "DataSet",
    "Distilled",
    "FocalSchedule",
    "GlobalBatches",
    "Header",
    "Kind",
    "Policy",
    "Schedule",
    "Shard",
    "ShardCache",
    "ShardError",
    "SpecialTokens",
    "Weights",
    "distil",
    "header_for",
    "replay",
    "weights",
]
