"""Drawing the replacements of masked positions at a temperature; docs/format.md, "Replaying"."""

from __future__ import annotations

import dataclasses
import functools
import math
import operator
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from .block import Block, Ids
from . import focal
from .exponential import exponential
from .header import Header
from .philox import Purpose, key, numbers, philox, words
from .quantization import DEFICITS, coefficients
from .ragged import ranges, starts

Floats = npt.NDArray[np.float64]
_LARGEST_WORD = 0xFFFFFFFF


@dataclasses.dataclass(frozen=True)
class Policy:
    """The rules by which draws depart from softmax(z / T).

    `top_k`: only so many of the most probable tokens are drawn. `disallows_correct`: the original is not. `focal`:
    draws are those of a generator trained with the focal loss of this exponent (Hao et al. 2021); the others come after it.
    """

    top_k: Optional[int] = None
    disallows_correct: bool = False
    focal: Optional[float] = None


@dataclasses.dataclass(frozen=True, eq=False)
class Weights:
    """The weights of the tokens of some masked positions at a temperature.

    `candidates` are of all positions, end to end, as in `Block.head_ids`; `original` is 0 where it is a candidate.
    """

    tail: Floats
    candidates: Floats
    original: Floats
    counts: npt.NDArray[Any]

    @functools.cached_property
    def sums(self) -> Floats:
        """The sum of the tail's weight and those of the candidates up to each one."""
        result = np.empty_like(self.candidates)
        first, sum_ = starts(self.counts)[:-1], self.tail.copy()
        for rank in range(int(self.counts.max()) if self.counts.size else 0):
            rows = np.flatnonzero(self.counts > rank)
            sum_[rows] += self.candidates[first[rows] + rank]
            result[first[rows] + rank] = sum_[rows]
        return result

    @functools.cached_property
    def total(self) -> Floats:
        return self.sums[starts(self.counts)[1:] - 1] + self.original


def replay(
    block: Block, *, temperature: float, visit: int, seed: int, policy: Policy = Policy()  # noqa: B008
) -> Ids:
    """The tokens of all sequences with their masked ones drawn anew; as long as `block.tokens`, of its type.

    `visit` says how often the run has been through the data set before, `seed` is the training run's. The draws depend
    on these, the temperature and where the sequences stand in their data set, on nothing else. Where a token differs
    from `block.tokens`, ELECTRA's label is 1.
    """
    header = block.header
    check_temperature(header, temperature)
    check_policy(header, policy)
    if not 0 <= visit < 1 << 16:
        raise ValueError(f"the visit is {visit}; give one from 0 to 65535")
    run = key(seed, Purpose.REPLAY)
    everything = np.arange(block.positions.size)
    scale = weights(block, temperature, everything, policy)
    is_pooled = visit < header.visit_count
    number = words(visit)
    if is_pooled:
        shift = philox(run, _counter(block, np.arange(len(block)), words(_LARGEST_WORD), words(_LARGEST_WORD)))[0]
        number = ((words(visit) + shift % np.uint64(header.visit_count)) % np.uint64(header.visit_count))[block.masked_rows]
    pool = key(header.seed, Purpose.POOL)
    target = _uniform(block, pool if is_pooled else run, everything, number) * scale.total

    # The sums never descend, so the first one above the target comes after all that are not.
    drawn = block.tokens[block.masked_tokens]
    first = block.candidate_starts
    rank = np.zeros(target.size, dtype=np.int64)
    if target.size:
        passed = scale.sums <= np.repeat(target, block.candidate_counts)
        rank = np.add.reduceat(passed.astype(np.int64), first[:-1])
    tail = target < scale.tail
    head = ~tail & (rank < block.candidate_counts)
    drawn[head] = block.head_ids[first[:-1][head] + rank[head]]
    where = np.flatnonzero(tail)
    if where.size:
        races = np.full(where.size, visit)
        if is_pooled:
            races = _tail_draws_before(block, pool, where, np.broadcast_to(number, tail.shape)[where])
        drawn[where] = leaders(block, where, races % block.race_counts[where], temperature)
    tokens = block.tokens.copy()
    tokens[block.masked_tokens] = drawn
    return tokens


def check_temperature(header: Header, temperature: float) -> None:
    """Raises ValueError if a shard with this header cannot be replayed at this temperature."""
    low, high = header.minimum_temperature, header.maximum_temperature
    if not (math.isfinite(temperature) and temperature > 0 and math.isfinite(1 / temperature)):
        raise ValueError(f"the temperature is {temperature}; give a positive number")
    if header.visit_count and not low <= temperature <= high:
        raise ValueError(
            f"the shards can be replayed at temperatures from {low} to {high}, not at {temperature}; "
            "choose one within the range"
        )


def check_policy(header: Header, policy: Policy) -> None:
    """Raises ValueError if shards with this header do not hold the data that the policy needs."""
    if policy.top_k is not None and not 1 <= operator.index(policy.top_k) <= header.least_candidates:
        raise ValueError(
            f"the policy asks for the {policy.top_k} most probable tokens; "
            f"the shards hold {header.least_candidates} at every position"
        )
    if policy.focal is not None:
        focal.check(policy.focal)


