"""Distilling: candidates, masses and races against plain sums over all tokens, and draws against softmax(z/T) by G-tests."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any, Dict, List

import numpy as np
import numpy.typing as npt
import pytest
from fast_electra import Block, DataSet, Header, SpecialTokens, distil, header_for, replay
from fast_electra.distillation import LogitsError, TemperatureRangeError, precision
from fast_electra.distillation.envelope import leads
from fast_electra.quantization import DEFICITS
from fast_electra.replay import leaders
from statistics_of_draws import g_test

Floats = npt.NDArray[np.float64]


def header_of(size: int, **arguments: Any) -> Header:
    settings: Dict[str, Any] = {
        "vocabulary_size": size, "vocabulary_sha256": "0" * 64, "generator_sha256": "1" * 64, "maximum_length": 65_535,
        "special_tokens": SpecialTokens(0, 1, 2, 3), "seed": 11, **arguments,
    }  # fmt: skip
    return header_for(**settings)


def torch_rows(header: Header, logits: Any, originals: Any, in_place: bool = False) -> Any:
    torch = pytest.importorskip("torch")
    from fast_electra.distillation.device_rows import TorchRows

    return TorchRows(header, torch.from_numpy(np.array(logits)), originals)


@pytest.fixture(params=["numpy", "torch"])
def rows_of(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of reducing rows: that of processors, and that of GPUs, on the processor."""
    if request.param == "torch":
        pytest.importorskip("torch")
        monkeypatch.setattr("fast_electra.distillation.distilling._rows_of", lambda logits: torch_rows)
    return str(request.param)


def block_of_rows(header: Header, logits: Any, originals: npt.NDArray[np.int64], first: int = 0) -> Block:
    """One sequence a row: its original alone, masked."""
    count = len(originals)
    made = distil(logits, header=header, originals=originals, sequences=np.arange(first, first + count), positions=np.zeros(count))
    return made.block(
        first_sequence=first, lengths=[1] * count, tokens=originals, mask_counts=[1] * count, positions=np.zeros(count)
    )


