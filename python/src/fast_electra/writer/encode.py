"""From a block to its bytes: the other direction of `decode`."""

from __future__ import annotations

import dataclasses
from typing import Any, List, Tuple

import numpy as np
import numpy.typing as npt
import zstandard

from ..block import Block
from ..decode import by_position, decode
from ..errors import Kind, at
from ..header import Counts, Header
from ..index import Entry
from ..quantization import INFINITE_CODE, fold_tail_codes
from ..ragged import starts

#: The level of `fast-electra generate`: 4 % smaller than level 9, for 8 µs a masked position.
LEVEL = 17

_LARGEST_CONTENT = 2**30


@dataclasses.dataclass(frozen=True)
class EncodedBlock:
    """A block as it stands in the shard of a header, from a sequence on: a zstd frame, and its values in the block index."""

    header: Header
    first_sequence: int
    frame: bytes
    content_size: int
    sequences: int
    tokens: int
    masked: int
    source: int

    @property
    def checksum(self) -> int:
        """The frame's content checksum: its last four bytes."""
        return int.from_bytes(self.frame[-4:], "little")


def encode(block: Block, level: int = LEVEL) -> EncodedBlock:
    """The block's frame. Raises `ShardError` if a reader would refuse the block.

    Each plane of a column gets zstd blocks of its own and so its own entropy tables, because columns differ too much to share one.
    """
    pieces = content(block)
    whole = b"".join(pieces)
    entry = _entry(block, len(whole))
    _check(block, whole, entry)
    compressor = zstandard.ZstdCompressor(level=level, write_checksum=True, write_content_size=True)
    stream = compressor.compressobj(size=len(whole))
    frame: List[bytes] = []
    filled = [piece for piece in pieces if piece]
    for piece in filled[:-1]:
        frame += [stream.compress(piece), stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)]
    frame += [stream.compress(filled[-1]), stream.flush(zstandard.COMPRESSOBJ_FLUSH_FINISH)]
    return EncodedBlock(
        block.header, int(block.sequences[0]), b"".join(frame), entry.content_size, entry.sequences, entry.tokens, entry.masked,
        entry.source,
    )  # fmt: skip


def content(block: Block) -> List[bytes]:
    """The content of the block's frame, in pieces: the counts, then each plane of each column."""
    header = block.header
    width = header.id_width
    counts = Counts(
        len(block), block.tokens.size, block.positions.size, block.head_ids.size, int(np.count_nonzero(block.race_counts)),
        block.change_counts.size, block.change_codes.size,
    )  # fmt: skip
    if header.content_size(counts) > _LARGEST_CONTENT:
        raise ValueError(f"the block takes more than {_LARGEST_CONTENT >> 20} MiB; make blocks of fewer sequences")
    by_rank = np.empty(counts.candidates, dtype=np.int64)
    by_rank[by_position(block.candidate_counts)] = np.arange(counts.candidates)
    columns: List[Tuple[npt.NDArray[Any], int]] = [
        (block.lengths, 2),
        (block.sources, 2),
        (block.second_segments, 2),
        (block.mask_counts, 2),
        (block.tokens, width),
        (_gaps(block.positions, block.mask_counts, start=-1) - 1, 2),
        (block.candidate_counts, width),
        (block.head_ids[by_rank], width),
        (_gaps(block.head_codes, block.candidate_counts, start=0)[by_rank][counts.masked :], 2),
        (_original_gaps(block), 2),
        (block.race_counts, 2),
        (fold_tail_codes(block.tail_codes, header.node_places).reshape(-1), 4),
        (block.change_counts, 2),
        (block.winners, width),
        (_gaps(block.change_codes, block.change_counts, start=0) - 1, 2),
    ]
    head = b"".join(number.to_bytes(4, "little") for number in dataclasses.astuple(counts))
    return [head, *(plane for values, size in columns for plane in _planes(values, size))]


def _planes(values: npt.NDArray[Any], size: int) -> List[bytes]:
    """The lowest byte of each value, then the next byte of each."""
    if values.size and not (0 <= int(values.min()) and int(values.max()) < 1 << 8 * size):
        raise ValueError(f"a column of {size} bytes an element cannot hold {int(values.min())} to {int(values.max())}")
    elements = np.ascontiguousarray(values, dtype=f"<u{size}")
    return [plane.tobytes() for plane in elements.view(np.uint8).reshape(-1, size).T]


def _gaps(values: npt.NDArray[Any], counts: npt.NDArray[Any], start: int) -> npt.NDArray[np.int64]:
    """Each value less the one before it in its row, or less `start`."""
    before = np.empty(values.size, dtype=np.int64)
    before[1:] = values[:-1]
    before[starts(counts)[:-1][counts > 0]] = start
    return values.astype(np.int64) - before


def _original_gaps(block: Block) -> npt.NDArray[np.int64]:
    last = block.head_codes[block.candidate_starts[1:] - 1].astype(np.int64)
    gaps = block.original_codes.astype(np.int64) - last + 1
    gaps[block.original_codes == INFINITE_CODE] = INFINITE_CODE
    gaps[block.original_ranks >= 0] = 0
    return gaps


def _entry(block: Block, size: int) -> Entry:
    several = len(block) == 0 or bool((block.sources != block.sources[0]).any())
    source = Entry.SEVERAL_SOURCES if several else int(block.sources[0])
    return Entry(0, 0, size, 0, len(block), block.tokens.size, block.positions.size, source)


def _check(block: Block, whole: bytes, entry: Entry) -> None:
    """Reads the content back: nothing is written that a reader or a verifier refuses."""
    fail = at("the block to write", 0)
    if not 1 <= len(block) <= block.header.block_size:
        raise fail(Kind.COUNTS, f"it has {len(block)} sequences, and a block has 1 to {block.header.block_size}")
    first = int(block.sequences[0])
    if (block.sequences != np.arange(first, first + len(block))).any() or (block.passes != block.header.pass_number).any():
        raise fail(Kind.COUNTS, "its sequences do not follow one another in the header's pass")
    same = decode(whole, block.header, entry, first, fail)
    for name in ("original_codes", "original_ranks", "head_codes", "tail_codes", "change_codes"):
        if not np.array_equal(getattr(same, name), getattr(block, name)):
            raise fail(Kind.COLUMN, f"`{name}` are not those that a reader finds")
    owner = np.repeat(np.arange(block.positions.size), block.candidate_counts)
    size = block.header.vocabulary_size
    heads = owner * size + block.head_ids
    if np.unique(heads).size < heads.size:
        raise fail(Kind.COLUMN, "two candidates of a position are the same token")
    race = np.repeat(np.arange(block.change_counts.size), block.change_counts.astype(np.int64) + 1)
    position = np.repeat(np.arange(block.positions.size), block.race_counts)[race]
    if ((block.winners[1:] == block.winners[:-1]) & (race[1:] == race[:-1])).any():
        raise fail(Kind.COLUMN, "a race has the same leader twice running")
    originals = np.arange(block.positions.size) * size + block.tokens[block.masked_tokens]
    if np.isin(position * size + block.winners, np.concatenate([heads, originals])).any():
        raise fail(Kind.COLUMN, "a race is led by a candidate or by the original")
