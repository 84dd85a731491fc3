"""`python -m fast_electra.generate`: beside the Swift program, in parts, killed and run again, and what it refuses."""

from __future__ import annotations

import gzip
import json
import lzma
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import sys
import time
from typing import Any, Callable, Dict, List

import numpy as np
import pytest
import zstandard
from conftest import REPOSITORY
from fast_electra import DataSet, header_for
from fast_electra.distillation import distil
from fast_electra.header import members
from small_models import FAMILIES, SHARED, make_model

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from fast_electra import generate  # noqa: E402
from fast_electra.generation.masking import masked_positions  # noqa: E402
from fast_electra.generation.model import Generator, batches  # noqa: E402

Program = Callable[..., str]
TEXT = REPOSITORY / "data" / "sample" / "plain.txt"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], pathlib.Path]:
    """A folder of each family, made when it is asked for."""
    folder = tmp_path_factory.mktemp("models")

    def model(family: str) -> pathlib.Path:
        if not (folder / family).exists():
            make_model(family, folder / family, TEXT)
        return folder / family

    return model


def run(generator: pathlib.Path, out: pathlib.Path, *more: object, text: object = TEXT, expected: int = 0) -> None:
    """Runs the command in this process."""
    given = [] if text is None else ["--text", text]
    arguments = ["--generator", generator, *given, "--out", out, "--max-length", 48, "--seed", 7, "--threads", 1, "--json", *more]
    assert generate.main(list(map(str, arguments))) == expected


def files(folder: pathlib.Path) -> Dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix == ".shard" or path.name == "manifest.json"}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family(family: str, models: Callable[[str], pathlib.Path], tmp_path: pathlib.Path, request: pytest.FixtureRequest) -> None:
    """Shards that pass `verify`. Those of families that the Swift program knows are the same but for races: headers, text, masks, and
    distributions within the bound of both."""
    run(models(family), tmp_path / "python", "--passes", 2)
    mine = DataSet.open(tmp_path / "python")
    assert mine.is_complete and len(mine) == 2 * mine.pass_size > 200
    # Twice the same command: nothing is done.
    before = files(tmp_path / "python")
    run(models(family), tmp_path / "python", "--passes", 2)
    assert files(tmp_path / "python") == before
    program: Program = request.getfixturevalue("program")
    report = json.loads(program("verify", tmp_path / "python", "--json"))
    assert report["faults"] == [], report
    if family not in SHARED:
        return
    program("generate", "--generator", models(family), "--text", TEXT, "--out", tmp_path / "swift", "--passes", 2, "--max-length", 48,
            "--seed", 7, "--threads", 1)  # fmt: skip
    theirs = DataSet.open(tmp_path / "swift")
    one, other = members(mine.header), members(theirs.header)
    assert one.pop("deviation") == pytest.approx(other.pop("deviation"), rel=1e-12) and one == other
    for shard, counterpart in zip(mine.shards, theirs.shards):
        for block, same in zip(shard.blocks(), counterpart.blocks()):
            for name in ("tokens", "lengths", "mask_counts", "positions", "sources", "second_segments"):
                assert np.array_equal(getattr(block, name), getattr(same, name)), name
            assert (block.candidate_counts > 1).mean() > 0.3, "the model is too flat for the comparison to say much"
    compared = json.loads(program("inspect", tmp_path / "python", "--compare", tmp_path / "swift", "--json"))["shared"]
    assert compared["masked_in_both"] == compared["masked_positions"] > 1_000
    for point in compared["temperatures"]:
        assert point["total_variation"] <= mine.header.deviation + theirs.header.deviation, point


