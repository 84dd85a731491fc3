"""Sequences with the generator's predictions at their masked positions: the columns of a block, as arrays."""

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

#: Columns whose elements lie end to end, those of one sequence after those of another.
_JOINED = (
    "passes", "sequences", "lengths", "sources", "second_segments", "mask_counts", "tokens", "positions",
    "candidate_counts", "head_ids", "head_codes", "original_codes", "original_ranks", "race_counts",
    "change_counts", "winners", "change_codes",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, eq=False)
class Block:
    """N sequences of L tokens in all, M of them masked. The result of `decode`, or any selection of it.

    | array | shape | |
    |---|---|---|
    | `passes`, `sequences` | N | where each sequence stands in its data set: its pass, and its number there |
    | `lengths`, `mask_counts` | N | tokens and masked positions of each sequence |
    | `sources` | N | indices into `header.sources` |
    | `second_segments` | N | where the second segment of a pair begins; 0: there is one segment |
    | `tokens` | L | original ids, sequence after sequence |
    | `positions` | M | masked positions, each counted within its sequence |
    | `candidate_counts` | M | candidates of each masked position, K in all |
    | `head_ids`, `head_codes` | K | tokens and codes of the candidates, position after position, by rank in each |
    | `original_codes` | M | the original's code |
    | `original_ranks` | M | its rank among the candidates; -1 where it is none of them |
    | `race_counts` | M | races of each masked position, R in all; 0 where there is no tail |
    | `tail_codes` | nodes, D | the tail's log-mass × 256, of the positions that have one |
    | `change_counts` | R | lead changes of each race, C in all |
    | `winners` | R + C | leaders of the races, race after race |
    | `change_codes` | C | where they change, 1 to `header.change_parts` |
    """

    header: Header
    passes: npt.NDArray[np.uint16]
    sequences: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.uint16]
    sources: npt.NDArray[np.uint16]
    second_segments: npt.NDArray[np.uint16]
    mask_counts: npt.NDArray[np.uint16]
    tokens: Ids
    positions: npt.NDArray[np.uint16]
    candidate_counts: Ids
    head_ids: Ids
    head_codes: npt.NDArray[np.uint16]
    original_codes: npt.NDArray[np.uint16]
    original_ranks: npt.NDArray[np.int32]
    race_counts: npt.NDArray[np.uint16]
    tail_codes: npt.NDArray[np.int32]
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
    def candidate_starts(self) -> Offsets:
        """M + 1: where the candidates of each masked position start in `head_ids`."""
        return starts(self.candidate_counts)

    @functools.cached_property
    def race_starts(self) -> Offsets:
        """M + 1: where the races of each masked position start in `change_counts`."""
        return starts(self.race_counts)

    @functools.cached_property
    def tail_starts(self) -> Offsets:
        """M + 1: where the tail of each masked position lies in `tail_codes`, if it has one."""
        return starts((self.race_counts > 0).astype(np.uint8))

    @functools.cached_property
    def change_starts(self) -> Offsets:
        """R + 1: where each race starts in `change_codes`; it starts in `winners` at this plus its number."""
        return starts(self.change_counts)

    @functools.cached_property
    def masked_rows(self) -> Offsets:
        """M: the sequence of each masked position."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.mask_counts)

    @functools.cached_property
    def masked_tokens(self) -> Offsets:
        """M: where in `tokens` the masked positions are."""
        return self.token_starts[self.masked_rows] + self.positions

    def select(self, rows: Integers) -> Block:
        """The sequences of these numbers, in this order."""
        lengths, mask_counts = self.lengths[rows], self.mask_counts[rows]
        masked = ranges(self.mask_starts[rows], mask_counts)
        candidate_counts, race_counts = self.candidate_counts[masked], self.race_counts[masked]
        candidates = ranges(self.candidate_starts[masked], candidate_counts)
        races = ranges(self.race_starts[masked], race_counts)
        change_counts = self.change_counts[races]
        changes = change_counts.astype(np.int64)
        change_starts = self.change_starts[races]
        return Block(
            header=self.header,
            passes=self.passes[rows],
            sequences=self.sequences[rows],
            lengths=lengths,
            sources=self.sources[rows],
            second_segments=self.second_segments[rows],
            mask_counts=mask_counts,
            tokens=self.tokens[ranges(self.token_starts[rows], lengths)],
            positions=self.positions[masked],
            candidate_counts=candidate_counts,
            head_ids=self.head_ids[candidates],
            head_codes=self.head_codes[candidates],
            original_codes=self.original_codes[masked],
            original_ranks=self.original_ranks[masked],
            race_counts=race_counts,
            tail_codes=self.tail_codes.take(self.tail_starts[masked[race_counts > 0]], axis=1),
            change_counts=change_counts,
            winners=self.winners[ranges(change_starts + races, changes + 1)],
            change_codes=self.change_codes[ranges(change_starts, changes)],
        )

    @staticmethod
    def concatenate(blocks: Sequence[Block]) -> Block:
        """All sequences of blocks of one data set, at least one block."""
        if len(blocks) == 1:
            return blocks[0]
        joined = {name: np.concatenate([getattr(block, name) for block in blocks]) for name in _JOINED}
        tail_codes = np.concatenate([block.tail_codes for block in blocks], axis=1)
        return Block(header=blocks[0].header, tail_codes=tail_codes, **joined)
