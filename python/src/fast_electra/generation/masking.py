"""Which positions are masked: the same as those of `fast-electra generate`, from the same seed."""

from __future__ import annotations

import math
from typing import AbstractSet, Iterator, List, Sequence

import numpy as np

from ..philox import Purpose, key, philox, words


def masked_positions(
    texts: Sequence[Sequence[int]], *, seed: int, of_pass: int, first: int, probability: float, special: AbstractSet[int]
) -> List[List[int]]:
    """The masked positions of sequences that follow one another, from number `first` of the pass on, ascending in each.

    A share of a sequence's ordinary tokens, at least one, drawn without replacement: the first steps of a Fisher-Yates shuffle.
    """
    ordinary = [[place for place, token in enumerate(text) if token not in special] for text in texts]
    counts = [min(len(places), max(1, _rounded(len(places) * probability))) if places else 0 for places in ordinary]
    numbers = _numbers(seed, of_pass, first, len(texts), max(counts, default=0))
    result = []
    for row, (places, count) in enumerate(zip(ordinary, counts)):
        draws = iter(numbers[row])
        more = _more(seed, of_pass, first + row, len(numbers[row]))
        for index in range(count):
            other = index + _below(len(places) - index, draws, more)
            places[index], places[other] = places[other], places[index]
        result.append(sorted(places[:count]))
    return result


def _rounded(value: float) -> int:
    """To the nearest integer, halves up."""
    whole = math.floor(value)
    return whole + (value - whole >= 0.5)


def _below(count: int, draws: Iterator[int], more: Iterator[int]) -> int:
    """An integer below `count`: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29, 2019, algorithm 5."""
    rejected = (1 << 64) % count
    while True:
        number = next(draws, None)
        product = (next(more) if number is None else number) * count
        if product & (1 << 64) - 1 >= rejected:
            return product >> 64


def _numbers(seed: int, of_pass: int, first: int, sequences: int, count: int) -> List[List[int]]:
    """The first numbers of the masking stream of each sequence: two of each draw."""
    draws = (count + 1) // 2
    number = np.arange(draws, dtype=np.uint64)[None, :]
    sequence = np.arange(first, first + sequences, dtype=np.uint64)[:, None]
    high = np.uint64(of_pass << 16) + (sequence >> np.uint64(32))
    shape = np.zeros((sequences, draws), dtype=np.uint64)
    counter = (shape + number, shape, shape + (sequence & np.uint64(0xFFFFFFFF)), shape + high)
    found = philox(key(seed, Purpose.MASKING), counter)
    pairs = np.stack([found[1] << np.uint64(32) | found[0], found[3] << np.uint64(32) | found[2]], axis=-1)
    result: List[List[int]] = pairs.reshape(sequences, -1).tolist()
    return result


def _more(seed: int, of_pass: int, sequence: int, skipped: int) -> Iterator[int]:
    """The numbers behind those, which are hardly ever needed."""
    draw = skipped // 2
    while True:
        high = words((of_pass << 16) + (sequence >> 32))
        found = philox(key(seed, Purpose.MASKING), (words(draw), words(0), words(sequence & 0xFFFFFFFF), high))
        yield int(found[1][0]) << 32 | int(found[0][0])
        yield int(found[3][0]) << 32 | int(found[2][0])
        draw += 1
