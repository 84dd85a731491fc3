"""The specification's exp: the same bits on every machine and with every version of numpy."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_LOG2_E = float.fromhex("0x1.71547652b82fep0")
_SHIFT = float.fromhex("0x1.8p52")
_LN2_HIGH = float.fromhex("0x1.62e42feep-1")
_LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
_TAYLOR = [1 / math.factorial(j) for j in range(14)]


def exponential(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """exp(x), elementwise, for x up to 64. Each numpy operation rounds once; none is fused with another."""
    inside = np.maximum(x, -708.0)
    i = inside * _LOG2_E
    i += _SHIFT
    i -= _SHIFT
    r = inside - i * _LN2_HIGH
    r -= i * _LN2_LOW
    s = np.full_like(r, _TAYLOR[13])
    for j in range(12, -1, -1):
        s *= r
        s += _TAYLOR[j]
    # -1021 <= i <= 93, so 2^i is a normal number and the product exact.
    power = i.astype(np.int64)
    power += 1023
    power <<= 52
    s *= power.view(np.float64)
    s[x < -708.0] = 0.0
    return s
