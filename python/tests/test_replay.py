"""The arithmetic of replay: against known answers, and as draws from softmax(z / T)."""

from __future__ import annotations

import dataclasses
import math
from typing import List

import numpy as np
import pytest
from conftest import GOLDEN
from fast_electra import Block, Header, Policy, Shard, replay
from fast_electra.exponential import exponential
from fast_electra.philox import philox, words
from fast_electra.quantization import DEFICITS, coefficients, storage_order, tail_codes
from fast_electra.replay import leaders


def test_philox_known_answers() -> None:
    # The vectors of Random123's kat_vectors.
    zeros = philox((0, 0), (words(0),) * 4)
    assert [int(word[0]) for word in zeros] == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    full = 0xFFFFFFFF
    ones = philox((full, full), (words(full),) * 4)
    assert [int(word[0]) for word in ones] == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]


def test_exponential() -> None:
    x = np.concatenate([np.linspace(-708, 64, 100_001), [0.0, -0.0, -708.0000001, -1e300, -np.inf]])
    y = exponential(x)
    assert (y[-3:] == 0).all() and (y[-5:-3] == 1).all()
    exact = np.array([math.exp(value) for value in x[:-3]])
    assert np.max(np.abs(y[:-3] / exact - 1)) < 4e-16


def test_nodes_are_stored_from_the_ends_inwards() -> None:
    assert storage_order(9) == [0, 8, 4, 2, 6, 1, 3, 5, 7]
    assert [storage_order(count) for count in range(5)] == [[], [0], [0, 1], [0, 2, 1], [0, 3, 1, 2]]
    for count in range(65):
        assert sorted(storage_order(count)) == list(range(count))


def test_tail_codes_round_halves_to_even_and_clamp() -> None:
    places = (0.0, 0.25, 1.0)
    assert coefficients(0.25, (0.0, 1.0)) == [0.75, 0.25]
    # The middle one, stored last, is predicted from the others a, b as 0.75 a + 0.25 b: -1.5, 0.5, 2.5, and beyond the range.
    codes = np.array([[-2, 0, 3, -(2**31)], [0, 2, 1, 2**30]])
    difference = np.stack([codes[0], codes[1], np.zeros(4, dtype=np.int64)])
    folded = np.where(difference >= 0, 2 * difference, -2 * difference - 1).astype(np.uint32)
    result = tail_codes(folded, places)
    assert result[0].tolist() == codes[0].tolist() and result[2].tolist() == [-2, 2, 4, -(2**30)]
    assert result[1].tolist() == [-2, 0, 3, -(2**31) + 2**28]


def test_a_change_has_taken_place_in_its_own_part() -> None:
    shard = Shard.open(GOLDEN / "head.shard")
    block = next(block for block in shard.blocks() if (block.change_counts > 0).any())
    race = int(np.flatnonzero(block.change_counts)[0])
    masked = int(np.searchsorted(block.race_starts, race, side="right")) - 1
    codes = block.change_codes.copy()
    codes[block.change_starts[race]] = 1024
    codes[block.change_starts[race] + 1 : block.change_starts[race + 1]] = 2048
    block = dataclasses.replace(block, change_codes=codes)
    first = block.change_starts[race] + race
    where, of = np.array([masked]), np.array([race - block.race_starts[masked]])
    # The middle of the scale is the geometric mean.
    middle = math.sqrt(2)
    assert block.header.part(middle * (1 + 1e-12)) >= 1024 > block.header.part(middle * (1 - 1e-12))
    assert leaders(block, where, of, middle * (1 + 1e-12)) == block.winners[first + 1]
    assert leaders(block, where, of, middle * (1 - 1e-12)) == block.winners[first]


