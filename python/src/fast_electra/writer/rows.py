"""Blocks of sequences that are at hand one by one. Slow and plain; who has arrays makes a `Block` of them."""

from __future__ import annotations

import dataclasses
from typing import Any, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from ..block import Block
from ..header import Header
from ..quantization import INFINITE_CODE


@dataclasses.dataclass(frozen=True)
class Race:
    """The tokens that lead, from the lowest temperature up, and the code at which each but the first takes the lead."""

    leaders: Sequence[int]
    change_codes: Sequence[int] = ()


@dataclasses.dataclass(frozen=True)
class MaskedPosition:
    """The values that a shard keeps of a masked position, in codes (docs/format.md, "Blocks").

    `head`: token and code of each candidate, by rank. `original_code`: that of the original, unless it is a candidate.
    `tail`: the code at each node, none where there is no tail.
    """

    position: int
    head: Sequence[Tuple[int, int]]
    original_code: int = INFINITE_CODE
    tail: Sequence[int] = ()
    races: Sequence[Race] = ()


@dataclasses.dataclass(frozen=True)
class SequenceRow:
    """One sequence: its original tokens, special ones included, and its masked positions, ascending."""

    tokens: Sequence[int]
    masked: Sequence[MaskedPosition]
    source: int = 0
    second_segment: int = 0


def block_of(header: Header, rows: Sequence[SequenceRow], first_sequence: int) -> Block:
    """The block of these sequences, the first of which has this number in the header's pass."""
    ids = np.uint16 if header.id_width == 2 else np.uint32
    masked = [position for row in rows for position in row.masked]
    originals = [row.tokens[position.position] for row in rows for position in row.masked]
    races = [race for position in masked for race in position.races]
    ranks, codes = [], []
    for position, original in zip(masked, originals):
        tokens = [token for token, _ in position.head]
        rank = tokens.index(original) if original in tokens else -1
        ranks.append(rank)
        codes.append(position.original_code if rank < 0 else position.head[rank][1])

    def array(values: Sequence[Any], kind: Any) -> npt.NDArray[Any]:
        result = np.array(values, dtype=np.int64)
        if result.size and (result.min() < np.iinfo(kind).min or result.max() > np.iinfo(kind).max):
            raise ValueError(f"{result.min()} to {result.max()} do not fit a column of {kind.__name__}")
        return result.astype(kind)

    tails = array([position.tail for position in masked if len(position.tail)], np.int32)
    return Block(
        header=header,
        passes=np.full(len(rows), header.pass_number, dtype=np.uint16),
        sequences=np.arange(first_sequence, first_sequence + len(rows), dtype=np.int64),
        lengths=array([len(row.tokens) for row in rows], np.uint16),
        sources=array([row.source for row in rows], np.uint16),
        second_segments=array([row.second_segment for row in rows], np.uint16),
        mask_counts=array([len(row.masked) for row in rows], np.uint16),
        tokens=array([token for row in rows for token in row.tokens], ids),
        positions=array([position.position for position in masked], np.uint16),
        candidate_counts=array([len(position.head) for position in masked], ids),
        head_ids=array([token for position in masked for token, _ in position.head], ids),
        head_codes=array([code for position in masked for _, code in position.head], np.uint16),
        original_codes=array(codes, np.uint16),
        original_ranks=array(ranks, np.int32),
        race_counts=array([len(position.races) for position in masked], np.uint16),
        tail_codes=tails.reshape(-1, len(header.tail_nodes)).T if tails.size else np.zeros((len(header.tail_nodes), 0), np.int32),
        change_counts=array([len(race.change_codes) for race in races], np.uint16),
        winners=array([token for race in races for token in race.leaders], ids),
        change_codes=array([code for race in races for code in race.change_codes], np.uint16),
    )
