"""Shards that the Swift command line has just generated, against what it says itself is in them."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Callable, Dict, List

import numpy as np
import pytest
from fast_electra import Block, DataSet, Schedule, replay, weights

Program = Callable[..., str]


def test_counts(program: Program, generated: pathlib.Path) -> None:
    data = DataSet.open(generated)
    manifest = json.loads((generated / "manifest.json").read_text())
    assert [pathlib.Path(shard.path).name for shard in data.shards] == [one["name"] for one in manifest["shards"]]
    for shard, one in zip(data.shards, manifest["shards"]):
        assert shard.index.checksum == one["checksum"] and shard.byte_count == one["byteCount"]
        counts = {"sequences": len(shard), "tokens": shard.index.tokens, "maskedPositions": shard.index.masked}
        assert counts == one["counts"]
        for block in shard.blocks():
            assert block.positions.size
    assert data.is_complete and len(data) == 2 * data.pass_size


@pytest.mark.parametrize("temperature, visit", [(1.0, 0), (1.37, 1), (2.0, 65535)])
def test_sequences(temperature: float, visit: int, program: Program, generated: pathlib.Path) -> None:
    """All columns, replayed ids, probabilities of head and tail: of the first, last and other sequences."""
    data, seed = DataSet.open(generated), 2**63 + 12345
    vocabulary = (generated / "vocab.txt").read_text().splitlines()
    for entry in sorted({*range(0, len(data), max(1, len(data) // 6)), data.pass_size, len(data) - 1}):
        text = program("inspect", generated, "--sequence", entry, "--temperature", temperature, "--seed", seed,
                       "--visit", visit, "--json")  # fmt: skip
        expected: Dict[str, Any] = json.loads(text)
        in_pass, number = divmod(entry, data.pass_size)
        shard = next(
            one
            for one in data.shards
            if one.header.pass_number == in_pass and 0 <= number - one.header.first_sequence < len(one)
        )
        block = shard.sequence(number - shard.header.first_sequence)
        tokens = replay(block, temperature=temperature, visit=visit, seed=seed)
        check(block, tokens, temperature, expected, vocabulary)


def check(block: Block, tokens: Any, temperature: float, expected: Dict[str, Any], vocabulary: Any) -> None:
    found = weights(block, temperature)
    firsts = block.candidate_starts
    tail, candidates = found.tail / found.total, found.candidates / np.repeat(found.total, block.candidate_counts)
    assert block.positions.tolist() == [one["position"] for one in expected["masked_positions"]]
    assert block.tokens.tolist() == expected["tokens"]
    assert tokens.tolist() == expected["replayed_tokens"]
    for m, one in enumerate(expected["masked_positions"]):
        at = int(block.positions[m])
        stored = one["stored"]
        head = slice(firsts[m], firsts[m + 1])
        ids = block.head_ids[head].tolist()
        assert ids == stored["head_tokens"]
        assert block.head_codes[head].tolist() == stored["head_codes"]
        assert block.original_codes[m] == stored["original_code"]
        has_tail = block.race_counts[m] > 0
        assert (block.tail_codes[:, block.tail_starts[m]].tolist() if has_tail else []) == stored["tail_codes"]
        assert races(block, m) == stored["races"]
        assert vocabulary[tokens[at]] == one["drawn"]
        assert vocabulary[block.tokens[at]] == one["original"]
        assert bool(tokens[at] != block.tokens[at]) == one["is_replaced"]
        assert tail[m] == pytest.approx(one["tail_probability"], abs=1e-12)
        rank = block.original_ranks[m]
        original = candidates[firsts[m] + rank] if rank >= 0 else found.original[m] / found.total[m]
        assert original == pytest.approx(one["original_probability"], abs=1e-12)
        for candidate in one["candidates"]:
            assert candidates[firsts[m] + ids.index(candidate["id"])] == pytest.approx(candidate["probability"], abs=1e-12)


def races(block: Block, m: int) -> List[Dict[str, List[int]]]:
    found = []
    for race in range(block.race_starts[m], block.race_starts[m + 1]):
        first, last = int(block.change_starts[race]), int(block.change_starts[race + 1])
        leaders = block.winners[first + race : last + race + 1].tolist()
        found.append({"leaders": leaders, "change_codes": block.change_codes[first:last].tolist()})
    return found


@pytest.mark.parametrize(
    "text", ["exponential:2:0.3", "linear:2", "linear:2:0.5", "polynomial:2", "polynomial:1.5:3", "constant:1.25"]
)
def test_schedules(text: str, program: Program, generated: pathlib.Path, tmp_path: pathlib.Path) -> None:
    program("train", "--shards", generated, "--preset", "tiny", "--out", tmp_path / "run", "--steps", 4,
            "--batch-size", 1, "--log-interval", 1, "--temperature", text, "--threads", 1)  # fmt: skip
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    schedule = Schedule.parse(text)
    temperatures = [schedule(step / 4) for step in range(4)]
    assert [json.loads(line)["temperature"] for line in lines] == pytest.approx(temperatures, rel=1e-14)
