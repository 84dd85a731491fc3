"""From the bytes of a block to its columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .block import Block, Ids
from .errors import Fail, Kind
from .header import Counts, Header
from .index import Entry
from .quantization import INFINITE_CODE, tail_codes
from .ragged import ranges, running_sums, starts

#: The most races of a position.
_MOST_RACES = 256


def decode(content: bytes, header: Header, entry: Entry, first_sequence: int, fail: Fail) -> Block:
    """The block with this content, which the index says to have the counts of `entry`. Everything is checked.

    `first_sequence` is the number of its first sequence in the pass.
    """
    if len(content) < Counts.SIZE:
        raise fail(Kind.COUNTS, f"the block has {len(content)} bytes, not even its counts")
    count = Counts(*(int.from_bytes(content[at : at + 4], "little") for at in range(0, Counts.SIZE, 4)))
    n, length, m = count.sequences, count.tokens, count.masked
    if (n, length, m) != (entry.sequences, entry.tokens, entry.masked):
        raise fail(
            Kind.COUNTS,
            f"the block has {n} sequences, {length} tokens and {m} masked positions, "
            f"the index says {entry.sequences}, {entry.tokens} and {entry.masked}",
        )
    size = header.content_size(count)
    if size != len(content):
        raise fail(Kind.COUNTS, f"the columns take {size} bytes, the block has {len(content)}")

    columns = _Columns(content)
    lengths = columns.integers(n)
    _limit(lengths, 1, header.maximum_length, "lengths", fail)
    _total(lengths, length, "lengths", fail)
    sources = columns.integers(n)
    _limit(sources, 0, len(header.sources) - 1, "sources", fail)
    if n and entry.source != (int(sources[0]) if (sources == sources[0]).all() else Entry.SEVERAL_SOURCES):
        raise fail(Kind.COUNTS, f"the index says that the block's source is {entry.source}, which it is not")
    second_segments = columns.integers(n)
    if (second_segments >= lengths).any():
        raise fail(Kind.COLUMN, "a second segment (`secondSegments`) does not begin within its sequence")
    mask_counts = columns.integers(n)
    _limit(mask_counts, 0, header.maximum_length, "maskCounts", fail)
    _total(mask_counts, m, "maskCounts", fail)
    tokens = columns.ids(length, header, "tokens", fail)
    positions = running_sums(columns.integers(m).astype(np.int64) + 1, mask_counts) - 1
    if (positions >= np.repeat(lengths, mask_counts)).any():
        raise fail(Kind.COLUMN, "a masked position lies outside its sequence")

    candidate_counts = columns.planes(m, header)
    _limit(candidate_counts, header.least_candidates, header.most_candidates, "candidateCounts", fail)
    _total(candidate_counts, count.candidates, "candidateCounts", fail)
    order = by_position(candidate_counts)
    head_ids = columns.ids(count.candidates, header, "headIDs", fail)[order]
    gaps = np.concatenate([np.zeros(m, dtype=np.uint16), columns.integers(count.candidates - m)])[order]
    head_codes = running_sums(gaps, candidate_counts)
    _limit(head_codes, 0, INFINITE_CODE, "head codes", fail)
    originals = tokens[np.repeat(starts(lengths)[:-1], mask_counts) + positions]
    original_ranks = _ranks(originals, head_ids, candidate_counts)
    original_codes = _original_codes(columns.integers(m), original_ranks, head_codes, candidate_counts, fail)

    race_counts = columns.integers(m)
    _limit(race_counts, 0, _MOST_RACES if header.visit_count else 0, "raceCounts", fail)
    _total(race_counts, count.races, "raceCounts", fail)
    if np.count_nonzero(race_counts) != count.tails:
        raise fail(Kind.COLUMN, f"{np.count_nonzero(race_counts)} positions have races (`raceCounts`), not {count.tails}")
    nodes = len(header.tail_nodes)
    tail = tail_codes(columns.wide_integers(nodes * count.tails).reshape(nodes, count.tails), header.node_places)
    change_counts = columns.integers(count.races)
    _total(change_counts, count.changes, "changeCounts", fail)
    winners = columns.ids(count.races + count.changes, header, "winners", fail)
    change_codes = running_sums(columns.integers(count.changes).astype(np.int64) + 1, change_counts)
    _limit(change_codes, 1, header.change_parts, "change codes", fail)
    return Block(
        header=header,
        passes=np.full(n, header.pass_number, dtype=np.uint16),
        sequences=np.arange(first_sequence, first_sequence + n, dtype=np.int64),
        lengths=lengths,
        sources=sources,
        second_segments=second_segments,
        mask_counts=mask_counts,
        tokens=tokens,
        positions=positions.astype(np.uint16),
        candidate_counts=candidate_counts,
        head_ids=head_ids,
        head_codes=head_codes.astype(np.uint16),
        original_codes=original_codes,
        original_ranks=original_ranks,
        race_counts=race_counts,
        tail_codes=tail,
        change_counts=change_counts,
        winners=winners,
        change_codes=change_codes.astype(np.uint16),
    )


class _Columns:
    """Takes columns off a block's content, whose size is known to be right."""

    def __init__(self, content: bytes) -> None:
        self.bytes = np.frombuffer(content, dtype=np.uint8)
        self.offset = Counts.SIZE

    def integers(self, count: int) -> npt.NDArray[np.uint16]:
        result: npt.NDArray[np.uint16] = self._planes(count, np.uint16)
        return result

    def wide_integers(self, count: int) -> npt.NDArray[np.uint32]:
        result: npt.NDArray[np.uint32] = self._planes(count, np.uint32)
        return result

    def planes(self, count: int, header: Header) -> Ids:
        """Elements that are as wide as a token id."""
        result: Ids = self._planes(count, np.uint16 if header.id_width == 2 else np.uint32)
        return result

    def ids(self, count: int, header: Header, name: str, fail: Fail) -> Ids:
        result = self.planes(count, header)
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


