"""The work: sequences through the generator into blocks, blocks into shards."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Deque, Iterator, List, Optional, Tuple

import numpy as np

from ..block import Block
from ..distillation import Distilled, LogitsError, distil
from ..header import Header
from ..writer import DataSetWriter, EncodedBlock, encode
from .errors import GenerationError
from .masking import masked_positions
from .model import Generator, batches
from .packing import Sequence
from .tokens import Special


@dataclasses.dataclass(frozen=True)
class Work:
    """How the work is done; nothing of it decides the draws but `batch_tokens`, by the rounding of logits."""

    generator: Generator
    special: Special
    batch_tokens: int
    threads: int


@dataclasses.dataclass
class Done:
    """The work that a run has done."""

    tokens: int = 0
    seconds: float = 0.0
    #: Where the time went, in seconds of the main thread: waiting for text, in the model, distilling on a GPU or waiting for others.
    reading: float = 0.0
    forward: float = 0.0
    waiting: float = 0.0


def generate(
    writer: DataSetWriter,
    text: Callable[[], Iterator[Sequence]],
    work: Work,
    *,
    check: Callable[[], None],
    is_interrupted: Callable[[], bool],
    progress: Callable[[int], None],
) -> Done:
    """Writes the shards that are missing. `text` gives the sequences of a pass, anew for each; `check` raises where the files have changed.

    Raises `KeyboardInterrupt` if interrupted; whole blocks stay.
    """
    done, start = Done(), time.monotonic()
    reader: Optional[_Reader] = None
    with ThreadPoolExecutor(max_workers=work.threads) as pool:
        while writer.position is not None:
            of_pass, first = writer.position
            if reader is None or (reader.of_pass, reader.number) > (of_pass, first) or reader.of_pass != of_pass:
                reader = _Reader(text(), of_pass)
            _compare(writer, reader)
            of_pass, first = writer.position
            reader.skip_to(first, is_interrupted)
            if reader.is_exhausted:
                if reader.number == 0:
                    raise GenerationError("the text has no tokens", "Check the input")
                _end(writer, reader)
                continue
            _fill(writer, reader, work, pool, done, check, is_interrupted, progress)
    done.seconds = time.monotonic() - start
    return done


class _Reader:
    """The sequences of a pass, one ahead: whether a block is the last must be known when it is written. The next ones are tokenized
    on a thread of its own."""

    def __init__(self, source: Iterator[Sequence], of_pass: int) -> None:
        self.of_pass = of_pass
        #: The number of the sequence that comes next.
        self.number = 0
        self._source = source
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._next: "Future[List[Sequence]]" = self._pool.submit(self._read)
        self._held: Deque[Sequence] = collections.deque()
        self._fetch()

    @property
    def is_exhausted(self) -> bool:
        return not self._held

    def take(self, count: int) -> List[Sequence]:
        """The next sequences, fewer where the pass ends."""
        taken: List[Sequence] = []
        while len(taken) < count and self._held:
            taken.append(self._held.popleft())
            if not self._held:
                self._fetch()
        self.number += len(taken)
        return taken

    def put_back(self, sequences: List[Sequence]) -> None:
        self._held.extendleft(reversed(sequences))
        self.number -= len(sequences)

    def skip_to(self, number: int, is_interrupted: Callable[[], bool]) -> None:
        while self.number < number and not self.is_exhausted:
            if is_interrupted():
                raise KeyboardInterrupt
            self.take(min(1024, number - self.number))

    def _read(self) -> List[Sequence]:
        return list(itertools.islice(self._source, 512))

    def _fetch(self) -> None:
        found = self._next.result()
        self._held.extend(found)
        if found:
            self._next = self._pool.submit(self._read)
        else:
            self._pool.shutdown(wait=False)


def _compare(writer: DataSetWriter, reader: _Reader) -> None:
    """Keeps the blocks that an interrupted run left of a shard, as far as they hold the text that comes next."""
    shard = writer.shard
    if shard is None or not shard.kept() or writer.position is None:
        return
    reader.skip_to(shard.header.first_sequence, lambda: False)
    for number, block in enumerate(shard.kept()):
        sequences = reader.take(len(block))
        if not _holds(block, sequences):
            reader.put_back(sequences)
            writer.keep(number)
            return


def _holds(block: Block, sequences: List[Sequence]) -> bool:
    flat = [token for one in sequences for token in one.tokens]
    return bool(
        block.lengths.tolist() == [len(one.tokens) for one in sequences]
        and block.tokens.tolist() == flat
        and block.sources.tolist() == [one.source for one in sequences]
        and block.second_segments.tolist() == [one.second_segment for one in sequences]
    )


def _end(writer: DataSetWriter, reader: _Reader) -> None:
    """The text ends before the shard in the making: another shard ends the pass."""
    assert writer.position is not None
    if writer.shard is not None and writer.shard.blocks:
        raise GenerationError(
            "the shard was made from another text", "Begin anew in another folder, or remove the shard to make it again", writer.shard.path
        )
    try:
        writer.end_pass(reader.number)
    except ValueError as error:
        raise GenerationError(f"the shards were made from another text ({error})", "Begin anew in another folder", writer.folder) from error


def _fill(
    writer: DataSetWriter,
    reader: _Reader,
    work: Work,
    pool: ThreadPoolExecutor,
    done: Done,
    check: Callable[[], None],
    is_interrupted: Callable[[], bool],
    progress: Callable[[int], None],
) -> None:
    """Appends blocks until the shard is full or the pass ends. The model works on one block while those before it are distilled and
    compressed."""
    header, room = writer.header, writer.room
    queue: Deque[Tuple["Future[EncodedBlock]", bool]] = collections.deque()
    places = threading.Semaphore(2 * work.threads)

    def use() -> None:
        future, ends_pass = queue.popleft()
        block = future.result()
        if ends_pass or block.sequences == writer.room:
            check()
        tokens = block.tokens
        writer.append_encoded(block, ends_pass=ends_pass)
        done.tokens += tokens
        progress(done.tokens)

    taken = 0
    while taken < room and not reader.is_exhausted:
        if is_interrupted():
            break
        moment = time.monotonic()
        first = reader.number
        sequences = reader.take(min(header.block_size, room - taken))
        taken += len(sequences)
        done.reading += time.monotonic() - moment
        queue.append((_block(sequences, first, header, work, pool, places, done), reader.is_exhausted))
        while queue and (queue[0][0].done() or len(queue) > 2):
            moment = time.monotonic()
            use()
            done.waiting += time.monotonic() - moment
    moment = time.monotonic()
    while queue:
        use()
    done.waiting += time.monotonic() - moment
    if is_interrupted() and writer.position is not None:
        raise KeyboardInterrupt


def _block(
    sequences: List[Sequence],
    first: int,
    header: Header,
    work: Work,
    pool: ThreadPoolExecutor,
    places: threading.Semaphore,
    done: Done,
) -> "Future[EncodedBlock]":
    """Masks and predicts here; distills and compresses elsewhere."""
    texts = [one.tokens for one in sequences]
    masked = masked_positions(
        texts, seed=header.seed, of_pass=header.pass_number, first=first, probability=header.mask_probability, special=work.special.all
    )
    pieces: List["Future[Distilled]"] = []
    for start, end in batches(list(map(len, texts)), work.batch_tokens):
        positions = masked[start:end]
        count = sum(map(len, positions))
        if count == 0:
            continue
        moment = time.monotonic()
        places.acquire()
        done.waiting += time.monotonic() - moment
        moment = time.monotonic()
        seconds = [one.second_segment for one in sequences[start:end]]
        logits = work.generator.logits(texts[start:end], positions, seconds, work.special.mask, work.special.padding)
        rows = _Rows(
            originals=np.array([text[place] for text, own in zip(texts[start:end], positions) for place in own]),
            sequences=np.repeat(np.arange(first + start, first + end), [len(own) for own in positions]),
            positions=np.array([place for own in positions for place in own]),
        )
        pieces.append(_distilled(logits, rows, header, work, pool, places))
        del logits
        done.forward += time.monotonic() - moment
    return pool.submit(_encoded, pieces, sequences, masked, first, header)


@dataclasses.dataclass(frozen=True)
class _Rows:
    originals: Any
    sequences: Any
    positions: Any


def _distilled(
    logits: Any, rows: _Rows, header: Header, work: Work, pool: ThreadPoolExecutor, places: threading.Semaphore
) -> "Future[Distilled]":
    def reduce(logits: Any) -> Distilled:
        try:
            return distil(logits, header=header, originals=rows.originals, sequences=rows.sequences, positions=rows.positions, in_place=True)
        except LogitsError as error:
            place = f"sequence {int(rows.sequences[error.row])}, position {int(rows.positions[error.row])}"
            raise GenerationError(
                "the generator's logits are not finite numbers", "Check the generator's weights: they overflow or are damaged", place
            ) from error
        finally:
            places.release()

    if work.generator.device.type == "cpu":
        return pool.submit(reduce, logits)
    # The device does one thing at a time. Only stored values come back.
    result: "Future[Distilled]" = Future()
    result.set_result(reduce(logits))
    return result


def _encoded(
    pieces: List["Future[Distilled]"], sequences: List[Sequence], masked: List[List[int]], first: int, header: Header
) -> EncodedBlock:
    columns = [piece.result() for piece in pieces]
    empty = distil(
        np.zeros((0, header.vocabulary_size), dtype=np.float32), header=header, originals=[], sequences=[], positions=[]
    )
    block = Distilled.concatenate(columns or [empty]).block(
        first_sequence=first,
        lengths=[len(one.tokens) for one in sequences],
        tokens=[token for one in sequences for token in one.tokens],
        mask_counts=[len(own) for own in masked],
        positions=[place for own in masked for place in own],
        sources=[one.source for one in sequences],
        second_segments=[one.second_segment for one in sequences],
    )
    return encode(block)
