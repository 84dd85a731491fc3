"""Each thing that docs/format.md tells a reader to reject, in a shard that is right in all else."""

from __future__ import annotations

import dataclasses
import json
import pickle
import struct
from typing import Any, Callable, Dict, List, Tuple

import numpy as np
import pytest
import zstandard
from conftest import GOLDEN
from fast_electra import Kind, Shard, ShardError
from forge import Entries, Parts, columns, compress, take_apart, with_element

Write = Callable[[bytes], Any]


def parts(name: str = "head") -> Parts:
    return take_apart((GOLDEN / f"{name}.shard").read_bytes())


def read(path: Any) -> None:
    for _ in Shard.open(path).blocks():
        pass


def expect(path: Any, kind: Kind, *words: str) -> None:
    with pytest.raises(ShardError) as caught:
        read(path)
    error = caught.value
    assert error.kind is kind, str(error)
    assert error.file == str(path) and error.offset is not None and error.remedy in str(error)
    for word in words:
        assert word in error.message
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def changed(data: bytes, offset: int, value: bytes) -> bytes:
    return data[:offset] + value + data[offset + len(value) :]


@pytest.mark.parametrize("name", ["head", "wide", "single", "dense"])
def test_put_together_again_it_is_right(name: str, write: Write) -> None:
    one = parts(name)
    read(write(one.seal()))
    one.header["a member that nobody knows"] = {"x": [1]}
    one.header = dict(reversed(list(one.header.items())))
    read(write(one.seal()))


HEADERS: List[Tuple[str, Any]] = [
    ("vocabularySize", 0),
    ("vocabularySize", 2**31),
    ("vocabularySize", 600.0),
    ("vocabularySize", True),
    ("vocabularySize", "600"),
    ("vocabularySHA256", "0" * 63),
    ("vocabularySHA256", "A" * 64),
    ("generatorSHA256", 7),
    ("specialTokens", []),
    ("specialTokens", {"padding": 0, "classification": 1, "separator": 2}),
    ("specialTokens", {"padding": 0, "classification": 1, "separator": 2, "mask": 600}),
    ("maximumLength", 0),
    ("maximumLength", 65_536),
    ("maskProbability", 0),
    ("maskProbability", 1.01),
    ("maskProbability", None),
    ("maskProbability", 10**400),
    ("seed", -1),
    ("seed", 2**64),
    ("neverDrawn", 3),
    ("neverDrawn", [3]),
    ("neverDrawn", [[3, 2]]),
    ("neverDrawn", [[0, 3], [3, 4]]),
    ("neverDrawn", [[0, 600]]),
    ("neverDrawn", [[0, 1.0]]),
    ("sources", []),
    ("sources", ["en", "en"]),
    ("sources", [1]),
    ("sources", [str(number) for number in range(1025)]),
    ("leastCandidates", 0),
    ("leastCandidates", 600),
    ("mostCandidates", 1),
    ("mostCandidates", 601),
    ("visitCount", 0),
    ("visitCount", 257),
    ("changeParts", 0),
    ("changeParts", 65_536),
    ("deviation", -0.1),
    ("deviation", 1.1),
    ("temperatureRange", {"minimum": 2.0, "maximum": 1.0}),
    ("temperatureRange", {"minimum": 1 / 65, "maximum": 2.0}),
    ("temperatureRange", {"minimum": 1.0, "maximum": 65.0}),
    ("temperatureRange", {"minimum": 1.0}),
    ("tailNodes", []),
    ("tailNodes", 0.5),
    ("tailNodes", [1.0, "1.5", 2.0]),
    ("tailNodes", [1.0, 1.9]),
    ("tailNodes", [1.01, 2.0]),
    ("tailNodes", [1.0, 1.5, 1.5001, 2.0]),
    ("tailNodes", [1 + i / 64 for i in range(65)]),
    ("blockSize", 0),
    ("blockSize", 2**20 + 1),
    ("pass", 65_536),
    ("pass", True),
    ("pass", 1.0),
    ("firstSequence", 2**48),
]


