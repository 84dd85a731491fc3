"""Writes Sources/Corpus/Tokenization/ByteLevel/ByteLevelCharacterTables.swift.

Asks the Hugging Face `tokenizers` library, scalar by scalar, which class its ByteLevel pre-tokenizer's pattern puts it in:
the tables are what that library does today, whatever version of Unicode its regular expressions follow.

    python make_byte_level_tables.py
"""

import pathlib

import tokenizers
from tokenizers import pre_tokenizers

TARGET = (
    pathlib.Path(__file__).resolve().parents[3]
    / "Sources/Corpus/Tokenization/ByteLevel/ByteLevelCharacterTables.swift"
)
split = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str

letters, numbers, spaces = [], [], []
for c in range(0x110000):
    if 0xD800 <= c < 0xE000:
        continue
    # A scalar joins a run of its own class only.
    joined = [len(split(start + chr(c))) == 1 for start in "a1!"]
    assert sum(joined) <= 1, hex(c)
    if not any(joined):
        assert len(split(chr(c) + "\u3000")) == 1, hex(c)
        spaces.append(c)
    elif joined[0]:
        letters.append(c)
    elif joined[1]:
        numbers.append(c)


def ranges(scalars):
    runs = []
    for c in scalars:
        if runs and runs[-1][1] == c - 1:
            runs[-1][1] = c
        else:
            runs.append([c, c])
    return [f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in runs]


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
    f"""// Made by Tests/CorpusTests/Golden/make_byte_level_tables.py from tokenizers {tokenizers.__version__}; do not edit.

/// The classes of Unicode scalars in the pattern of byte-level tokenizers, as runs of hexadecimal numbers; all others are
/// of the fourth class.
///
/// Pinned to the Hugging Face library and independent of the Swift toolchain's Unicode version.
enum ByteLevelCharacterTables {{
"""
    + "\n".join(
        [
            literal("letters", r"`\p{L}`.", ranges(letters)),
            literal("numbers", r"`\p{N}`.", ranges(numbers)),
            literal("spaces", r"`\s`.", ranges(spaces)),
        ]
    )
    + "}\n"
)
