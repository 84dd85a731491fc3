"""Sums of floats that are the same in every version of Python."""

from typing import Iterable


def plain_sum(values: Iterable[float]) -> float:
    """Adds one after the other. Since Python 3.12, the builtin `sum` corrects its rounding, and the Swift program does not."""
    total = 0.0
    for value in values:
        total += value
    return total
