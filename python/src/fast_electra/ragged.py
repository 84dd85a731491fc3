"""Arithmetic on rows of different lengths that lie end to end in one array."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer[Any]]
Offsets = npt.NDArray[np.int64]


def starts(counts: Integers) -> Offsets:
    """Where each row starts, and at last where all end: one element more than `counts`."""
    result = np.zeros(counts.size + 1, dtype=np.int64)
    np.cumsum(counts, dtype=np.int64, out=result[1:])
    return result


def ranges(firsts: Integers, counts: Integers) -> Offsets:
    """first, first + 1, ... of each row, `counts` of them, end to end."""
    ends = np.cumsum(counts, dtype=np.int64)
    result = np.arange(int(ends[-1]) if ends.size else 0, dtype=np.int64)
    result += np.repeat(firsts.astype(np.int64) - (ends - counts), counts)
    return result


def running_sums(values: Integers, counts: Integers) -> Offsets:
    """The sum of each value and those before it in its row."""
    sums = starts(values)
    return sums[1:] - np.repeat(sums[starts(counts)[:-1]], counts)
