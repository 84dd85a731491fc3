"""Which shards of a data set are there, and which are still to be made."""

from __future__ import annotations

import dataclasses
import os
from typing import Dict, Optional, Tuple

from ..errors import Kind, ShardError
from ..header import Header
from ..shard import Shard


@dataclasses.dataclass(frozen=True)
class Part:
    """One of several parts of a data set, as of `fast-electra generate --part K/N`: every N-th shard, and each pass begins one
    part later than the pass before it."""

    number: int = 0
    parts: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.parts <= 65_536 or not 0 <= self.number < self.parts:
            raise ValueError(f"there is no part {self.number} of {self.parts}; parts are numbered from 0, and there are 1 to 65536")

    def has(self, shard: int, of_pass: int) -> bool:
        return (shard + of_pass) % self.parts == self.number


class PresentShards:
    """The shards of a folder, by pass and first sequence. All of them must be of the header."""

    def __init__(self, folder: str, header: Header) -> None:
        self.shards: Dict[Tuple[int, int], Shard] = {}
        for name in sorted(name for name in os.listdir(folder) if name.endswith(".shard")):
            shard = Shard.open(os.path.join(folder, name))
            for field in dataclasses.fields(Header):
                one, two = getattr(shard.header, field.name), getattr(header, field.name)
                if field.name not in ("pass_number", "first_sequence") and one != two:
                    message = f"`{field.name}` is {one} here and {two} in the header to write"
                    raise ShardError(Kind.MIXED, message, shard.path, 24)
            if len(shard):
                self.shards[shard.header.pass_number, shard.header.first_sequence] = shard

    @property
    def pass_size(self) -> Optional[int]:
        """Sequences of a pass, where the last shard of any pass is there."""
        ends = (shard for shard in self.shards.values() if shard.index.ends_pass)
        return next((shard.header.first_sequence + len(shard) for shard in ends), None)

    def has_pass(self, number: int) -> bool:
        """Whether all shards of a pass are there, up to one that says that it is the last."""
        following = 0
        while (number, following) in self.shards:
            shard = self.shards[number, following]
            if shard.index.ends_pass:
                return True
            following += len(shard)
        return False


def missing(
    present: PresentShards, of_pass: int, first: int, shard_size: int, part: Part, end: Optional[int] = None
) -> Optional[int]:
    """The first sequence of the next shard to make at or behind `first`, the first sequence of a shard; None where the pass ends."""
    while end is None or first < end:
        if part.has(first // shard_size, of_pass) and (of_pass, first) not in present.shards:
            return first
        first += shard_size
    return None
