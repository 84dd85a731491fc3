"""Sequences with what the generator says about their masked positions: the columns of a block, as arrays."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, Sequence

import numpy as np
import numpy.typing as npt

from .header import Header
from .ragged import Integers, Offsets, ranges, starts

#: Token ids: uint16 where the vocabulary has at most 65,536 tokens, else uint32.
Ids = npt.NDArray[np.unsignedinteger[Any]]


@dataclasses.dataclass(frozen=True, eq=False)
class Block:
    """N sequences of L tokens in all, M of them masked. What `decode` returns, and any selection of it.

    | array | shape | |
    |---|---|---|
    | `lengths`, `mask_counts` | N | tokens and masked positions of each sequence |
    | `tokens` | L | original ids, sequence after sequence |
    | `positions` | M | masked positions, each counted within its sequence |
    | `head_ids`, `head_codes` | k, M | the head: tokens and codes, rank by rank |
    | `tail_codes` | nodes, M | the tail's log-mass × 512 |
    | `change_counts` | M, R | lead changes of each race |
    | `winners` | R × M + C | leaders of the races, race after race |
    | `change_codes` | C | where they change, 1 to 1,024 |
    """

    header: Header
    lengths: npt.NDArray[np.uint16]
    mask_counts: npt.NDArray[np.uint16]
    tokens: Ids
    positions: npt.NDArray[np.uint16]
    head_ids: Ids
    head_codes: npt.NDArray[np.uint16]
    tail_codes: npt.NDArray[np.int16]
    change_counts: npt.NDArray[np.uint16]
    winners: Ids
    change_codes: npt.NDArray[np.uint16]

    def __len__(self) -> int:
        return self.lengths.size

    @functools.cached_property
    def token_starts(self) -> Offsets:
        """N + 1: where each sequence starts in `tokens`."""
        return starts(self.lengths)

    @functools.cached_property
    def mask_starts(self) -> Offsets:
        """N + 1: where the masked positions of each sequence start in `positions`."""
        return starts(self.mask_counts)

    @functools.cached_property
    def change_starts(self) -> Offsets:
        """R × M + 1: where each race starts in `change_codes`; it starts in `winners` at this plus its number."""
        return starts(self.change_counts.reshape(-1))

    @functools.cached_property
    def masked_tokens(self) -> Offsets:
        """M: where in `tokens` the masked positions are."""
        return np.repeat(self.token_starts[:-1], self.mask_counts) + self.positions

    def select(self, rows: Integers) -> Block:
        """The sequences of these numbers, in this order."""
        lengths, mask_counts = self.lengths[rows], self.mask_counts[rows]
        masked = ranges(self.mask_starts[rows], mask_counts)
        race_count = self.change_counts.shape[1]
        races = (masked[:, None] * race_count + np.arange(race_count)).reshape(-1)
        change_counts = self.change_counts[masked]
        changes = change_counts.reshape(-1).astype(np.int64)
        change_starts = self.change_starts[races]
        return Block(
            header=self.header,
            lengths=lengths,
            mask_counts=mask_counts,
            tokens=self.tokens[ranges(self.token_starts[rows], lengths)],
            positions=self.positions[masked],
            head_ids=self.head_ids.take(masked, axis=1),
            head_codes=self.head_codes.take(masked, axis=1),
            tail_codes=self.tail_codes.take(masked, axis=1),
            change_counts=change_counts,
            winners=self.winners[ranges(change_starts + races, changes + 1)],
            change_codes=self.change_codes[ranges(change_starts, changes)],
        )

    @staticmethod
    def concatenate(blocks: Sequence[Block]) -> Block:
        """All sequences of blocks of one data set, at least one block."""
        if len(blocks) == 1:
            return blocks[0]

        def join(name: str, axis: int = 0) -> Any:
            return np.concatenate([getattr(block, name) for block in blocks], axis=axis)

        return Block(
            header=blocks[0].header,
            lengths=join("lengths"),
            mask_counts=join("mask_counts"),
            tokens=join("tokens"),
            positions=join("positions"),
            head_ids=join("head_ids", 1),
            head_codes=join("head_codes", 1),
            tail_codes=join("tail_codes", 1),
            change_counts=join("change_counts"),
            winners=join("winners"),
            change_codes=join("change_codes"),
        )
