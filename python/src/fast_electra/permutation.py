"""Seeded permutations as the Swift trainer has them: a Feistel network, walked until it lands inside (Black & Rogaway 2002)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .philox import Purpose, key, numbers, words

Offsets = npt.NDArray[np.int64]

_LOW = np.uint64(0xFFFFFFFF)


def permutation(count: int, seed: int, purpose: Purpose, of_pass: int, section: int = 0) -> Offsets:
    """A permutation of 0 to count - 1: number `section` of pass `of_pass`."""
    bits = max(1, (count - 1).bit_length())
    half = np.uint64((bits + 1) // 2)
    stream = key(seed, purpose)
    values = np.arange(count, dtype=np.uint64)
    outside = np.arange(count)
    while outside.size:
        values[outside] = _encrypt(values[outside], half, stream, of_pass, section)
        outside = outside[values[outside] >= count]
    return values.astype(np.int64)


def _encrypt(
    values: npt.NDArray[np.uint64], half: np.uint64, stream: "tuple[int, int]", of_pass: int, section: int
) -> npt.NDArray[np.uint64]:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = values >> half, values & mask
    sequence = words(section & 0xFFFFFFFF)
    high = words((of_pass << 16 & 0xFFFFFFFF) | section >> 32)
    for step in range(6):
        position = words(step << 28) ^ (right >> np.uint64(32))
        scrambled = numbers(stream, (right & _LOW, position, sequence, high)) & mask
        left, right = right, left ^ scrambled
    result: npt.NDArray[np.uint64] = left << half | right
    return result
