"""Who works in a folder: the same locks and claims as those of `fast-electra`, so that neither disturbs the other."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import socket
import types
from typing import Dict, Optional, Type, Union

ENDING = ".claim"


class InUseError(Exception):
    """Another process works in the folder, or on the shard."""


class FolderLock:
    """Keeps others out of a folder; with `together` only those who want it alone. Released when the process ends."""

    def __init__(self, folder: str, *, together: bool) -> None:
        self._descriptor: Optional[int] = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if together else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                self.release()
                raise InUseError(
                    f"another process is working in {folder}. Wait until it has ended, or name another folder"
                ) from error
            # The file system has no locks. Each shard is claimed all the same.
            if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS):
                raise

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class Claim:
    """A file by which a process claims a file that it writes. The claim of a process of this host that is dead is taken over.

    Containers on one host may not see each other's processes, so the process also locks the file, where the file system has locks.
    """

    def __init__(self, path: str) -> None:
        self._path = path + ENDING
        self._content = json.dumps(_holder()).encode() + b"\n"
        self._descriptor: Optional[int] = None
        while not self._make():
            present = _read(self._path)
            if present is None:
                continue
            holder = _parse(present)
            if not _is_stale(self._path, holder):
                who = f"process {holder['process']} on host {holder['host']}" if holder else "another process"
                raise InUseError(
                    f"{who} is writing {path}. Wait until it has ended. If that process is dead, remove {self._path}"
                )
            self._remove(present)

    def release(self) -> None:
        """Removes the claim, if it is still ours."""
        if _read(self._path) == self._content:
            os.unlink(self._path)
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Claim:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[types.TracebackType]
    ) -> None:
        self.release()

    def _make(self) -> bool:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            return False
        # Before the name is in the file: whoever can read the name finds the lock.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(self._content)
            file.flush()
            os.fsync(file.fileno())
        self._descriptor = descriptor
        return True

    def _remove(self, stale: bytes) -> None:
        """Two processes may do so at once: each looks at the claim that it took away, and puts it back if it is not the stale one."""
        aside = f"{self._path}.{os.getpid()}.partial"
        try:
            os.rename(self._path, aside)
        except FileNotFoundError:
            return
        if _read(aside) == stale:
            os.unlink(aside)
        else:
            os.rename(aside, self._path)


def _holder() -> Dict[str, Union[str, int, None]]:
    return {"host": socket.gethostname(), "process": os.getpid(), "started": _start(os.getpid()), "numbers": _numbers()}


def _is_stale(path: str, holder: Optional[Dict[str, Union[str, int, None]]]) -> bool:
    """Whether the process that made the claim is known to have ended. Nothing is known of a process on another host. Of a process
    with other numbers, only the lock of the file tells."""
    if holder is None or holder["host"] != socket.gethostname():
        return False
    if holder["numbers"] == _numbers():
        return _is_dead(holder)
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno == errno.ENOENT
    return True


def _is_dead(holder: Dict[str, Union[str, int, None]]) -> bool:
    process = int(holder["process"] or 0)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    now, then = _start(process), holder.get("started")
    return now is not None and then is not None and now != then


def _numbers() -> Optional[str]:
    """The numbers of processes that this one belongs to, as Linux names them; each container has its own."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return None


def _start(process: int) -> Optional[int]:
    """When a process started, in ticks: the 22nd field of /proc/PID/stat (proc(5))."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return int(file.read().rsplit(")", 1)[1].split()[19])
    except (OSError, ValueError, IndexError):
        return None


def _parse(data: bytes) -> Optional[Dict[str, Union[str, int, None]]]:
    try:
        value = json.loads(data)
        known = {name: value.get(name) for name in ("started", "numbers")}
        return {"host": str(value["host"]), "process": int(value["process"]), **known}
    except (ValueError, TypeError, KeyError):
        return None


def _read(path: str) -> Optional[bytes]:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
