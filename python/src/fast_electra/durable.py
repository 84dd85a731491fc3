"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from typing import Union

#: Where the bytes of a file are until it is whole, as `fast-electra` has it.
PARTIAL = ".partial"


def commit(partial: str, path: str) -> None:
    """Gives a file that was written and synchronized its name, and makes the name last."""
    os.replace(partial, path)
    synchronize(os.path.dirname(path) or ".")


def synchronize(folder: str) -> None:
    """Makes the names in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Union[str, "os.PathLike[str]"], data: bytes) -> None:
    """Replaces the file with these bytes."""
    name = os.fspath(path)
    with open(name + PARTIAL, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    commit(name + PARTIAL, name)
