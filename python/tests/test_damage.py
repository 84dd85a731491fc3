"""Damaged shards: an error of the right type or, where the damage changes nothing, the same columns; never another."""

from __future__ import annotations

import dataclasses
import itertools
import random
from typing import Any, Callable, List

import pytest
from conftest import GOLDEN, NAMES
from fast_electra import Block, Shard, ShardError, replay
from forge import take_apart


def read(path: Any) -> List[Block]:
    return list(Shard.open(path).blocks())


def columns(blocks: List[Block]) -> List[Any]:
    names = [field.name for field in dataclasses.fields(Block) if field.name != "header"]
    return [getattr(block, name).tolist() for block in blocks for name in names]


@pytest.mark.parametrize("name", NAMES)
def test_truncation_and_extension(name: str, write: Callable[[bytes], Any]) -> None:
    data = (GOLDEN / f"{name}.shard").read_bytes()
    for size in {*range(0, len(data), 5), *range(40), *range(len(data) - 40, len(data))}:
        with pytest.raises(ShardError):
            read(write(data[:size]))
    for extra in (b"\0", b"\xb1", data):
        with pytest.raises(ShardError):
            read(write(data + extra))


@pytest.mark.parametrize("name", NAMES)
def test_bit_flips(name: str, write: Callable[[bytes], Any]) -> None:
    seed = 7
    print("seed", seed)
    rng = random.Random(seed)
    data = (GOLDEN / f"{name}.shard").read_bytes()
    whole, unseen = columns(read(GOLDEN / f"{name}.shard")), 0
    for offset in rng.sample(range(len(data)), len(data) // 2):
        flipped = bytearray(data)
        flipped[offset] ^= 1 << rng.randrange(8)
        try:
            assert columns(read(write(bytes(flipped)))) == whole
            unseen += 1
        except ShardError as error:
            assert error.offset is not None and 0 <= error.offset <= len(data)
    # zstd's frames have bits that mean nothing; there are few of them.
    assert unseen < len(data) // 100


@pytest.mark.parametrize("name", NAMES)
def test_any_content_under_right_checksums(name: str, write: Callable[[bytes], Any]) -> None:
    seed = 11
    print("seed", seed)
    rng = random.Random(seed)
    data, accepted, refused = (GOLDEN / f"{name}.shard").read_bytes(), 0, 0
    for _ in range(200):
        parts = take_apart(data)
        block = rng.randrange(len(parts.contents))
        content = bytearray(parts.contents[block])
        for _ in range(rng.randint(1, 3)):
            content[rng.randrange(len(content))] = rng.choice([0, 1, 2, 255, rng.randrange(256)])
        parts.contents[block] = bytes(content)
        try:
            blocks = read(write(parts.seal()))
        except ShardError:
            refused += 1
            continue
        accepted += 1
        for one, visit in itertools.product(blocks, (0, 1, 5)):
            tokens = replay(one, temperature=one.header.maximum_temperature, visit=visit, seed=3)
            assert tokens.max() < one.header.vocabulary_size
    assert accepted > 10 and refused > 10
