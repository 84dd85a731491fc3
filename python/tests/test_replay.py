"""The arithmetic of replay: against known answers, and as draws from softmax(z / T)."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from conftest import GOLDEN
from fast_electra import Block, Header, Shard, replay
from fast_electra.exponential import exponential
from fast_electra.philox import philox, words
from fast_electra.quantization import DEFICITS, coefficients, tail_codes


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


def test_tail_codes_round_halves_to_even_and_clamp() -> None:
    nodes = (0.4375, 0.8125, 1.0)
    assert coefficients(1.0, nodes[:2]) == [-0.5, 1.5]
    # The third is predicted from two codes a, b as 1.5 b - 0.5 a: -1.5, 0.5, 2.5, and far above the range.
    codes = np.array([[3, -1, -5, -32768], [0, 0, 0, 32767]])
    difference = np.stack([codes[0], codes[1] - codes[0], np.zeros(4, dtype=np.int64)])
    difference = (difference + 32768) % 65536 - 32768
    folded = np.where(difference >= 0, 2 * difference, -2 * difference - 1).astype(np.uint16)
    result = tail_codes(folded, nodes)
    assert np.array_equal(result[:2], codes)
    assert result[2].tolist() == [-2, 0, 2, 32767]


def test_a_change_has_taken_place_in_its_own_part() -> None:
    shard = Shard.open(GOLDEN / "races.shard")
    block = next(block for block in shard.blocks() if block.change_codes.size)
    race = int(np.flatnonzero(block.change_counts.reshape(-1))[0])
    masked, visit = divmod(race, block.header.race_count)
    codes = block.change_codes.copy()
    codes[0] = 64
    codes[1 : block.change_starts[race + 1]] = 1024
    block = dataclasses.replace(block, change_codes=codes)
    leaders = block.winners[race : race + 2]
    assert leaders[0] != leaders[1]
    for temperature, leader in ((1.0625, leaders[1]), (float(np.nextafter(1.0625, 1.0)), leaders[0])):
        tokens = replay(block, np.arange(len(block)), temperature=temperature, visit=visit, seed=1)
        assert tokens[block.masked_tokens[masked]] == leader


def test_temperatures_outside_the_range_are_refused() -> None:
    head, dense = (Shard.open(GOLDEN / f"{name}.shard").block(0) for name in ("head", "dense"))
    entries = np.arange(len(head))
    for temperature in (0.999, 2.001, math.nan, math.inf, 0.0, -1.0):
        with pytest.raises(ValueError):
            replay(head, entries, temperature=temperature, visit=0, seed=1)
    for temperature in (math.nan, math.inf, 0.0, -1.0, 5e-324):
        with pytest.raises(ValueError):
            replay(dense, entries, temperature=temperature, visit=0, seed=1)
    replay(dense, entries, temperature=0.001, visit=0, seed=1)
    for arguments in ({"visit": 65536, "seed": 1}, {"visit": -1, "seed": 1}, {"visit": 0, "seed": 2**64}):
        with pytest.raises(ValueError):
            replay(head, entries, temperature=1.0, **arguments)
    with pytest.raises(ValueError):
        replay(head, entries[1:], temperature=1.0, visit=0, seed=1)
    with pytest.raises(ValueError):
        replay(head, entries + 2**48, temperature=1.0, visit=0, seed=1)


@pytest.mark.parametrize("head_size", [0, 6, 40])
def test_draws_are_softmax(head_size: int) -> None:
    """A G-test of 20,000 positions with the same logits, each with a race of its own, at three temperatures."""
    seed = 20240817
    print("seed", seed)
    rng = np.random.default_rng(seed)
    vocabulary, positions, low, high = 40, 20_000, 1.0, 2.0
    # Logits that head codes stand for exactly; token ids in another order than ranks.
    codes = np.sort(rng.choice(500, vocabulary, replace=False)).astype(np.uint16)
    codes[0] = 0
    logits = -DEFICITS[codes]
    ids = rng.permutation(vocabulary).astype(np.uint16)
    tail = vocabulary - head_size
    nodes = (0.5, 0.5732233047033631, 0.75, 0.9267766952966369, 1.0) if 0 < head_size < vocabulary else ()
    mass = [math.log(sum(math.exp(beta * z) for z in logits[head_size:])) for beta in nodes]
    header = dataclasses.replace(
        Shard.open(GOLDEN / "head.shard").header, vocabulary_size=vocabulary, head_size=head_size,
        race_count=1 if tail else 0, tail_nodes=nodes, maximum_length=positions,
    )  # fmt: skip

    # The leaders of each race at 17 temperatures; changes fall on multiples of 64.
    gumbel = rng.gumbel(size=(positions, tail))
    grid = np.linspace(low, high, 17)
    winners, changes, counts = [], [], []
    if tail:
        leading = np.stack([np.argmax(logits[head_size:] + t * gumbel, axis=1) for t in grid], axis=1)
        for row in leading:
            at = np.flatnonzero(np.diff(row)) + 1
            winners += [row[0], *row[at]]
            changes += list(64 * at)
            counts.append(at.size)
    block = Block(
        header=header,
        lengths=np.array([positions], dtype=np.uint16),
        mask_counts=np.array([positions], dtype=np.uint16),
        tokens=np.zeros(positions, dtype=np.uint16),
        positions=np.arange(positions, dtype=np.uint16),
        head_ids=np.repeat(ids[:head_size, None], positions, axis=1),
        head_codes=np.repeat(codes[:head_size, None], positions, axis=1),
        tail_codes=np.repeat(np.round(512 * np.array(mass)).astype(np.int16)[:, None], positions, axis=1),
        change_counts=np.array(counts, dtype=np.uint16).reshape(positions, header.race_count),
        winners=ids[head_size:][np.array(winners, dtype=np.intp)],
        change_codes=np.array(changes, dtype=np.uint16),
    )
    for temperature in (1.0, 1.375, 2.0):
        drawn = replay(block, np.array([12]), temperature=temperature, visit=3, seed=seed)
        weights = np.exp(logits / temperature)
        expected = positions * weights / weights.sum()
        observed = np.bincount(drawn, minlength=vocabulary)[ids]
        seen = observed > 0
        g = 2 * float(np.sum(observed[seen] * np.log(observed[seen] / expected[seen])))
        # Chi-square of 39 degrees of freedom passes 72.1 once in a thousand.
        assert g < 72.1, (temperature, g)
        # At another temperature the same draws are told apart.
        other = np.exp(logits / (3.0 - temperature + 0.3))
        other *= positions / other.sum()
        assert 2 * float(np.sum(observed[seen] * np.log(observed[seen] / other[seen]))) > 72.1
