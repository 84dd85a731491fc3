"""The writer: what Swift wrote comes out again column by column, data sets are whole or not there, and parts make one of them."""

from __future__ import annotations

import dataclasses
import fcntl
import itertools
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import time
from typing import Any, Callable, Dict, List

import numpy as np
import pytest
from conftest import GOLDEN, NAMES, golden
from fast_electra import Block, DataSet, Shard, ShardError
from fast_electra.header import frame
from fast_electra.writer import DataSetWriter, MaskedPosition, Race, SequenceRow, ShardWriter, block_of, content, encode
from forge import columns, take_apart

Program = Callable[..., str]


@pytest.mark.parametrize("name", NAMES)
def test_golden_shards_come_out_again(name: str, tmp_path: pathlib.Path) -> None:
    data = (GOLDEN / f"{name}.shard").read_bytes()
    shard, parts = Shard.open(GOLDEN / f"{name}.shard"), take_apart(data)
    with ShardWriter(tmp_path / "again.shard", shard.header) as writer:
        for number, block in enumerate(shard.blocks()):
            mine = b"".join(content(block))
            for column, (offset, count, width) in columns(parts.header, parts.contents[number]).items():
                end = offset + count * width
                assert mine[offset:end] == parts.contents[number][offset:end], f"block {number}, {column}"
            assert mine == parts.contents[number]
            writer.append(block)
        writer.commit(ends_pass=shard.index.ends_pass)
    again = Shard.open(tmp_path / "again.shard")
    assert again.header == shard.header and again.index.ends_pass == shard.index.ends_pass
    assert np.array_equal(again.index.columns[:, 3:], shard.index.columns[:, 3:])


def test_shards_of_the_swift_program_come_out_again(generated: pathlib.Path) -> None:
    for shard in DataSet.open(generated).shards:
        data = pathlib.Path(shard.path).read_bytes()
        assert frame(shard.header) == data[: len(frame(shard.header))]
        for number, block in enumerate(shard.blocks()):
            assert b"".join(content(block)) == take_apart(data).contents[number]


@pytest.mark.parametrize("name", NAMES)
def test_rows_make_the_same_block(name: str) -> None:
    content_of_golden, shard = golden(name), Shard.open(GOLDEN / f"{name}.shard")
    nodes = shard.header.tail_nodes
    for number, block in enumerate(shard.blocks()):
        rows = [row_of(block.select(np.array([row])), bool(nodes)) for row in range(len(block))]
        assert len(rows) == len(content_of_golden["blocks"][number])
        made = block_of(shard.header, rows, int(block.sequences[0]))
        assert content(made) == content(block)


def row_of(block: Block, has_tail: bool) -> SequenceRow:
    masked = []
    for m in range(block.positions.size):
        head = slice(block.candidate_starts[m], block.candidate_starts[m + 1])
        races = []
        for race in range(block.race_starts[m], block.race_starts[m + 1]):
            first, end = int(block.change_starts[race]), int(block.change_starts[race + 1])
            races.append(Race(block.winners[first + race : end + race + 1].tolist(), block.change_codes[first:end].tolist()))
        tail = block.tail_codes[:, block.tail_starts[m]].tolist() if block.race_counts[m] else []
        masked.append(
            MaskedPosition(
                int(block.positions[m]), list(zip(block.head_ids[head].tolist(), block.head_codes[head].tolist())),
                int(block.original_codes[m]), tail, races,
            )  # fmt: skip
        )
    return SequenceRow(block.tokens.tolist(), masked, int(block.sources[0]), int(block.second_segments[0]))


def a_block(header: Any, of_pass: int, first: int, count: int) -> Block:
    """Sequences of the golden shard under other numbers; one in each place has a length of its own."""
    shard = Shard.open(GOLDEN / "head.shard")
    pool = Block.concatenate(list(shard.blocks()))
    rows = pool.select((np.arange(first, first + count) * 5 + of_pass) % len(pool))
    return dataclasses.replace(
        rows, header=header, passes=np.full(count, of_pass, np.uint16), sequences=np.arange(first, first + count)
    )


def write_all(folder: pathlib.Path, size: int, passes: int = 1, **arguments: Any) -> None:
    header = Shard.open(GOLDEN / "head.shard").header
    with DataSetWriter(folder, header, passes=passes, sequences=size, shard_blocks=2, **arguments) as writer:
        while writer.position is not None:
            of_pass, first = writer.position
            writer.append(a_block(writer.header, of_pass, first, min(writer.room, 1 + first % 3)))


def contents(folder: pathlib.Path) -> Dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".claim"}


@pytest.mark.parametrize("size", [1, 7, 12, 29])
def test_data_sets(size: int, tmp_path: pathlib.Path) -> None:
    write_all(tmp_path / "one", size, passes=2)
    data = DataSet.open(tmp_path / "one")
    assert data.is_complete and data.pass_size == size and len(data) == 2 * size
    entries = [block for shard in data.shards for block in shard.blocks()]
    for block in entries:
        first = int(block.sequences[0])
        expected = a_block(block.header, int(block.passes[0]), first, len(block))
        assert content(block) == content(expected)
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
    assert sum(shard["counts"]["sequences"] for shard in manifest["shards"]) == 2 * size


def test_parts_in_any_order_make_the_same_files(tmp_path: pathlib.Path) -> None:
    write_all(tmp_path / "one", 29, passes=2)
    for part in (2, 0, 1):
        write_all(tmp_path / "parts", 29, passes=2, part=part, parts=3)
        assert not (tmp_path / "parts" / "manifest.json").exists() and (tmp_path / "parts" / "parts.json").exists()
    write_all(tmp_path / "parts", 29, passes=2)
    assert contents(tmp_path / "parts") == contents(tmp_path / "one")


def test_a_data_set_that_was_left_between_two_passes_is_not_complete(tmp_path: pathlib.Path) -> None:
    """Its shards alone are those of a complete data set of one pass."""
    header = Shard.open(GOLDEN / "head.shard").header
    with DataSetWriter(tmp_path, header, passes=2, sequences=13, shard_blocks=2) as writer:
        while writer.position is not None and writer.position[0] == 0:
            of_pass, first = writer.position
            writer.append(a_block(writer.header, of_pass, first, writer.room))
    assert not DataSet.open(tmp_path).is_complete
    with DataSetWriter(tmp_path, header, passes=3, sequences=13, shard_blocks=2) as writer:
        while writer.position is not None and writer.position[0] < 2:
            of_pass, first = writer.position
            writer.append(a_block(writer.header, of_pass, first, writer.room))
    assert not DataSet.open(tmp_path).is_complete, "there are two of three passes now"
    (tmp_path / "parts.json").write_text("[" * 100_000)
    assert DataSet.open(tmp_path).is_complete, "a file that is none says nothing"
    write_all(tmp_path, 13, passes=3)
    assert DataSet.open(tmp_path).is_complete


def test_a_pass_whose_end_is_learned(tmp_path: pathlib.Path) -> None:
    """Without the number of sequences: with `ends_pass`, and `end_pass` where another part has the end."""
    write_all(tmp_path / "one", 13)
    header = Shard.open(GOLDEN / "head.shard").header
    for part, parts in ((0, 2), (1, 2), (0, 1)):
        with DataSetWriter(tmp_path / "two", header, part=part, parts=parts, shard_blocks=2) as writer:
            while writer.position is not None:
                _, first = writer.position
                if first >= 13:
                    writer.end_pass(13)
                    continue
                count = min(writer.room, 13 - first)
                writer.append(a_block(writer.header, 0, first, count), ends_pass=first + count == 13)
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


def test_a_run_that_stops_anywhere_goes_on(tmp_path: pathlib.Path, seed: int) -> None:
    """The partial file is cut at random bytes, as a kill or a power cut leaves it; then bytes of it are damaged."""
    write_all(tmp_path / "whole", 29)
    header, draw = Shard.open(GOLDEN / "head.shard").header, random.Random(seed)
    folder, kept = tmp_path / "cut", 0
    for _ in range(60):
        with DataSetWriter(folder, header, sequences=29, shard_blocks=2) as writer:
            if writer.position is None:
                break
            kept += writer.shard.blocks if writer.shard else 0
            _, first = writer.position
            writer.append(a_block(writer.header, 0, first, min(writer.room, header.block_size)))
        for partial in folder.glob("*.partial"):
            data = bytearray(partial.read_bytes())
            del data[draw.randrange(len(data) + 1) :]
            if data and draw.random() < 0.5:
                data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            if draw.random() < 0.8:
                partial.write_bytes(data)
    else:
        write_all(folder, 29)
    write_all(folder, 29)
    assert kept > 0 and contents(folder) == contents(tmp_path / "whole")


