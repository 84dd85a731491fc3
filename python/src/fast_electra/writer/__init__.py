"""Writes shards and data sets of format 1.0 (docs/format.md), with numpy and zstandard.

`DataSetWriter` writes a data set, `ShardWriter` one shard. Both take a `Block`, the columns that `Shard.block` gives.
`block_of` makes a block of sequences that are at hand one by one, and `fast_electra.distil` makes one of logits.
"""

from .dataset import DataSetWriter
from .encode import EncodedBlock, content, encode
from .manifest import write_manifest
from .rows import MaskedPosition, Race, SequenceRow, block_of
from .shard import ShardWriter

__all__ = [
    "DataSetWriter",
    "EncodedBlock",
    "MaskedPosition",
    "Race",
    "SequenceRow",
    "ShardWriter",
    "block_of",
    "content",
    "encode",
    "write_manifest",
]