def test_temperatures_outside_the_range_are_refused() -> None:
    head, dense = (Shard.open(GOLDEN / f"{name}.shard").block(0) for name in ("head", "dense"))
    for temperature in (0.999, 2.001, math.nan, math.inf, 0.0, -1.0):
        with pytest.raises(ValueError):
            replay(head, temperature=temperature, visit=0, seed=1)
    for temperature in (math.nan, math.inf, 0.0, -1.0, 5e-324):
        with pytest.raises(ValueError):
            replay(dense, temperature=temperature, visit=0, seed=1)
    replay(dense, temperature=0.001, visit=0, seed=1)
    for visit, seed in ((65536, 1), (-1, 1), (0, 2**64)):
        with pytest.raises(ValueError):
            replay(head, temperature=1.0, visit=visit, seed=seed)
    for top_k in (0, 3):
        with pytest.raises(ValueError, match="the shards hold 2"):
            replay(head, temperature=1.0, visit=0, seed=1, policy=Policy(top_k=top_k))


POLICIES = [
    Policy(), Policy(top_k=1), Policy(disallows_correct=True), Policy(top_k=4, disallows_correct=True),
    Policy(focal=2.0), Policy(focal=0.5, disallows_correct=True),
]  # fmt: skip


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("head_size", [1, 6, 40])
def test_draws_follow_their_law(head_size: int, policy: Policy) -> None:
    """A G-test of 20,000 positions with the same logits, each with races of its own, at three temperatures."""
    if policy.top_k and policy.top_k > head_size:
        pytest.skip("the shards do not hold so many")
    seed = 20240817
    print("seed", seed)
    rng = np.random.default_rng(seed)
    size, positions, low, high, visits = 40, 20_000, 1.0, 2.0, 3
    # Logits that head codes stand for exactly; token ids in another order than ranks.
    # Steeper for the focal policy, which changes a flat law little.
    codes = np.sort(rng.choice(1000 if policy.focal is None else 2500, size, replace=False)).astype(np.uint16)
    codes[0] = 0
    logits = -DEFICITS[codes]
    ids = rng.permutation(size).astype(np.uint16)
    # The original is the eighth: in the tail's place where the head is small.
    rank = 7
    original = int(ids[rank])
    runners = [r for r in range(head_size, size) if r != rank]
    nodes = (1.0, 1.02, 1.08, 1.2, 1.4, 1.6, 1.8, 1.95, 2.0) if runners else ()
    mass = [math.log(sum(math.exp(logits[r] / node) for r in runners)) for node in nodes]
    header = dataclasses.replace(
        Shard.open(GOLDEN / "head.shard").header, vocabulary_size=size, least_candidates=head_size,
        most_candidates=head_size, visit_count=visits if runners else 0, tail_nodes=nodes, maximum_length=positions,
    )  # fmt: skip

    # The leaders of each race at 33 places of the scale; changes fall on multiples of 64 parts.
    start, end = header.place(low), header.place(high)
    middle = math.sqrt(low * high)
    grid = [start + (end - start) * i / 32 for i in range(33)]
    winners, changes, counts = [], [], []
    if runners:
        gumbel = rng.gumbel(size=(visits * positions, len(runners)))
        tail_logits = logits[runners]
        leading = np.stack(
            [np.argmax(tail_logits + middle * (1 + x) / (1 - x) * gumbel, axis=1) for x in grid], axis=1
        )
        for row in leading:
            at = np.flatnonzero(np.diff(row)) + 1
            winners += [row[0], *row[at]]
            changes += list(64 * at)
            counts.append(at.size)
    apart = rank >= head_size
    block = Block(
        header=header,
        passes=np.zeros(1, dtype=np.uint16),
        sequences=np.array([12]),
        lengths=np.array([positions], dtype=np.uint16),
        sources=np.zeros(1, dtype=np.uint16),
        second_segments=np.zeros(1, dtype=np.uint16),
        mask_counts=np.array([positions], dtype=np.uint16),
        tokens=np.full(positions, original, dtype=np.uint16),
        positions=np.arange(positions, dtype=np.uint16),
        candidate_counts=np.full(positions, head_size, dtype=np.uint16),
        head_ids=np.tile(ids[:head_size], positions),
        head_codes=np.tile(codes[:head_size], positions),
        original_codes=np.full(positions, codes[rank], dtype=np.uint16),
        original_ranks=np.full(positions, -1 if apart else rank, dtype=np.int32),
        race_counts=np.full(positions, visits if runners else 0, dtype=np.uint16),
        tail_codes=np.repeat(np.round(256 * np.array(mass)).astype(np.int32)[:, None], positions if runners else 0, axis=1),
        change_counts=np.array(counts, dtype=np.uint16),
        winners=ids[runners][np.array(winners, dtype=np.intp)],
        change_codes=np.array(changes, dtype=np.uint16),
    )

    def law(temperature: float, policy: Policy) -> np.ndarray:
        weights = np.exp(logits / temperature)
        if policy.focal:
            weights = focal_law(weights / weights.sum(), [*range(head_size), rank], policy.focal)
        if policy.top_k:
            weights[policy.top_k :] = 0
        if policy.disallows_correct:
            weights[rank] = 0
        result: np.ndarray = positions * weights / weights.sum()
        return result

    def statistic(observed: np.ndarray, expected: np.ndarray) -> float:
        seen = observed > 0
        if (expected[seen] == 0).any():
            return math.inf
        return 2 * float(np.sum(observed[seen] * np.log(observed[seen] / expected[seen])))

    # Chi-square of 39 degrees of freedom passes 78 once in 5,000.
    limit = 78
    told = 0
    # The focal policy takes its time: every weight is looked for 48 times.
    middle_temperature = header_temperature(header, 13)
    for temperature in (1.0, middle_temperature, 2.0) if policy.focal is None else (1.0, middle_temperature):
        for visit in (0, 2, 3, 70) if policy.focal is None else (2, 70):
            drawn = replay(block, temperature=temperature, visit=visit, seed=seed, policy=policy)
            observed = np.bincount(drawn, minlength=size)[ids]
            g = statistic(observed, law(temperature, policy))
            assert g < limit, (temperature, visit, g)
            # The test tells another temperature, where there are tokens enough, and another policy.
            if policy.top_k is None:
                assert statistic(observed, law(3.0 - temperature + 0.3, policy)) > limit
            other = dataclasses.replace(policy, disallows_correct=not policy.disallows_correct)
            if policy.top_k != 1 and (policy.top_k is None or rank < policy.top_k):
                assert statistic(observed, law(temperature, other)) > limit
            # So it does the focal law of another exponent and of none, where so many draws can tell: a flat law stays flat.
            for wrong in (None, 12.0) if policy.focal else ():
                wrong_law = law(temperature, dataclasses.replace(policy, focal=wrong))
                if statistic(law(temperature, policy), wrong_law) > 200:
                    assert statistic(observed, wrong_law) > limit
                    told += 1
    assert told > 0 or not policy.focal or head_size < 40