@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_input_of_all_kinds_is_read_as_the_swift_program_reads_it(
    family: str, models: Callable[[str], pathlib.Path], program: Program, tmp_path: pathlib.Path
) -> None:
    lines = [line for line in TEXT.read_text().splitlines() if line.strip()]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": "\n".join(lines[i : i + 3])}) + "\n" for i in range(0, 30, 3)))
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(("\ufeff" + "\r\n".join(lines[30:60])).encode() + b"\n\nbad \xff byte [SEP]\n"))
    frame = zstandard.ZstdCompressor().compress("\n\n".join(lines[72:80]).encode())
    (tmp_path / "c.txt.zst").write_bytes(b"\x50\x2a\x4d\x18\x04\x00\x00\x00" + len(frame).to_bytes(4, "little") + frame)  # as pzstd does
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "z.txt").write_text("\n\n".join(lines[60:70]))
    (tmp_path / "folder" / "a.json").write_text(json.dumps({"text": lines[71]}) + "\nnot JSON\n")
    (tmp_path / "folder" / "shards").mkdir()
    (tmp_path / "folder" / "shards" / "run.json").write_text('{"command": "generate"}')
    (tmp_path / "folder" / "shards" / "vocab.txt").write_text("not text of the corpus\n")
    (tmp_path / "list").write_text(f"{tmp_path}/folder\n{tmp_path}/a.jsonl\n")
    (tmp_path / "p.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in zip(lines[:20], lines[20:40])))
    pairs = [*zip(lines[40:50], lines[:10]), (lines[50], ""), ("", lines[51]), ("half \ud83d a pair", "\udc00")]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps({"text": a, "text_pair": b}) + "\n" for a, b in pairs))
    special = (2, 3) if family == "bert" else (0, 2)
    (tmp_path / "i.jsonl").write_text(f'{{"input_ids": [{special[0]}, 50, 51, 52, {special[1]}]}}\n{{"input_ids": {list(range(20, 160))}}}\n')
    np.save(tmp_path / "i.npy", np.arange(300).reshape(3, 100) % 500 + 20)
    cases: List[List[object]] = [
        ["--text", f"one={tmp_path}/a.jsonl", f"two={tmp_path}/b.txt.gz", f"two={tmp_path}/c.txt.zst", f"one=@{tmp_path}/list", "--bad-lines", "skip"],
        ["--pairs", tmp_path / "p.tsv", tmp_path / "p.jsonl"],
        ["--ids", tmp_path / "i.jsonl", tmp_path / "i.npy"],
    ]
    for number, case in enumerate(cases):
        mine, theirs = tmp_path / f"mine-{number}", tmp_path / f"theirs-{number}"
        run(models(family), mine, *case, text=None)
        program("generate", "--generator", models(family), *case, "--out", theirs, "--max-length", 48, "--seed", 7, "--threads", 1)
        for shard, counterpart in zip(DataSet.open(mine).shards, DataSet.open(theirs).shards):
            assert shard.header.sources == counterpart.header.sources
            for block, same in zip(shard.blocks(), counterpart.blocks()):
                for name in ("lengths", "tokens", "sources", "second_segments", "positions"):
                    assert np.array_equal(getattr(block, name), getattr(same, name)), (case, name)
        with pytest.raises(AssertionError, match="begun by the command"):
            program("generate", "--generator", models(family), *case, "--out", mine, "--max-length", 48, "--seed", 7, "--threads", 1)
        run(models(family), theirs, *case, text=None, expected=64)


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Text of some thousand short sequences."""
    path = tmp_path_factory.mktemp("longer") / "text.txt"
    path.write_text("\n\n".join([TEXT.read_text()] * 8))
    return path


def test_parts_make_the_data_set_of_one_run(
    models: Callable[[str], pathlib.Path], longer: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "_BLOCKS_OF_SHARD", 1)
    more = ["--passes", 2, "--races", 2]
    run(models("bert"), tmp_path / "one", *more, text=longer)
    data = DataSet.open(tmp_path / "one")
    assert len(data.shards) >= 8 and data.is_complete
    for part in (2, 0, 1):
        run(models("bert"), tmp_path / "parts", *more, "--part", f"{part}/3", text=longer)
        assert not (tmp_path / "parts" / "manifest.json").exists()
    run(models("bert"), tmp_path / "parts", *more, text=longer)
    assert files(tmp_path / "parts") == files(tmp_path / "one")


def child(arguments: List[str], blocks: int, begun: Any) -> None:
    generate._BLOCKS_OF_SHARD = blocks
    torch.set_num_threads(1)
    begun.set()
    sys.exit(generate.main(arguments))


def test_killed_at_random_moments(
    models: Callable[[str], pathlib.Path], longer: pathlib.Path, tmp_path: pathlib.Path, seed: int, request: pytest.FixtureRequest
) -> None:
    """FAST_ELECTRA_KILL_ROUNDS=20 kills so often; 4 times without it. One of two signals asks, the other does not."""
    rounds, draw = int(os.environ.get("FAST_ELECTRA_KILL_ROUNDS") or 4), random.Random(seed)
    blocks = 2
    given = ["--generator", models("bert"), "--text", longer, "--max-length", 16, "--threads", 1, "--passes", 2, "--top-k", 64, "--races", 16]
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["torch", "transformers", "fast_electra.generate", "fast_electra.generation.pipeline"])

    def start(out: str) -> Any:
        begun = processes.Event()
        process = processes.Process(target=child, args=([*map(str, given), "--out", str(tmp_path / out)], blocks, begun))
        process.start()
        # A signal before the command is one to the harness.
        assert begun.wait(60)
        return process

    whole = start("whole")
    whole.join()
    moment = time.monotonic()
    again = start("again")
    again.join()
    seconds = time.monotonic() - moment
    assert whole.exitcode == again.exitcode == 0 and files(tmp_path / "whole") == files(tmp_path / "again")
    killed = 0
    for number in range(rounds):
        if (tmp_path / "cut" / "manifest.json").exists():
            break
        process = start("cut")
        if number == 0:
            # On a machine whose load has just fallen, the time of the whole run tells nothing.
            while process.is_alive() and not any((tmp_path / "cut").glob("*.partial")):
                time.sleep(0.001)
        else:
            time.sleep(draw.uniform(0.2, 1.3) * seconds / max(2, rounds / 2))
        how = signal.SIGKILL if number % 2 == 0 else signal.SIGINT
        if process.is_alive():
            os.kill(process.pid, how)
            killed += 1
        process.join()
        assert process.exitcode in (0, 130, -int(how)), process.exitcode
    last = start("cut")
    last.join()
    assert last.exitcode == 0 and killed > 0
    assert files(tmp_path / "cut") == files(tmp_path / "whole")
    data = DataSet.open(tmp_path / "cut")
    seen = [(int(p), int(s)) for shard in data.shards for block in shard.blocks() for p, s in zip(block.passes, block.sequences)]
    assert seen == [(p, s) for p in range(2) for s in range(data.pass_size)]
    program: Program = request.getfixturevalue("program")
    assert json.loads(program("verify", tmp_path / "cut", "--json"))["faults"] == []


def test_what_an_earlier_run_left_of_another_text_is_made_again(
    models: Callable[[str], pathlib.Path], longer: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """The partial shard has the right header, and whole blocks of other sequences from its second block on."""
    import dataclasses

    from fast_electra.writer import ShardWriter

    run(models("bert"), tmp_path / "whole", text=longer)
    run(models("bert"), tmp_path / "cut", text=longer)
    path = next((tmp_path / "cut").glob("*.shard"))
    shard = DataSet.open(tmp_path / "cut").shards[0]
    blocks = list(shard.blocks())
    path.unlink()
    (tmp_path / "cut" / "manifest.json").unlink()
    with ShardWriter(path, shard.header) as writer:
        writer.append(blocks[0])
        tokens = blocks[1].tokens.copy()
        tokens[np.setdiff1d(np.arange(tokens.size), blocks[1].masked_tokens)[5]] += 1
        writer.append(dataclasses.replace(blocks[1], tokens=tokens))
    run(models("bert"), tmp_path / "cut", text=longer)
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_interruption_ends_between_blocks(
    models: Callable[[str], pathlib.Path], longer: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: List[int] = []

    def show(self: Any, done: int, share: Any) -> None:
        shown.append(done)
        if len(shown) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("fast_electra.generation.progress.Progress.show", show)
    run(models("bert"), tmp_path / "cut", text=longer, expected=130)
    assert list((tmp_path / "cut").glob("*.partial"))
    run(models("bert"), tmp_path / "cut", text=longer)
    run(models("bert"), tmp_path / "whole", text=longer)
    assert files(tmp_path / "cut") == files(tmp_path / "whole")
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_half_precision_and_batches_change_little(models: Callable[[str], pathlib.Path], tmp_path: pathlib.Path) -> None:
    run(models("bert"), tmp_path / "one")
    run(models("bert"), tmp_path / "small", "--batch-tokens", 100)
    run(models("bert"), tmp_path / "half", "--dtype", "bf16")
    blocks = [DataSet.open(tmp_path / name).shards[0].block(0) for name in ("one", "small", "half")]
    assert all(np.array_equal(block.positions, blocks[0].positions) for block in blocks)
    first = [block.head_ids[block.candidate_starts[:-1]] for block in blocks]
    assert (first[0] == first[1]).mean() > 0.99 and (first[0] == first[2]).mean() > 0.8


def test_logits_at_masked_positions_are_those_of_the_whole(models: Callable[[str], pathlib.Path]) -> None:
    for family in FAMILIES:
        generator = Generator(str(models(family)))
        texts, masked = [[2, 40, 41, 42, 43, 3], [2, 50, 51, 3]], [[1, 4], [2]]
        found = generator.logits(texts, masked, [0, 0], 4, 0)
        shown = torch.tensor([[2, 4, 41, 42, 4, 3], [2, 50, 4, 3, 0, 0]])
        with torch.no_grad():
            whole = generator.model(input_ids=shown, attention_mask=torch.tensor([[1] * 6, [1] * 4 + [0] * 2])).logits
        expected = torch.stack([whole[0, 1], whole[0, 4], whole[1, 2]])
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)
        assert generator.longest == 48


def test_masks_of_long_and_short_texts(seed: int) -> None:
    """Distinct positions, none of them special, in the share that is asked for; another pass masks others."""
    draw = random.Random(seed)
    texts = [[1] * n + [draw.randrange(10, 99) for _ in range(n * 3)] for n in (0, 1, 2, 50)] + [[1, 1]]
    one = masked_positions(texts, seed=3, of_pass=0, first=2**33, probability=0.15, special={1})
    other = masked_positions(texts, seed=3, of_pass=1, first=2**33, probability=0.15, special={1})
    assert [len(row) for row in one] == [0, 1, 1, 23, 0]
    assert all(sorted(set(row)) == row and all(texts[i][place] != 1 for place in row) for i, row in enumerate(one))
    assert one[3] != other[3]


def test_batches() -> None:
    assert batches([10, 10, 10, 30, 5, 5], 30) == [(0, 3), (3, 4), (4, 6)]
    assert batches([], 5) == [] and batches([9], 5) == [(0, 1)]
    for tokens in (1, 17, 64, 1_000):
        lengths = [1 + i * 7 % 40 for i in range(100)]
        found = batches(lengths, tokens)
        assert [i for first, end in found for i in range(first, end)] == list(range(100))
        assert all(end - first == 1 or max(lengths[first:end]) * (end - first) <= tokens for first, end in found)


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        (["--text", "absent.txt"], 65, "no such file"),
        (["--generator", "absent"], 65, "config.json"),
        (["--least-candidates", "20"], 64, "--least-candidates"),
        (["--temperature-range", "0.02:60"], 64, "narrower"),
        (["--max-length", "400"], 64, "--max-length"),
        (["--device", "nowhere"], 64, "--device cpu"),
        (["--text", "empty.txt"], 65, "no tokens"),
        (["--text", "bad.jsonl"], 65, "bad.jsonl, line 2"),
        (["--text", "late.jsonl"], 65, "late.jsonl, line 3001"),
        (["--pairs", "pairs.tsv"], 65, "the line has 1 column"),
        (["--pairs", "pairs.tsv", "--max-length", "4"], 64, "Ask for 5 tokens at least"),
        (["--ids", "none.npy"], 65, "none.npy: the text has no tokens"),
        (["--ids", "empty.npy"], 65, "empty.npy: the text has no tokens"),
        (["--ids", "ids.jsonl"], 65, "999999 is not an id"),
        (["--text", "genome.fa"], 65, "FASTA"),
        (["--text", "text.txt.xz"], 65, "xz, which is not read here"),
        (["--text", "utf16.txt"], 65, "Convert it to UTF-8"),
        (["--text", "@two.list"], 65, "xz, which is not read here"),
        (["--out", "."], 64, "other files"),
    ],
)
def test_what_is_refused(
    arguments: List[str], code: int, words: str, models: Callable[[str], pathlib.Path], tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "genome.fa").write_text(">one\nACGT\n")
    (tmp_path / "empty.txt").write_text("\n\n")
    (tmp_path / "two.list").write_text(f"{TEXT}\ntext.txt.xz\n")
    (tmp_path / "text.txt.xz").write_bytes(lzma.compress(b"some text\n"))
    (tmp_path / "utf16.txt").write_text("some text\n", encoding="utf-16")
    (tmp_path / "bad.jsonl").write_text('{"text": "good"}\n{"text": 5}\n')
    (tmp_path / "late.jsonl").write_text('{"text": "good"}\n' * 3000 + "bad\n")
    (tmp_path / "pairs.tsv").write_text("a\tb\nalone\n")
    (tmp_path / "ids.jsonl").write_text('{"input_ids": [999999]}\n')
    np.save(tmp_path / "none.npy", np.zeros(0, dtype=np.int64))
    np.save(tmp_path / "empty.npy", np.zeros((5, 0), dtype=np.int64))
    settings = {"--generator": str(models("bert")), "--text": str(TEXT), "--out": "out", "--max-length": "48"}
    if "--ids" in arguments or "--pairs" in arguments:
        del settings["--text"]
    settings.update(zip(arguments[::2], arguments[1::2]))
    assert generate.main([one for pair in settings.items() for one in pair]) == code
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists(), "the folder can still be used"


@pytest.mark.parametrize("arguments", [["--part", "3/3"], ["--races", "0"], ["--mask-probability", "2"], ["--ids", "x"], ["--passes", "x"]])
def test_usage(arguments: List[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        generate.main(["--generator", "x", "--text", "y", "--out", "z", *arguments])
    assert ended.value.code == 64


def test_a_changed_option_is_named(models: Callable[[str], pathlib.Path], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(models("bert"), tmp_path / "out")
    run(models("bert"), tmp_path / "out", "--races", 5, expected=64)
    assert "--races 4, now it is 5" in capsys.readouterr().err


def test_a_generator_that_reads_otherwise_is_another_one(
    models: Callable[[str], pathlib.Path], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its weights and its tokens are the same."""
    shutil.copytree(models("bert"), tmp_path / "other")
    run(models("bert"), tmp_path / "out")
    run(tmp_path / "other", tmp_path / "out")
    configuration = json.loads((tmp_path / "other" / "config.json").read_text())
    (tmp_path / "other" / "config.json").write_text(json.dumps({**configuration, "layer_norm_eps": 0.5}))
    run(tmp_path / "other", tmp_path / "out", expected=64)
    assert "begun with --generator" in capsys.readouterr().err


