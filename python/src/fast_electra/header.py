"""The header frame: the values that all sequences of a shard have in common."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import struct
import zlib
from typing import Any, BinaryIO, ClassVar, Dict, Tuple, Union

from .errors import Fail, Kind, at

SKIPPABLE = 0x184D2A50
#: 1.0: two numbers of 16 bits.
VERSION = 0x10000
_LARGEST_JSON = 65_536
_MOST_SOURCES = 1_024
_FIXED = struct.Struct("<2I8s2I")


@dataclasses.dataclass(frozen=True)
class SpecialTokens:
    """Token ids."""

    padding: int
    classification: int
    separator: int
    mask: int


@dataclasses.dataclass(frozen=True)
class Header:
    """A shard's header; docs/format.md, "Header frame", has the meaning of each member."""

    vocabulary_size: int
    vocabulary_sha256: str
    generator_sha256: str
    special_tokens: SpecialTokens
    never_drawn: Tuple[Tuple[int, int], ...]
    sources: Tuple[str, ...]
    maximum_length: int
    mask_probability: float
    seed: int
    least_candidates: int
    most_candidates: int
    visit_count: int
    minimum_temperature: float
    maximum_temperature: float
    tail_nodes: Tuple[float, ...]
    change_parts: int
    deviation: float
    block_size: int
    pass_number: int
    first_sequence: int

    @property
    def id_width(self) -> int:
        """Bytes of a token id in the columns."""
        return 2 if self.vocabulary_size <= 65_536 else 4

    @functools.cached_property
    def node_places(self) -> Tuple[float, ...]:
        """The places of the tail's nodes."""
        return tuple(map(self.place, self.tail_nodes))

    def place(self, temperature: float) -> float:
        """Where a temperature lies on the scale."""
        center = math.sqrt(self.minimum_temperature * self.maximum_temperature)
        return (temperature - center) / (temperature + center)

    def part(self, temperature: float) -> float:
        """Where a temperature lies among the parts in which races tell their changes."""
        low, high = self.minimum_temperature, self.maximum_temperature
        if low == high:
            return 0.0
        start = self.place(low)
        return (self.place(temperature) - start) / (self.place(high) - start) * self.change_parts

    def content_size(self, count: Counts) -> int:
        """Bytes of the content of a block with these counts."""
        w = self.id_width
        return (
            Counts.SIZE
            + 8 * count.sequences
            + w * count.tokens
            + (6 + w) * count.masked
            + w * count.candidates
            + 2 * (count.candidates - count.masked)
            + 4 * len(self.tail_nodes) * count.tails
            + (2 + w) * count.races
            + (2 + w) * count.changes
        )

    def least_content_size(self, sequences: int, tokens: int, masked: int) -> int:
        """Bytes of the smallest block with these counts."""
        return self.content_size(Counts(sequences, tokens, masked, masked * self.least_candidates, 0, 0, 0))


@dataclasses.dataclass(frozen=True)
class Counts:
    """The seven counts that a block begins with."""

    SIZE: ClassVar[int] = 28
    sequences: int
    tokens: int
    masked: int
    candidates: int
    tails: int
    races: int
    changes: int


def read(file: BinaryIO, path: str, limit: int) -> Tuple[Header, int, int]:
    """The header of a file, the size of its frame and its CRC-32. The frame ends at `limit` at the latest."""
    file.seek(0)
    fixed = file.read(_FIXED.size)
    if len(fixed) < _FIXED.size:
        raise at(path, 0)(Kind.NOT_A_SHARD, f"the file has {len(fixed)} bytes, less than a header")
    magic, following, name, version, count = _FIXED.unpack(fixed)
    if magic != SKIPPABLE or name != b"HEADRACE":
        raise at(path, 0)(Kind.NOT_A_SHARD, "it does not start like a shard")
    if version != VERSION:
        raise at(path, 16)(Kind.VERSION, f"the format's version is {version >> 16}.{version & 0xFFFF}, not 1.0")
    if count > _LARGEST_JSON:
        raise at(path, 20)(Kind.HEADER, f"the header has {count} bytes of JSON, more than {_LARGEST_JSON}")
    if following != count + 20:
        raise at(path, 4)(Kind.HEADER, f"the header's frame has {following} bytes, not {count + 20}")
    size = _FIXED.size + count + 4
    if size > limit:
        raise at(path, 0)(Kind.CUT, f"the header ends at byte {size}, but only {limit} bytes are there for it")
    text = file.read(count)
    stored = file.read(4)
    if len(text) < count or len(stored) < 4:
        raise at(path, 0)(Kind.CUT, "the file ends within the header")
    checksum = zlib.crc32(fixed + text)
    if int.from_bytes(stored, "little") != checksum:
        raise at(path, 24 + count)(Kind.CHECKSUM, "the header's CRC-32 is wrong")
    return parse(text, at(path, 24)), size, checksum