def test_nothing_is_written_that_a_reader_refuses(tmp_path: pathlib.Path) -> None:
    block = a_block(Shard.open(GOLDEN / "head.shard").header, 0, 0, 3)
    header = dataclasses.replace(block.header, pass_number=0, first_sequence=0)
    block = dataclasses.replace(block, header=header)
    encode(block)

    def changed(name: str, place: int, value: int) -> Block:
        array = getattr(block, name).copy()
        array[place] = value
        return dataclasses.replace(block, **{name: array})

    several = int(np.flatnonzero(block.candidate_counts > 1)[0])
    first = int(block.candidate_starts[several])
    raced = int(np.flatnonzero(block.race_counts)[0])
    bad: List[Block] = [
        changed("tokens", 0, header.vocabulary_size),
        changed("lengths", 0, 0),
        changed("head_ids", first + 1, int(block.head_ids[first])),
        changed("winners", int(block.change_starts[block.race_starts[raced]] + block.race_starts[raced]),
                int(block.head_ids[block.candidate_starts[raced]])),
        changed("original_ranks", several, 1 if block.original_ranks[several] != 1 else 0),
        changed("sources", 0, len(header.sources)),
        changed("sequences", 1, 9),
        changed("passes", 1, 9),
    ]  # fmt: skip
    for one in bad:
        with pytest.raises((ShardError, ValueError)):
            encode(one)
    with ShardWriter(tmp_path / "one.shard", header) as writer:
        with pytest.raises(ValueError, match="is next"):
            writer.append(dataclasses.replace(block, sequences=block.sequences + 1))
        with pytest.raises(ValueError, match="at least one block"):
            writer.commit(ends_pass=True)
    assert not (tmp_path / "one.shard").exists()
    with pytest.raises(ShardError, match="seed"):
        ShardWriter(tmp_path / "two.shard", dataclasses.replace(header, seed=-1))


def test_arguments_and_foreign_shards(tmp_path: pathlib.Path) -> None:
    write_all(tmp_path, 13)
    header = Shard.open(GOLDEN / "head.shard").header
    with pytest.raises(ShardError, match="seed"):
        DataSetWriter(tmp_path, dataclasses.replace(header, seed=5))
    for arguments in ({"passes": 0}, {"part": 2, "parts": 2}, {"shard_blocks": 0}, {"sequences": 0}, {"sequences": 5}, {"shard_blocks": 1}):
        with pytest.raises(ValueError):
            DataSetWriter(tmp_path, header, **arguments)
    with DataSetWriter(tmp_path / "new", header, shard_blocks=2) as writer:
        for of_pass, first in itertools.product((0, 1), (0, 1)):
            if (of_pass, first) != (0, 0):
                with pytest.raises(ValueError, match="can be appended"):
                    writer.append(a_block(writer.header, of_pass, first, 1))


def test_a_refused_block_changes_nothing(tmp_path: pathlib.Path) -> None:
    """The writer goes on at the same position, with the sequences that it had taken before."""
    write_all(tmp_path / "one", 13)
    header = Shard.open(GOLDEN / "head.shard").header
    with DataSetWriter(tmp_path / "two", header, sequences=13, shard_blocks=2) as writer:
        while writer.position is not None:
            _, first = writer.position
            good = a_block(writer.header, 0, first, min(writer.room, 2))
            bad = dataclasses.replace(good, tokens=np.full_like(good.tokens, writer.header.vocabulary_size))
            # It fills blocks, so that some of them are good and the last is not.
            rest = a_block(writer.header, 0, first, writer.room)
            late = dataclasses.replace(rest, tokens=np.concatenate([rest.tokens[:-1], bad.tokens[:1]]))
            for wrong in (bad, late):
                with pytest.raises((ShardError, ValueError)):
                    writer.append(wrong, ends_pass=True)
                assert writer.position == (0, first)
            with pytest.raises(ValueError, match="no sequence"):
                writer.append(good.select(np.array([], dtype=np.int64)), ends_pass=True)
            writer.append(good)
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


def test_an_encoded_block_stands_where_it_belongs(tmp_path: pathlib.Path) -> None:
    header = Shard.open(GOLDEN / "head.shard").header
    with DataSetWriter(tmp_path, header, sequences=13, shard_blocks=2) as writer:
        size = writer.header.block_size
        with pytest.raises(ValueError, match="is next"):
            writer.append_encoded(encode(a_block(writer.header, 0, size, size)))
        with pytest.raises(ValueError, match="another header"):
            writer.append_encoded(encode(a_block(dataclasses.replace(writer.header, pass_number=1), 1, 0, size)))
        assert writer.position == (0, 0)
        writer.append_encoded(encode(a_block(writer.header, 0, 0, size)))
        assert writer.position == (0, size)


