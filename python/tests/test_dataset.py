"""Which folders make a data set. Shards are cut out of a golden one and given other places."""

from __future__ import annotations

import pathlib
from typing import List, Tuple

import pytest
from conftest import GOLDEN
from fast_electra import Batches, DataSet, GlobalBatches, Kind, ShardError
from forge import take_apart

#: Pass, first sequence, blocks of three sequences, whether the pass ends.
Place = Tuple[int, int, int, bool]


def fill(folder: pathlib.Path, places: List[Place], **changes: object) -> pathlib.Path:
    golden = take_apart((GOLDEN / "head.shard").read_bytes())
    for number, (in_pass, first, blocks, ends) in enumerate(places):
        golden.header.update({"pass": in_pass, "firstSequence": first})
        if number == len(places) - 1:
            golden.header.update(changes)
        parts = take_apart(golden.seal())
        parts.contents, parts.flags = [golden.contents[0]] * blocks, int(ends)
        (folder / f"{len(places) - number}.shard").write_bytes(parts.seal())
    return folder


def test_two_passes(tmp_path: pathlib.Path) -> None:
    data = DataSet.open(fill(tmp_path, [(0, 0, 2, False), (0, 6, 1, True), (1, 0, 1, False), (1, 3, 2, True)]))
    assert (len(data), data.pass_size, data.is_complete) == (18, 9, True)
    blocks = [block for shard in data.shards for block in shard.blocks()]
    places = [place for block in blocks for place in zip(block.passes.tolist(), block.sequences.tolist())]
    assert places == [(number, sequence) for number in range(2) for sequence in range(9)]


def test_unfinished(tmp_path: pathlib.Path) -> None:
    data = DataSet.open(fill(tmp_path, [(0, 0, 2, True), (1, 0, 1, False)]))
    assert (len(data), data.pass_size, data.is_complete) == (9, 6, False)
    assert data.shards[1].block(0).sequences.tolist() == [0, 1, 2]
    for make in (lambda: Batches(data, 2, 1.5), lambda: GlobalBatches([data], 2, 1.5)):
        with pytest.raises(ShardError, match="the data set is not complete. Run the same `generate` command again") as caught:
            make()
        assert caught.value.kind is Kind.UNFINISHED and caught.value.file == str(tmp_path)


def test_a_folder_without_shards(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ShardError, match="no shard in the folder. Check the path") as caught:
        DataSet.open(tmp_path)
    assert caught.value.kind is Kind.ABSENT


def test_a_manifest_changes_nothing(tmp_path: pathlib.Path) -> None:
    (fill(tmp_path, [(0, 0, 2, True)]) / "manifest.json").write_text("{}")
    assert DataSet.open(tmp_path).is_complete


@pytest.mark.parametrize(
    "places",
    [
        [(1, 0, 1, True)],
        [(0, 3, 1, True)],
        [(0, 0, 1, False), (0, 6, 1, True)],
        [(0, 0, 2, False), (0, 3, 1, True)],
        [(0, 0, 1, True), (0, 3, 1, True)],
        [(0, 0, 1, True), (0, 0, 1, True)],
        [(0, 0, 1, False), (1, 0, 1, True)],
        [(0, 0, 1, True), (2, 0, 1, True)],
        [(0, 0, 2, True), (1, 0, 1, True)],
        [(0, 0, 1, True), (1, 0, 2, False)],
        [(0, 0, 1, True), (1, 0, 1, False)],
    ],
)
def test_gaps_and_repetitions(places: List[Place], tmp_path: pathlib.Path) -> None:
    with pytest.raises(ShardError) as caught:
        DataSet.open(fill(tmp_path, places))
    assert caught.value.kind is Kind.COVERAGE


def test_mixed_shards_are_named_with_both_values(tmp_path: pathlib.Path) -> None:
    fill(tmp_path, [(0, 0, 1, False), (0, 3, 1, True)], seed=77)
    with pytest.raises(ShardError) as caught:
        DataSet.open(tmp_path)
    assert caught.value.kind is Kind.MIXED
    assert "seed" in caught.value.message and "77" in caught.value.message and str(2**64 - 3) in caught.value.message


def test_a_damaged_shard_is_refused(tmp_path: pathlib.Path) -> None:
    path = fill(tmp_path, [(0, 0, 1, True)]) / "1.shard"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ShardError) as caught:
        DataSet.open(tmp_path)
    assert caught.value.kind is Kind.CUT and caught.value.file == str(path)
