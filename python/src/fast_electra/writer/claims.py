"""Who works in a folder: the same locks and claims as those of `fast-electra`, so that neither disturbs the other."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import socket
import types
from typing import Dict, List, Optional, Type, Union

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
            _unlock(self._descriptor)
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
            present = _Present.of(self._path)
            if present is None:
                continue
            with present:
                if not present.is_stale:
                    holder = present.holder
                    who = f"process {holder['process']} on host {holder['host']}" if holder else "another process"
                    raise InUseError(
                        f"{who} is writing {path}. Wait until it has ended. If that process is dead, remove {self._path}"
                    )
                present.remove()

    def release(self) -> None:
        """Removes the claim, if it is still ours."""
        if _read(self._path) == self._content:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)
        if self._descriptor is not None:
            _unlock(self._descriptor)
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
        try:
            # Before the name is in the file: whoever can read the name finds the lock. Where there are no locks, the name has to do.
            with contextlib.suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            with os.fdopen(descriptor, "wb", closefd=False) as file:
                file.write(self._content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            # A claim without a name would keep everybody out.
            os.unlink(self._path)
            _unlock(descriptor)
            raise
        self._descriptor = descriptor
        return True


class _Present:
    """A claim that was there before.

    Where the file system has locks, only a process that has locked the claim's file removes it, and a process that is alive keeps it
    locked. So no claim of a living one is ever taken away.
    """

    def __init__(self, path: str, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor
        #: None where the file system has no locks, or we may not have one.
        self._is_ours: Optional[bool] = None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._is_ours = True
        except OSError as error:
            self._is_ours = False if error.errno == errno.EWOULDBLOCK else None
        self._content = os.pread(descriptor, 4096, 0)
        #: None where a process has just made the file and not written its name yet.
        self.holder = _parse(self._content)

    @staticmethod
    def of(path: str) -> Optional[_Present]:
        """None where there is no claim."""
        try:
            # NFS locks only files that may be written. Of others, the name can be read all the same.
            try:
                descriptor = os.open(path, os.O_RDWR)
            except OSError as error:
                if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                    raise
                descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        return _Present(path, descriptor)

    @property
    def is_stale(self) -> bool:
        """Whether the process that made the claim is known to have ended. Nothing is known of a process on another host. Of a process
        whose number says nothing here, because it runs in another container, only the lock tells."""
        if self.holder is None or self.holder["host"] != socket.gethostname() or self._is_ours is False:
            return False
        has_number_here = self.holder["numbers"] in (None, _numbers())
        return _is_dead(self.holder) if has_number_here else self._is_ours is True

    def remove(self) -> None:
        """Removes the claim, if it is still there."""
        if self._is_ours:
            if self._is_current():
                os.unlink(self._path)
            return
        # Without locks, two processes may do so at once: each looks at the claim that it took away, and puts it back if it is not the
        # stale one.
        aside = f"{self._path}.{os.getpid()}.partial"
        try:
            os.rename(self._path, aside)
        except FileNotFoundError:
            return
        if _read(aside) != self._content:
            with contextlib.suppress(FileExistsError):
                os.link(aside, self._path)
        os.unlink(aside)

    def __enter__(self) -> _Present:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[types.TracebackType]
    ) -> None:
        _unlock(self._descriptor)

    def _is_current(self) -> bool:
        """Whether the file is still the one that has the claim's name."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self._path))
        except FileNotFoundError:
            return False


def _unlock(descriptor: int) -> None:
    """A process that was forked meanwhile has a copy of the descriptor, and the lock lasts as long as the copy."""
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _holder() -> Dict[str, Union[str, int, None]]:
    return {"host": socket.gethostname(), "process": os.getpid(), "started": _start(os.getpid()), "numbers": _numbers()}


def _is_dead(holder: Dict[str, Union[str, int, None]]) -> bool:
    process = int(holder["process"] or 0)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    fields = _status(process)
    # A zombie has ended, and its parent has not asked how. A process whose first thread alone has ended looks the same.
    if fields and fields[0] in ("Z", "X") and fields[17] in ("0", "1"):
        return True
    now, then = _start(process), holder.get("started")
    return now is not None and then is not None and now != then


def _numbers() -> Optional[str]:
    """The numbers of processes that this one belongs to, as Linux names them; each container has its own."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return None


def _start(process: int) -> Optional[int]:
    """When a process started, in ticks."""
    fields = _status(process)
    return int(fields[19]) if fields else None


def _status(process: int) -> Optional[List[str]]:
    """The fields of /proc/PID/stat (proc(5)) from the third on, which is the state. None where the system has no such file."""
    try:
        with open(f"/proc/{process}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
            return fields if len(fields) > 19 else None
    except (OSError, IndexError):
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
