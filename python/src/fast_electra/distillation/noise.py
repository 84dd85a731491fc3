"""Random numbers of races: a generator for each call, named by where its first row stands."""

from __future__ import annotations

from typing import Tuple

import numpy as np
import numpy.typing as npt

from ..header import Header
from ..philox import Purpose, Words, key, numbers, words


def generator(header: Header, sequence: int, position: int) -> np.random.Generator:
    """The generator of the rows from this position of the header's pass on. Rows that are distilled together share one."""
    return np.random.Generator(np.random.Philox(key=seed_of(header, sequence, position)))


def seed_of(header: Header, sequence: int, position: int) -> int:
    """128 bits for any generator of random numbers."""
    found = numbers(key(header.seed, Purpose.RACE), _counter(header, np.arange(2), np.array([sequence]), np.array([position])))
    return int(found[0]) | int(found[1]) << 64


def pool(
    header: Header, number: npt.NDArray[np.int64], sequences: npt.NDArray[np.int64], positions: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Numbers of the pool of positions, between 0 and 1; the arrays broadcast. docs/format.md, "Random numbers"."""
    random = numbers(key(header.seed, Purpose.POOL), _counter(header, number, sequences, positions)) >> np.uint64(12)
    result: npt.NDArray[np.float64] = (random.astype(np.float64) + 0.5) * 2.0**-52
    return result


def _counter(
    header: Header, number: npt.NDArray[np.int64], sequences: npt.NDArray[np.int64], positions: npt.NDArray[np.int64]
) -> Tuple[Words, Words, Words, Words]:
    sequence = words(sequences)
    high = (sequence >> np.uint64(32)) + np.uint64(header.pass_number << 16)
    return words(number), words(positions), sequence & np.uint64(0xFFFFFFFF), high
