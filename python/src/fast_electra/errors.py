"""The faults of a shard or a data set, their places, and the remedies."""

from __future__ import annotations

import enum
import os
import re
from typing import Callable, Optional, Union


class Kind(enum.Enum):
    """The kind of a fault. The value is the remedy."""

    NOT_A_SHARD = "Give a file that `fast-electra generate` or `fast_electra.generate` wrote."
    VERSION = "Read it with a version of this package that knows this version of the format."
    HEADER = "Generate the shard anew; whoever wrote it did not follow docs/format.md."
    CHECKSUM = "The file is damaged: copy it again from where it came from, or generate it anew."
    CUT = "The file was cut off, or something was added to it: copy it again, or generate it anew."
    INDEX = "Generate the shard anew: its index contradicts itself or belongs to another shard."
    SEEK_TABLE = "Generate the shard anew: its seek table is not that of its blocks."
    FRAME = "The block is damaged: copy the shard again, or generate it anew."
    COUNTS = "Generate the shard anew: the block is not the one that the index describes."
    COLUMN = "Generate the shard anew: whoever wrote it did not follow docs/format.md."
    MIXED = "Keep only shards of one run of `fast-electra generate` in the folder."
    MANIFEST = "Write the manifest anew: `fast_electra.writer.write_manifest`, beside the shards."
    VOCABULARY = "Train on data sets of one vocabulary."
    ABSENT = "Check the path: give a folder of shards, such as `fast-electra generate` or `fast_electra.generate` has written."
    UNFINISHED = "Run the same `generate` command again: it continues."
    COVERAGE = "Add the shards that are missing, or take out those that are there twice."


class ShardError(Exception):
    """A shard or a data set that the specification tells a reader to refuse.

    `kind` is the kind of the fault, `file` is its place, `offset` is the byte where it begins (None for a folder), `remedy` is the advice.
    PyTorch makes the error of a worker process anew from its text alone, so it can be made from that, too.
    """

    def __init__(self, kind: Union[Kind, str], message: str = "", file: str = "", offset: Optional[int] = None) -> None:
        if isinstance(kind, str):
            told = _TEXT.search(kind)
            if told is None:
                raise TypeError("this is not the text of a ShardError")
            kind, message, file = Kind(told["remedy"]), told["message"], told["file"]
            offset = None if told["offset"] is None else int(told["offset"])
        super().__init__(kind, message, file, offset)
        self.kind = kind
        self.message = message
        self.file = file
        self.offset = offset

    @property
    def remedy(self) -> str:
        return str(self.kind.value)

    def __str__(self) -> str:
        place = self.file if self.offset is None else f"{self.file}, byte {self.offset}"
        return f"{place}: {self.message}. {self.remedy}"


#: The text of an error at the end of a traceback, or alone.
_TEXT = re.compile(
    rf"^(?:\S*{ShardError.__name__}: )?(?P<file>.*?)(?:, byte (?P<offset>\d+))?: (?P<message>.*)\. "
    rf"(?P<remedy>{'|'.join(re.escape(kind.value) for kind in Kind)})\s*\Z",
    re.MULTILINE,
)

#: Makes the error of one place: `raise fail(Kind.COLUMN, "the fault")`.
Fail = Callable[[Kind, str], ShardError]


def at(path: "os.PathLike[str] | str", offset: int) -> Fail:
    """The errors of `path` at `offset`."""
    return lambda kind, message: ShardError(kind, message, os.fspath(path), offset)
