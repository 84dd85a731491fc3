"""Writes the folder byte-level and byte-level.json here: a small RoBERTa tokenizer trained on sample.txt, and the ids that
Hugging Face's `tokenizers` gives for the texts of tokenizer.json and for some about spaces and apostrophes. And sample.txt.gz
and sample.txt.zst, in several members and frames.

    python make_byte_level_golden.py

Needs tokenizers and zstandard. Names of special tokens in a text are text, as in make_tokenizer_golden.py.
"""

import gzip
import json
import pathlib

import tokenizers
import zstandard
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).resolve().parent
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]

TEXTS = [case["text"] for case in json.loads((HERE / "tokenizer.json").read_text(encoding="utf-8"))["cases"]] + [
    "it's we're they've I'm he'll she'd don't", "IT'S we'RE 'tis 'sand ''s '' 's 't'm'd x'ree", " 's \n's\t're", "'", "' s", "it’s",
    "a  b", "a   b", "a \n b", "a\n\n  b", "a \u3000b", "a\u3000 b", "  a", "a  ", " \n\t ", "a\u00a0\u00a0b", "a\r\nb", "a\u0085 b\u2028c",
    "12three4.five 6seven", "x_y __init__ snake_case", "3 .14", "Ⅷ²½ ①", "</s> <s>a<mask> b <pad>", "the the  the\nthe",
    "harbour" * 40, "ab" * 100, "é" * 70, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "¡¬®ÿĀĠ Ġ",
]

tokenizer = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix=""))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
sample = (HERE / "sample.txt").read_text(encoding="utf-8")
trainer = trainers.BpeTrainer(
    vocab_size=700, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
)
tokenizer.train_from_iterator([sample], trainer)
tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
folder = HERE / "byte-level"
folder.mkdir(exist_ok=True)
whole = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False)
(folder / "tokenizer.json").write_text(whole + "\n", encoding="utf-8")
tokenizer.model.save(str(folder))

golden = {"tokenizers": tokenizers.__version__, "cases": []}
tokenizer.encode_special_tokens = True


def ids(prefix):
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    return tokenizer.encode(text, add_special_tokens=False).ids


for text in TEXTS:
    golden["cases"].append({"text": text, "ids": ids(False), "prefixed": ids(True)})
lines = ",\n".join("    " + json.dumps(case) for case in golden.pop("cases"))
(HERE / "byte-level.json").write_text("{" + json.dumps(golden)[1:-1] + ', "cases": [\n' + lines + "\n]}\n", encoding="utf-8")

data = (HERE / "sample.txt").read_bytes()
parts = [data[:1000], b"", data[1000:1001], data[1001:]]
(HERE / "sample.txt.gz").write_bytes(b"".join(gzip.compress(part, mtime=0) for part in parts))
compressor = zstandard.ZstdCompressor(write_checksum=True)
skippable = b"\x50\x2a\x4d\x18\x03\x00\x00\x00any"
(HERE / "sample.txt.zst").write_bytes(skippable + b"".join(compressor.compress(part) for part in parts))
