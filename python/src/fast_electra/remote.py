"""Data sets in object stores: any URL that fsspec knows (`s3://`, `gs://`, `hf://`, `https://`), through a local cache.

The manifest comes first, in one request. A shard comes whole, in one request, when it is first read; its checksums are compared then.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from typing import Any, Callable, Dict, Iterator, List, Mapping, Tuple

import numpy as np

from .block import Block
from .cache import ShardCache
from .errors import Fail, Kind, ShardError, at
from .header import VERSION, Header, parse
from .index import BlockIndex
from .ragged import Offsets
from .shard import Shard

_MANIFEST = "manifest.json"
#: More than any has. Where an end is named, no file system asks for the size first.
_LARGEST_MANIFEST = 1 << 30


@dataclasses.dataclass(frozen=True, eq=False)
class Store:
    """A folder behind a URL, and where its shards are kept."""

    url: str
    options: Mapping[str, Any]
    cache: ShardCache

    def read(self, name: str, size: int) -> bytes:
        """The content of a file, in one request: so many bytes, or all if it has fewer."""
        address = f"{self.url.rstrip('/')}/{name}"
        try:
            import fsspec
        except ImportError as error:
            raise ShardError(Kind.ABSENT, "reading from a URL takes fsspec: pip install 'fast-electra-shards[remote]'", address) from error
        try:
            # Anew in each process: file systems that wait for several things at once do not survive a fork.
            system, path = fsspec.core.url_to_fs(address, **self.options)
            content = system.cat_file(path, start=0, end=size)
        except FileNotFoundError as error:
            raise ShardError(Kind.ABSENT, "there is no such file", address) from error
        except (OSError, ImportError, ValueError) as error:
            raise ShardError(Kind.ABSENT, f"it cannot be read ({type(error).__name__}: {error})", address) from error
        return bytes(content)


@dataclasses.dataclass(frozen=True, eq=False)
class RemoteShard:
    """Like `Shard`, for a shard that is fetched when it is first read. Its values in the manifest are known before."""

    store: Store
    name: str
    header: Header
    byte_count: int
    sequences: int
    ends_pass: bool
    checksum: int

    @property
    def path(self) -> str:
        return f"{self.store.url.rstrip('/')}/{self.name}"

    def __len__(self) -> int:
        return self.sequences

    @property
    def block_sizes(self) -> Offsets:
        size = self.header.block_size
        count = -(-self.sequences // size)
        return np.minimum(size, self.sequences - size * np.arange(count, dtype=np.int64))

    @property
    def index(self) -> BlockIndex:
        return self._local().index

    def block(self, number: int) -> Block:
        return self._read(lambda shard: shard.block(number))

    def blocks(self) -> Iterator[Block]:
        return map(self.block, range(self.block_sizes.size))

    def sequence(self, number: int) -> Block:
        return self._read(lambda shard: shard.sequence(number))

    def _read(self, read: Callable[[Shard], Block]) -> Block:
        try:
            return read(self._local())
        except FileNotFoundError:
            # Another process made room after this one had opened the shard.
            return read(self._local())

    def _local(self) -> Shard:
        path = self.store.cache.path(self._key, lambda: self.store.read(self.name, self.byte_count), self._check)
        try:
            return _opened(path)
        except FileNotFoundError:
            # Another process made room between the two lines.
            return Shard.open(self.store.cache.path(self._key, lambda: self.store.read(self.name, self.byte_count), self._check))

    @functools.cached_property
    def _key(self) -> str:
        text = f"{self.store.url.rstrip('/')}\n{self.name}\n{self.byte_count}\n{self.checksum}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def _check(self, path: str) -> None:
        """Compares all that has a checksum, and the shard with the manifest."""
        fail = at(self.path, 0)
        try:
            shard = Shard.open(path)
            own = (self.byte_count, self.checksum, self.header, self.sequences, self.ends_pass)
            if (shard.byte_count, shard.index.checksum, shard.header, len(shard), shard.ends_pass) != own:
                raise fail(Kind.MANIFEST, "the shard is not the one that the manifest lists")
            for number in range(len(shard.index)):
                shard.content(number)
        except ShardError as error:
            raise ShardError(error.kind, error.message, self.path, error.offset) from error


@functools.lru_cache(maxsize=64)
def _opened(path: str) -> Shard:
    return Shard.open(path)


def shards(store: Store) -> List[RemoteShard]:
    """The shards that the manifest lists. Raises `ShardError` for something that is not a manifest."""
    fail = at(f"{store.url.rstrip('/')}/{_MANIFEST}", 0)
    try:
        value = json.loads(store.read(_MANIFEST, _LARGEST_MANIFEST))
        if value["version"] != VERSION:
            raise fail(Kind.VERSION, f"the manifest is of version {value['version']}, not 1.0")
        header = parse(json.dumps(value["header"]).encode(), fail)
        return [_shard(store, header, entry, fail) for entry in value["shards"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise fail(Kind.MANIFEST, f"the manifest cannot be read ({type(error).__name__}: {error})") from error


def _shard(store: Store, header: Header, entry: Dict[str, Any], fail: Fail) -> RemoteShard:
    name = entry["name"]
    limits: Tuple[Tuple[str, int, int], ...] = (
        ("byteCount", 1, 2**63), ("pass", 0, 2**16 - 1), ("firstSequence", 0, 2**48 - 1), ("checksum", 0, 2**32 - 1),
    )  # fmt: skip
    if not isinstance(name, str) or "/" in name or not name.endswith(".shard") or type(entry["endsPass"]) is not bool:
        raise fail(Kind.MANIFEST, f"{name!r} is not the name of a shard")
    for member, least, most in limits:
        if type(entry[member]) is not int or not least <= entry[member] <= most:
            raise fail(Kind.MANIFEST, f"`{member}` of {name} is {entry[member]!r}")
    count = entry["counts"]["sequences"]
    if type(count) is not int or not 1 <= count <= entry["byteCount"] * header.block_size:
        raise fail(Kind.MANIFEST, f"{name} is said to hold {count!r} sequences")
    own = dataclasses.replace(header, pass_number=entry["pass"], first_sequence=entry["firstSequence"])
    return RemoteShard(store, name, own, entry["byteCount"], count, entry["endsPass"], entry["checksum"])
