"""Batches: every sequence once, equally many for every rank, and the same for any number of workers."""

from __future__ import annotations

import collections
import copy
import itertools
import pathlib
from typing import Any, Counter, List, Tuple

import numpy as np
import pytest
from conftest import golden, make_golden
from fast_electra import Batch, Batches, Block, DataSet, replay
from fast_electra.order import Order
from fast_electra.shard import Shard


def make_data(folder: pathlib.Path, shards: List[List[int]]) -> DataSet:
    """Shards of the golden shard's blocks, by number. Each sequence has a first token of its own."""
    first = 0
    for numbers in shards:
        content = golden("head")
        header = {**content["header"], "pass": 0, "firstSequence": first}
        blocks = copy.deepcopy([content["blocks"][number] for number in numbers])
        for row, sequence in enumerate(itertools.chain(*blocks)):
            sequence["tokens"][0] = 300 + first + row
            for position in sequence["masked"]:
                if position["position"] == 0:  # The token is the original of this position, so its code goes along.
                    ids, codes = position["ids"], position["codes"]
                    position["original"] = dict(zip(ids, codes)).get(300 + first + row, 65535)
        (folder / f"{first:03}.shard").write_bytes(make_golden.shard(header, blocks, int(2 in numbers)))
        first += sum(map(len, blocks))
    data = DataSet.open(folder)
    assert len(data) == first
    return data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """Three shards of 6, 9 and 8 sequences."""
    data = make_data(tmp_path_factory.mktemp("data"), [[0, 1], [0, 1, 0], [0, 1, 2]])
    assert len(data) == 23
    return data


def rows(batch: Batch) -> List[Tuple[int, ...]]:
    return [tuple(ids[present == 1]) for ids, present in zip(batch["input_ids"], batch["attention_mask"])]


def test_the_second_text_of_a_pair_has_type_1(data: DataSet) -> None:
    seconds = np.concatenate([block.second_segments for shard in data.shards for block in shard.blocks()])
    assert (seconds > 0).any() and (seconds == 0).any()
    seen = 0
    for batch in Batches(data, 5, 1.5, shuffles=False).epoch(0):
        for types, present in zip(batch["token_type_ids"], batch["attention_mask"]):
            second, length = int(seconds[seen]), int(present.sum())
            expected = [0] * (second or length) + [1] * (length - (second or length)) + [0] * (present.size - length)
            assert types.tolist() == expected
            seen += 1
    assert seen == len(data)


def replayed(data: DataSet, temperature: float, visit: int, seed: int) -> Counter[Tuple[int, ...]]:
    """All sequences, each drawn alone."""
    result: Counter[Tuple[int, ...]] = collections.Counter()
    for shard in data.shards:
        for block in shard.blocks():
            for row in range(len(block)):
                one = block.select(np.array([row]))
                tokens = replay(one, temperature=temperature, visit=visit, seed=seed)
                result[tuple(tokens.tolist())] += 1
    return result


def same(one: List[Batch], other: List[Batch]) -> bool:
    return len(one) == len(other) and all(
        a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a) for a, b in zip(one, other)
    )


def test_padding_and_labels(data: DataSet) -> None:
    batches = Batches(data, 5, 1.5, seed=3, shuffles=False, pad_to=8)
    original = np.concatenate([block.tokens for shard in data.shards for block in shard.blocks()])
    seen, offset = 0, 0
    for batch in batches.epoch(0):
        present = batch["attention_mask"] == 1
        assert all(array.dtype == np.int64 and array.shape == present.shape for array in batch.values())
        assert present.shape[1] % 8 == 0
        assert (batch["input_ids"][~present] == data.header.special_tokens.padding).all()
        assert (batch["labels"][~present] == 0).all()
        count = int(present.sum())
        expected = batch["input_ids"][present] != original[offset : offset + count]
        assert np.array_equal(batch["labels"][present], expected)
        seen, offset = seen + int(expected.sum()), offset + count
    assert offset == original.size and seen > 10


