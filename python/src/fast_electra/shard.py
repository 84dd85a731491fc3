"""One shard: opened and checked at once, its blocks read when they are asked for."""

from __future__ import annotations

import dataclasses
import os
from typing import Iterator, Union

import numpy as np
import zstandard

from . import header as _header
from . import index as _index
from .block import Block
from .decode import decode
from .errors import Fail, Kind, at
from .header import Header
from .index import BlockIndex
from .ragged import Offsets

_ZSTD = b"\x28\xb5\x2f\xfd"
_LARGEST_WINDOW = 2**27


@dataclasses.dataclass(frozen=True, eq=False)
class Shard:
    """A shard's header and index. The file is opened anew for each block, so a shard may be pickled, forked and shared."""

    path: str
    header: Header
    index: BlockIndex
    byte_count: int

    @staticmethod
    def open(path: Union[str, "os.PathLike[str]"]) -> Shard:
        """Reads header, block index and seek table. Raises `ShardError` if one is wrong, `OSError` as `open` does."""
        name = os.fspath(path)
        with open(name, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            # The header first: a file of another kind or version is to be called that, not damaged.
            header, header_size, header_crc = _header.read(file, name, size)
            offset = _index.locate(file, name, size)
            index = _index.read(file, name, offset, size, header, header_size, header_crc)
        return Shard(name, header, index, size)

    def __len__(self) -> int:
        """Sequences."""
        return self.index.sequences

    @property
    def ends_pass(self) -> bool:
        """Whether its last sequence is the last of its pass."""
        return self.index.ends_pass

    @property
    def checksum(self) -> int:
        """The CRC-32 of its block index, which depends on its header and all its blocks."""
        return self.index.checksum

    @property
    def block_sizes(self) -> Offsets:
        """[blocks] Sequences of each."""
        return self.index.columns[:, 3]

    def block(self, number: int) -> Block:
        """All columns of a block."""
        content = self.content(number)
        entry = self.index[number]
        first = self.header.first_sequence + number * self.header.block_size
        return decode(content, self.header, entry, first, at(self.path, entry.offset))

    def content(self, number: int) -> bytes:
        """A block's content, whose checksum is right."""
        if not 0 <= number < len(self.index):
            raise IndexError(f"{self.path} has {len(self.index)} blocks; there is no number {number}")
        entry = self.index[number]
        fail = at(self.path, entry.offset)
        with open(self.path, "rb") as file:
            file.seek(entry.offset)
            frame = file.read(entry.frame_size)
        if len(frame) != entry.frame_size:
            raise fail(Kind.CUT, f"the file ends within block {number}")
        if frame[-4:] != entry.checksum.to_bytes(4, "little"):
            raise fail(Kind.FRAME, f"block {number} has another checksum than the index says")
        return _decompress(frame, entry.content_size, fail)

    def blocks(self) -> Iterator[Block]:
        """All blocks, in order."""
        return map(self.block, range(len(self.index)))

    def sequence(self, number: int) -> Block:
        """One sequence, counted from the shard's first; a block of one."""
        if not 0 <= number < len(self):
            raise IndexError(f"{self.path} has {len(self)} sequences; there is no number {number}")
        block, row = divmod(number, self.header.block_size)
        return self.block(block).select(np.array([row]))


def _decompress(frame: bytes, size: int, fail: Fail) -> bytes:
    """The content of a frame. Its size, which the index has limited by that of the frame, is all that is allocated."""
    if frame[:4] != _ZSTD:
        raise fail(Kind.FRAME, "no zstd frame starts here")
    try:
        parameters = zstandard.get_frame_parameters(frame)
        if not parameters.has_checksum or parameters.dict_id or parameters.window_size > _LARGEST_WINDOW:
            raise fail(Kind.FRAME, "the frame lacks a checksum, needs a dictionary, or has a window above 2^27")
        if parameters.content_size != size:
            raise fail(Kind.FRAME, f"the frame does not say that its content has {size} bytes, as the index does")
        # libzstd compares the content with the frame's checksum, which is the index's.
        content = zstandard.ZstdDecompressor().decompress(frame, max_output_size=size, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise fail(Kind.FRAME, f"the block does not decompress: {error}") from error
    if len(content) != size:
        raise fail(Kind.FRAME, f"the content has {len(content)} bytes, the index says {size}")
    return content