def by_position(counts: Ids) -> npt.NDArray[np.int64]:
    """Where the candidates of the first position lie among those stored, in the order of their ranks, then those of the next."""
    position = np.repeat(np.arange(counts.size, dtype=np.int64), counts)
    rank = ranges(np.zeros(counts.size, dtype=np.int64), counts)
    result = np.empty(position.size, dtype=np.int64)
    result[np.lexsort((position, rank))] = np.arange(position.size)
    return result


def _ranks(originals: Ids, head_ids: Ids, counts: Ids) -> npt.NDArray[np.int32]:
    """The rank of each position's original among its candidates, or -1."""
    result = np.full(counts.size, -1, dtype=np.int32)
    firsts = starts(counts)
    found = np.flatnonzero(head_ids == np.repeat(originals, counts))
    position = np.searchsorted(firsts, found, side="right") - 1
    # From the last to the first: of several, which only a verifier refuses, the first counts.
    result[position[::-1]] = (found - firsts[position])[::-1]
    return result


def _original_codes(
    gaps: npt.NDArray[np.uint16],
    ranks: npt.NDArray[np.int32],
    head_codes: npt.NDArray[np.int64],
    counts: Ids,
    fail: Fail,
) -> npt.NDArray[np.uint16]:
    if ((gaps == 0) != (ranks >= 0)).any():
        raise fail(Kind.COLUMN, "an original is said to be a candidate and is not one, or the other way round (`originalGaps`)")
    firsts = starts(counts)
    codes = head_codes[firsts[1:] - 1] + gaps - 1
    codes[gaps == INFINITE_CODE] = INFINITE_CODE
    candidates = ranks >= 0
    codes[candidates] = head_codes[firsts[:-1][candidates] + ranks[candidates]]
    _limit(codes, 0, INFINITE_CODE, "codes of originals", fail)
    result: npt.NDArray[np.uint16] = codes.astype(np.uint16)
    return result


def _limit(values: npt.NDArray[Any], least: int, most: int, name: str, fail: Fail) -> None:
    if values.size and (values.max() > most or values.min() < least):
        wrong = values[(values > most) | (values < least)][0]
        raise fail(Kind.COLUMN, f"{wrong} is among the {name}, which are from {least} to {most}")


def _total(values: npt.NDArray[Any], total: int, name: str, fail: Fail) -> None:
    if int(values.sum(dtype=np.int64)) != total:
        raise fail(Kind.COLUMN, f"`{name}` add up to {int(values.sum(dtype=np.int64))}, not to {total}")
