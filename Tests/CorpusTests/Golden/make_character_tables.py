"""Writes Sources/Corpus/Tokenization/WordPiece/BertCharacterTables.swift.

Asks the Hugging Face `tokenizers` library, scalar by scalar, what its BertNormalizer and BertPreTokenizer do, so that
the tables are what that library does today and not what some version of Unicode says: its categories are those of
Unicode 8, its whitespace and lower case those of its compiler.

    python make_character_tables.py
"""

import pathlib
import unicodedata

import tokenizers
from tokenizers import normalizers, pre_tokenizers

TARGET = pathlib.Path(__file__).resolve().parents[3] / "Sources/Corpus/Tokenization/WordPiece/BertCharacterTables.swift"
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
BELOW, OVERLAY = "\u0345", "\u0334"  # combining classes 240 and 1: the ends of the scale


def normalizer(**steps):
    every = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**every, **steps}).normalize_str


clean = normalizer(clean_text=True)
space_ideographs = normalizer(handle_chinese_chars=True)
strip = normalizer(strip_accents=True)
lower = normalizer(lowercase=True)
nfd = normalizers.NFD().normalize_str
split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str


def is_hangul(c):
    return 0xAC00 <= c <= 0xD7A3


def is_reordered(char):
    """Whether canonical ordering moves it: its combining class is not 0."""
    if nfd(char) != char:
        return False
    return nfd(char + OVERLAY) != char + OVERLAY or nfd(BELOW + char) != BELOW + char


removed, spaces, punctuation, ideographs, marks, ordered_marks = [], [], [], [], [], []
combining, bases, lowered = {}, {}, {}
for c in SCALARS:
    char = chr(c)
    cleaned = clean(f"a{char}a")
    if cleaned == "aa":
        removed.append(c)
        continue
    if cleaned == "a a":
        spaces.append(c)
        continue
    if [piece for piece, _ in split(f"a{char}a")] == ["a", char, "a"]:
        punctuation.append(c)
    if space_ideographs(char) != char:
        ideographs.append(c)
    stripped = strip(char)
    if stripped == "":
        marks.append(c)
        if is_reordered(char) or (nfd(char) != char and is_reordered(nfd(char)[0])):
            ordered_marks.append(c)
    elif stripped != char and not is_hangul(c):
        bases[c] = [ord(t) for t in stripped]
    if stripped == char and is_reordered(char):
        combining[c] = unicodedata.combining(char)
        assert combining[c], hex(c)
    if lower(char) != char:
        lowered[c] = [ord(t) for t in lower(char)]


def ranges(scalars):
    runs = []
    for c in scalars:
        if runs and runs[-1][1] == c - 1:
            runs[-1][1] = c
        else:
            runs.append([c, c])
    return [f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in runs]


def mappings(table):
    """Runs: A-B=T all to T, A-B>T to T, T+1, ..., A-B:T every second one to T, T+2, ..."""
    left = dict(sorted(table.items()))
    runs = []
    while left:
        first = next(iter(left))
        target = left[first]
        best = (1, "=", 1)
        for sign, stride, step in (("=", 1, 0), (">", 1, 1), (":", 2, 2)):
            n = 1
            while len(target) == 1 and left.get(first + n * stride) == [target[0] + n * step]:
                n += 1
            if n > best[0]:
                best = (n, sign, stride)
        n, sign, stride = best
        for i in range(n):
            del left[first + i * stride]
        last = first + (n - 1) * stride
        source = f"{first:X}" if n == 1 else f"{first:X}-{last:X}"
        runs.append((first, source + sign + ".".join(f"{t:X}" for t in target)))
    return [text for _, text in sorted(runs)]


def literal(name, comment, runs):
    lines, line = [], ""
    for run in runs:
        if len(line) + len(run) > 108:
            lines.append(line)
            line = ""
        line += (" " if line else "") + run
    body = " \\\n".join("        " + text for text in lines + [line])
    return f'    /// {comment}\n    static let {name} = """\n{body}\n        """\n'


TARGET.write_text(
    f"""// Made by Tests/CorpusTests/Golden/make_character_tables.py from tokenizers {tokenizers.__version__}; do not edit.

/// What BERT's normaliser and pre-tokeniser do with each Unicode scalar, as runs of hexadecimal numbers.
///
/// Pinned to the Hugging Face library and independent of the Swift toolchain's Unicode version, so that the same text gives
/// the same ids everywhere and for good.
enum BertCharacterTables {{
"""
    + "\n".join(
        [
            literal("removed", "Dropped by the clean-up: controls, format characters, private use, U+FFFD.", ranges(removed)),
            literal("spaces", "Turned into a space by the clean-up.", ranges(spaces)),
            literal("punctuation", "Tokenised alone.", ranges(punctuation)),
            literal("ideographs", "Set apart by spaces.", ranges(ideographs)),
            literal("marks", "Dropped where accents are stripped.", ranges(marks)),
            literal("orderedMarks", "Those of `marks` whose canonical combining class is not 0.", ranges(ordered_marks)),
            literal(
                "combiningClasses",
                "Marks that stripping keeps, with their canonical combining class: the decomposition puts them in order.",
                mappings({c: [k] for c, k in combining.items()}),
            ),
            literal("bases", "Canonical decomposition less its `marks`; without Hangul syllables, which are computed.", mappings(bases)),
            literal("lowercase", "Lower case.", mappings(lowered)),
        ]
    )
    + "}\n"
)