def test_a_failed_write_ends_the_writer(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the block may be in the file: the next writer removes it, this one does not go on."""
    write_all(tmp_path / "one", 13)
    header = Shard.open(GOLDEN / "head.shard").header
    with DataSetWriter(tmp_path / "two", header, sequences=13, shard_blocks=2) as writer:
        assert writer.shard is not None
        writer.append(a_block(writer.header, 0, 0, header.block_size))

        file: Any = writer.shard._file

        class FullDisk:
            def write(self, data: bytes) -> int:
                file.write(data[:7])
                raise OSError(28, "No space left on device")

            def close(self) -> None:
                file.close()

        monkeypatch.setattr(writer.shard, "_file", FullDisk())
        with pytest.raises(OSError, match="No space"):
            writer.append(a_block(writer.header, 0, header.block_size, header.block_size))
        with pytest.raises(ValueError, match="make a new writer"):
            writer.append(a_block(writer.header, 0, header.block_size, header.block_size))
    write_all(tmp_path / "two", 13)
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


def test_fewer_sequences_than_there_are(tmp_path: pathlib.Path) -> None:
    """A shard that says that its pass goes on is never the last."""
    header = Shard.open(GOLDEN / "head.shard").header
    size = 2 * header.block_size
    with DataSetWriter(tmp_path, header, sequences=3 * size, shard_blocks=2) as writer:
        writer.append(a_block(writer.header, 0, 0, size))
    for sequences in (size, size - 1):
        with pytest.raises(ValueError, match=f"more than {size} come"):
            DataSetWriter(tmp_path, header, sequences=sequences, shard_blocks=2)
    with DataSetWriter(tmp_path, header, shard_blocks=2) as writer:
        assert writer.position == (0, size)
        for sequences in (size, size - 1, 1):
            with pytest.raises(ValueError, match="says that its pass goes on; remove it"):
                writer.end_pass(sequences)
        assert writer.position == (0, size)
    write_all(tmp_path, 3 * size)
    assert DataSet.open(tmp_path).is_complete


def test_a_part_leaves_a_complete_data_set_complete(tmp_path: pathlib.Path) -> None:
    write_all(tmp_path, 29)
    before = contents(tmp_path)
    write_all(tmp_path, 29, part=0, parts=2)
    assert contents(tmp_path) == before and DataSet.open(tmp_path).is_complete


def test_one_writer_at_a_time(tmp_path: pathlib.Path) -> None:
    from fast_electra.writer.claims import InUseError

    header = Shard.open(GOLDEN / "head.shard").header
    with DataSetWriter(tmp_path, header):
        with pytest.raises(InUseError, match="Wait until it has ended"):
            DataSetWriter(tmp_path, header)
    with DataSetWriter(tmp_path, header, part=0, parts=2):
        with pytest.raises(InUseError, match="process .* is writing"):
            DataSetWriter(tmp_path, header, part=0, parts=2)
        with DataSetWriter(tmp_path, header, part=1, parts=2):
            pass


def test_the_lock_of_a_claim_tells_of_another_container(tmp_path: pathlib.Path) -> None:
    """Its processes have numbers of their own; a process with that number on this side says nothing."""
    from fast_electra.writer.claims import Claim, InUseError

    path = tmp_path / "one.shard.claim"
    content = json.dumps({"host": socket.gethostname(), "process": 2147483600, "numbers": "pid:[1]"})
    path.write_text(content)
    with open(path) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(InUseError, match="process 2147483600"):
            Claim(str(tmp_path / "one.shard"))
        assert path.read_text() == content
    with Claim(str(tmp_path / "one.shard")), open(path) as other:
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
    assert not path.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_the_claim_of_a_zombie_is_taken_over(tmp_path: pathlib.Path) -> None:
    from fast_electra.writer.claims import Claim, InUseError

    path = tmp_path / "one.shard.claim"
    with subprocess.Popen(["sleep", "60"]) as child:
        path.write_text(json.dumps({"host": socket.gethostname(), "process": child.pid}))
        with pytest.raises(InUseError, match=f"process {child.pid}"):
            Claim(str(tmp_path / "one.shard"))
        child.kill()
        # Nobody waits for it, so it stays a zombie.
        while " Z " not in pathlib.Path(f"/proc/{child.pid}/stat").read_text():
            time.sleep(0.01)
        with Claim(str(tmp_path / "one.shard")):
            pass


def test_a_claim_that_cannot_be_written_keeps_nobody_out(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fast_electra.writer.claims import Claim

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = str(tmp_path / "one.shard")
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="No space"):
            Claim(path)
    assert list(tmp_path.iterdir()) == []
    assert not before or len(os.listdir("/proc/self/fd")) == before
    with Claim(path):
        pass


def test_swift_accepts_them(program: Program, tmp_path: pathlib.Path) -> None:
    write_all(tmp_path / "one", 29, passes=2)
    report = json.loads(program("verify", tmp_path / "one", "--json"))
    assert report["faults"] == [], report
    for part in range(2):
        write_all(tmp_path / "parts", 29, part=part, parts=3)
    inspected = json.loads(program("inspect", tmp_path / "one", "--json"))
    assert inspected["sequences"] == 58
