"""The files that people mean when they name files, folders, lists and sources, as for `fast-electra generate`."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
from typing import List, Sequence, Tuple

from .errors import USAGE, GenerationError
from .run_parameters import made_by_program

_NAME = re.compile(r"([A-Za-z0-9._-]+)=(.+)", re.DOTALL)

#: Endings of names in a folder; `.gz` or `.zst` may follow.
ENDINGS = {
    "--text": (".txt", ".jsonl", ".ndjson", ".json"),
    "--ids": (".jsonl", ".ndjson", ".json", ".npy", ".txt"),
    "--pairs": (".tsv", ".jsonl", ".ndjson", ".json"),
}

#: How a file is read other than as plain text or as columns, by its ending.
_READINGS = {".jsonl": "JSON lines", ".ndjson": "JSON lines", ".json": "JSON lines", ".npy": "array"}


@dataclasses.dataclass(frozen=True)
class Inputs:
    """Files in the order in which they are read, each with the number of its source."""

    option: str
    sources: Tuple[str, ...]
    files: Tuple[Tuple[str, int], ...]

    @staticmethod
    def find(option: str, names: Sequence[str]) -> Inputs:
        """Expands the names behind `--text`, `--ids` or `--pairs`."""
        groups = _groups(names)
        sources = list(dict.fromkeys(name for name, _ in groups))
        if len(sources) > 1 and "" in sources:
            raise GenerationError(
                f"'{groups[0][1][0]}' has no source and other files have one", "Give all files a source or none", code=USAGE
            )
        files = [(path, sources.index(name)) for name, given in groups for one in given for path in _expand(one, option)]
        for path, _ in files:
            if not os.path.isfile(path):
                raise GenerationError("there is no such file", "Check the path", path)
        return Inputs(option, tuple(sources), tuple(files))

    def fingerprint(self) -> str:
        """The text that tells one corpus from another: a hash of all contents in order and of how they are read, and for people
        the size."""
        parts = []
        for number, name in enumerate(self.sources):
            digests, size = hashlib.sha256(), 0
            own = [path for path, source in self.files if source == number]
            for path in own:
                digests.update(sha256_of_files([path]).encode())
                digests.update(_READINGS.get(ending(path), "").encode())
                size += os.path.getsize(path)
            text = f"{len(own)} {'file' if len(own) == 1 else 'files'} of {size} bytes, SHA-256 {digests.hexdigest()[:16]}"
            parts.append(f"{name}={text}" if name else text)
        return "; ".join(parts)

    def state(self) -> Tuple[Tuple[int, int], ...]:
        """Changes when a file changes."""
        found = [os.stat(path) for path, _ in self.files]
        return tuple((one.st_size, one.st_mtime_ns) for one in found)


def sha256_of_files(paths: Sequence[str]) -> str:
    """Of the files' contents, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            for part in iter(lambda: file.read(1 << 20), b""):
                digest.update(part)
    return digest.hexdigest()


def ending(path: str) -> str:
    """The kind of a file's content, by its name; `.gz` and `.zst` do not count."""
    name = os.path.basename(path).lower()
    for packed in (".gz", ".zst"):
        if name.endswith(packed):
            name = name[: -len(packed)]
            break
    return os.path.splitext(name)[1]


def _groups(names: Sequence[str]) -> List[Tuple[str, List[str]]]:
    """A name before a file counts for the files behind it as well."""
    groups: List[Tuple[str, List[str]]] = []
    for value in names:
        match = _NAME.fullmatch(value)
        if match and not os.path.exists(value):
            groups.append((match[1], [match[2]]))
        elif groups:
            groups[-1][1].append(value)
        else:
            groups.append(("", [value]))
    return groups


def _expand(name: str, option: str) -> List[str]:
    if name.startswith("@"):
        try:
            with open(name[1:], "rb") as file:
                entries = [os.fsdecode(line) for line in file.read().removeprefix(b"\xef\xbb\xbf").splitlines() if line]
        except OSError as error:
            raise GenerationError(f"the list cannot be read ({error.strerror})", "Check the path", name[1:]) from error
        if not entries:
            raise GenerationError("the list names no file", "Put the path of one file on each line", name[1:])
        return [path for entry in entries for path in _expand_one(entry, option)]
    return _expand_one(name, option)


def _expand_one(name: str, option: str) -> List[str]:
    if not os.path.isdir(name):
        return [name]
    found = []
    for folder, inner, files in os.walk(name):
        inner[:] = [one for one in inner if not one.startswith(".") and not made_by_program(os.path.join(folder, one))]
        found += [os.path.join(folder, one) for one in files if not one.startswith(".") and ending(one) in ENDINGS[option]]
    if not found:
        wanted = ", ".join(ENDINGS[option])
        raise GenerationError(f"the folder has no file whose name ends in {wanted}", "Name a folder that has some", name)
    return sorted(found, key=os.fsencode)
