"""The content of files: pieces of documents, pairs of texts, or ids. As `fast-electra` reads them."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import io
import json
import os
import typing
from typing import Any, BinaryIO, Dict, Iterator, List, Optional, Sequence, Tuple, Union

import numpy as np
import zstandard

from .errors import GenerationError
from .inputs import ending

#: Bytes of text that are tokenized at a time; a piece ends with the line that reaches them.
_PIECE = 1 << 16
_JSON_LINES = (".jsonl", ".ndjson", ".json")
_WHITESPACE = b" \t\n\v\f\r"
_ZSTD_FRAME = b"\x28\xb5\x2f\xfd"
#: Formats whose files would be taken for text.
_FOREIGN = [
    ("xz", b"\xfd7zXZ\0"), *(("bzip2", b"BZh%d1AY&SY" % digit) for digit in range(1, 10)), ("zip", b"PK\3\4"),
    ("7z", b"7z\xbc\xaf\x27\x1c"), ("lz4", b"\4\"M\x18"), ("UTF-32", b"\xff\xfe\0\0"), ("UTF-32", b"\0\0\xfe\xff"), ("UTF-16", b"\xff\xfe"), ("UTF-16", b"\xfe\xff"),
]  # fmt: skip
#: The beginning of a file of pzstd: 16 first bytes, then these three (RFC 8878, section 3.1.2).
_SKIPPABLE_FIRST = tuple(bytes([0x50 + low]) for low in range(16))
_SKIPPABLE_FRAME = b"\x2a\x4d\x18"


@dataclasses.dataclass(frozen=True)
class Piece:
    """A document's text or a part of it, whole lines of a text file. In a JSON string line breaks belong to the text, in a text file
    they only divide it."""

    text: str
    starts_document: bool
    has_line_breaks: bool


@dataclasses.dataclass(frozen=True)
class Pair:
    first: str
    second: str


@dataclasses.dataclass(frozen=True)
class TokenIDs:
    """A document of ids. `place` is for messages."""

    ids: List[int]
    place: str


Item = Union[Piece, Pair, TokenIDs]


class Reading:
    """One time through the text: the treatment of lines that cannot be read, and how far it is: `bytes` of all, in files as they lie
    on disk."""

    def __init__(self, skips_bad_lines: bool) -> None:
        self.skips_bad_lines = skips_bad_lines
        #: Lines that were left out.
        self.bad_lines = 0
        #: Lines that are not UTF-8, and where the first is.
        self.invalid_lines = 0
        self.first_invalid_line = ""
        self.bytes = 0

    def text(self, line: bytes, path: str, number: int) -> str:
        """A line as text; U+FFFD replaces bytes that are not UTF-8."""
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self.invalid_lines += 1
            self.first_invalid_line = self.first_invalid_line or f"{path}, line {number}"
            return line.decode("utf-8", "replace")

    def take_bad(self, problem: str, remedy: str, place: str) -> None:
        if not self.skips_bad_lines:
            raise GenerationError(problem, remedy + ", or have bad lines left out (--bad-lines skip)", place)
        self.bad_lines += 1


def has_records(option: str, path: str) -> bool:
    """Whether a line of the file can be bad: it is a JSON object, or a pair of texts."""
    return option == "--pairs" or ending(path) in _JSON_LINES


def read(option: str, path: str, reading: Reading, vocabulary: Optional[Dict[str, int]] = None) -> Iterator[Item]:
    """The items of one file. `vocabulary` is needed for ids that are written as tokens."""
    kind = ending(path)
    lines = kind in _JSON_LINES
    if option == "--pairs":
        return _pair_records(path, reading) if lines else _pair_rows(path, reading)
    if option == "--ids":
        if kind == ".npy":
            return _array(path, reading)
        if kind == ".txt":
            return _names(path, reading, vocabulary)
        if not lines:
            raise GenerationError(
                "the file's name does not say what it holds",
                "Name it .jsonl (lines with input_ids), .npy (integers) or .txt (tokens); .gz or .zst may follow", path,
            )
        return _id_records(path, reading)
    if kind in (".fa", ".fasta", ".fna"):
        raise GenerationError(
            "the file's name says FASTA, and this command does not read it",
            "Take `fast-electra generate`, give ids (--ids), or rename the file if it is plain text", path,
        )
    return _text_records(path, reading) if lines else _pieces(path, reading)


@contextlib.contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    """The file's content, decompressed as its first bytes say."""
    try:
        with open(path, "rb") as file:
            start = file.peek(10)[:10]
            for name, magic in _FOREIGN:
                if start.startswith(magic):
                    remedy = "Convert it to UTF-8 with iconv" if name.startswith("UTF") else "Decompress it, or compress it with gzip or zstd"
                    raise GenerationError(f"the file is in {name}, which is not read here", remedy, path)
            start = start[:4]
            if start[:2] == b"\x1f\x8b":
                with gzip.open(file, "rb") as unpacked:
                    yield typing.cast(BinaryIO, unpacked)
            elif start == _ZSTD_FRAME or (start[1:] == _SKIPPABLE_FRAME and start[:1] in _SKIPPABLE_FIRST):
                with zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as reader:
                    yield io.BufferedReader(typing.cast(Any, reader), 1 << 16)
            else:
                yield file
    except (OSError, EOFError, zstandard.ZstdError) as error:
        raise GenerationError(f"the file cannot be read ({error})", "Check the file", path) from error


