"""A data set: a folder of shards that hold every sequence of every pass exactly once."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from typing import List, Sequence, Tuple, Union

from .errors import Kind, ShardError
from .header import Header
from .shard import Shard


@dataclasses.dataclass(frozen=True, eq=False)
class DataSet:
    """The shards of a folder, by pass and first sequence. `manifest.json` is not read: the shards are right.

    `pass_size` is N, the sequences of each pass; of the only pass so far, if it is unfinished. `is_complete` is false
    if the last pass is unfinished.
    """

    folder: str
    shards: Tuple[Shard, ...]
    pass_size: int
    is_complete: bool

    @staticmethod
    def open(folder: Union[str, "os.PathLike[str]"]) -> DataSet:
        """Opens and checks all shards of a folder. Raises `ShardError` if they do not make a data set."""
        path = pathlib.Path(folder)
        names = sorted(name for name in os.listdir(path) if name.endswith(".shard"))
        if not names:
            raise ShardError(Kind.COVERAGE, "there is no shard in the folder", str(path))
        shards = [Shard.open(path / name) for name in names]
        for shard in shards[1:]:
            _check_same(shards[0], shard)
        shards.sort(key=lambda shard: (shard.header.pass_number, shard.header.first_sequence, len(shard)))
        size, is_complete = _cover(shards)
        return DataSet(str(path), tuple(shards), size, is_complete)

    @property
    def header(self) -> Header:
        """What all shards have in common; `pass_number` and `first_sequence` are those of the first."""
        return self.shards[0].header

    def __len__(self) -> int:
        """Sequences of all passes."""
        return sum(map(len, self.shards))


def _check_same(first: Shard, other: Shard) -> None:
    for field in dataclasses.fields(Header):
        one, two = getattr(first.header, field.name), getattr(other.header, field.name)
        if field.name not in ("pass_number", "first_sequence") and one != two:
            raise ShardError(Kind.MIXED, f"`{field.name}` is {two} here and {one} in {first.path}", other.path, 24)


def _cover(shards: Sequence[Shard]) -> Tuple[int, bool]:
    """The sequences of a pass, and whether the last pass is finished."""
    sizes: List[int] = []
    expected, ended = 0, True
    for shard in shards:
        number, first = shard.header.pass_number, shard.header.first_sequence
        if ended:
            if (number, first) != (len(sizes), 0):
                raise _gap(shard, f"pass {len(sizes)}, sequence 0")
            sizes.append(0)
            expected = 0
        elif (number, first) != (len(sizes) - 1, expected):
            raise _gap(shard, f"pass {len(sizes) - 1}, sequence {expected}")
        expected += len(shard)
        sizes[-1] = expected
        ended = shard.index.ends_pass
        if len(sizes) > 1 and (expected != sizes[0] if ended else expected >= sizes[0]):
            message = f"pass {number} has {'' if ended else 'at least '}{expected} sequences, pass 0 has {sizes[0]}"
            raise ShardError(Kind.COVERAGE, message + ("" if ended else ", and does not end"), shard.path, 24)
    return sizes[0], ended


def _gap(shard: Shard, expected: str) -> ShardError:
    found = f"pass {shard.header.pass_number}, sequence {shard.header.first_sequence}"
    return ShardError(Kind.COVERAGE, f"the shard starts at {found}, the shards before it end before {expected}", shard.path, 24)
