"""Batches that do not depend on ranks: the Swift trainer's order, mixtures, layouts, focal schedules."""

from __future__ import annotations

import collections
import json
import pathlib
import types
from typing import Any, Callable, Counter, Dict, List, Tuple

import numpy as np
import pytest
from conftest import REPOSITORY
from fast_electra import Batch, Batches, DataSet, FocalSchedule, GlobalBatches, Policy, ShardError, replay, streams
from fast_electra.errors import Kind
from fast_electra.permutation import permutation
from fast_electra.philox import Purpose
from fast_electra.streams import CYCLE, Mixture
from test_batches import data as data_of_three_shards  # noqa: F401

Program = Callable[..., str]


@pytest.fixture
def data(data_of_three_shards: DataSet) -> DataSet:  # noqa: F811
    return data_of_three_shards


def rows(batch: Batch) -> List[Tuple[int, ...]]:
    return [tuple(ids[present == 1].tolist()) for ids, present in zip(batch["input_ids"], batch["attention_mask"])]


def run(batches: GlobalBatches, epochs: int) -> List[List[Tuple[int, ...]]]:
    return [rows(batch) for epoch in range(epochs) for batch in batches.epoch(epoch)]


@pytest.mark.parametrize("size", [4, 8, 20])
def test_ranks_and_workers_change_nothing(data: DataSet, size: int) -> None:
    alone = GlobalBatches([data], size, "linear:2", total_batches=60, seed=5)
    whole = run(alone, 3)
    assert len(whole) == 3 * len(alone) and all(len(batch) == size for batch in whole)
    for ranks in (2, 4):
        parts = [run(GlobalBatches([data], size, "linear:2", total_batches=60, seed=5, rank=rank, world_size=ranks), 3) for rank in range(ranks)]
        assert [[row for part in batch for row in part] for batch in zip(*parts)] == whole
    for workers in (2, 3):
        pieces = [list(map(rows, alone.epoch(1, worker=worker, workers=workers))) for worker in range(workers)]
        merged = [pieces[i % workers][i // workers] for i in range(len(alone))]
        assert merged == whole[len(alone) : 2 * len(alone)]
    for start in range(len(alone) + 1):
        assert list(map(rows, alone.epoch(2, start=start))) == whole[2 * len(alone) + start :]


def test_epochs_follow_one_another_without_a_gap(data: DataSet) -> None:
    """Of 23 sequences, each comes once before any comes twice, drawn at the visit that it is."""
    batches = GlobalBatches([data], 7, 1.5, seed=5)
    found = [row for batch in run(batches, 30) for row in batch]
    for visit in range(len(found) // 23):
        expected: Counter[Tuple[int, ...]] = collections.Counter()
        for entry in range(len(data)):
            expected[tuple(replay(data[entry], temperature=1.5, visit=visit, seed=5).tolist())] += 1
        assert collections.Counter(found[23 * visit : 23 * visit + 23]) == expected


def test_permutations() -> None:
    for count in (1, 2, 3, 5, 16, 100, 4_096, 5_000):
        one = permutation(count, 3, Purpose.SHUFFLE, 0)
        assert np.array_equal(np.sort(one), np.arange(count))
    assert not np.array_equal(permutation(100, 3, Purpose.SHUFFLE, 0), permutation(100, 3, Purpose.SHUFFLE, 1))
    assert not np.array_equal(permutation(100, 3, Purpose.SHUFFLE, 0, 1), permutation(100, 3, Purpose.SHUFFLE, 0, 2))


def test_mixture() -> None:
    mixture = Mixture([0.7, 0.2, 0.1 - 1e-9, 1e-9], 5)
    assert mixture.quotas.sum() == CYCLE and mixture.quotas.tolist()[:3] == [45875, 13107, 6553]
    streams, places = mixture.locate(np.arange(3 * CYCLE))
    for stream in range(4):
        own = places[streams == stream]
        assert np.array_equal(own, np.arange(own.size)) and own.size == 3 * mixture.quotas[stream]
    assert Mixture([1.0] * 300 + [1e9], 5).quotas.sum() == CYCLE
    # Of equal ones, the first gives, as in Swift (StreamMixtureTests).
    assert Mixture([1, 1, 1e-9, 1e-9, 1e-9], 5).quotas.tolist() == [32766, 32767, 1, 1, 1]


def test_weights(data: DataSet, generated: pathlib.Path) -> None:
    other = DataSet.open(data.folder)
    with pytest.raises(ValueError, match="twice"):
        run(GlobalBatches([data, other], 4, 1.5), 1)
    with pytest.raises(ShardError) as caught:
        run(GlobalBatches([data, DataSet.open(generated)], 4, 1.5), 1)
    assert caught.value.kind is Kind.VOCABULARY


def test_data_sets_whose_folders_have_one_name() -> None:
    folders = ["en/shards", "de/shards/", "other"]
    data = [types.SimpleNamespace(folder=folder) for folder in folders]
    assert streams._names(data) == ["en/shards", "de/shards/", "other"]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def many_sources(program: Program, generated: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A data set, each of whose sequences has a source of its own, and a second one with other text and some of these sources."""
    folder = tmp_path_factory.mktemp("sources")
    lines = [line for line in (REPOSITORY / "data" / "sample" / "plain.txt").read_text().splitlines() if len(line) > 30]
    for name, count in (("one", 40), ("two", 11)):
        named = []
        for number in range(count):
            path = folder / f"{name}-{number}.txt"
            path.write_text(lines[number % len(lines)] + f" {name} {number}")
            named.append(f"s{number}={path}")
        program("generate", "--generator", generated.parent / "generator", "--text", *named, "--out", folder / name, "--max-length", 48, "--threads", 1)
    return folder


def nearest(ids: Tuple[int, ...], of: Dict[Tuple[int, ...], str]) -> str:
    """Replayed sequences differ from the original in some 15 % of their tokens."""
    same = {text: sum(a == b for a, b in zip(ids, text)) for text in of if len(text) == len(ids)}
    return of[max(same, key=lambda text: same[text])]


@pytest.mark.parametrize(
    "folders, arguments, options",
    [
        (["one"], {}, []),
        (["one", "two"], {}, []),
        (["one", "two"], {"weights": [0.3, 0.7]}, None),
        (["one", "two"], {"source_power": 0.5}, ["--source-power", 0.5]),
        (["one"], {"source_power": 0.0}, ["--source-power", 0]),
    ],
)
def test_the_order_is_that_of_the_swift_trainer(
    folders: List[str], arguments: Dict[str, Any], options: Any, program: Program, many_sources: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """Its metrics count tokens by source: step by step they tell which sequence came."""
    shards: List[object] = []
    for number, folder in enumerate(folders):
        weight = f":{arguments['weights'][number]}" if "weights" in arguments else ""
        shards += ["--shards", f"{many_sources / folder}{weight}"]
    steps = 100
    program("train", *shards, *(options or []), "--preset", "tiny", "--out", tmp_path / "run", "--steps", steps, "--batch-size", 2,
            "--log-interval", 1, "--temperature", "constant:1", "--threads", 1, "--seed", 9)  # fmt: skip
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    prefix = "tokens/"
    expected = [
        {name[len(prefix) :]: count for name, count in json.loads(line).items() if name.startswith(prefix) and count} for line in lines[:steps]
    ]
    data = [DataSet.open(many_sources / folder) for folder in folders]
    of = {tuple(one[entry].tokens.tolist()): one.header.sources[int(one[entry].sources[0])] for one in data for entry in range(len(one))}
    batches = GlobalBatches(data, 2, 1.0, seed=9, **arguments)
    lengths: List[Dict[str, int]] = []
    for epoch in range(steps):
        for batch in batches.epoch(epoch):
            counts = collections.Counter[str]()
            for ids in rows(batch):
                counts[nearest(ids, of)] += len(ids)
            lengths.append(dict(counts))
        if len(lengths) >= steps:
            break
    assert len(expected) == steps
    assert lengths[:steps] == expected


def test_packed_is_padded_without_padding(data: DataSet) -> None:
    for make in (lambda layout: Batches(data, 5, 1.5, layout=layout), lambda layout: GlobalBatches([data], 5, 1.5, layout=layout)):
        for padded, packed in zip(make("padded").epoch(0), make("packed").epoch(0)):
            present = padded["attention_mask"] == 1
            for name in ("input_ids", "token_type_ids", "labels"):
                assert np.array_equal(packed[name], padded[name][present])
            assert np.array_equal(np.diff(packed["cu_seqlens"]), present.sum(axis=1)) and packed["cu_seqlens"].dtype == np.int32
            place = np.broadcast_to(np.arange(present.shape[1]), present.shape)[present]
            assert np.array_equal(packed["position_ids"], place)
    with pytest.raises(ValueError, match="layout"):
        Batches(data, 5, 1.5, layout="loose")


def test_focal_schedules(data: DataSet, program: Program, generated: pathlib.Path, tmp_path: pathlib.Path) -> None:
    for text in ("2", "linear:2:0.5", "polynomial:3", "exponential:2:0.2"):
        program("train", "--shards", generated, "--preset", "tiny", "--out", tmp_path / text, "--steps", 4, "--batch-size", 1,
                "--log-interval", 1, "--focal", text, "--threads", 1)  # fmt: skip
        expected = [json.loads(line)["focal"] for line in (tmp_path / text / "metrics.jsonl").read_text().splitlines()]
        schedule = FocalSchedule.of(text)
        assert [schedule(step / 4) or 0 for step in range(4)] == pytest.approx(expected, rel=1e-12)
    for text in ("warm", "linear:0.001", "constant:2", "99", ""):
        with pytest.raises(ValueError):
            FocalSchedule.of(text)
    with pytest.raises(ValueError, match="total_batches"):
        Batches(data, 5, 1.5, focal="linear:2")
    one = [rows(batch) for batch in Batches(data, 5, 1.5, focal=2.0).epoch(0)]
    assert one == [rows(batch) for batch in Batches(data, 5, 1.5, policy=Policy(focal=2.0)).epoch(0)]
    assert one != [rows(batch) for batch in Batches(data, 5, 1.5).epoch(0)]


@pytest.mark.parametrize(
    "arguments",
    [
        {"global_batch_size": 0},
        {"world_size": 3},
        {"rank": 2, "world_size": 2},
        {"seed": -1},
        {"temperature": 2.5},
        {"temperature": "linear:2"},
        {"weights": [1.0, 1.0]},
        {"weights": [-1.0]},
        {"source_power": 5.0},
        {"weights": [1.0], "source_power": 0.5},
        {"layout": "loose"},
    ],
)
def test_arguments(data: DataSet, arguments: Any) -> None:
    with pytest.raises(ValueError):
        run(GlobalBatches(**{"data": [data], "global_batch_size": 4, "temperature": 1.5, **arguments}), 1)


def test_a_data_set_is_indexed(data: DataSet) -> None:
    entries = [row for shard in data.shards for block in shard.blocks() for row in range(len(block))]
    assert len(entries) == len(data) == len([data[entry] for entry in range(len(data))])
    assert np.array_equal(data[0].tokens, data.shards[0].sequence(0).tokens)
    assert np.array_equal(data[-1].tokens, data.shards[-1].sequence(len(data.shards[-1]) - 1).tokens)
    assert np.array_equal(data[int(np.int64(7))].tokens, data.shards[1].sequence(1).tokens)
    for entry in (23, -24):
        with pytest.raises(IndexError, match="no number"):
            data[entry]
    with pytest.raises(TypeError, match="indexed by the number"):
        data["first"]  # type: ignore[index]


def test_what_is_no_data_set(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("text")
    for folder, words in ((tmp_path / "absent", "no such folder"), (tmp_path / "file", "is a file"), (5, "is not a path"), (None, "is not a path")):
        with pytest.raises(ShardError, match=words) as caught:
            DataSet.open(folder)  # type: ignore[arg-type]
        assert caught.value.kind is Kind.ABSENT and "Check the path" in str(caught.value)
