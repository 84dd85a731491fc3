"""A local cache of whole shards that come from elsewhere."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import pathlib
from typing import Callable, Iterator, List, Tuple

from .durable import PARTIAL, commit

_ENDING = ".shard"


def _folder() -> str:
    chosen = os.environ.get("FAST_ELECTRA_CACHE")
    return chosen or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "fast-electra")


@dataclasses.dataclass(frozen=True)
class ShardCache:
    """Keeps the shards that were read last, up to so many bytes; one at least, however large it is.

    Processes share it: of several that want one shard, one fetches it. `FAST_ELECTRA_CACHE` names another folder.
    """

    folder: str = dataclasses.field(default_factory=_folder)
    limit: int = 64 << 30

    def path(self, key: str, fetch: Callable[[], bytes], check: Callable[[str], None]) -> str:
        """The file of this key, fetched if it is not there. `check` raises if the file at a path is not the one that was asked for."""
        target = os.path.join(self.folder, key + _ENDING)
        if not os.path.exists(target):
            with self._locked(key):
                if not os.path.exists(target):
                    self._add(target, fetch(), check)
        with contextlib.suppress(OSError):
            os.utime(target)
        return target

    def _add(self, target: str, data: bytes, check: Callable[[str], None]) -> None:
        self._make_room(len(data))
        with open(target + PARTIAL, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            check(target + PARTIAL)
        except BaseException:
            os.unlink(target + PARTIAL)
            raise
        commit(target + PARTIAL, target)

    def _make_room(self, count: int) -> None:
        """Removes the shards that were used longest ago. A process that reads one of them has it open, or fetches it again."""
        found: List[Tuple[float, int, pathlib.Path]] = []
        for path in pathlib.Path(self.folder).glob("*" + _ENDING):
            with contextlib.suppress(FileNotFoundError):
                state = path.stat()
                found.append((state.st_mtime, state.st_size, path))
        size = sum(one for _, one, _ in found)
        for _, one, path in sorted(found, key=lambda entry: entry[:2]):
            if size + count <= self.limit:
                break
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            size -= one

    @contextlib.contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        os.makedirs(self.folder, exist_ok=True)
        with open(os.path.join(self.folder, key + ".lock"), "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
