"""Runs a masked language model of Hugging Face once over a masked corpus, and writes logit shards: `python -m fast_electra.generate`.

The options are those of `fast-electra generate`, which takes four families of models. This takes every `...ForMaskedLM`, on a processor or
on a GPU. Needs torch and transformers.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import signal
import sys
from typing import Any, Dict, Iterator, List, Optional, Tuple

from .distillation import TemperatureRangeError, header_for
from .errors import ShardError
from .generation.errors import DATA, FAILED, INTERRUPTED, USAGE, GenerationError
from .generation.inputs import Inputs
from .generation.packing import Sequence, check_text, sequences
from .generation.progress import STYLES, Progress
from .generation.reading import Reading
from .header import Header, SpecialTokens
from .writer import DataSetWriter
from .writer.claims import InUseError

_BLOCKS_OF_SHARD = 64
#: The special tokens of a pair and one more.
_LEAST_LENGTH_OF_PAIR = 5


def parser() -> argparse.ArgumentParser:
    result = _Parser(
        prog="python -m fast_electra.generate",
        description="Run a masked language model of Hugging Face once over a masked corpus and write logit shards.",
        epilog="The same command run again goes on where it stopped. Exit codes: 0 done, 1 failed, 64 the command line makes no sense, "
        "65 the data is bad, 130 interrupted.",
    )
    add = result.add_argument
    add("--generator", required=True, metavar="DIR", help="Hugging Face folder of the masked language model, with its tokenizer")
    text = result.add_mutually_exclusive_group(required=True)
    text.add_argument(
        "--text", nargs="+", action="extend", metavar="FILE",
        help="UTF-8 text; a document ends at a blank line. In .jsonl, a line's 'text' is one. .gz and .zst are read as they are. A folder "
        "stands for its files, @LIST for the names in LIST. NAME=FILE names the source of FILE and of the files behind it",
    )  # fmt: skip
    text.add_argument(
        "--ids", nargs="+", action="extend", metavar="FILE",
        help="instead of --text, what is tokenized already: .jsonl with 'input_ids', .npy, or .txt with tokens of the vocabulary",
    )  # fmt: skip
    text.add_argument(
        "--pairs", nargs="+", action="extend", metavar="FILE",
        help="instead of --text, pairs of texts: lines of two columns with a tab between, or .jsonl with 'text' and 'text_pair'",
    )  # fmt: skip
    add("--bad-lines", choices=("stop", "skip"), default="stop", help="lines that cannot be read: stop at the first, or leave them out")
    add("--out", required=True, metavar="DIR", help="folder of shards to write")
    add("--passes", type=_integer(1, 65_535), default=1, metavar="N", help="times that the corpus is masked anew (%(default)s)")
    add("--top-k", type=_integer(1, 2**31 - 1), default=16, metavar="K",
        help="candidates stored with their logits at a masked position, at most. As many as the vocabulary keeps all logits (%(default)s)")  # fmt: skip
    add("--least-candidates", type=_integer(1, 2**31 - 1), default=1, metavar="K",
        help="candidates stored at every masked position, at least (%(default)s)")  # fmt: skip
    add("--races", type=_integer(1, 256), default=4, metavar="R", help="visits of a training run that are independent draws (%(default)s)")
    add("--temperature-range", type=_temperatures, default=(1.0, 2.0), metavar="MIN:MAX",
        help="temperatures that the shards can be replayed at (1:2)")  # fmt: skip
    add("--mask-probability", type=_probability, default=0.15, metavar="P", help="share of tokens masked (%(default)s)")
    add("--max-length", type=_integer(3, 65_535), default=128, metavar="N",
        help="tokens in a sequence, special ones included (%(default)s)")  # fmt: skip
    add("--draw-special", action="store_true", help="let draws be tokens that stand for no text, such as [MASK] and [unused7]")
    add("--part", type=_part, default=(0, 1), metavar="K/N",
        help="make only the shards of one of N parts, numbered from 0. The same command without it completes the data set")  # fmt: skip
    add("--seed", type=_integer(0, 2**64 - 1), default=1, metavar="N", help="seed of masks and races (%(default)s)")
    add("--device", metavar="NAME", help="where the model runs: cpu, cuda, cuda:1 (cuda if there is one)")
    add("--dtype", choices=("fp32", "bf16"), default="fp32", help="precision that the model computes in (%(default)s)")
    add("--batch-tokens", type=_integer(1, 2**31 - 1), metavar="N",
        help="tokens that go through the model together (4,096 on a processor, 65,536 on a GPU)")  # fmt: skip
    add("--threads", type=_integer(1, 1024), default=os.cpu_count() or 1, metavar="N", help="threads on the processor (%(default)s)")
    add("--progress", choices=STYLES, default="auto", help="how progress is shown (%(default)s)")
    add("--json", action="store_true", help="print the result as one JSON object")
    return result


def main(arguments: Optional[List[str]] = None) -> int:
    """The command; returns its exit code."""
    options = parser().parse_args(arguments)
    try:
        result = _run(options)
    except GenerationError as error:
        return _fail(str(error), error.code)
    except TemperatureRangeError as error:
        return _fail(f"{error} (--temperature-range)", USAGE)
    except ShardError as error:
        return _fail(str(error), DATA)
    except InUseError as error:
        return _fail(str(error), FAILED)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _fail(f"{place}{error.strerror or error}. Check the path, the rights and the room on the disk", FAILED)
    except KeyboardInterrupt:
        return _fail("interrupted. The same command goes on where it stopped", INTERRUPTED)
    print(json.dumps(result, sort_keys=True) if options.json else _table(result))
    return 0


def _run(options: argparse.Namespace) -> Dict[str, Any]:
    if options.least_candidates > options.top_k:
        raise GenerationError(
            f"'--least-candidates' is {options.least_candidates} and '--top-k' {options.top_k}", "Give at most as many", code=USAGE
        )
    if options.pairs and options.max_length < _LEAST_LENGTH_OF_PAIR:
        raise GenerationError(
            f"a sequence of {options.max_length} tokens has no room for a pair of texts",
            f"Ask for {_LEAST_LENGTH_OF_PAIR} tokens at least (--max-length)", code=USAGE,
        )  # fmt: skip
    option = next(one for one in ("--text", "--ids", "--pairs") if getattr(options, one[2:]))
    inputs = Inputs.find(option, getattr(options, option[2:]))
    before = inputs.state()
    try:
        import torch
        import transformers
    except ImportError as error:
        raise GenerationError(
            f"{error.name} is not installed", "pip install 'fast-electra-shards[generate]'", code=FAILED
        ) from error
    from .generation.model import Generator, vocabulary_size_of, weight_files
    from .generation.pipeline import Work, generate
    from .generation.run_parameters import begun, bind, refuse_foreign
    from .generation.tokens import Tokens

    for quiet in (transformers.logging.set_verbosity_error, transformers.logging.disable_progress_bar):
        quiet()  # type: ignore[no-untyped-call,unused-ignore]
    tokens = Tokens(options.generator, vocabulary_size_of(options.generator), needs_tokenizer=option != "--ids")
    header = _header(options, tokens, inputs, weight_files(options.generator))
    torch.set_num_threads(options.threads)

    def load() -> Generator:
        device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
        generator = Generator(options.generator, device=device, half=options.dtype == "bf16")
        if generator.vocabulary_size != tokens.size:
            raise GenerationError(
                f"config.json says that there are {tokens.size} tokens, and the model's output has {generator.vocabulary_size}",
                "Correct vocab_size", options.generator,
            )
        if options.max_length > generator.longest:
            raise GenerationError(
                f"sequences of {options.max_length} tokens are asked for, the generator takes at most {generator.longest}",
                "Ask for shorter sequences (--max-length)", options.generator, USAGE,
            )
        return generator

    # A folder is bound to the parameters that it was begun with, so settings that cannot work are refused before. A
    # large model takes minutes.
    refuse_foreign(options.out)
    interruption = _Interruption()
    generator = None
    if not begun(options.out):
        check_text(inputs, tokens, options.max_length, skips_bad_lines=options.bad_lines == "skip")
        generator = load()
    os.makedirs(options.out, exist_ok=True)
    bind(options.out, _parameters(options, header, inputs))
    tokens.copy_to(options.out)
    part, parts = options.part
    progress = Progress("Generating", options.progress)
    readings: List[Reading] = []
    total = max(1, sum(size for size, _ in before)) * options.passes

    def text() -> Iterator[Sequence]:
        readings.append(Reading(options.bad_lines == "skip"))
        return sequences(inputs, tokens, options.max_length, readings[-1])

    def check() -> None:
        if inputs.state() != before:
            raise GenerationError("a file of the text has changed since the command began", "Begin anew in another folder", option)

    with DataSetWriter(options.out, header, passes=options.passes, part=part, parts=parts, shard_blocks=_BLOCKS_OF_SHARD) as writer:
        if writer.position is None:
            return _result(options, header, 0, 0.0)
        generator = generator or load()
        work = Work(
            generator, tokens.special, options.batch_tokens or (65_536 if generator.device.type == "cuda" else 4_096), options.threads
        )
        done = generate(
            writer,
            text,
            work,
            check=check,
            is_interrupted=lambda: interruption.is_requested,
            progress=lambda count: progress.show(count, min(1.0, sum(one.bytes for one in readings) / total)),
        )
    progress.finish()
    _warn(readings)
    return _result(options, header, done.tokens, done.seconds)


def _warn(readings: List[Reading]) -> None:
    """Tells what was left out of the text, and what was replaced. Each pass has read it anew."""
    bad, invalid = (max(readings, key=key) for key in (lambda one: one.bad_lines, lambda one: one.invalid_lines))
    if bad.bad_lines:
        lines = "1 line that cannot be read was" if bad.bad_lines == 1 else f"{bad.bad_lines} lines that cannot be read were"
        print(f"warning: {lines} left out", file=sys.stderr)
    if invalid.invalid_lines:
        lines = "1 line is" if invalid.invalid_lines == 1 else f"{invalid.invalid_lines} lines are"
        print(
            f"warning: {lines} not UTF-8, the first is {invalid.first_invalid_line}. Such bytes read as U+FFFD. If the text is in another "
            "encoding, convert it with iconv", file=sys.stderr,
        )  # fmt: skip


def _header(options: argparse.Namespace, tokens: Any, inputs: Inputs, weights: List[str]) -> Header:
    from .generation.inputs import sha256_of_files
    from .generation.tokens import ranges

    special = tokens.special
    never = tokens.without_token() + ([] if options.draw_special else tokens.without_text())
    return header_for(
        vocabulary_size=tokens.size,
        vocabulary_sha256=tokens.sha256,
        generator_sha256=sha256_of_files(weights),
        special_tokens=SpecialTokens(special.padding, special.classification, special.separator, special.mask),
        never_drawn=ranges(never),
        sources=inputs.sources,
        maximum_length=options.max_length,
        mask_probability=options.mask_probability,
        seed=options.seed,
        least_candidates=options.least_candidates,
        most_candidates=options.top_k,
        visits=options.races,
        temperatures=options.temperature_range,
    )


def _parameters(options: argparse.Namespace, header: Header, inputs: Inputs) -> Dict[str, str]:
    from .generation.inputs import sha256_of_files
    from .generation.tokens import tokenizer_files

    low, high = options.temperature_range
    # The same weights make something else of a text that is cut otherwise, or with another activation.
    small_files = sha256_of_files([os.path.join(options.generator, "config.json"), *tokenizer_files(options.generator)])
    return {
        inputs.option: inputs.fingerprint(), "--bad-lines": options.bad_lines,
        "--generator": f"weights of SHA-256 {header.generator_sha256}, configuration and tokenizer of {small_files}",
        "vocabulary": header.vocabulary_sha256, "--passes": str(options.passes), "--top-k": str(header.most_candidates),
        "--least-candidates": str(header.least_candidates), "--races": str(header.visit_count), "--temperature-range": f"{low}:{high}",
        "--mask-probability": str(options.mask_probability), "--max-length": str(options.max_length), "--seed": str(options.seed),
        "--draw-special": str(options.draw_special).lower(), "--dtype": options.dtype,
    }  # fmt: skip


def _result(options: argparse.Namespace, header: Header, new_tokens: int, seconds: float) -> Dict[str, Any]:
    from .writer.present import Part, PresentShards

    present = PresentShards(options.out, dataclasses.replace(header, pass_number=0, first_sequence=0))
    part = Part(*options.part)
    size = _BLOCKS_OF_SHARD * header.block_size
    own = [shard for (number, first), shard in present.shards.items() if part.has(first // size, number)]
    masked, count = sum(shard.index.masked for shard in own), sum(shard.byte_count for shard in own)
    return {
        "passes": options.passes,
        "sequences": sum(map(len, own)),
        "tokens": sum(shard.index.tokens for shard in own),
        "masked_positions": masked,
        "shards": len(own),
        "bytes": count,
        "bytes_per_masked_position": count / max(1, masked),
        "deviation": header.deviation,
        "tokens_per_second": new_tokens / seconds if seconds else 0.0,
        "seconds": seconds,
        "did_work": new_tokens > 0,
        "part": f"{part.number}/{part.parts}" if part.parts > 1 else None,
        "is_complete": all(present.has_pass(number) for number in range(options.passes)),
        "output": options.out,
    }


def _table(result: Dict[str, Any]) -> str:
    part = f"part {result['part']} of " if result["part"] else ""
    rows = [
        ("data set", f"{part}{result['output']}, {result['shards']} shards, {result['bytes'] / 1e6:,.1f} MB"),
        ("sequences", f"{result['sequences']:,} in {result['passes']} passes"),
        ("tokens", f"{result['tokens']:,}"),
        ("masked positions", f"{result['masked_positions']:,}, {result['bytes_per_masked_position']:.1f} bytes each"),
        ("deviation", f"draws follow softmax(z/T) within a total variation of {result['deviation']:.4f}"),
        ("speed", f"{result['tokens_per_second']:,.0f} tokens/s, {result['seconds']:.1f} s" if result["did_work"] else "all was done before"),
    ]
    if result["part"]:
        others = "" if result["is_complete"] else "the other parts, then "
        rows.append(("to do", f"{others}the same command without --part, which completes the data set"))
    return "\n".join(f"{name:<18}{value}" for name, value in rows)


def _fail(message: str, code: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return code


class _Interruption:
    """Notes Ctrl-C and SIGTERM, so that the work ends between two blocks. A second one ends it at once."""

    def __init__(self) -> None:
        self.is_requested = False
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                signal.signal(number, self._note)
            except ValueError:
                pass  # Not the main thread: whoever called listens.

    def _note(self, number: int, _: Any) -> None:
        if self.is_requested:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self.is_requested = True


class _Parser(argparse.ArgumentParser):
    """Ends with the exit code that `fast-electra` has for a command line that makes no sense."""

    def error(self, message: str) -> Any:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"error: {message}\n")


def _integer(least: int, most: int) -> Any:
    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"give an integer from {least} to {most}, not {text}")
        return value

    return parse


def _probability(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"give a number above 0 and at most 1, not {text}")
    return value


def _temperatures(text: str) -> Tuple[float, float]:
    try:
        low, high = map(float, text.split(":"))
    except ValueError:
        low, high = 1.0, 0.0
    if not 1 / 64 <= low <= high <= 64:
        raise argparse.ArgumentTypeError(f"give MIN:MAX, from 1/64 to 64, not {text}")
    return low, high


def _part(text: str) -> Tuple[int, int]:
    try:
        number, parts = map(int, text.split("/"))
    except ValueError:
        number, parts = 0, 0
    if not (1 <= parts <= 65_536 and 0 <= number < parts):
        raise argparse.ArgumentTypeError(f"give K/N, parts numbered from 0, not {text}")
    return number, parts


if __name__ == "__main__":
    sys.exit(main())
