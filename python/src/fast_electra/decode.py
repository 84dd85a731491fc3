"""From the bytes of a block to its columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .block import Block, Ids
from .errors import Fail, Kind
from .header import Header
from .index import Entry
from .quantization import tail_codes
from .ragged import running_sums


def decode(content: bytes, header: Header, entry: Entry, fail: Fail) -> Block:
    """The block with this content, which the index says to have the counts of `entry`. Everything is checked."""
    if len(content) < 16:
        raise fail(Kind.COUNTS, f"the block has {len(content)} bytes, not even its counts")
    n, length, m, changes = (int.from_bytes(content[at : at + 4], "little") for at in range(0, 16, 4))
    if (n, length, m) != (entry.sequences, entry.tokens, entry.masked):
        raise fail(
            Kind.COUNTS,
            f"the block has {n} sequences, {length} tokens and {m} masked positions, "
            f"the index says {entry.sequences}, {entry.tokens} and {entry.masked}",
        )
    size = header.content_size(n, length, m, changes)
    if size != len(content):
        raise fail(Kind.COUNTS, f"the columns take {size} bytes, the block has {len(content)}")

    k, races, nodes = header.head_size, header.race_count, len(header.tail_nodes)
    columns = _Columns(content)
    lengths = columns.integers(n)
    mask_counts = columns.integers(n)
    _limit(lengths, 1, header.maximum_length, "lengths", fail)
    _limit(mask_counts, 0, header.maximum_length, "maskCounts", fail)
    _total(lengths, length, "lengths", fail)
    _total(mask_counts, m, "maskCounts", fail)
    tokens = columns.ids(length, header, "tokens", fail)
    positions = running_sums(columns.integers(m).astype(np.int64) + 1, mask_counts) - 1
    if (positions >= np.repeat(lengths, mask_counts)).any():
        raise fail(Kind.COLUMN, "a masked position lies outside its sequence")
    head_ids = columns.ids(k * m, header, "headIDs", fail).reshape(k, m)
    head_codes = _head_codes(columns.integers(max(0, k - 1) * m).reshape(max(0, k - 1), m), k, fail)
    tail = tail_codes(columns.integers(nodes * m).reshape(nodes, m), header.tail_nodes)
    change_counts = columns.integers(races * m)
    _total(change_counts, changes, "changeCounts", fail)
    winners = columns.ids(races * m + changes, header, "winners", fail)
    change_codes = running_sums(columns.integers(changes).astype(np.int64) + 1, change_counts)
    _limit(change_codes, 1, 1024, "change codes", fail)
    return Block(
        header=header,
        lengths=lengths,
        mask_counts=mask_counts,
        tokens=tokens,
        positions=positions.astype(np.uint16),
        head_ids=head_ids,
        head_codes=head_codes,
        tail_codes=tail,
        change_counts=change_counts.reshape(m, races),
        winners=winners,
        change_codes=change_codes.astype(np.uint16),
    )


class _Columns:
    """Takes columns off a block's content, whose size is known to be right."""

    def __init__(self, content: bytes) -> None:
        self.bytes = np.frombuffer(content, dtype=np.uint8)
        self.offset = 16

    def integers(self, count: int) -> npt.NDArray[np.uint16]:
        result: npt.NDArray[np.uint16] = self._planes(count, np.uint16)
        return result

    def ids(self, count: int, header: Header, name: str, fail: Fail) -> Ids:
        result: Ids = self._planes(count, np.uint16 if header.id_width == 2 else np.uint32)
        _limit(result, 0, header.vocabulary_size - 1, f"token ids ({name})", fail)
        return result

    def _planes(self, count: int, kind: Any) -> Any:
        width = np.dtype(kind).itemsize
        planes = self.bytes[self.offset : self.offset + width * count].reshape(width, count)
        self.offset += width * count
        result = planes[0].astype(kind)
        for plane in range(1, width):
            result |= planes[plane].astype(kind) << kind(8 * plane)
        return result


def _head_codes(gaps: npt.NDArray[np.uint16], k: int, fail: Fail) -> npt.NDArray[np.uint16]:
    result = np.zeros((k, gaps.shape[1]), dtype=np.uint16)
    if k > 1 and gaps.size:
        wide = np.cumsum(gaps, axis=0, dtype=np.uint32 if k <= 65_536 else np.uint64)
        if wide[-1].max() > 65_535:
            raise fail(Kind.COLUMN, "a head code is above 65535")
        result[1:] = wide
    return result


def _limit(values: npt.NDArray[Any], least: int, most: int, name: str, fail: Fail) -> None:
    if values.size and (values.max() > most or values.min() < least):
        wrong = values[(values > most) | (values < least)][0]
        raise fail(Kind.COLUMN, f"{wrong} is among the {name}, which are from {least} to {most}")


def _total(values: npt.NDArray[Any], total: int, name: str, fail: Fail) -> None:
    if int(values.sum(dtype=np.int64)) != total:
        raise fail(Kind.COLUMN, f"`{name}` add up to {int(values.sum(dtype=np.int64))}, not to {total}")
