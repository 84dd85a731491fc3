"""Replayed sequences laid out as a batch."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Sequence

import numpy as np
import numpy.typing as npt

from .block import Block, Ids
from .ragged import Offsets, ranges, starts

#: Arrays by name; see `collate`.
Batch = Dict[str, npt.NDArray[Any]]

LAYOUTS = ("padded", "packed")


@dataclasses.dataclass(frozen=True, eq=False)
class Replayed:
    """Sequences end to end: their tokens with the masked ones drawn anew, labels, lengths, and where second segments begin."""

    tokens: Ids
    labels: npt.NDArray[np.bool_]
    lengths: npt.NDArray[np.int64]
    second_segments: npt.NDArray[np.int64]

    @staticmethod
    def of(block: Block, tokens: Ids) -> Replayed:
        """The tokens that `replay` has drawn for a block, with their labels."""
        return Replayed(tokens, tokens != block.tokens, block.lengths.astype(np.int64), block.second_segments.astype(np.int64))

    @staticmethod
    def joined(pieces: Sequence[Replayed], places: Sequence[Offsets]) -> Replayed:
        """The sequences of these, each at its place."""
        order = np.argsort(np.concatenate(places), kind="stable")
        lengths = np.concatenate([piece.lengths for piece in pieces])
        first = starts(lengths)[:-1]
        tokens = ranges(first[order], lengths[order])
        return Replayed(
            np.concatenate([piece.tokens for piece in pieces])[tokens],
            np.concatenate([piece.labels for piece in pieces])[tokens],
            lengths[order],
            np.concatenate([piece.second_segments for piece in pieces])[order],
        )


def check_layout(layout: str) -> None:
    """Raises ValueError for a layout that there is not."""
    if layout not in LAYOUTS:
        raise ValueError(f"there is no layout {layout!r}; give 'padded' or 'packed'")


def collate(sequences: Replayed, layout: str, padding: int, pad_to: int) -> Batch:
    """The batch of some sequences, int64 but for `cu_seqlens`.

    padded: `input_ids`, `token_type_ids` (1 in the second text of a pair), `attention_mask`, `labels`, each [sequences, longest
    sequence], whose last dimension is a multiple of `pad_to`. packed: `input_ids`, `position_ids`, `token_type_ids`, `labels`, each
    [tokens], and `cu_seqlens`, int32 [sequences + 1]: where each sequence starts, and where the last one ends.
    """
    place = ranges(np.zeros(sequences.lengths.size, dtype=np.int64), sequences.lengths)
    second = np.repeat(sequences.second_segments, sequences.lengths)
    columns = {
        "input_ids": sequences.tokens.astype(np.int64),
        "token_type_ids": ((second > 0) & (place >= second)).astype(np.int64),
        "labels": sequences.labels.astype(np.int64),
    }
    if layout == "packed":
        return {**columns, "position_ids": place, "cu_seqlens": starts(sequences.lengths).astype(np.int32)}
    width = -(-int(sequences.lengths.max()) // pad_to) * pad_to
    present = np.arange(width) < sequences.lengths[:, None]
    batch: Batch = {"attention_mask": present.astype(np.int64)}
    for name, values in columns.items():
        batch[name] = np.full(present.shape, padding if name == "input_ids" else 0, dtype=np.int64)
        batch[name][present] = values
    return batch