def weights(
    block: Block, temperature: float, masked: Optional[npt.NDArray[Any]] = None, policy: Policy = Policy()  # noqa: B008
) -> Weights:
    """The weights of the tokens of these masked positions; of all if none are named."""
    header = block.header
    beta = 1 / temperature
    masked = np.arange(block.positions.size) if masked is None else masked
    counts, unit = block.candidate_counts[masked], header.minimum_temperature
    candidates = ranges(block.candidate_starts[masked], counts)
    # By their logarithms, where the focal policy needs these.
    weigh = _weights if policy.focal is None else _logarithms
    nothing = 0.0 if policy.focal is None else -math.inf
    result = Weights(
        tail=np.full(masked.size, nothing),
        candidates=weigh(block.head_codes[candidates], unit, beta),
        original=weigh(block.original_codes[masked], unit, beta),
        counts=counts,
    )
    result.original[block.original_ranks[masked] >= 0] = nothing
    has_tail = block.race_counts[masked] > 0
    if has_tail.any():
        log_mass = np.zeros(int(np.count_nonzero(has_tail)))
        tails = block.tail_starts[masked[has_tail]]
        with np.errstate(invalid="ignore"):
            for c, codes in zip(coefficients(header.place(temperature), header.node_places), block.tail_codes):
                log_mass += c * (codes[tails] * 2.0**-8)
        log_mass = np.where(log_mass < 64.0, log_mass, 64.0)
        result.tail[has_tail] = exponential(log_mass) if policy.focal is None else log_mass
    if policy.focal is not None:
        sizes = counts.astype(np.int64)
        parts = focal.probabilities(result.tail, result.candidates, result.original, sizes, policy.focal)
        result = Weights(*parts, counts=counts)
    if policy.top_k is not None:
        result.tail[:], result.original[:] = 0.0, 0.0
        result.candidates[ranges(np.zeros(masked.size, dtype=np.int64), counts) >= policy.top_k] = 0.0
    if policy.disallows_correct:
        result.original[:] = 0.0
        ranks = block.original_ranks[masked]
        result.candidates[(starts(counts)[:-1] + ranks)[ranks >= 0]] = 0.0
    return result


def leaders(block: Block, masked: npt.NDArray[np.intp], race: npt.NDArray[Any], temperature: float) -> Ids:
    """The tokens that lead these races, one of each of these masked positions, at a temperature."""
    races = block.race_starts[masked] + race
    first, counts = block.change_starts[races], block.change_counts[races]
    part = block.header.part(temperature)
    passed = starts((block.change_codes[ranges(first, counts)] <= math.floor(part)).astype(np.uint8))
    ends = starts(counts)
    tokens: Ids = block.winners[first + races + (passed[ends[1:]] - passed[ends[:-1]])]
    return tokens


def _tail_draws_before(
    block: Block, pool: Any, masked: npt.NDArray[np.intp], number: npt.NDArray[Any]
) -> npt.NDArray[np.int64]:
    """How many of the pool's numbers before this one, of each position, can draw the tail at the highest temperature."""
    result = np.zeros(masked.size, dtype=np.int64)
    several = np.flatnonzero(block.race_counts[masked] > 1)
    if several.size:
        where = masked[several]
        hottest = weights(block, block.header.maximum_temperature, where)
        for before in range(int(number[several].max())):
            can_draw = _uniform(block, pool, where, words(before)) * hottest.total < hottest.tail
            result[several] += can_draw & (before < number[several])
    return result


def _uniform(block: Block, stream: Any, masked: npt.NDArray[Any], number: npt.NDArray[np.uint64]) -> Floats:
    """The numbers between 0 and 1 of these masked positions."""
    position = block.positions[masked].astype(np.uint64)
    random = numbers(stream, _counter(block, block.masked_rows[masked], position, number)) >> np.uint64(12)
    result: Floats = (random.astype(np.float64) + 0.5) * 2.0**-52
    return result


def _counter(block: Block, rows: npt.NDArray[Any], position: npt.NDArray[Any], number: npt.NDArray[Any]) -> Any:
    sequence = block.sequences[rows].astype(np.uint64)
    high = (sequence >> np.uint64(32)) + (block.passes[rows].astype(np.uint64) << np.uint64(16))
    return number, position, sequence & np.uint64(_LARGEST_WORD), high


def _weights(codes: npt.NDArray[np.uint16], unit: float, beta: float) -> Floats:
    # A table of all codes costs as much as 65,536 weights, once a temperature.
    if codes.size > DEFICITS.size:
        return _table(unit, beta)[codes]
    return exponential(DEFICITS[codes] * unit * -beta)


def _logarithms(codes: npt.NDArray[np.uint16], unit: float, beta: float) -> Floats:
    return DEFICITS[codes] * unit * -beta


@functools.lru_cache(maxsize=2)
def _table(unit: float, beta: float) -> Floats:
    return exponential(DEFICITS * unit * -beta)
