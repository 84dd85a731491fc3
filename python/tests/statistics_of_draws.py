"""The G-test of counts against probabilities (Sokal & Rohlf, "Biometry"), without scipy."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt


def g_test(counts: npt.NDArray[np.int64], probabilities: npt.NDArray[np.float64]) -> float:
    """How likely a G as large is. Tokens that are expected less than 5 times are put together by rank, so that a test of many tokens has power."""
    expected = probabilities * counts.sum()
    order = np.argsort(-expected, kind="stable")
    bins = np.zeros(len(counts), dtype=np.int64)
    sums = np.cumsum(expected[order])
    rare = expected[order] < 5
    first = int(np.argmax(rare)) if rare.any() else len(counts)
    bins[order[:first]] = np.arange(first)
    base = sums[first - 1] if first else 0.0
    groups = np.floor((sums[first:] - base - expected[order[first:]] / 2) / 10).astype(np.int64)
    # Also by the remainder of a token's id, where there is enough: a sampler that leaves out every third token is found.
    width = int(groups.max()) + 1 if groups.size else 0
    bins[order[first:]] = first + np.minimum(groups, max(0, width - 1)) * 3 + order[first:] % 3
    observed = np.bincount(bins, weights=counts)
    wanted = np.bincount(bins, weights=expected)
    small = wanted < 1
    observed, wanted = np.append(observed[~small], observed[small].sum()), np.append(wanted[~small], wanted[small].sum())
    if ((wanted <= 0) & (observed > 0)).any():
        return 0.0
    used = observed > 0
    statistic = 2 * float((observed[used] * np.log(observed[used] / wanted[used])).sum())
    return _upper_tail(statistic, int((wanted > 0).sum()) - 1)


def _upper_tail(statistic: float, freedom: int) -> float:
    """Of the chi-squared distribution, by Wilson and Hilferty's approximation."""
    if freedom < 1:
        return 1.0
    z = ((max(statistic, 0.0) / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / math.sqrt(2 / (9 * freedom))
    return 0.5 * math.erfc(z / math.sqrt(2))
