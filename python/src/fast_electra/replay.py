"""Drawing the replacements of masked positions at a temperature; docs/format.md, "Replaying"."""

from __future__ import annotations

import functools
import math
from typing import Any, Tuple

import numpy as np
import numpy.typing as npt

from .block import Block, Ids
from .exponential import exponential
from .header import Header
from .philox import Purpose, key, numbers, words
from .quantization import DEFICITS, coefficients
from .ragged import ranges, starts

Floats = npt.NDArray[np.float64]


def replay(block: Block, entries: npt.NDArray[Any], *, temperature: float, visit: int, seed: int) -> Ids:
    """The tokens of all sequences with their masked ones drawn anew; as long as `block.tokens`, of its type.

    `entries` are the sequences' entry numbers (`DataSet.entries`), `visit` says how often the run has been through the
    data set before, `seed` is the training run's. The draws depend on these and the temperature, on nothing else. Where
    a token differs from `block.tokens`, ELECTRA's label is 1.
    """
    header = block.header
    check_temperature(header, temperature)
    if not 0 <= visit < 1 << 16:
        raise ValueError(f"the visit is {visit}; give one from 0 to 65535")
    numbers_of_entries = np.asarray(entries, dtype=np.int64)
    if numbers_of_entries.shape != block.lengths.shape:
        raise ValueError(f"{numbers_of_entries.size} entry numbers for {len(block)} sequences; give one for each")
    if numbers_of_entries.size and not 0 <= numbers_of_entries.min() <= numbers_of_entries.max() < 1 << 48:
        raise ValueError("an entry number is not below 2^48")
    masked = block.positions.size
    tail = np.arange(masked)
    drawn = np.empty(masked, dtype=block.tokens.dtype)
    if header.head_size:
        sums, total = head_sums(block, temperature)
        entry = np.repeat(numbers_of_entries.astype(np.uint64), block.mask_counts)
        counter = (
            words(0),
            block.positions.astype(np.uint64),
            entry & np.uint64(0xFFFFFFFF),
            (entry >> np.uint64(32)) + np.uint64(visit << 16),
        )
        random = numbers(key(seed, Purpose.REPLAY), counter) >> np.uint64(12)
        target = (random.astype(np.float64) + 0.5) * 2.0**-52 * total
        # The sums never descend, so the first one above the target comes after all that are not.
        rank = np.count_nonzero(sums <= target, axis=0)
        tail = np.flatnonzero(rank == header.head_size)
        head = np.flatnonzero(rank < header.head_size)
        drawn[head] = block.head_ids[rank[head], head]
    if tail.size:
        drawn[tail] = leaders(block, tail, visit % header.race_count, temperature)
    tokens = block.tokens.copy()
    tokens[block.masked_tokens] = drawn
    return tokens


def check_temperature(header: Header, temperature: float) -> None:
    """Raises ValueError if a shard with this header cannot be replayed at this temperature."""
    low, high = header.minimum_temperature, header.maximum_temperature
    if not (math.isfinite(temperature) and temperature > 0 and math.isfinite(1 / temperature)):
        raise ValueError(f"the temperature is {temperature}; give a positive number")
    if header.head_size < header.vocabulary_size and not low <= temperature <= high:
        raise ValueError(
            f"the shards can be replayed at temperatures from {low} to {high}, not at {temperature}; "
            "choose one within the range"
        )


def head_sums(block: Block, temperature: float) -> Tuple[Floats, Floats]:
    """The sums s_r of the head's weights [k, M], and the total [M] with the tail's weight. k is at least 1."""
    beta = 1.0 / temperature
    sums = np.cumsum(_weights(block.head_codes, beta), axis=0)
    nodes = block.header.tail_nodes
    if not nodes:
        return sums, sums[-1]
    log_mass = np.zeros(block.positions.size, dtype=np.float64)
    for c, codes in zip(coefficients(beta, nodes), block.tail_codes):
        log_mass += c * (codes * 2.0**-9)
    return sums, sums[-1] + exponential(np.minimum(64.0, log_mass))


def leaders(block: Block, masked: npt.NDArray[np.intp], race: int, temperature: float) -> Ids:
    """The tokens that lead this race of these masked positions at a temperature."""
    low, high = block.header.minimum_temperature, block.header.maximum_temperature
    x = 0.0 if low == high else (temperature - low) / (high - low) * 1024
    races = masked * block.change_counts.shape[1] + race
    first, counts = block.change_starts[races], block.change_counts[masked, race]
    passed = starts((block.change_codes[ranges(first, counts)] <= math.floor(x)).astype(np.uint8))
    ends = starts(counts)
    tokens: Ids = block.winners[first + races + (passed[ends[1:]] - passed[ends[:-1]])]
    return tokens


def _weights(codes: npt.NDArray[np.uint16], beta: float) -> Floats:
    # A table of all codes costs as much as 65,536 weights, once a temperature.
    if codes.size > DEFICITS.size:
        return _table(beta)[codes]
    return exponential(DEFICITS[codes] * -beta)


@functools.lru_cache(maxsize=2)
def _table(beta: float) -> Floats:
    return exponential(DEFICITS * -beta)