def _lines(path: str, reading: Reading) -> Iterator[Tuple[int, bytes]]:
    """Lines with their ends, from number 1 on, without a byte order mark."""
    before, size = reading.bytes, os.path.getsize(path)
    with _opened(path) as file:
        for number, line in enumerate(file, start=1):
            reading.bytes = min(before + size, reading.bytes + len(line))
            yield number, line[3:] if number == 1 and line.startswith(b"\xef\xbb\xbf") else line
    reading.bytes = before + size


def _pieces(path: str, reading: Reading) -> Iterator[Item]:
    held: List[str] = []
    size, starts = 0, True
    for number, line in _lines(path, reading):
        if line.strip(_WHITESPACE):
            held.append(reading.text(line, path, number))
            size += len(line)
            if size < _PIECE:
                continue
            ends = False
        else:
            ends = True
        if held:
            yield Piece("".join(held), starts, False)
            starts = False
        starts = starts or ends
        held, size = [], 0
    if held:
        yield Piece("".join(held), starts, False)


def _records(path: str, reading: Reading, example: str) -> Iterator[Tuple[str, Dict[str, Any]]]:
    for number, line in _lines(path, reading):
        if not line.strip(_WHITESPACE):
            continue
        place = f"{path}, line {number}"
        try:
            value = json.loads(reading.text(line, path, number))
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            yield place, value
        else:
            problem = "not valid JSON" if value is None else "the line is not a JSON object"
            reading.take_bad(problem, f"Give one JSON object a line, as in {example}", place)


def _strings(path: str, reading: Reading, names: Sequence[str], example: str) -> Iterator[List[str]]:
    for place, value in _records(path, reading, example):
        texts = [value.get(name) for name in names]
        wrong = [name for name, text in zip(names, texts) if not isinstance(text, str)]
        if wrong:
            reading.take_bad(f'"{wrong[0]}" is missing, or no string', f"Give one JSON object a line, as in {example}", place)
        else:
            # Halves of surrogate pairs that stand alone are not text.
            yield [str(text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") for text in texts]


def _text_records(path: str, reading: Reading) -> Iterator[Item]:
    for (text,) in _strings(path, reading, ["text"], '{"text": "..."}'):
        if text:
            yield Piece(text, True, True)


def _pair_records(path: str, reading: Reading) -> Iterator[Item]:
    for first, second in _strings(path, reading, ["text", "text_pair"], '{"text": "...", "text_pair": "..."}'):
        yield Pair(first, second)


def _pair_rows(path: str, reading: Reading) -> Iterator[Item]:
    for number, line in _lines(path, reading):
        if not line.strip(_WHITESPACE):
            continue
        cells = line.rstrip(b"\r\n").split(b"\t")
        if len(cells) == 2:
            yield Pair(*reading.text(line.rstrip(b"\r\n"), path, number).split("\t"))
        else:
            problem = f"the line has {len(cells)} {'column' if len(cells) == 1 else 'columns'}, not two"
            reading.take_bad(problem, "Put one tab between the two texts of a line", f"{path}, line {number}")


def _id_records(path: str, reading: Reading) -> Iterator[Item]:
    example = '{"input_ids": [101, 7592, 102]}'
    for place, value in _records(path, reading, example):
        ids = value.get("input_ids")
        if isinstance(ids, list) and all(type(one) is int for one in ids):
            yield TokenIDs(ids, place)
        else:
            reading.take_bad('"input_ids" is missing, or no list of integers', f"Give one JSON object a line, as in {example}", place)


def _names(path: str, reading: Reading, vocabulary: Optional[Dict[str, int]]) -> Iterator[Item]:
    if vocabulary is None:
        raise GenerationError(
            "the generator's folder has no vocabulary to look tokens up in", "Give ids as JSON lines or .npy", path
        )
    for number, line in _lines(path, reading):
        place, names = f"{path}, line {number}", reading.text(line, path, number).split()
        lacking = [name for name in names if name not in vocabulary]
        if lacking:
            raise GenerationError(f'the vocabulary lacks the token "{lacking[0]}"', "Tokenize with the model's vocabulary", place)
        yield TokenIDs([vocabulary[name] for name in names], place)


def _array(path: str, reading: Reading) -> Iterator[Item]:
    try:
        with _opened(path) as file:
            data = np.load(io.BytesIO(file.read()), allow_pickle=False)
    except ValueError as error:
        raise GenerationError(f"not an array of NumPy ({error})", "Save it with numpy.save", path) from error
    if data.ndim not in (1, 2) or not np.issubdtype(data.dtype, np.integer):
        raise GenerationError(
            f"the array has {data.ndim} dimensions of {data.dtype}", "Give integers, of one dimension or two", path
        )
    for number, row in enumerate(data if data.ndim == 2 else data[None]):
        reading.bytes += row.nbytes
        yield TokenIDs(row.tolist(), f"{path}, row {number}")
