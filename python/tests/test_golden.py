"""The committed golden shards: columns, draws and probabilities as `make_golden.py`, another reader, sees them."""

from __future__ import annotations

import struct
from typing import Any, Dict, List

import numpy as np
import pytest
from conftest import GOLDEN, NAMES, golden, split
from fast_electra import Block, Policy, Shard, replay, weights


def as_json(block: Block) -> List[Dict[str, Any]]:
    """A block as the golden files write it."""
    result, winners = [], block.change_starts + np.arange(block.change_starts.size)
    for row in range(len(block)):
        masked = []
        for m in range(block.mask_starts[row], block.mask_starts[row + 1]):
            races = []
            for race in range(block.race_starts[m], block.race_starts[m + 1]):
                first, end = block.change_starts[race], block.change_starts[race + 1]
                leaders = block.winners[winners[race] : winners[race + 1]]
                races.append({"winners": leaders.tolist(), "changes": block.change_codes[first:end].tolist()})
            head = slice(block.candidate_starts[m], block.candidate_starts[m + 1])
            masked.append(
                {
                    "position": int(block.positions[m]),
                    "ids": block.head_ids[head].tolist(),
                    "codes": block.head_codes[head].tolist(),
                    "original": int(block.original_codes[m]),
                    "tail": block.tail_codes[:, block.tail_starts[m]].tolist() if races else [],
                    "races": races,
                }
            )
        tokens = block.tokens[block.token_starts[row] : block.token_starts[row + 1]]
        result.append(
            {
                "source": int(block.sources[row]),
                "secondSegment": int(block.second_segments[row]),
                "tokens": tokens.tolist(),
                "masked": masked,
            }
        )
    return result


def policy_of(draw: Dict[str, Any]) -> Policy:
    policy = draw["policy"]
    return Policy(policy.get("topK"), policy.get("disallowsCorrect", False), policy.get("focal"))


@pytest.mark.parametrize("name", NAMES)
def test_columns(name: str) -> None:
    shard, expected = Shard.open(GOLDEN / f"{name}.shard"), golden(name)
    assert [as_json(block) for block in shard.blocks()] == expected["blocks"]
    header = expected["header"]
    assert shard.header.seed == header["seed"]
    assert list(shard.header.tail_nodes) == header["tailNodes"]
    assert list(shard.header.sources) == header["sources"]
    assert list(map(list, shard.header.never_drawn)) == header["neverDrawn"]
    assert shard.header.first_sequence == header["firstSequence"] and shard.index.ends_pass


@pytest.mark.parametrize("name", NAMES)
def test_replayed_ids_and_weights_to_the_last_bit(name: str) -> None:
    expected = golden(name)
    block = Block.concatenate(list(Shard.open(GOLDEN / f"{name}.shard").blocks()))
    for one in expected["replays"]:
        for draw in one["draws"]:
            tokens = replay(
                block, temperature=one["temperature"], visit=draw["visit"], seed=expected["replaySeed"],
                policy=policy_of(draw),
            )  # fmt: skip
            assert split(tokens.tolist(), block.lengths.tolist()) == draw["tokens"]
        found, first = weights(block, one["temperature"]), block.candidate_starts
        rows = [
            [found.tail[m], *found.candidates[first[m] : first[m + 1]], found.original[m]] for m in range(found.tail.size)
        ]
        assert [[struct.pack(">d", x).hex() for x in row] for row in rows] == one["weights"]


@pytest.mark.parametrize("name", NAMES)
def test_a_sequence_alone_is_drawn_as_in_its_block(name: str) -> None:
    shard, expected = Shard.open(GOLDEN / f"{name}.shard"), golden(name)
    one_of_them = expected["replays"][-1]
    sequences = [sequence for block in expected["blocks"] for sequence in block]
    for number in range(len(shard)):
        one = shard.sequence(number)
        assert as_json(one) == [sequences[number]]
        assert one.sequences.tolist() == [shard.header.first_sequence + number] and one.passes.tolist() == [1]
        tokens = replay(one, temperature=one_of_them["temperature"], visit=1, seed=expected["replaySeed"])
        assert tokens.tolist() == one_of_them["draws"][1]["tokens"][number]
    with pytest.raises(IndexError):
        shard.sequence(len(shard))
    with pytest.raises(IndexError):
        shard.block(-1)


def test_selection_in_any_order() -> None:
    block = Block.concatenate(list(Shard.open(GOLDEN / "head.shard").blocks()))
    sequences = as_json(block)
    rows = np.array([6, 0, 0, 7, 3])
    assert as_json(block.select(rows)) == [sequences[row] for row in rows]
    assert as_json(Block.concatenate([block.select(rows), block])) == [sequences[row] for row in rows] + sequences
    assert len(block.select(rows[:0])) == 0