def test_a_refused_folder_can_be_used(models: Callable[[str], pathlib.Path], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the generator cannot do is told before the folder is bound to it."""
    run(models("bert"), tmp_path / "out", "--max-length", 60_000, expected=64)
    assert "Ask for shorter sequences (--max-length)" in capsys.readouterr().err
    run(models("bert"), tmp_path / "out")


@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_a_generator_without_a_tokenizer(
    family: str, models: Callable[[str], pathlib.Path], program: Program, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ids are enough, if config.json names the special ones; transformers 5 would make up a vocabulary of the special tokens alone."""
    bare = tmp_path / "bare"
    bare.mkdir()
    shutil.copy(models(family) / "model.safetensors", bare)
    configuration = json.loads((models(family) / "config.json").read_text())
    ids = (2, 3, 4) if family == "bert" else (0, 2, 4)
    special = dict(zip(("cls_token_id", "sep_token_id", "mask_token_id"), ids))
    (bare / "config.json").write_text(json.dumps({**configuration, **special, "pad_token_id": int(family == "roberta")}))
    np.save(tmp_path / "ids.npy", np.arange(300).reshape(3, 100) % 500 + 20)
    run(bare, tmp_path / "mine", "--ids", tmp_path / "ids.npy", text=None)
    program("generate", "--generator", bare, "--ids", tmp_path / "ids.npy", "--out", tmp_path / "theirs", "--max-length", 48, "--seed", 7,
            "--threads", 1)  # fmt: skip
    mine, theirs = (DataSet.open(tmp_path / name) for name in ("mine", "theirs"))
    assert mine.header.vocabulary_sha256 == theirs.header.vocabulary_sha256 and mine.header.never_drawn == theirs.header.never_drawn
    assert np.array_equal(mine.shards[0].block(0).positions, theirs.shards[0].block(0).positions)
    run(bare, tmp_path / "text", expected=65)
    assert "it has no vocabulary" in capsys.readouterr().err
    (bare / "config.json").write_text(json.dumps({name: value for name, value in configuration.items() if name != "mask_token_id"}))
    run(bare, tmp_path / "unmasked", "--ids", tmp_path / "ids.npy", text=None, expected=65)
    assert "nothing tells the mask token" in capsys.readouterr().err


def test_a_generator_with_broken_weights(models: Callable[[str], pathlib.Path], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    import safetensors.torch

    shutil.copytree(models("bert"), tmp_path / "broken")
    path = tmp_path / "broken" / "model.safetensors"
    tensors = safetensors.torch.load_file(path)
    tensors["bert.encoder.layer.0.output.dense.weight"][0, 0] = float("nan")
    safetensors.torch.save_file(tensors, path, metadata={"format": "pt"})
    run(tmp_path / "broken", tmp_path / "out", expected=65)
    assert "logits are not finite" in capsys.readouterr().err
    path.unlink()
    (tmp_path / "broken" / "model.safetensors.index.json").write_text("{}")
    run(tmp_path / "broken", tmp_path / "out", expected=65)
    assert "names no files of weights" in capsys.readouterr().err


def test_each_fault_of_the_text_is_counted_once(
    models: Callable[[str], pathlib.Path], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "a river at night"}\nbad\n{"text": "\xff the sea \xfe"}\nbad, too\n')
    (tmp_path / "b.txt").write_bytes(b"a river\n\n" * 9 + b"at \xff night\n")
    (tmp_path / "list").write_bytes(b"%s/a.jsonl\n%s/b.txt\n" % ((os.fsencode(tmp_path),) * 2))
    run(models("bert"), tmp_path / "out", "--text", f"@{tmp_path}/list", "--passes", 3, "--bad-lines", "skip", text=None)
    told = capsys.readouterr().err
    assert "2 lines that cannot be read were left out" in told and f"2 lines are not UTF-8, the first is {tmp_path}/a.jsonl, line 3" in told


def test_a_text_that_is_read_otherwise_is_refused(
    models: Callable[[str], pathlib.Path], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text('{"text": "a river at night"}\n')
    (tmp_path / "a.jsonl").write_text('{"text": "a river at night"}\n')
    run(models("bert"), tmp_path / "out", "--text", tmp_path / "a.txt", text=None)
    run(models("bert"), tmp_path / "out", "--text", tmp_path / "a.jsonl", text=None, expected=64)
    assert "begun with --text 1 file" in capsys.readouterr().err


def test_never_drawn_tokens(models: Callable[[str], pathlib.Path], tmp_path: pathlib.Path) -> None:
    """Neither special tokens nor ids that the tokenizer does not have are drawn."""
    from fast_electra import replay

    run(models("modernbert"), tmp_path / "out")
    data = DataSet.open(tmp_path / "out")
    assert data.header.never_drawn == ((0, 4), (600, 639)) and data.header.vocabulary_size == 640
    block = data.shards[0].block(0)
    for visit in range(8):
        drawn = replay(block, temperature=2.0, visit=visit, seed=1)[block.masked_tokens]
        assert drawn.min() > 4 and drawn.max() < 600
    assert header_for.__doc__ and distil.__doc__