def rows_like_a_models(count: int, size: int, seed: int) -> npt.NDArray[np.float32]:
    """Peaked, flat and middling rows."""
    draw = np.random.default_rng(seed)
    spread = draw.uniform(0.2, 3.0, (count, 1))
    logits = draw.standard_normal((count, size)) * spread
    logits[: count // 2, : min(5, size)] += draw.uniform(0, 12, (count // 2, min(5, size)))
    return logits.astype(np.float32)


@pytest.mark.parametrize("size, most", [(27, 4), (600, 8), (30_522, 16), (40, 40), (600, 600)])
def test_columns_are_those_of_plain_sums(size: int, most: int, rows_of: str, seed: int) -> None:
    header = header_of(size, most_candidates=most, least_candidates=2, never_drawn=[(0, 3), (9, 9)], visits=6)
    logits, draw = rows_like_a_models(40, size, seed), np.random.default_rng(seed)
    originals = draw.integers(4, size, 40)
    originals[:3] = [9, *(np.argsort(-logits[1:3, 10:], axis=1)[:, 0] + 10)]
    before = logits.copy()
    block = block_of_rows(header, logits, originals)
    assert np.array_equal(logits, before), "the caller's logits were changed"
    low, high = header.minimum_temperature, header.maximum_temperature
    tails = 0
    for row in range(40):
        z = logits[row].astype(np.float64)
        z[[0, 1, 2, 3, 9]] = -np.inf
        ranked = np.lexsort((np.arange(size), -z))
        head = slice(block.candidate_starts[row], block.candidate_starts[row + 1])
        ids = block.head_ids[head].astype(np.int64)
        assert ids.tolist() == ranked[: ids.size].tolist()
        probabilities = np.exp((z - z.max()) / high) / np.exp((z - z.max()) / high).sum()
        least = 1.9 / 4.2 / header.visit_count if header.visit_count else 0
        worthy = int((np.sort(probabilities)[::-1] >= least).sum()) if header.visit_count else size
        assert ids.size == max(header.least_candidates, min(header.most_candidates, worthy))
        exact = (z.max() - z[ids]) / low
        finite = np.isfinite(exact)
        assert np.abs(DEFICITS[block.head_codes[head]][finite] - exact[finite]).max() <= 2.0**-6 * (1 if exact[finite].max() > 16 else 0.125) + 1e-9
        original = int(originals[row])
        assert (block.original_ranks[row] == np.flatnonzero(ids == original)[0]) if original in ids else block.original_ranks[row] == -1
        if original == 9:
            assert block.original_codes[row] == 65_535
        tail = np.setdiff1d(np.flatnonzero(np.isfinite(z)), [*ids, original])
        assert (block.race_counts[row] > 0) == (tail.size > 0)
        for node, temperature in enumerate(header.tail_nodes if tail.size else ()):
            mass = np.log(np.exp((z[tail] - z.max()) / temperature).sum())
            assert abs(block.tail_codes[node, block.tail_starts[row]] / 256 - mass) <= 0.5 / 256 + 4e-5
        tails += tail.size > 0
    assert (tails > 20) == (header.visit_count > 0)


def test_races_serve_the_visits_that_can_draw_the_tail(rows_of: str, seed: int) -> None:
    """As many as the reader's own count of the pool's numbers."""
    from fast_electra.philox import Purpose, key
    from fast_electra.philox import words
    from fast_electra.replay import _uniform, weights

    header = header_of(600, most_candidates=8, visits=16)
    block = block_of_rows(header, rows_like_a_models(200, 600, seed), np.random.default_rng(seed).integers(4, 600, 200), 7)
    hottest, everything = weights(block, header.maximum_temperature), np.arange(200)
    can = sum(
        (_uniform(block, key(header.seed, Purpose.POOL), everything, words(number)) * hottest.total < hottest.tail).astype(int)
        for number in range(16)
    )
    assert np.array_equal(block.race_counts, np.maximum(can, 1)) and 1 < block.race_counts.mean() < 16


@pytest.mark.parametrize("size", [27, 600, 30_522, 250_002])
def test_draws_follow_the_softmax(size: int, rows_of: str, seed: int) -> None:
    """All independent visits of sequences that share their logits, at three temperatures. Wrong samplers are refused."""
    header = header_of(size, most_candidates=min(8, size - 1), visits=32)
    count = {27: 600, 600: 600, 30_522: 200, 250_002: 120}[size] // (1 if rows_of == "numpy" else 12 if size > 30_522 else 5)
    z = np.random.default_rng(3).standard_normal(size) * (1.0 if size < 1_000 else 2.0)
    z[20:26] += 3
    z, original = z.astype(np.float32), 5
    draws: Dict[float, List[int]] = {1.0: [], 1.4: [], 2.0: []}
    block = block_of_rows(header, np.broadcast_to(z, (count, size)), np.full(count, original))
    for visit in range(header.visit_count):
        for temperature, found in draws.items():
            found += replay(block, temperature=temperature, visit=visit, seed=seed).tolist()
    for temperature, found in draws.items():
        p = np.exp((z.astype(np.float64) - z.max()) / temperature)
        p /= p.sum()
        counts = np.bincount(found, minlength=size)
        head = np.argsort(-p)[:8]
        assert counts[np.setdiff1d(np.arange(size), head)].sum() > 100, "the tail is hardly drawn"
        assert g_test(counts, p) > 1e-6, (temperature, g_test(counts, p))
        # The power of the test: a sampler at another temperature, and one that never draws a third of the tail's tokens, are refused.
        hotter = np.exp((z.astype(np.float64) - z.max()) / (temperature * (1.5 if len(found) > 1_000 else 4.0)))
        assert g_test(counts, hotter / hotter.sum()) < 1e-6, "the test has no power"
        cut = np.where(np.isin(np.arange(size), head), p, p * (np.arange(size) % 3 > 0))
        assert g_test(counts, cut / cut.sum()) < 1e-6, "the test has no power"


def test_races_draw_the_tail_at_every_temperature(rows_of: str, seed: int) -> None:
    """The leaders alone, over all visits' races, at the ends and in the middle of a wide range."""
    header = header_of(2_000, most_candidates=4, visits=8, temperatures=(0.5, 4.0))
    z = np.sort(np.random.default_rng(2).standard_normal(2_000) * 2)[::-1].astype(np.float32)
    found: Dict[float, List[int]] = {0.5: [], 1.0: [], 2.0: [], 4.0: []}
    count = 3_000 if rows_of == "numpy" else 1_000
    block = block_of_rows(header, np.broadcast_to(z, (count, 2_000)), np.full(count, 1_999))
    for temperature, tokens in found.items():
        tokens += leaders(block, np.arange(count), np.zeros(count, dtype=np.int64), temperature).tolist()
    size = int(block.candidate_counts[0])
    for temperature, tokens in found.items():
        p = np.exp((z - z.max()).astype(np.float64) / temperature)
        p[:size] = p[1_999] = 0
        assert g_test(np.bincount(tokens, minlength=2_000), p / p.sum()) > 1e-6
    assert sum(a != b for a, b in zip(found[0.5], found[4.0])) > count // 10, "leads hardly change"


def test_leads_are_those_of_a_fine_scan(seed: int) -> None:
    draw = np.random.default_rng(seed)
    z, g = draw.standard_normal((300, 12)) * 3, draw.gumbel(size=(300, 12))
    z[:50, 6:] = -np.inf
    counts, lines, changes = leads(z, g, 0.5, 4.0)
    line, change = 0, 0
    scan = np.linspace(0.5, 4.0, 401)
    for race in range(300):
        own = lines[line : line + counts[race]]
        places = changes[change : change + counts[race] - 1]
        assert (np.diff(places) >= 0).all() and np.unique(own).size == own.size
        expected = np.argmax(np.where(np.isneginf(z[race]), -np.inf, z[race] + scan[:, None] * g[race]), axis=1)
        found = own[np.searchsorted(places, scan, side="right")]
        assert (expected == found).mean() > 0.99
        line, change = line + counts[race], change + counts[race] - 1


def test_the_same_call_gives_the_same_columns_and_another_seed_others(rows_of: str) -> None:
    logits, originals = rows_like_a_models(60, 600, 1), np.arange(60) + 4

    def columns(seed: int) -> Dict[str, Any]:
        block = block_of_rows(header_of(600, seed=seed, most_candidates=8), logits, originals)
        return {field.name: getattr(block, field.name) for field in dataclasses.fields(block) if field.name != "header"}

    one, again, other = columns(1), columns(1), columns(2)
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not np.array_equal(one["winners"], other["winners"])
    assert np.array_equal(one["head_codes"], other["head_codes"])


def test_half_precision_and_tensors() -> None:
    torch = pytest.importorskip("torch")
    header, originals = header_of(600, most_candidates=8), np.arange(30) + 4
    logits = torch.from_numpy(rows_like_a_models(30, 600, 1)).bfloat16()
    one = block_of_rows(header, logits, originals)
    other = block_of_rows(header, logits.float().numpy(), originals)
    assert np.array_equal(one.winners, other.winners) and np.array_equal(one.tail_codes, other.tail_codes)


@pytest.mark.parametrize("size", [600, 40_000])
def test_extreme_rows(size: int, rows_of: str) -> None:
    """One token with all the mass, all equal, few that can be drawn, logits far apart: what is written can be read."""
    header = header_of(size, most_candidates=8, least_candidates=4, never_drawn=[(0, 3)])
    rows = np.zeros((6, size), dtype=np.float32)
    rows[0, 10] = 1e4
    rows[2] = -np.inf
    rows[2, [10, 11]] = 3
    rows[3] = np.linspace(0, -3e4, size)
    rows[4] = np.linspace(-1e30, 1e30, size)
    rows[5, 4:20] = 80
    from fast_electra.writer import encode

    for original in (5, 10, size - 1):
        block = block_of_rows(dataclasses.replace(header, first_sequence=0), rows, np.full(6, original))
        encode(block)
        assert (block.candidate_counts >= 4).all()
        for temperature in (1.0, 1.5, 2.0):
            drawn = replay(block, temperature=temperature, visit=0, seed=1)
            assert drawn[0] == 10 and drawn[2] in (10, 11) and (drawn > 3).all()


def test_bad_logits_and_arguments(rows_of: str) -> None:
    header, originals = header_of(600, most_candidates=8), np.arange(30) + 4
    for value in (np.nan, np.inf):
        logits = rows_like_a_models(30, 600, 1)
        logits[17, 599] = value
        with pytest.raises(LogitsError, match="row 17"):
            block_of_rows(header, logits, originals)
    logits = rows_like_a_models(30, 600, 1)
    logits[29] = -np.inf
    with pytest.raises(LogitsError, match="row 29"):
        block_of_rows(header, logits, originals)
    with pytest.raises(ValueError, match="go with"):
        block_of_rows(header, logits[:, :-1], originals)
    with pytest.raises(ValueError, match="is not a token"):
        block_of_rows(header, logits, originals + 580)
    assert len(distil(logits[:0], header=header, originals=[], sequences=[], positions=[])) == 0


def test_precision() -> None:
    assert precision(1, 2, vocabulary_size=30_522, least_candidates=1, most_candidates=16).deviation <= 0.002
    with pytest.raises(TemperatureRangeError, match="narrower"):
        precision(1 / 64, 64, vocabulary_size=30_522, least_candidates=1, most_candidates=16)
    with pytest.raises(ValueError, match="ascending"):
        header_of(600, temperatures=(2.0, 1.0))


def test_precision_is_that_of_the_swift_program(generated: pathlib.Path) -> None:
    header = DataSet.open(generated).header
    found = precision(
        1, 2, vocabulary_size=header.vocabulary_size, least_candidates=header.least_candidates,
        most_candidates=header.most_candidates,
    )  # fmt: skip
    assert (found.nodes, found.change_parts) == (header.tail_nodes, header.change_parts)
    assert found.deviation == pytest.approx(header.deviation, rel=1e-12)
