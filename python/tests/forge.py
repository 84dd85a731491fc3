"""Takes a shard apart and puts it together again with right checksums, so that tests can break one thing at a time."""

from __future__ import annotations

import dataclasses
import json
import struct
import zlib
from typing import Any, Callable, Dict, List, Tuple

import zstandard

NOTHING = 0x51D8E999
Entries = List[List[int]]


def compress(content: bytes, **parameters: Any) -> bytes:
    settings: Dict[str, Any] = {"write_checksum": True, "write_content_size": True, **parameters}
    return zstandard.ZstdCompressor(level=3, **settings).compress(content)


def same(value: Any) -> Any:
    return value


@dataclasses.dataclass
class Parts:
    """What a shard is made of. The functions change one thing after all others that depend on it are computed."""

    header: Dict[str, Any]
    contents: List[bytes]
    flags: int = 1
    version: int = 0x10000
    bound: int = 0
    json: Callable[[bytes], bytes] = same
    frame: Callable[[bytes], bytes] = compress
    entries: Callable[[Entries], Entries] = same
    start: Callable[[bytes], bytes] = same
    index: Callable[[bytes], bytes] = same
    seek: Callable[[bytes], bytes] = same

    def seal(self) -> bytes:
        text = self.json(json.dumps(self.header).encode())
        start = struct.pack("<2I8s2I", 0x184D2A50, len(text) + 20, b"HEADRACE", self.version, len(text)) + text
        checksum = zlib.crc32(start)
        start = self.start(start + struct.pack("<I", checksum))
        frames = [self.frame(content) for content in self.contents]
        entries = [
            [len(frame), len(content), *struct.unpack("<I", frame[-4:]), *struct.unpack("<3I", content[:12].ljust(12, b"\0")), source(self.header, content)]
            for frame, content in zip(frames, self.contents)
        ]
        entries = self.entries(entries)
        size = 24 + 28 * len(entries)
        index = struct.pack("<2I8s3I", 0x184D2A50, size, b"HRBLOCKS", checksum ^ self.bound, self.flags, len(entries))
        index += b"".join(struct.pack("<7I", *entry) for entry in entries)
        index = self.index(index)
        index += struct.pack("<I", zlib.crc32(index))
        seek = [[len(start), 0, NOTHING], *(entry[:3] for entry in entries), [len(index), 0, NOTHING]]
        table = b"".join(struct.pack("<3I", *entry) for entry in seek) + struct.pack("<IBI", len(seek), 0x80, 0x8F92EAB1)
        table = self.seek(struct.pack("<2I", 0x184D2A5E, len(table)) + table)
        return start + b"".join(frames) + index + table


def take_apart(data: bytes) -> Parts:
    (count,) = struct.unpack_from("<I", data, 20)
    (frames,) = struct.unpack_from("<I", data, len(data) - 9)
    index = len(data) - (12 * frames + 17) - (32 + 28 * (frames - 2))
    offset, contents = 28 + count, []
    for block in range(frames - 2):
        (size,) = struct.unpack_from("<I", data, index + 28 + 28 * block)
        contents.append(zstandard.ZstdDecompressor().decompress(data[offset : offset + size]))
        offset += size
    (flags,) = struct.unpack_from("<I", data, index + 20)
    return Parts(json.loads(data[24 : 24 + count]), contents, flags)


def source(header: Dict[str, Any], content: bytes) -> int:
    """What the block index says of a block's sources; 0 where its columns do not tell."""
    try:
        offset, count, _ = columns(header, content)["sources"]
    except (AssertionError, KeyError, TypeError, struct.error):
        return 0
    found = {content[offset + i] | content[offset + count + i] << 8 for i in range(count)}
    return found.pop() if len(found) == 1 else 0xFFFFFFFF


def columns(header: Dict[str, Any], content: bytes) -> Dict[str, Tuple[int, int, int]]:
    """Offset, elements and bytes each of the columns."""
    n, length, m, candidates, tails, races, changes = struct.unpack_from("<7I", content)
    w = 2 if header["vocabularySize"] <= 65536 else 4
    result, offset = {}, 28
    for name, count, width in [
        ("lengths", n, 2),
        ("sources", n, 2),
        ("secondSegments", n, 2),
        ("maskCounts", n, 2),
        ("tokens", length, w),
        ("maskGaps", m, 2),
        ("candidateCounts", m, w),
        ("headIDs", candidates, w),
        ("headGaps", candidates - m, 2),
        ("originalGaps", m, 2),
        ("raceCounts", m, 2),
        ("tailCodes", len(header["tailNodes"]) * tails, 2),
        ("changeCounts", races, 2),
        ("winners", races + changes, w),
        ("changeGaps", changes, 2),
    ]:
        result[name] = (offset, count, width)
        offset += count * width
    assert offset == len(content)
    return result


def with_element(header: Dict[str, Any], content: bytes, column: str, element: int, value: int) -> bytes:
    offset, count, width = columns(header, content)[column]
    assert 0 <= element < count
    result = bytearray(content)
    for plane in range(width):
        result[offset + plane * count + element] = value >> (8 * plane) & 255
    return bytes(result)