@pytest.mark.parametrize("member,value", HEADERS)
def test_header_members(member: str, value: Any, write: Write) -> None:
    one = parts()
    one.header[member] = value
    expect(write(one.seal()), Kind.HEADER)


def test_missing_members(write: Write) -> None:
    for member in list(parts().header):
        one = parts()
        del one.header[member]
        expect(write(one.seal()), Kind.HEADER, member)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"[" * 60_000, b'{"seed": NaN}', b"\xff{}", b'{"seed": ' + b"9" * 9000 + b"}"])
def test_headers_that_are_no_json_objects(text: bytes, write: Write) -> None:
    one = parts()
    one.json = lambda _: text
    expect(write(one.seal()), Kind.HEADER)


def test_too_long_header(write: Write) -> None:
    one = parts()
    one.json = lambda text: text + b" " * (65_537 - len(text))
    expect(write(one.seal()), Kind.HEADER, "65536")
    one.json = lambda text: text + b" " * (65_536 - len(text))
    read(write(one.seal()))


@pytest.mark.parametrize(
    "offset,value,kind",
    [
        (0, b"\x51", Kind.NOT_A_SHARD),
        (8, b"h", Kind.NOT_A_SHARD),
        (16, b"\x02", Kind.VERSION),
        (4, b"\x00", Kind.HEADER),
        (30, b"\x00", Kind.CHECKSUM),
    ],
)
def test_header_frame(offset: int, value: bytes, kind: Kind, write: Write) -> None:
    expect(write(changed(parts().seal(), offset, value)), kind)


def first_entry(**values: int) -> Callable[[Entries], Entries]:
    names = ["frame", "content", "checksum", "sequences", "tokens", "masked"]

    def change(entries: Entries) -> Entries:
        for name, value in values.items():
            entries[0][names.index(name)] = value
        return entries

    return change


INDEXES: Dict[str, Tuple[Dict[str, Any], Kind]] = {
    "of another header": ({"bound": 1}, Kind.INDEX),
    "unknown flag": ({"flags": 2}, Kind.INDEX),
    "wrong magic": ({"index": lambda data: changed(data, 0, b"\x51")}, Kind.INDEX),
    "wrong name": ({"index": lambda data: changed(data, 8, b"X")}, Kind.INDEX),
    "wrong size": ({"index": lambda data: changed(data, 4, b"\x00")}, Kind.INDEX),
    "wrong count": ({"index": lambda data: changed(data, 24, b"\x01")}, Kind.INDEX),
    "frame too long": ({"entries": first_entry(frame=2**32 - 1)}, Kind.INDEX),
    "content too large": ({"entries": first_entry(content=2**30 + 1)}, Kind.INDEX),
    "content that the frame cannot hold": ({"entries": first_entry(content=2**29)}, Kind.INDEX),
    "content smaller than its columns": ({"entries": first_entry(content=40)}, Kind.INDEX),
    "a middle block that is not full": ({"entries": first_entry(sequences=2)}, Kind.INDEX),
    "fewer tokens than sequences": ({"entries": first_entry(tokens=2, masked=0)}, Kind.INDEX),
    "more tokens than fit": ({"entries": first_entry(tokens=37)}, Kind.INDEX),
    "more masked than tokens": ({"entries": first_entry(masked=2**32 - 1)}, Kind.INDEX),
    "another checksum than the frame": ({"entries": first_entry(checksum=1)}, Kind.FRAME),
    "wrong seek magic": ({"seek": lambda data: changed(data, 0, b"\x00")}, Kind.SEEK_TABLE),
    "wrong seek size": ({"seek": lambda data: changed(data, 4, b"\x00")}, Kind.SEEK_TABLE),
    "wrong seek entry": ({"seek": lambda data: changed(data, 20, b"\x00")}, Kind.SEEK_TABLE),
    "wrong seek descriptor": ({"seek": lambda data: changed(data, len(data) - 5, b"\x00")}, Kind.SEEK_TABLE),
    "wrong seek footer": ({"seek": lambda data: changed(data, len(data) - 1, b"\x00")}, Kind.CUT),
    "no frames at all": ({"seek": lambda data: changed(data, len(data) - 9, b"\x01\0\0\0")}, Kind.SEEK_TABLE),
    "a block too many": ({"seek": lambda data: changed(data, len(data) - 9, b"\xff\xff\xff\xff")}, Kind.CUT),
}


