"""Token ids of documents packed into sequences, as `fast-electra generate` packs them."""

from __future__ import annotations

import collections
import dataclasses
from typing import Iterator, List, Tuple

from .errors import USAGE, GenerationError
from .inputs import Inputs
from .reading import Pair, Piece, Reading, has_records, read
from .tokens import Special, Tokens


@dataclasses.dataclass(frozen=True)
class Sequence:
    """`[CLS] ... [SEP]`, the number of its source, and where the second segment of a pair begins."""

    tokens: Tuple[int, ...]
    source: int = 0
    second_segment: int = 0


class Packer:
    """A sequence that a document leaves unfilled goes on with the next document after a `[SEP]`; nothing is dropped."""

    def __init__(self, length: int, special: Special) -> None:
        self._length, self._special = length, special
        self._open = [special.classification]
        self._is_between = False
        self._source = 0

    def begin(self, source: int) -> Iterator[Sequence]:
        """Sets the source of the text that follows. A sequence that was begun of another source ends."""
        if source != self._source:
            yield from self.finish()
            self._source = source

    def append(self, ids: List[int], starts_document: bool) -> Iterator[Sequence]:
        self._is_between = self._is_between or starts_document
        if not ids:
            return
        if self._is_between and len(self._open) > 1:
            if len(self._open) + 3 <= self._length:
                self._open.append(self._special.separator)
            else:
                yield self._close()
        self._is_between = False
        place = 0
        while place < len(ids):
            end = place + self._length - 1 - len(self._open)
            self._open += ids[place:end]
            place = end
            if len(self._open) == self._length - 1:
                yield self._close()

    def finish(self) -> Iterator[Sequence]:
        """The last sequence, which may be short."""
        if len(self._open) > 1:
            yield self._close()
        self._is_between = False

    def _close(self) -> Sequence:
        made = Sequence((*self._open, self._special.separator), self._source)
        self._open = [self._special.classification]
        return made


def sequences(inputs: Inputs, tokens: Tokens, length: int, reading: Reading) -> Iterator[Sequence]:
    """All sequences of the files, in order."""
    packer, special = Packer(length, tokens.special), tokens.special
    for path, source in inputs.files:
        for item in read(inputs.option, path, reading, tokens.vocabulary):
            yield from packer.begin(source)
            if isinstance(item, Piece):
                yield from packer.append(tokens.encode(item.text, item.has_line_breaks), item.starts_document)
            elif isinstance(item, Pair):
                ids, second = tokens.pair(item.first, item.second, length)
                # Without text there is nothing to learn from it.
                if any(one not in (special.classification, special.separator) for one in ids):
                    yield Sequence(tuple(ids), source, second)
            else:
                yield from _of_ids(item.ids, item.place, source, length, packer, tokens)
    yield from packer.finish()


def check_text(inputs: Inputs, tokens: Tokens, length: int, *, skips_bad_lines: bool) -> None:
    """Reads records and ids once, and the first tokens of the text, so that a fault in them is told before the work begins."""
    reading = Reading(skips_bad_lines)
    if inputs.option == "--ids":
        has_tokens = sum(1 for _ in sequences(inputs, tokens, length, reading)) > 0
    else:
        for path, _ in inputs.files:
            items = read(inputs.option, path, reading)
            if has_records(inputs.option, path):
                collections.deque(items, maxlen=0)
            else:
                # A file in a format that is not read is told, too.
                next(items, None)
        has_tokens = next(sequences(inputs, tokens, length, Reading(skips_bad_lines)), None) is not None
    if not has_tokens:
        raise GenerationError("the text has no tokens", "Check the input", inputs.files[0][0])


def _of_ids(ids: List[int], place: str, source: int, length: int, packer: Packer, tokens: Tokens) -> Iterator[Sequence]:
    special = tokens.special
    wrong = [one for one in ids if not 0 <= one < tokens.size]
    if wrong:
        raise GenerationError(f"{wrong[0]} is not an id: the model has {tokens.size} tokens", "Tokenize with the model's vocabulary", place)
    while ids and ids[-1] == special.padding:
        ids = ids[:-1]
    if len(ids) >= 2 and ids[0] == special.classification and ids[-1] == special.separator:
        if len(ids) > length:
            raise GenerationError(
                f"the sequence has {len(ids)} ids, and {length} are asked for at most",
                "Ask for longer sequences; or leave out the ids that begin and end it, to have it cut", place, USAGE,
            )  # fmt: skip
        yield from packer.finish()
        if len(ids) > 2:
            yield Sequence(tuple(ids), source)
    else:
        yield from packer.append(ids, True)