def focal_law(p: np.ndarray, head: List[int], gamma: float) -> np.ndarray:
    """By its definition, p phi(q) = constant: without tables, the tail's tokens scaled by one factor."""

    def minimizer(shift: float) -> np.ndarray:
        q = p * np.exp(shift)
        low, high = np.full(p.size, -700.0), np.full(p.size, 36.0)
        for _ in range(60):
            logit = (low + high) / 2
            one, rest = 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(logit))
            phi = rest**gamma / one - gamma * rest ** (gamma - 1) * np.log(one)
            low, high = np.where(p * phi > np.exp(-shift), logit, low), np.where(p * phi > np.exp(-shift), high, logit)
        q[head] = (1 / (1 + np.exp(-low)))[head]
        result: np.ndarray = q
        return result

    low, high = -30.0, 60.0
    for _ in range(60):
        low, high = ((low + high) / 2, high) if minimizer((low + high) / 2).sum() < 1 else (low, (low + high) / 2)
    result: np.ndarray = minimizer(low)
    return result


def header_temperature(header: Header, eighth: int) -> float:
    """The temperature at some 32nds of the scale."""
    start, end = header.place(1.0), header.place(2.0)
    x = start + (end - start) * eighth / 32
    return math.sqrt(2) * (1 + x) / (1 - x)
