"""Compares token ids with those of Hugging Face's `tokenizers`, on real text and on random Unicode strings.

    swift build -c release --product tokenizer-probe
    python conformance/tokenization.py --binary .build/release/tokenizer-probe --text FILE...

FILE is UTF-8 text, or HTML (.html), of which the text is taken. Needs `tokenizers` and `transformers`; downloads nothing:
the vocabularies, BERT's uncased and cased and RoBERTa's, are trained on the text itself. Ends with status 1 if one id differs.
"""

import argparse
import html.parser
import itertools
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


class Text(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts = []

    def handle_data(self, data):
        self.parts.append(data)


def read(path):
    text = pathlib.Path(path).read_bytes().decode("utf-8", errors="replace")
    if not str(path).endswith((".html", ".htm")):
        return text
    parser = Text()
    parser.feed(text)
    return "".join(parser.parts)


def pieces(text, size=4000):
    """The text in strings of whole lines, line breaks and blanks included."""
    lines, length = [], 0
    for line in text.splitlines(keepends=True):
        lines.append(line)
        length += len(line)
        if length >= size:
            yield "".join(lines)
            lines, length = [], 0
    if lines:
        yield "".join(lines)


def random_strings(count, seed):
    """Scalars from all of Unicode, from single blocks, and from what rules are about: blanks, marks, apostrophes."""
    draw = random.Random(seed)
    blocks = [(0x20, 0x7E), (0, 0xFF), (0x100, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF)]
    blocks += [(0xE00, 0x10FF), (0x1100, 0x11FF), (0x1E00, 0x20FF), (0x2100, 0x2BFF), (0x3000, 0x30FF), (0x4E00, 0x9FFF)]
    blocks += [(0xAC00, 0xD7A3), (0xA000, 0xABFF), (0xF900, 0xFFFF), (0x10000, 0x1FFFF), (0x1F300, 0x1FAFF), (0xE0000, 0xE01EF)]
    rules = list(" \t\n\r'’.,!-_0123456789aestmdlrvLMÉ") + ["'s", "'re", "'ll", " '", "  ", "\u00a0", "\u3000", "\u2028", "\u0085"]
    rules += ["\u0301", "\u0323", "\u200d", "\ufeff", "\u00ad", "\ufffd", "İ", "ß", "Σ", "[MASK]", "</s>", "##"]

    def scalar(low, high):
        while True:
            c = draw.randint(low, high)
            if not 0xD800 <= c < 0xE000:
                return chr(c)

    for _ in range(count):
        kind, length = draw.randrange(4), draw.randint(1, 40)
        if kind == 0:
            yield "".join(scalar(0, 0x10FFFF) for _ in range(length))
        elif kind == 1:
            low, high = draw.choice(blocks)
            yield "".join(scalar(low, high) for _ in range(length))
        elif kind == 2:
            yield "".join(draw.choice(rules) for _ in range(length))
        else:
            yield "".join(
                draw.choice(rules) if draw.random() < 0.5 else scalar(*draw.choice(blocks)) for _ in range(length))


def bert(sample, lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator(
        sample, trainers.WordPieceTrainer(vocab_size=30000, special_tokens=BERT, limit_alphabet=4000, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def roberta(sample, prefix_space=False):
    tokenizer = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix=""))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        sample,
        trainers.BpeTrainer(
            vocab_size=30000, special_tokens=ROBERTA, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=prefix_space)
    return tokenizer


def save(tokenizer, folder, kind, files):
    """A Hugging Face folder with `tokenizer.json`, or with the files of the time before it."""
    folder.mkdir()
    vocab = tokenizer.get_vocab()
    if files == "tokenizer.json":
        tokenizer.save(str(folder / files))
        special = BERT if kind != "roberta" else ["<pad>", "<unk>", "<s>", "</s>", "<mask>"]
        keys = ["pad_token", "unk_token", "cls_token", "sep_token", "mask_token"]
        config = {"tokenizer_class": "PreTrainedTokenizerFast", **dict(zip(keys, special))}
    elif kind == "roberta":
        model = json.loads(tokenizer.to_str())["model"]
        (folder / "vocab.json").write_text(json.dumps(vocab), encoding="utf-8")
        merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
        (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{m}\n" for m in merges), encoding="utf-8")
        config = {"tokenizer_class": "RobertaTokenizer"}
    else:
        tokens = sorted(vocab, key=vocab.get)
        (folder / "vocab.txt").write_text("".join(f"{t}\n" for t in tokens), encoding="utf-8", newline="\n")
        config = {"tokenizer_class": "BertTokenizer", "do_lower_case": kind == "bert-uncased"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")


def ours(binary, folder, texts):
    with tempfile.TemporaryFile("w+", encoding="utf-8") as given, tempfile.TemporaryFile("w+") as taken:
        given.writelines(json.dumps(text) + "\n" for text in texts)
        given.seek(0)
        finished = subprocess.run([binary, folder], stdin=given, stdout=taken, stderr=subprocess.PIPE, text=True)
        if finished.returncode:
            sys.exit(f"{folder}: {finished.stderr}")
        taken.seek(0)
        return [[int(i) for i in line.split()] for line in taken], finished.stderr.strip()


def compare(binary, folder, tokenizer, kinds):
    """The number of strings whose ids differ. Names of special tokens are text on both sides."""
    tokenizer.encode_special_tokens = True
    different = 0
    for name, texts in kinds.items():
        found, time = ours(binary, folder, texts)
        assert len(found) == len(texts), (len(found), len(texts))
        wrong, examples, tokens = 0, [], 0
        for start in range(0, len(texts), 1000):
            batch = texts[start : start + 1000]
            for text, ids, encoding in zip(
                batch, found[start : start + 1000], tokenizer.encode_batch(batch, add_special_tokens=False)
            ):
                tokens += len(ids)
                if ids != encoding.ids:
                    wrong += 1
                    examples += [(text, ids, encoding.ids)] * (len(examples) < 3)
        size = sum(len(text.encode()) for text in texts)
        print(f"{folder.name}, {name}: {len(texts)} strings, {size} bytes, {tokens} ids, {wrong} strings differ; {time}")
        for text, ids, expected in examples:
            print(f"  {text[:200]!r}\n  ours   {ids[:40]}\n  theirs {expected[:40]}")
        different += wrong
    # transformers opens the folder and says the same.
    sample = list(itertools.islice(kinds["real text"], 0, None, 97))
    automatic = AutoTokenizer.from_pretrained(folder)
    found, _ = ours(binary, folder, sample)
    for text, ids in zip(sample, found):
        if automatic(text, add_special_tokens=False, split_special_tokens=True, verbose=False).input_ids != ids:
            print(f"  AutoTokenizer differs: {text[:100]!r}")
            different += 1
    return different


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--text", required=True, nargs="+")
    parser.add_argument("--random", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20240507)
    options = parser.parse_args()

    texts = [piece for path in options.text for piece in pieces(read(path))]
    kinds = {"real text": texts, f"random, seed {options.seed}": list(random_strings(options.random, options.seed))}
    draw = random.Random(options.seed)
    sample = draw.sample(texts, min(len(texts), 2000))
    different = 0
    with tempfile.TemporaryDirectory() as work:
        for kind, tokenizer in [
            ("bert-uncased", bert(sample, True)), ("bert-cased", bert(sample, False)), ("roberta", roberta(sample)),
        ]:
            for files in ["tokenizer.json", "vocabulary"]:
                folder = pathlib.Path(work) / f"{kind} from {files}"
                save(tokenizer, folder, kind, files)
                different += compare(options.binary, folder, tokenizer, kinds)
    sys.exit(different > 0)


main()