def frame(header: Header) -> bytes:
    """The header frame. Raises `ShardError` for a header that a reader refuses."""
    text = json.dumps(members(header), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    fail = at("the header to write", 24)
    if len(text) > _LARGEST_JSON:
        raise fail(Kind.HEADER, f"it takes {len(text)} bytes of JSON, more than {_LARGEST_JSON}")
    if parse(text, fail) != header:
        raise fail(Kind.HEADER, "a reader finds other values than were given; give plain integers, numbers and strings")
    start = _FIXED.pack(SKIPPABLE, len(text) + 20, b"HEADRACE", VERSION, len(text)) + text
    return start + zlib.crc32(start).to_bytes(4, "little")


def members(header: Header) -> Dict[str, Any]:
    """The header as its JSON object."""
    special = header.special_tokens
    return {
        "vocabularySize": header.vocabulary_size,
        "vocabularySHA256": header.vocabulary_sha256,
        "generatorSHA256": header.generator_sha256,
        "specialTokens": dataclasses.asdict(special),
        "neverDrawn": [list(pair) for pair in header.never_drawn],
        "sources": list(header.sources),
        "maximumLength": header.maximum_length,
        "maskProbability": _shortest(header.mask_probability),
        "seed": header.seed,
        "leastCandidates": header.least_candidates,
        "mostCandidates": header.most_candidates,
        "visitCount": header.visit_count,
        "temperatureRange": {
            "minimum": _shortest(header.minimum_temperature), "maximum": _shortest(header.maximum_temperature),
        },
        "tailNodes": [_shortest(node) for node in header.tail_nodes],
        "changeParts": header.change_parts,
        "deviation": _shortest(header.deviation),
        "blockSize": header.block_size,
        "pass": header.pass_number,
        "firstSequence": header.first_sequence,
    }  # fmt: skip


def _shortest(value: float) -> Union[int, float]:
    """Without `.0`, as `fast-electra generate` writes it."""
    return int(value) if value == int(value) else value


def parse(text: bytes, fail: Fail) -> Header:
    """The header of its JSON. Members that are not known are ignored."""

    def refuse(constant: str) -> float:
        raise ValueError(f"{constant} is not JSON")

    try:
        value = json.loads(text.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise fail(Kind.HEADER, f"the header is not JSON: {error}") from error
    return _Members(value, "the header", fail).header()


class _Members:
    """The members of a JSON object, each with its type and limits checked."""

    def __init__(self, value: Any, name: str, fail: Fail) -> None:
        if not isinstance(value, dict):
            raise fail(Kind.HEADER, f"{name} is not a JSON object")
        self.values: Dict[str, Any] = value
        self.name = name
        self.fail = fail

    def error(self, member: str, wanted: str) -> Exception:
        shown = repr(self.values[member])[:80]
        return self.fail(Kind.HEADER, f"`{member}` of {self.name} is {shown}, not {wanted}")

    def get(self, member: str) -> Any:
        if member not in self.values:
            raise self.fail(Kind.HEADER, f"{self.name} lacks `{member}`")
        return self.values[member]

    def integer(self, member: str, least: int, most: int) -> int:
        value = self.get(member)
        if type(value) is not int or not least <= value <= most:
            raise self.error(member, f"an integer from {least} to {most}")
        return value

    def number(self, member: str) -> float:
        value = _float(self.get(member))
        if not math.isfinite(value):
            raise self.error(member, "a number")
        return value

    def digest(self, member: str) -> str:
        value = self.get(member)
        if not isinstance(value, str) or len(value) != 64 or not set(value) <= set("0123456789abcdef"):
            raise self.error(member, "64 digits of 0-9a-f")
        return value

    def members(self, member: str) -> "_Members":
        return _Members(self.get(member), f"`{member}`", self.fail)

    def header(self) -> Header:
        size = self.integer("vocabularySize", 1, 2**31 - 1)
        special = self.members("specialTokens")
        least = self.integer("leastCandidates", 1, size)
        dense = least == size
        probability = self.number("maskProbability")
        if not 0 < probability <= 1:
            raise self.error("maskProbability", "above 0 and at most 1")
        deviation = self.number("deviation")
        if not 0 <= deviation <= 1:
            raise self.error("deviation", "a number from 0 to 1")
        limits = self.members("temperatureRange")
        low, high = limits.number("minimum"), limits.number("maximum")
        if not 1 / 64 <= low <= high <= 64:
            raise self.error("temperatureRange", "ascending or equal, within 1/64 and 64")
        return Header(
            vocabulary_size=size,
            vocabulary_sha256=self.digest("vocabularySHA256"),
            generator_sha256=self.digest("generatorSHA256"),
            special_tokens=SpecialTokens(
                *(special.integer(field.name, 0, size - 1) for field in dataclasses.fields(SpecialTokens))
            ),
            never_drawn=self.id_ranges("neverDrawn", size),
            sources=self.names("sources"),
            maximum_length=self.integer("maximumLength", 1, 65_535),
            mask_probability=probability,
            seed=self.integer("seed", 0, 2**64 - 1),
            least_candidates=least,
            most_candidates=self.integer("mostCandidates", least, size),
            visit_count=self.integer("visitCount", 0 if dense else 1, 0 if dense else 256),
            minimum_temperature=low,
            maximum_temperature=high,
            tail_nodes=self.nodes("tailNodes", low, high, has_tail=not dense),
            change_parts=self.integer("changeParts", 1, 65_535),
            deviation=deviation,
            block_size=self.integer("blockSize", 1, 2**20),
            pass_number=self.integer("pass", 0, 65_535),
            first_sequence=self.integer("firstSequence", 0, 2**48 - 1),
        )

    def nodes(self, member: str, low: float, high: float, has_tail: bool) -> Tuple[float, ...]:
        values = self.get(member)
        if not isinstance(values, list):
            raise self.error(member, "an array of numbers")
        if not has_tail:
            if values:
                raise self.error(member, "empty, as it is where every token is a candidate")
            return ()
        if not 1 <= len(values) <= 64:
            raise self.error(member, "an array of 1 to 64 numbers")
        nodes = tuple(map(_float, values))
        if nodes[0] != low or nodes[-1] != high:
            raise self.error(member, f"from {low} to {high}, the ends of `temperatureRange`")
        center = math.sqrt(low * high)
        places = [(node - center) / (node + center) for node in nodes]
        step = (places[-1] - places[0]) / 4096
        if not all(b > a and b - a >= step for a, b in zip(places, places[1:])):
            raise self.error(member, "ascending by 1/4096 of their range")
        return nodes

    def id_ranges(self, member: str, size: int) -> Tuple[Tuple[int, int], ...]:
        values = self.get(member)
        wanted = f"an array of ascending pairs of ids below {size}"
        if not isinstance(values, list):
            raise self.error(member, wanted)
        after = 0
        for pair in values:
            if not isinstance(pair, list) or len(pair) != 2 or not all(type(end) is int for end in pair):
                raise self.error(member, wanted)
            if not after <= pair[0] <= pair[1] < size:
                raise self.error(member, wanted)
            after = pair[1] + 1
        return tuple((first, last) for first, last in values)

    def names(self, member: str) -> Tuple[str, ...]:
        values = self.get(member)
        if (
            not isinstance(values, list)
            or not 1 <= len(values) <= _MOST_SOURCES
            or not all(isinstance(name, str) for name in values)
            or len(set(values)) < len(values)
        ):
            raise self.error(member, f"an array of 1 to {_MOST_SOURCES} different strings")
        return tuple(values)


def _float(value: Any) -> float:
    """The nearest float64 of a JSON number; NaN of anything else."""
    if type(value) not in (int, float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan
