"""One shard, written block after block."""

from __future__ import annotations

import contextlib
import os
import types
from typing import BinaryIO, List, Optional, Tuple, Type, Union

import numpy as np
import zstandard

from .. import header as _header
from .. import index as _index
from ..block import Block
from ..decode import decode
from ..durable import PARTIAL, commit
from ..errors import ShardError, at
from ..header import Header
from ..index import Entry
from .encode import LEVEL, EncodedBlock, encode


class ShardWriter:
    """Writes the shard of a header; nothing has its name before `commit`.

    The bytes go to `NAME.partial`. A writer that is closed without a commit, or killed, leaves its whole blocks there. The
    next writer of the same header goes on behind them: `blocks` and `sequences` say how many there are.
    Raises `ShardError` for a header that a reader refuses, `OSError` as `open` does.
    """

    def __init__(self, path: Union[str, "os.PathLike[str]"], header: Header, level: int = LEVEL) -> None:
        self.path = os.fspath(path)
        self.header = header
        self._level = level
        self._start = _header.frame(header)
        self._rows: List[List[int]] = []
        self._kept: List[Block] = []
        end = self._resume()
        self._file: Optional[BinaryIO] = open(self.path + PARTIAL, "r+b" if end else "wb")
        if end:
            self._file.truncate(end)
            self._file.seek(end)
        else:
            self._file.write(self._start)

    @property
    def blocks(self) -> int:
        """Blocks so far, those that an earlier writer left included."""
        return len(self._rows)

    @property
    def sequences(self) -> int:
        """Sequences of these blocks."""
        return sum(row[3] for row in self._rows)

    def kept(self) -> List[Block]:
        """The blocks that an earlier writer left, to be compared with those that must be there."""
        return self._kept

    def keep(self, blocks: int) -> None:
        """Keeps only so many of these blocks."""
        file = self._opened()
        del self._rows[blocks:]
        del self._kept[blocks:]
        end = len(self._start) + sum(row[0] for row in self._rows)
        file.truncate(end)
        file.seek(end)

    def append(self, block: Union[Block, EncodedBlock]) -> None:
        """Appends a block of `header.block_size` sequences; only the last one of a shard may have fewer."""
        if self._rows and self._rows[-1][3] != self.header.block_size:
            raise ValueError(f"the last block has fewer than {self.header.block_size} sequences, so none can follow it")
        if isinstance(block, Block):
            block = encode(block, self._level)
        if block.header != self.header:
            raise ValueError("the block is of another header; make it with the header of this shard")
        expected = self.header.first_sequence + self.sequences
        if block.first_sequence != expected:
            raise ValueError(f"the block begins with sequence {block.first_sequence}, and sequence {expected} is next")
        file = self._opened()
        try:
            file.write(block.frame)
        except BaseException:
            # A part of the frame may be in the file, so nothing can follow it. The next writer removes that part.
            self._file = None
            with contextlib.suppress(OSError):
                file.close()
            raise
        self._note(block)

    def commit(self, *, ends_pass: bool) -> None:
        """Completes the shard and gives it its name. `ends_pass`: its last sequence is the last of its pass."""
        if not self._rows:
            raise ValueError("a shard has at least one block; append one before the commit")
        file = self._opened()
        columns = np.array(self._rows, dtype=np.int64)
        checksum = int.from_bytes(self._start[-4:], "little")
        for frame in _index.frames(columns, ends_pass, len(self._start), checksum):
            file.write(frame)
        file.flush()
        os.fsync(file.fileno())
        self.close()
        commit(self.path + PARTIAL, self.path)

    def close(self) -> None:
        """Leaves the written blocks for the next writer."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[types.TracebackType]
    ) -> None:
        self.close()

    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise ValueError("the shard is complete, or its writer was closed; make a new writer")
        return self._file

    def _note(self, block: EncodedBlock) -> None:
        row = [len(block.frame), block.content_size, block.checksum, block.sequences, block.tokens, block.masked, block.source]
        self._rows.append(row)

    def _resume(self) -> int:
        """Takes in the whole blocks that an earlier writer left; returns where they end, 0 where nothing is of use."""
        try:
            with open(self.path + PARTIAL, "rb") as file:
                data = file.read()
        except FileNotFoundError:
            return 0
        if not data.startswith(self._start):
            return 0
        end = len(self._start)
        while True:
            frame = _whole_frame(memoryview(data)[end:])
            block = None if frame is None else self._decoded(frame)
            # A short block ends its shard, and whether the pass ends with it is known to its writer alone: it is made again.
            if frame is None or block is None or len(block[1]) < self.header.block_size:
                return end
            content, decoded = block
            several = bool((decoded.sources != decoded.sources[0]).any())
            source = Entry.SEVERAL_SOURCES if several else int(decoded.sources[0])
            first = int(decoded.sequences[0])
            self._note(
                EncodedBlock(
                    self.header, first, frame, len(content), len(decoded), decoded.tokens.size, decoded.positions.size, source
                )
            )
            self._kept.append(decoded)
            end += len(frame)

    def _decoded(self, frame: bytes) -> Optional[Tuple[bytes, Block]]:
        try:
            content = zstandard.ZstdDecompressor().decompress(frame)
            numbers = [int.from_bytes(content[place : place + 4], "little") for place in (0, 4, 8)]
            width = 2 * numbers[0]
            sources = np.frombuffer(content, np.uint8, width, offset=28 + width).reshape(2, -1).astype(np.int64)
            values = sources[0] | sources[1] << 8
            source = int(values[0]) if (values == values[0]).all() else Entry.SEVERAL_SOURCES
            entry = Entry(0, len(frame), len(content), 0, numbers[0], numbers[1], numbers[2], source)
            first = self.header.first_sequence + self.sequences
            return content, decode(content, self.header, entry, first, at(self.path, 0))
        except (ShardError, zstandard.ZstdError, ValueError, IndexError):
            # Damaged by a power cut: it is made again.
            return None


def _whole_frame(data: memoryview) -> Optional[bytes]:
    """The zstd frame with checksum that the bytes begin with, by the sizes of its blocks (RFC 8878); None where it is cut off."""
    if len(data) < 6 or bytes(data[:4]) != b"\x28\xb5\x2f\xfd":
        return None
    try:
        end = zstandard.frame_header_size(data[:18])
    except zstandard.ZstdError:
        return None
    while True:
        head = data[end : end + 3]
        if len(head) < 3:
            return None
        number = int.from_bytes(head, "little")
        kind, size = number >> 1 & 3, number >> 3
        end += 3 + (1 if kind == 1 else size)
        if number & 1:
            end += 4
            return bytes(data[:end]) if end <= len(data) else None
