"""The tokens of a generator: its tokenizer, its special tokens, and those that stand for no text."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
from typing import Any, Dict, List, Optional, Sequence, Set, Tuple

from ..durable import write
from .errors import GenerationError

#: Names that some family of models gives to tokens that begin, end, fill and mask sequences, as in `fast-electra generate`.
_NAMES = {
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<pad>", "<unk>", "<s>", "</s>", "<mask>", "<cls>", "<sep>", "<bos>", "<eos>",
    "[BOS]", "[EOS]", "<|endoftext|>",
}  # fmt: skip
_RESERVED = re.compile(r"\[unused[0-9]+\]|<unused[0-9]+>|madeupword[0-9]+")

#: The files that a tokenizer of Hugging Face may consist of.
_FILES = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt",
    "spm.model", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
)  # fmt: skip


def tokenizer_files(folder: str) -> List[str]:
    """Those that the folder has."""
    return [path for path in (os.path.join(folder, name) for name in _FILES) if os.path.isfile(path)]


@dataclasses.dataclass(frozen=True)
class Special:
    """Token ids; `unknown` is None where the vocabulary spells all text."""

    padding: int
    unknown: Optional[int]
    classification: int
    separator: int
    mask: int

    @property
    def all(self) -> Set[int]:
        """Those that are never masked."""
        return {self.padding, self.classification, self.separator, self.mask} | ({self.unknown} if self.unknown is not None else set())


class Tokens:
    """The tokens of a generator: the tokenizer, the vocabulary and the special ids. `size` is that of its output."""

    def __init__(self, folder: str, size: int, *, needs_tokenizer: bool) -> None:
        self.folder, self.size = folder, size
        self._tokenizer = _tokenizer(folder, needs_tokenizer)
        self.special = self._special()
        self._lines = self._is_byte_level()
        self.vocabulary: Optional[Dict[str, int]] = None
        if self._tokenizer is not None:
            self.vocabulary = dict(self._tokenizer.get_vocab())
            largest = max(self.vocabulary.values())
            if largest >= size:
                raise GenerationError(
                    f"the vocabulary has a token of number {largest}, and the model's output ends at {size - 1}",
                    "Check that the tokenizer and the model in the folder belong together", folder,
                )

    def encode(self, text: str, has_line_breaks: bool = True) -> List[int]:
        """Ids of a text, without those that begin and end a sequence; a literal "[SEP]" in it is text.

        A byte-level tokenizer takes the lines of a text file one by one, as RoBERTa's training text was taken.
        """
        if has_line_breaks or not self._lines:
            return self._encode([text])[0]
        texts = [line[:-1] if line.endswith("\r") and number < text.count("\n") else line for number, line in enumerate(text.split("\n"))]
        return [one for ids in self._encode([line for line in texts if line]) for one in ids]

    def pair(self, first: str, second: str, length: int) -> Tuple[List[int], int]:
        """A pair as the model's sequence, cut longest first, and where its second segment begins (0 if the model has one segment)."""
        assert self._tokenizer is not None
        # As lists: an empty second text is a text then.
        batch = self._tokenizer(
            [first], [second], truncation="longest_first", max_length=length, split_special_tokens=True, return_attention_mask=False,
            return_token_type_ids=True, verbose=False,
        )  # fmt: skip
        types: List[int] = list(batch["token_type_ids"][0]) if "token_type_ids" in batch else []
        return list(batch["input_ids"][0]), types.index(1) if 1 in types else 0

    def without_text(self) -> List[int]:
        """Ids of tokens that stand for no text: a discriminator would know a draw of one without looking at the text around it."""
        ids = set(self.special.all)
        for token, number in (self.vocabulary or {}).items():
            if token in _NAMES or _RESERVED.fullmatch(token):
                ids.add(number)
        return sorted(ids | set(self._added()))

    def without_token(self) -> List[int]:
        """Ids that the model has and the tokenizer does not, as where embeddings are padded to a multiple of 64."""
        if self.vocabulary is None:
            return []
        return sorted(set(range(self.size)) - set(self.vocabulary.values()))

    @property
    def sha256(self) -> str:
        """Of the tokens in the order of their ids, each followed by a newline; docs/format.md, "Header frame"."""
        if self.vocabulary is None:
            special = self.special
            text = (
                f"vocabulary_size {self.size}\npadding {special.padding}\nclassification {special.classification}\n"
                f"separator {special.separator}\nmask {special.mask}\n"
            )
        else:
            tokens = [""] * self.size
            for token, number in self.vocabulary.items():
                tokens[number] = token
            text = "".join(token + "\n" for token in tokens)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def copy_to(self, folder: str) -> None:
        """Puts the tokenizer's files beside the shards."""
        for path in tokenizer_files(self.folder):
            with open(path, "rb") as file:
                write(os.path.join(folder, os.path.basename(path)), file.read())

    def _encode(self, texts: Sequence[str]) -> List[List[int]]:
        assert self._tokenizer is not None
        if not texts:
            return []
        found: List[List[int]] = self._tokenizer(
            list(texts), add_special_tokens=False, split_special_tokens=True, return_attention_mask=False,
            return_token_type_ids=False, verbose=False,
        )["input_ids"]  # fmt: skip
        return found

    def _special(self) -> Special:
        names = {
            "padding": ("pad",), "unknown": ("unk",), "classification": ("cls", "bos"), "separator": ("sep", "eos"), "mask": ("mask",),
        }  # fmt: skip
        configuration = {}
        path = os.path.join(self.folder, "config.json")
        if self._tokenizer is None and os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                configuration = json.load(file)
        found: Dict[str, Optional[int]] = {}
        for role, keys in names.items():
            ids = [
                getattr(self._tokenizer, f"{key}_token_id", None) if self._tokenizer is not None else configuration.get(f"{key}_token_id")
                for key in keys
            ]
            found[role] = next((one for one in ids if isinstance(one, int)), None)
            if found[role] is None and role != "unknown":
                raise GenerationError(
                    f"nothing tells the {role} token", f"Put {keys[0]}_token into tokenizer_config.json, or {keys[0]}_token_id into "
                    "config.json", self.folder,
                )  # fmt: skip
        return Special(**found)  # type: ignore[arg-type]

    def _added(self) -> List[int]:
        added: Any = getattr(self._tokenizer, "added_tokens_decoder", None) or {}
        return [number for number, token in added.items() if token.special]

    def _is_byte_level(self) -> bool:
        backend = getattr(self._tokenizer, "backend_tokenizer", None)
        return backend is not None and '"ByteLevel"' in json.dumps(json.loads(backend.to_str()).get("pre_tokenizer"))


def _tokenizer(folder: str, is_needed: bool) -> Any:
    import transformers

    problem, cause = "it has no vocabulary", None
    try:
        found = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        # Without files, transformers 5 makes a tokenizer that has its special tokens alone.
        if set(found.get_vocab().values()) - set(found.all_special_ids):
            return found
    except Exception as error:
        problem, cause = str(error), error
    if is_needed:
        raise GenerationError(
            f"its tokenizer cannot be opened ({problem})", "Put the tokenizer's files there, or give --ids instead of text", folder
        ) from cause
    return None


def ranges(ids: Sequence[int]) -> Tuple[Tuple[int, int], ...]:
    """Ascending ids as ranges, first and last."""
    result: List[Tuple[int, int]] = []
    for one in sorted(set(ids)):
        if result and result[-1][1] == one - 1:
            result[-1] = (result[-1][0], one)
        else:
            result.append((one, one))
    return tuple(result)