@pytest.mark.parametrize("world_size", [1, 2, 3, 5])
@pytest.mark.parametrize("batch_size", [2, 4, 50])
@pytest.mark.parametrize("pool_size", [1, 3, 100])
def test_every_sequence_once_over_ranks_and_workers(
    data: DataSet, world_size: int, batch_size: int, pool_size: int
) -> None:
    epoch, seen, counts = 4, collections.Counter[Tuple[int, ...]](), set()
    for rank in range(world_size):
        batches = Batches(
            data, batch_size, 1.25, seed=9, rank=rank, world_size=world_size, pool_size=pool_size
        )
        alone = list(batches.epoch(epoch))
        counts.add(len(alone))
        assert len(alone) == len(batches)
        sizes = [len(batch["labels"]) for batch in alone]
        assert max(sizes) - min(sizes) <= 1 and max(sizes) <= batch_size
        for batch in alone:
            seen.update(rows(batch))
        for workers in (2, 3):
            parts = [list(batches.epoch(epoch, worker=worker, workers=workers)) for worker in range(workers)]
            assert same([parts[i % workers][i // workers] for i in range(len(alone))], alone)
        for start in range(len(alone) + 1):
            assert same(list(batches.epoch(epoch, start=start)), alone[start:])
    assert len(counts) == 1
    assert seen == replayed(data, 1.25, epoch, 9)


@pytest.mark.parametrize("lanes", [1, 2, 5, 8, 100])
def test_every_sequence_once_whatever_the_lanes(data: DataSet, lanes: int) -> None:
    seen: Counter[Tuple[int, ...]] = collections.Counter()
    for batch in Batches(data, 2, 1.25, lanes=lanes, pool_size=1).epoch(0):
        seen.update(rows(batch))
    assert seen == replayed(data, 1.25, 0, 1)


@pytest.mark.parametrize("workers", [1, 2, 4, 8])
def test_workers_share_the_reading(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    data = make_data(tmp_path, [[0, 1, 0, 1]] * 15 + [[0, 1, 0, 2]])
    read: List[Tuple[str, int]] = []
    block = Shard.block

    def counted(shard: Shard, number: int) -> Block:
        read.append((str(shard.path), number))
        return block(shard, number)

    monkeypatch.setattr(Shard, "block", counted)
    batches = Batches(data, 2, 1.25, pool_size=1)
    for worker in range(workers):
        for _ in batches.epoch(0, worker=worker, workers=workers):
            pass
    assert len(set(read)) == data.block_sizes.size == 64
    # A block at the border of two lanes is read for both.
    assert len(read) <= 64 + batches.lanes - 1


@pytest.mark.parametrize("world_size", [1, 2, 4])
def test_drop_last(data: DataSet, world_size: int) -> None:
    seen: Counter[Tuple[int, ...]] = collections.Counter()
    for rank in range(world_size):
        batches = Batches(data, 3, 1.25, rank=rank, world_size=world_size, drops_last=True)
        alone = list(batches.epoch(0))
        assert len(alone) == len(batches) == 23 // world_size // 3
        assert all(len(batch["labels"]) == 3 for batch in alone)
        for batch in alone:
            seen.update(rows(batch))
    assert not seen - replayed(data, 1.25, 0, 1)


@pytest.mark.parametrize("world_size", range(1, 24))
@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_ranks_never_lack_a_batch(data: DataSet, world_size: int, batch_size: int) -> None:
    numbers = []
    for rank in range(world_size):
        batches = Batches(data, batch_size, 1.25, rank=rank, world_size=world_size)
        sizes = [len(batch["labels"]) for batch in batches.epoch(0)]
        assert min(sizes) > 0 and max(sizes) <= max(2, batch_size)
        numbers.append(len(sizes))
    assert len(set(numbers)) == 1


def test_orders() -> None:
    sizes = np.array([7] * 40 + [3])
    total = int(sizes.sum())

    def order(seed: int, epoch: int, **arguments: Any) -> List[Tuple[int, int]]:
        one = Order(sizes, seed, epoch, 0, 1, **{"pool_size": 4, "shuffles": True, **arguments})
        result: List[Tuple[int, int]] = []
        for pool in range(len(one.pool_starts) - 1):
            rows = [(piece.block, int(row)) for piece in one.pool(pool) for row in piece.rows]
            result += [rows[i] for i in one.permutation(pool)]
        return result

    plain = order(1, 0, shuffles=False)
    assert plain == [(block, row) for block in range(41) for row in range(sizes[block])]
    orders = [order(1, 0), order(1, 1), order(2, 0), order(1, 65_535)]
    for one in orders:
        assert sorted(one) == plain and len(one) == total
    assert len({tuple(one) for one in orders}) == 4
    assert order(1, 0) == orders[0]
    # Pools hold whole blocks, in an order that is not that of the blocks.
    assert len({block for block, _ in orders[0][:28]}) <= 5
    assert orders[0][:28] != sorted(orders[0][:28])


def test_temperature_is_a_function_of_the_batch(data: DataSet) -> None:
    batches = Batches(data, 4, "linear:2.0", total_batches=18)
    assert len(batches) == 6
    assert [batches.temperature_of(epoch, 0) for epoch in range(4)] == pytest.approx([2, 5 / 3, 4 / 3, 1])
    constant = Batches(data, 4, 2.0)
    assert batches.temperature_of(0, 0) == constant.temperature_of(9, 9) == 2
    # Batches 1 and 5 of the schedule are those of constant temperatures.
    first, scheduled = list(constant.epoch(0)), list(batches.epoch(0))
    assert same(first[:1], scheduled[:1])
    other = Batches(data, 4, batches.temperature_of(0, 5))
    assert same(list(other.epoch(0, start=5)), scheduled[5:])


@pytest.mark.parametrize(
    "arguments",
    [
        {"batch_size": 0},
        {"world_size": 0},
        {"rank": 1},
        {"seed": -1},
        {"temperature": 2.5},
        {"temperature": "constant:0.5"},
        {"temperature": "linear:3", "total_batches": 5},
        {"temperature": "linear:2"},
        {"temperature": "warm"},
        {"rank": 0, "world_size": 24},
        {"batch_size": 24, "drops_last": True},
    ],
)
def test_arguments(data: DataSet, arguments: Any) -> None:
    with pytest.raises(ValueError):
        Batches(**{"data": data, "batch_size": 4, "temperature": 1.5, **arguments})
    with pytest.raises(ValueError):
        next(Batches(data, 4, 1.5).epoch(65_536))
