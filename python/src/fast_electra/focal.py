"""The focal policy; docs/format.md, "Focal"."""

from __future__ import annotations

import functools
import math
from typing import Tuple

import numpy as np
import numpy.typing as npt

from .exponential import exponential
from .ragged import starts

Floats = npt.NDArray[np.float64]

#: The exponents that there are.
LEAST, MOST = 1 / 64, 16.0

_ROOT = float.fromhex("0x1.6a09e667f3bcdp0")
_LN2 = float.fromhex("0x1.62e42fefa39efp-1")


def logarithm(x: Floats) -> Floats:
    """ln(x), elementwise, for x above 0. Each numpy operation rounds once; none is fused with another."""
    mantissa, exponent = np.frexp(x)
    mantissa, power = mantissa * 2.0, exponent - 1.0
    above = mantissa >= _ROOT
    mantissa = np.where(above, mantissa * 0.5, mantissa)
    power = np.where(above, power + 1.0, power)
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    total = np.full_like(ratio, 1 / 21)
    for divisor in range(19, 0, -2):
        total = total * square + 1 / divisor
    result: Floats = power * _LN2 + 2.0 * (ratio * total)
    return result


@functools.lru_cache(maxsize=4)
def _table(exponent: float) -> Floats:
    """-ln phi(q) where ln(q / (1 - q)) is -16, -16 + 1/64, ..., 16."""
    places: Floats = np.arange(2049, dtype=np.float64) * 2.0**-6 - 16.0
    odds = exponential(places)
    inverse = 1.0 / odds
    surprise = logarithm(1.0 + inverse)
    return exponent * logarithm(1.0 + odds) - logarithm((1.0 + inverse) + exponent * (surprise * (1.0 + odds)))


def _psi(values: Floats, exponent: float) -> Floats:
    """The q whose -ln phi(q) each value is."""
    table = _table(exponent)
    low = np.clip(np.searchsorted(table, values, side="right") - 1, 0, 2047)
    with np.errstate(invalid="ignore"):
        part = (values - table[low]) / (table[low + 1] - table[low])
        place = (low * 2.0**-6 - 16.0) + part * 2.0**-6
        place = np.where(values < table[0], -16.0 + (values - table[0]), place)
    place = np.where(values >= table[2048], 16.0 + (values - table[2048]) / exponent, place)
    odds = exponential(np.minimum(64.0, place))
    result: Floats = odds / (1.0 + odds)
    return result


def probabilities(
    tail: Floats, candidates: Floats, original: Floats, counts: npt.NDArray[np.int64], exponent: float
) -> Tuple[Floats, Floats, Floats]:
    """The focal policy's, from the logarithms of weights: minus infinity where there is none."""
    first, owner = starts(counts)[:-1], np.repeat(np.arange(counts.size), counts)

    def shifted(shift: Floats) -> Tuple[Floats, Floats, Floats]:
        tails = exponential(np.minimum(64.0, tail + shift))
        return tails, _psi(candidates + shift[owner], exponent), _psi(original + shift, exponent)

    low, high = np.full(counts.size, -128.0), np.full(counts.size, 708.0)
    for _ in range(48):
        middle = (low + high) * 0.5
        total, head, other = shifted(middle)
        for rank in range(int(counts.max()) if counts.size else 0):
            rows = np.flatnonzero(counts > rank)
            total[rows] += head[first[rows] + rank]
        is_below = total + other < 1.0
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return shifted(low)


def check(exponent: float) -> None:
    """Raises ValueError for an exponent that there is not."""
    if not (math.isfinite(exponent) and LEAST <= exponent <= MOST):
        raise ValueError(f"the focal exponent is {exponent}; give one from {LEAST} to {MOST:g}, or None")
