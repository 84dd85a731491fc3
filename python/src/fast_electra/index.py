"""The block index and the seek table: the place and the content of each block."""

from __future__ import annotations

import dataclasses
import struct
import zlib
from typing import BinaryIO, ClassVar, Tuple

import numpy as np
import numpy.typing as npt

from .errors import Kind, at
from .header import SKIPPABLE, Header

_FIXED = struct.Struct("<2I8s3I")
_SEEK_MAGIC = 0x184D2A5E
_SEEK_FOOTER = struct.Struct("<IBI")
_SEEK_FOOTER_MAGIC = 0x8F92EAB1
_CHECKSUM_OF_NOTHING = 0x51D8E999
_LARGEST_CONTENT = 2**30
#: A zstd block holds up to 128 KiB, and takes at least four bytes of a frame.
_LARGEST_RATIO = 2**17 // 4


@dataclasses.dataclass(frozen=True)
class Entry:
    """One block: the place of its frame, and the values that the block must have."""

    offset: int
    frame_size: int
    content_size: int
    checksum: int
    sequences: int
    tokens: int
    masked: int
    source: int

    #: The value of `source` where the sequences have several.
    SEVERAL_SOURCES: ClassVar[int] = 0xFFFFFFFF


@dataclasses.dataclass(frozen=True, eq=False)
class BlockIndex:
    """All blocks of a shard.

    `columns` is [blocks, 7]: bytes of the frame, bytes of the content, content checksum, N, L, M, source. `offsets` are those
    of the frames, and at last of the index itself. `checksum` is its CRC-32, `ends_pass` its flag.
    """

    columns: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    checksum: int
    ends_pass: bool

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, block: int) -> Entry:
        return Entry(int(self.offsets[block]), *map(int, self.columns[block]))

    @property
    def sequences(self) -> int:
        return int(self.columns[:, 3].sum())

    @property
    def tokens(self) -> int:
        return int(self.columns[:, 4].sum())

    @property
    def masked(self) -> int:
        return int(self.columns[:, 5].sum())


def locate(file: BinaryIO, path: str, file_size: int) -> int:
    """The offset of the block index, from the file's last bytes."""
    if file_size < _SEEK_FOOTER.size:
        raise at(path, 0)(Kind.CUT, f"the file has only {file_size} bytes")
    offset = file_size - _SEEK_FOOTER.size
    file.seek(offset)
    frames, descriptor, magic = _SEEK_FOOTER.unpack(file.read(_SEEK_FOOTER.size).ljust(_SEEK_FOOTER.size, b"\0"))
    if magic != _SEEK_FOOTER_MAGIC:
        raise at(path, offset)(Kind.CUT, "the file does not end with a seek table")
    if descriptor != 0x80 or frames < 2:
        raise at(path, offset)(Kind.SEEK_TABLE, f"its seek table has descriptor {descriptor} and {frames} entries")
    start = file_size - (12 * frames + 17) - (32 + 28 * (frames - 2))
    if start < 0:
        raise at(path, offset)(Kind.CUT, f"its seek table lists {frames - 2} blocks, more than the file has room for")
    return int(start)


