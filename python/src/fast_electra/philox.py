"""Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011), vectorized."""

from __future__ import annotations

import enum
import functools
from typing import Tuple, Union

import numpy as np
import numpy.typing as npt

#: Words of 32 bits, each in an element of 64.
Words = npt.NDArray[np.uint64]

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = 0x9E3779B9, 0xBB67AE85


class Purpose(enum.IntEnum):
    """The purposes of numbers. The specification numbers some, the Swift trainer those below 11; the rest is this package's own."""

    MASKING = 1
    RACE = 2
    REPLAY = 3
    SHUFFLE = 4
    POOL = 9
    MIXTURE = 10
    BLOCK_ORDER = 0x80000001
    SEQUENCE_ORDER = 0x80000002


def philox(key: Tuple[int, int], counter: Tuple[Words, Words, Words, Words]) -> Tuple[Words, Words, Words, Words]:
    """The four words at each counter. The counter's arrays broadcast."""
    k0, k1 = key
    c0, c1, c2, c3 = counter
    for _ in range(10):
        a, b = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c1 = (b >> _HALF) ^ c1 ^ np.uint64(k0), b & _LOW
        c2, c3 = (a >> _HALF) ^ c3 ^ np.uint64(k1), a & _LOW
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    return c0, c1, c2, c3


def words(values: Union[int, npt.NDArray[np.integer]]) -> Words:
    """Words for a counter, at least one."""
    return np.atleast_1d(np.asarray(values, dtype=np.uint64))


@functools.lru_cache(maxsize=64)
def key(seed: int, purpose: Purpose) -> Tuple[int, int]:
    """The key of a purpose under a seed of 64 bits."""
    if not 0 <= seed < 1 << 64:
        raise ValueError(f"the seed is {seed}; give one from 0 to 2^64 - 1")
    first, second, _, _ = philox((seed & 0xFFFFFFFF, seed >> 32), (words(purpose), words(0), words(0), words(0)))
    return int(first[0]), int(second[0])


def numbers(key: Tuple[int, int], counter: Tuple[Words, Words, Words, Words]) -> Words:
    """Random numbers of 64 bits: word1 × 2^32 + word0 at each counter."""
    low, high, _, _ = philox(key, counter)
    return (high << _HALF) | low