@pytest.mark.parametrize("name", INDEXES)
def test_index_and_seek_table(name: str, write: Write) -> None:
    changes, kind = INDEXES[name]
    expect(write(dataclasses.replace(parts(), **changes).seal()), kind)


def test_index_checksum(write: Write) -> None:
    data = parts().seal()
    expect(write(changed(data, data.rindex(b"HRBLOCKS") + 21, b"\x07")), Kind.CHECKSUM)


def test_sequences_beyond_the_limit(write: Write) -> None:
    one = parts()
    one.header["firstSequence"] = 2**48 - 8
    read(write(one.seal()))
    one.header["firstSequence"] = 2**48 - 7
    expect(write(one.seal()), Kind.INDEX, "2^48")


def test_a_last_block_with_too_many_sequences(write: Write) -> None:
    one = parts()
    one.header["blockSize"] = 1
    one.contents = one.contents[-1:]
    expect(write(one.seal()), Kind.INDEX, "blockSize")


def test_no_blocks(write: Write) -> None:
    one = parts()
    one.contents = []
    assert len(Shard.open(write(one.seal()))) == 0


FRAMES: Dict[str, Callable[[bytes], bytes]] = {
    "no checksum": lambda content: compress(content, write_checksum=False),
    "no content size": lambda content: compress(content, write_content_size=False),
    "not zstd": lambda content: b"\0" * 60,
    "a second frame": lambda content: compress(content) + compress(content),
    "two frames in one entry": lambda content: compress(content[:9]) + compress(content[9:]),
    "another content": lambda content: compress(content + b"\0"),
    "a frame cut off": lambda content: compress(content)[:-9] + compress(content)[-4:],
    "a dictionary": lambda content: compress(
        content, dict_data=dictionary()
    ),
}


def dictionary() -> zstandard.ZstdCompressionDict:
    return zstandard.train_dictionary(2048, [bytes(i * j % 251 for j in range(64)) for i in range(400)])


@pytest.mark.parametrize("name", FRAMES)
def test_frames(name: str, write: Write) -> None:
    expect(write(dataclasses.replace(parts(), frame=FRAMES[name]).seal()), Kind.FRAME)


def test_frame_checksum(write: Write) -> None:
    one = parts()
    one.frame = lambda content: compress(content)[:-4] + b"\1\2\3\4"
    expect(write(one.seal()), Kind.FRAME)


def test_window_above_the_limit(write: Write) -> None:
    one = parts()
    frame = compress(one.contents[0])
    # Without the single-segment flag, window descriptor of 2^27 × 9/8, content size of 8 bytes.
    wide = frame[:4] + bytes([0b11000100, 17 << 3 | 1]) + struct.pack("<Q", len(one.contents[0])) + frame[-(len(frame) - 6) :]
    one.contents = one.contents[:1]
    one.frame = lambda content: wide
    expect(write(one.seal()), Kind.FRAME, "2^27")


@pytest.mark.parametrize("count", range(7))
@pytest.mark.parametrize("change", [-1, 1, 2**31])
def test_counts(count: int, change: int, write: Write) -> None:
    one = parts()
    content = bytearray(one.contents[0])
    (value,) = struct.unpack_from("<I", content, 4 * count)
    struct.pack_into("<I", content, 4 * count, (value + change) % 2**32)
    truth = list(struct.unpack_from("<3I", one.contents[0]))
    one.contents[0] = bytes(content)
    one.entries = first_entry(sequences=truth[0], tokens=truth[1], masked=truth[2])
    expect(write(one.seal()), Kind.COUNTS)


