"""How many of a position's most probable tokens are kept with their logits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..header import Header

Floats = npt.NDArray[np.float64]


def candidate_counts(header: Header, weights: Floats, totals: Floats) -> npt.NDArray[np.int64]:
    """The candidates of each row.

    A candidate costs some 1.9 bytes. Left in the tail it is drawn by a race, at some 4.2 bytes a race and as often as its
    probability says. So it is worth its bytes while visits × probability × 4.2 > 1.9, at the highest temperature.

    `weights`: [rows, most candidates] of the most probable tokens at the highest temperature, descending. `totals`: [rows] of all tokens.
    """
    least = 1.9 / 4.2 / header.visit_count if header.visit_count else 0.0
    worthy = (weights >= least * totals[:, None]) & (weights > 0)
    # The first that is not worthy ends the candidates.
    counts = np.cumprod(worthy, axis=1).sum(axis=1)
    result: npt.NDArray[np.int64] = np.clip(counts, header.least_candidates, header.most_candidates)
    return result