def read(
    file: BinaryIO, path: str, offset: int, file_size: int, header: Header, header_size: int, header_crc: int
) -> BlockIndex:
    """The block index at `offset`, all of it checked, and the seek table behind it."""
    fail = at(path, offset)
    file.seek(offset)
    data = file.read(file_size - offset)
    blocks = (file_size - offset - 17 - 24 - 32) // 40
    size = 32 + 28 * blocks
    if len(data) != file_size - offset:
        raise fail(Kind.CUT, "the file ends within the block index")
    magic, following, name, bound, flags, count = _FIXED.unpack_from(data)
    if magic != SKIPPABLE or name != b"HRBLOCKS" or following != size - 8 or count != blocks:
        raise fail(Kind.INDEX, f"no index of {blocks} blocks is where the seek table says")
    checksum = zlib.crc32(data[: size - 4])
    if int.from_bytes(data[size - 4 : size], "little") != checksum:
        raise at(path, offset + size - 4)(Kind.CHECKSUM, "the block index's CRC-32 is wrong")
    if bound != header_crc:
        raise at(path, offset + 16)(Kind.INDEX, "the block index belongs to another header")
    if flags > 1:
        raise at(path, offset + 20)(Kind.INDEX, f"the block index has unknown flags: {flags:#x}")
    columns = np.frombuffer(data, dtype="<u4", count=7 * blocks, offset=28).astype(np.int64).reshape(blocks, 7)
    offsets = header_size + np.concatenate([[0], np.cumsum(columns[:, 0])]).astype(np.int64)
    index = BlockIndex(columns, offsets, checksum, bool(flags))
    _check(index, path, offset, header)
    if data[size:] != _seek_table(index, header_size, size):
        raise at(path, offset + size)(Kind.SEEK_TABLE, "the seek table does not list the blocks of the block index")
    return index


def frames(columns: npt.NDArray[np.int64], ends_pass: bool, header_size: int, header_crc: int) -> Tuple[bytes, bytes]:
    """The block index and the seek table of blocks whose `BlockIndex.columns` these are."""
    size = 24 + 28 * len(columns)
    data = _FIXED.pack(SKIPPABLE, size, b"HRBLOCKS", header_crc, int(ends_pass), len(columns))
    data += columns.astype("<u4").tobytes()
    data += zlib.crc32(data).to_bytes(4, "little")
    index = BlockIndex(columns, np.zeros(0, dtype=np.int64), 0, ends_pass)
    return data, _seek_table(index, header_size, len(data))


def _check(index: BlockIndex, path: str, offset: int, header: Header) -> None:
    fail = at(path, offset)
    if index.offsets[-1] != offset:
        raise fail(Kind.INDEX, f"the blocks end at byte {index.offsets[-1]}, the block index starts at {offset}")
    if header.first_sequence + index.sequences > 2**48:
        raise fail(Kind.INDEX, "it has sequences beyond number 2^48")
    frame, content, _, sequences, tokens, masked, source = index.columns.T
    last = np.arange(len(index)) == len(index) - 1
    # Python's integers where a product may pass 64 bits: k × M, at most 2^31 × 2^32.
    least = np.array([header.least_content_size(int(n), int(l), int(m)) for n, l, m in index.columns[:, 3:6]], dtype=np.float64)
    wrong = {
        "another number of sequences than `blockSize`": np.where(
            last, (sequences < 1) | (sequences > header.block_size), sequences != header.block_size
        ),
        "a number of tokens that its sequences cannot have": (tokens < sequences)
        | (tokens > sequences * header.maximum_length),
        "more masked positions than tokens": masked > tokens,
        "a source that the header does not name": (source >= len(header.sources)) & (source != Entry.SEVERAL_SOURCES),
        f"content above {_LARGEST_CONTENT} bytes": content > _LARGEST_CONTENT,
        "content smaller than its columns": content < least,
        "content that a frame of its size cannot hold": content > frame * _LARGEST_RATIO,
    }
    for what, rows in wrong.items():
        if rows.any():
            block = int(np.argmax(rows))
            raise at(path, offset + 28 + 28 * block)(Kind.INDEX, f"block {block} has {what}")


def _seek_table(index: BlockIndex, header_size: int, index_size: int) -> bytes:
    """The one seek table that a block index implies."""
    entries = np.empty((len(index) + 2, 3), dtype="<u4")
    entries[0] = header_size, 0, _CHECKSUM_OF_NOTHING
    entries[1:-1] = index.columns[:, :3]
    entries[-1] = index_size, 0, _CHECKSUM_OF_NOTHING
    start = struct.pack("<2I", _SEEK_MAGIC, 12 * len(entries) + 9)
    return start + entries.tobytes() + _SEEK_FOOTER.pack(len(entries), 0x80, _SEEK_FOOTER_MAGIC)