def test_content_with_a_byte_more(write: Write) -> None:
    one = parts()
    one.contents[0] += b"\0"
    expect(write(one.seal()), Kind.COUNTS)


ELEMENTS: List[Tuple[str, str, int]] = [
    ("head", "lengths", 0),
    ("head", "lengths", 13),
    ("head", "lengths", 11),
    ("head", "maskCounts", 13),
    ("head", "maskCounts", 12),
    ("head", "tokens", 600),
    ("head", "maskGaps", 12),
    ("head", "maskGaps", 65_535),
    ("head", "headIDs", 600),
    ("head", "changeCounts", 9),
    ("head", "changeCounts", 65_535),
    ("head", "winners", 600),
    ("head", "changeGaps", 2_048),
    ("head", "sources", 1),
    ("head", "secondSegments", 12),
    ("head", "candidateCounts", 1),
    ("head", "candidateCounts", 6),
    ("head", "originalGaps", 65_534),
    ("head", "raceCounts", 257),
    ("head", "changeGaps", 65_535),
    ("wide", "tokens", 70_000),
    ("wide", "winners", 2**32 - 1),
    ("dense", "headIDs", 27),
]


@pytest.mark.parametrize("name,column,value", ELEMENTS)
def test_elements(name: str, column: str, value: int, write: Write) -> None:
    one = parts(name)
    content = one.contents[0]
    offset, count, width = columns(one.header, content)[column]
    old = sum(content[offset + plane * count] << 8 * plane for plane in range(width))
    assert count and old != value
    one.contents[0] = with_element(one.header, content, column, 0, value)
    expect(write(one.seal()), Kind.COLUMN)


def test_a_masked_position_right_behind_its_sequence(write: Write) -> None:
    one = parts()
    content = one.contents[0]
    counts = [content[columns(one.header, content)["maskCounts"][0] + row] for row in range(3)]
    row = next(row for row in range(3) if counts[row])
    gap, length = sum(counts[: row + 1]) - 1, content[28 + row]
    before = int(Shard.open(GOLDEN / "head.shard").block(0).positions[gap - 1]) + 1 if counts[row] > 1 else 0
    for value, wrong in ((length - 1 - before, False), (length - before, True)):
        one.contents[0] = with_element(one.header, content, "maskGaps", gap, value)
        if wrong:
            expect(write(one.seal()), Kind.COLUMN, "outside")
            continue
        try:
            read(write(one.seal()))
        except ShardError as error:
            # Another token is the original now, which the columns behind do not know.
            assert "originalGaps" in error.message


def test_head_code_above_the_limit(write: Write) -> None:
    one = parts()
    block = Shard.open(GOLDEN / "head.shard").block(0)
    # The second and third rank of the first position that has three.
    third = int(np.flatnonzero(block.candidate_counts > 2)[0])
    seconds = int(np.count_nonzero(block.candidate_counts > 1))
    one.contents[0] = with_element(one.header, one.contents[0], "headGaps", third, 65_535)
    one.contents[0] = with_element(one.header, one.contents[0], "headGaps", seconds, 1)
    expect(write(one.seal()), Kind.COLUMN, "65535")


def test_a_source_that_the_index_does_not_know(write: Write) -> None:
    def of_source(value: int) -> Callable[[Entries], Entries]:
        return lambda entries: [[*entries[0][:6], value], *entries[1:]]

    for value, kind in [(1, Kind.INDEX), (0xFFFFFFFF, Kind.COUNTS)]:
        one = parts()
        one.entries = of_source(value)
        expect(write(one.seal()), kind, "source")


def test_message_says_what_where_and_what_to_do(write: Write) -> None:
    path = write(changed(parts().seal(), 16, b"\x09"))
    with pytest.raises(ShardError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path}, byte 16: the format's version is 1.9, not 1.0. "
        "Read it with a version of this package that knows this version of the format."
    )
    assert json.dumps(caught.value.offset) == "16"
