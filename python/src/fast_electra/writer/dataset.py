"""A data set, written shard after shard."""

from __future__ import annotations

import dataclasses
import json
import os
import types
from typing import Optional, Tuple, Type, Union

import numpy as np

from .. import durable
from ..block import Block
from ..dataset import PARTS, division_of
from ..header import Header
from .claims import ENDING, Claim, FolderLock
from .encode import LEVEL, EncodedBlock, encode
from .manifest import write_manifest
from .present import Part, PresentShards, missing
from .shard import ShardWriter


class DataSetWriter:
    """Writes a data set, for those who have a loop of their own.

        with DataSetWriter("shards", header, sequences=1_000_000) as writer:
            while writer.position is not None:
                block = ...                 # sequences from writer.position on, writer.room of them at most
                writer.append(block)

    - `header`: of any shard; `pass_number` and `first_sequence` do not matter. A block must be of `writer.header`.
    - `sequences`: of each pass. Whoever does not know the number gives `ends_pass=True` with the last block of a pass, and
      so looks one sequence ahead.
    - `passes`: times that the text is masked anew.
    - `part`, `parts`: makes only some of the shards, as `fast-electra generate --part` does. Parts may be made side by side in one
      folder. Then the same without parts writes the manifest.
    - `shard_blocks`: blocks of a shard.

    Shards appear one by one, each whole. A run that was killed goes on behind its last whole block: begin at `position`, not at 0.
    Raises `ShardError` where the folder has shards of another header, `InUseError` where another process writes there.
    """

    def __init__(
        self,
        folder: Union[str, "os.PathLike[str]"],
        header: Header,
        *,
        sequences: Optional[int] = None,
        passes: int = 1,
        part: int = 0,
        parts: int = 1,
        shard_blocks: int = 64,
        level: int = LEVEL,
    ) -> None:
        for name, value, most in (("passes", passes, 65_535), ("shard_blocks", shard_blocks, 65_536)):
            if not 1 <= value <= most:
                raise ValueError(f"{name} is {value}; give 1 to {most}")
        if sequences is not None and not 1 <= sequences <= 2**48:
            raise ValueError(f"a pass is to have {sequences} sequences; give 1 to 2^48")
        self.folder = os.fspath(folder)
        self.passes = passes
        self.part = Part(part, parts)
        self._header = dataclasses.replace(header, pass_number=0, first_sequence=0)
        self._shard_size = shard_blocks * header.block_size
        self._level = level
        self._shard: Optional[ShardWriter] = None
        self._claim: Optional[Claim] = None
        self._pending: Optional[Block] = None
        self._pass, self._next = 0, 0
        os.makedirs(self.folder, exist_ok=True)
        self._lock = FolderLock(self.folder, together=parts > 1)
        try:
            self._present = PresentShards(self.folder, self._header)
            self._end = sequences if self._present.pass_size is None else self._present.pass_size
            if sequences is not None and sequences != self._end:
                raise ValueError(f"a pass is to have {sequences} sequences, and the shards in {self.folder} have {self._end}")
            self._check_present()
            # The shards of an unfinished data set do not say how many passes there are to be.
            division = {"parts": parts, "passes": passes, "sequencesOfShard": self._shard_size}
            before = division_of(self.folder)
            differs = parts > 1 or any(before.get(name) != division[name] for name in ("passes", "sequencesOfShard"))
            if differs and not all(map(self._present.has_pass, range(passes))):
                durable.write(os.path.join(self.folder, PARTS), json.dumps(division, sort_keys=True).encode() + b"\n")
            self._go_on(0)
        except BaseException:
            self.close()
            raise

    @property
    def position(self) -> Optional[Tuple[int, int]]:
        """Pass and number of the sequence that comes next; None where there is nothing more to write."""
        return None if self._shard is None else (self._pass, self._next)

    @property
    def header(self) -> Header:
        """The header that the next block must have: that of the shard in the making."""
        return self._header if self._shard is None else self._shard.header

    @property
    def shard(self) -> Optional[ShardWriter]:
        """The shard in the making, with the blocks that an earlier writer left."""
        return self._shard

    @property
    def room(self) -> int:
        """How many sequences, from `position` on, the shard in the making still takes."""
        if self._shard is None:
            return 0
        end = self._shard.header.first_sequence + self._shard_size
        return (end if self._end is None else min(end, self._end)) - self._next

    def append(self, block: Block, *, ends_pass: bool = False) -> None:
        """Appends sequences from `position` on, `room` of them at most. They are written as they fill blocks."""
        if not len(block):
            raise ValueError("the block has no sequence; give `ends_pass=True` with the last one that has some")
        place = int(block.passes[0]), int(block.sequences[0])
        if self._shard is None or place != self.position or len(block) > self.room:
            raise ValueError(
                f"the block begins with (pass, sequence) {place} and has {len(block)} sequences; "
                f"sequences from {self.position} on can be appended, {self.room} at most"
            )
        joined = block if self._pending is None else Block.concatenate([self._pending, block])
        is_last = ends_pass or len(block) == self.room
        size = self._header.block_size
        whole = len(joined) if is_last else len(joined) // size * size
        # All of them before the first is written: of a block that is refused, nothing stays.
        encoded = [
            encode(joined.select(np.arange(first, min(first + size, whole))), self._level) for first in range(0, whole, size)
        ]
        for one in encoded:
            self._shard.append(one)
        self._pending = joined.select(np.arange(whole, len(joined))) if whole < len(joined) else None
        self._next += len(block)
        if is_last:
            self._complete(ends_pass or self._next == self._end)

    def append_encoded(self, block: EncodedBlock, *, ends_pass: bool = False) -> None:
        """The same of a block that `encode` has made elsewhere, such as on another thread: a full one, or the last of its pass."""
        if self._shard is None or self._pending is not None or block.sequences > self.room:
            raise ValueError(f"a block of {block.sequences} sequences cannot be appended; {self.room} have room")
        self._shard.append(block)
        self._next += block.sequences
        if ends_pass or self.room == 0:
            self._complete(ends_pass or self._next == self._end)

    def keep(self, blocks: int) -> None:
        """Keeps so many of the blocks that an earlier writer left of the shard in the making, and makes the others again."""
        if self._shard is not None:
            self._shard.keep(blocks)
            self._next = self._shard.header.first_sequence + self._shard.sequences

    def end_pass(self, sequences: int) -> None:
        """Says how many sequences each pass has, for whoever learns it when `position` is not reached by the text.

        Only a part needs it: the shard that ends the pass is then another part's.
        """
        if self._shard is None or sequences > self._next or sequences < 1:
            raise ValueError(f"a pass of {sequences} sequences does not end at or before {self.position}")
        if self._shard.sequences or self._pending is not None:
            raise ValueError("the pass ends within the shard in the making; give `ends_pass=True` with its last block")
        for (_, first), shard in self._present.shards.items():
            if not shard.index.ends_pass and first + len(shard) >= sequences:
                raise ValueError(
                    f"{shard.path} says that its pass goes on; remove it, go on with a new writer, and give `ends_pass=True` with its last block"
                )
        self._end = sequences
        self._go_on(self._next)

    def close(self) -> None:
        """Leaves the written blocks for the next writer."""
        if self._shard is not None:
            self._shard.close()
            self._shard = None
        self._release()
        self._lock.release()

    def __enter__(self) -> DataSetWriter:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[types.TracebackType]
    ) -> None:
        self.close()

    def _complete(self, ends_pass: bool) -> None:
        assert self._shard is not None
        self._shard.commit(ends_pass=ends_pass)
        if ends_pass:
            self._end = self._next
        self._release()
        self._present = PresentShards(self.folder, self._header)
        self._go_on(self._shard.header.first_sequence + self._shard_size)

    def _go_on(self, first: int) -> None:
        """Begins the next shard that is missing; completes the data set where none is."""
        if self._shard is not None:
            self._shard.close()
            self._shard = None
        self._release()
        while self._pass < self.passes:
            if not self._present.has_pass(self._pass):
                found = missing(self._present, self._pass, first, self._shard_size, self.part, self._end)
                if found is not None:
                    return self._begin(found)
            self._pass, first = self._pass + 1, 0
        if self.part.parts == 1:
            self._finish()

    def _begin(self, first: int) -> None:
        header = dataclasses.replace(self._header, pass_number=self._pass, first_sequence=first)
        path = os.path.join(self.folder, shard_name(header))
        self._claim = Claim(path)
        self._shard = ShardWriter(path, header, self._level)
        self._next = first + self._shard.sequences
        if self.room <= 0:
            # Complete but for its end: whether the pass ends with it is known when its last block is made again.
            self.keep(self._shard.blocks - 1)

    def _check_present(self) -> None:
        """Refuses sizes of shards and passes that the present shards do not have."""
        for (_, first), shard in self._present.shards.items():
            end = first + len(shard)
            fits = len(shard) <= self._shard_size if shard.index.ends_pass else len(shard) == self._shard_size
            if first % self._shard_size or not fits:
                blocks = self._shard_size // self._header.block_size
                raise ValueError(f"{shard.path} was not made with shards of {blocks} blocks; give the same `shard_blocks` as then")
            if not shard.index.ends_pass and self._end is not None and end >= self._end:
                raise ValueError(f"a pass is to have {self._end} sequences, and {shard.path} says that more than {end} come")

    def _finish(self) -> None:
        write_manifest(self.folder)
        for name in os.listdir(self.folder):
            if name == PARTS or name.endswith(".shard" + ENDING):
                os.unlink(os.path.join(self.folder, name))

    def _release(self) -> None:
        if self._claim is not None:
            self._claim.release()
            self._claim = None


def shard_name(header: Header) -> str:
    """The name of a shard with this header in its data set."""
    return f"pass-{header.pass_number:05}-sequence-{header.first_sequence:015}.shard"
