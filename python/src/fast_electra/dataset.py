"""A data set: a folder of shards that hold every sequence of every pass exactly once."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import pathlib
from typing import TYPE_CHECKING, Any, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from .block import Block
from .cache import ShardCache
from .errors import Kind, ShardError
from .header import Header
from .ragged import Offsets, starts
from .shard import Shard

if TYPE_CHECKING:
    from .remote import RemoteShard

#: The file of an unfinished data set that says how many passes and parts there are to be.
PARTS = "parts.json"

#: A shard in a folder, or one behind a URL.
AnyShard = Union[Shard, "RemoteShard"]


@dataclasses.dataclass(frozen=True, eq=False)
class DataSet:
    """The shards of a folder, by pass and first sequence. `manifest.json` is not read, but of a URL: the shards are right.

    `pass_size` is N, the sequences of each pass; of the only pass so far, if it is unfinished. `is_complete` is false
    if the last pass is unfinished, and if `generate` was stopped before it.
    """

    folder: str
    shards: Tuple[AnyShard, ...]
    pass_size: int
    is_complete: bool

    @staticmethod
    def open(
        folder: Union[str, "os.PathLike[str]"],
        *,
        storage_options: Optional[Mapping[str, Any]] = None,
        cache: Optional[ShardCache] = None,
    ) -> DataSet:
        """Opens and checks all shards of a folder, or of the manifest behind a URL. Raises `ShardError` if they do not make a data set.

        fsspec opens a URL with `storage_options`, such as `s3://bucket/shards`. Its shards are fetched when they are first read, and
        kept in `cache`.
        """
        if isinstance(folder, str) and "://" in folder:
            from . import remote

            return DataSet._of(folder, remote.shards(remote.Store(folder, dict(storage_options or {}), cache or ShardCache())))
        path = folder_of(folder)
        try:
            names = sorted(name for name in os.listdir(path) if name.endswith(".shard"))
        except FileNotFoundError as error:
            raise ShardError(Kind.ABSENT, "there is no such folder", str(path)) from error
        except NotADirectoryError as error:
            raise ShardError(Kind.ABSENT, "it is a file, and a data set is a folder of shards", str(path)) from error
        if not names:
            raise ShardError(Kind.ABSENT, "there is no shard in the folder", str(path))
        dataset = DataSet._of(str(path), [Shard.open(path / name) for name in names])
        planned = division_of(path).get("passes")
        has_all = not isinstance(planned, int) or dataset.shards[-1].header.pass_number + 1 >= planned
        return dataclasses.replace(dataset, is_complete=dataset.is_complete and has_all)

    @staticmethod
    def _of(folder: str, shards: Sequence[AnyShard]) -> DataSet:
        if not shards:
            raise ShardError(Kind.COVERAGE, "there is no shard", folder)
        for shard in shards[1:]:
            _check_same(shards[0], shard)
        ordered = sorted(shards, key=lambda shard: (shard.header.pass_number, shard.header.first_sequence, len(shard)))
        size, is_complete = _cover(ordered)
        return DataSet(folder, tuple(ordered), size, is_complete)

    @property
    def header(self) -> Header:
        """The header that all shards have in common; `pass_number` and `first_sequence` are those of the first."""
        return self.shards[0].header

    def __len__(self) -> int:
        """Sequences of all passes."""
        return int(self._first_entries[-1])

    def __getitem__(self, entry: int) -> Block:
        """One sequence as a block of one, by its number over all passes: entry p × N + s is sequence s of pass p."""
        if isinstance(entry, bool) or not isinstance(entry, (int, np.integer)):
            raise TypeError(f"a data set is indexed by the number of a sequence, not by {entry!r}")
        number = int(entry) + (len(self) if entry < 0 else 0)
        if not 0 <= number < len(self):
            raise IndexError(f"{self.folder} has {len(self)} sequences; there is no number {entry}")
        shard = int(np.searchsorted(self._first_entries, number, side="right")) - 1
        return self.shards[shard].sequence(number - int(self._first_entries[shard]))

    @functools.cached_property
    def _first_entries(self) -> Offsets:
        return starts(np.array(list(map(len, self.shards)), dtype=np.int64))

    @functools.cached_property
    def block_places(self) -> Offsets:
        """[blocks, 2] Shard and number in it of each block of the data set."""
        return np.array([(s, b) for s, shard in enumerate(self.shards) for b in range(len(shard.block_sizes))], dtype=np.int64)

    @functools.cached_property
    def block_sizes(self) -> Offsets:
        """[blocks] Sequences of each block."""
        return np.concatenate([shard.block_sizes for shard in self.shards])

    @functools.cached_property
    def fingerprint(self) -> str:
        """A line that tells this data set from others: its size, and FNV-1a over the checksums of its shards; that of `fast-electra`."""
        value = 0xCBF29CE484222325
        for shard in self.shards:
            for byte in shard.checksum.to_bytes(4, "little"):
                value = (value ^ byte) * 0x100000001B3 & (1 << 64) - 1
        return f"{len(self)} sequences in {len(self.shards)} shards, {value:x}"


def division_of(folder: Union[str, "os.PathLike[str]"]) -> Mapping[str, Any]:
    """The members of `parts.json`; none without it, or where it cannot be read."""
    try:
        division = json.loads((pathlib.Path(folder) / PARTS).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return division if isinstance(division, dict) else {}


def folder_of(folder: object) -> pathlib.Path:
    """The path of a folder. Raises `ShardError` for something that is not a path, such as a number."""
    try:
        return pathlib.Path(folder)  # type: ignore[arg-type]
    except TypeError as error:
        raise ShardError(Kind.ABSENT, f"{folder!r} is not a path", "the data set") from error


def _check_same(first: AnyShard, other: AnyShard) -> None:
    for field in dataclasses.fields(Header):
        one, two = getattr(first.header, field.name), getattr(other.header, field.name)
        if field.name not in ("pass_number", "first_sequence") and one != two:
            raise ShardError(Kind.MIXED, f"`{field.name}` is {two} here and {one} in {first.path}", other.path, 24)


def _cover(shards: Sequence[AnyShard]) -> Tuple[int, bool]:
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
        ended = shard.ends_pass
        if len(sizes) > 1 and (expected != sizes[0] if ended else expected >= sizes[0]):
            message = f"pass {number} has {'' if ended else 'at least '}{expected} sequences, pass 0 has {sizes[0]}"
            raise ShardError(Kind.COVERAGE, message + ("" if ended else ", and does not end"), shard.path, 24)
    return sizes[0], ended


def _gap(shard: AnyShard, expected: str) -> ShardError:
    found = f"pass {shard.header.pass_number}, sequence {shard.header.first_sequence}"
    return ShardError(Kind.COVERAGE, f"the shard starts at {found}, the shards before it end before {expected}", shard.path, 24)
