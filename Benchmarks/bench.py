"""Times this project and its peers side by side, in turns, and prints a table: called by `make bench` after the builds.

python bench.py --work FOLDER [--only train,generate-4x256,...] [--rounds 3]

Every figure is the median of the rounds; in each round ours and the peers run one after another, so that a noisy minute meets
both. The sgemm rate is that of a square product of 1,024 on all cores, by the best kernels OpenBLAS has for this processor.
What makes no sense on this processor is left out and named. FAST_ELECTRA_KERNELS is passed on.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from processor import Processor

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PROGRAM = ROOT / ".build/release/fast-electra"
KERNEL_RATES = HERE / ".build/release/KernelRates"
THREADS = os.cpu_count() or 1

# The products of a training step of the encoder, FLOP a token: forward once, backward twice. Head and projection are left out.
SHAPES = {
    # name: (hidden, layers, sequences a step)
    "small": (256, 12, 32),
    "base": (768, 12, 8),
    "tiny": (128, 4, 32),
}
LENGTH = 128
# Says that a folder is ours. The demo's has files of the same names and of other sizes.
MARK = "made-by-bench"


def flop_per_token(hidden: int, layers: int) -> float:
    return 3 * layers * (2 * 12 * hidden * hidden + 4 * LENGTH * hidden)


def run(command, **environment):
    """Runs a command; gives its standard output, wall time and peak memory."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | environment
    )
    output, errors = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {child.returncode}:\n{errors.decode()}")
    return output.decode(), time.perf_counter() - start, usage.ru_maxrss * 1024


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, work: Path, rounds: int, processor: Processor) -> None:
        self.work = work
        self.rounds = rounds
        self.processor = processor
        self.rows = []
        self.products_in_use = ""
        if (work / "corpus.json").exists() and not (work / MARK).exists():
            sys.exit(f"bench: error: {work} holds other work, the demo's perhaps. Name another folder (make bench BENCH=FOLDER)")
        work.mkdir(parents=True, exist_ok=True)
        (work / MARK).touch()

    # Inputs

    def prepare(self) -> None:
        """Text, vocabularies, two generators and shards; each is made once."""
        run([ROOT / "data/fetch-corpus", self.work], CORPUS_BYTES="40000000")
        text = self.work / "train.txt"
        for size, name in [(30522, "vocabulary"), (8192, "small-vocabulary")]:
            run([PROGRAM, "vocab", "--text", text, "--size", size, "--out", self.work / name])
        for name in ["4x256", "12x64", "tiny"]:
            say(f"a generator: {name}")
            vocabulary = "small-vocabulary" if name == "tiny" else "vocabulary"
            preset = "tiny" if name == "tiny" else HERE / f"shapes/generator-{name}.json"
            run(
                [PROGRAM, "mlm", "--text", text, "--vocab", self.work / vocabulary, "--preset", preset, "--steps", 150,
                 "--batch-size", 8, "--max-length", LENGTH, "--out", self.work / name]
            )  # fmt: skip
        for megabytes in [1, 5, 12, 120]:
            self.cut(text, megabytes)
        for name, generator in [("shards", "4x256"), ("small-shards", "tiny")]:
            say(f"shards of {generator}")
            run(
                [PROGRAM, "generate", "--generator", self.work / generator, "--text", self.work / "5.txt", "--out",
                 self.work / name]
            )  # fmt: skip

    def cut(self, text: Path, megabytes: int) -> None:
        """Whole lines of the text, over and over. Not read at once: a child's peak memory counts its parent's."""
        left = megabytes * 1_000_000
        with open(self.work / f"{megabytes}.txt", "wb") as target:
            while left > 0:
                with open(text, "rb") as source:
                    for line in source:
                        left -= len(line)
                        if left <= 0:
                            break
                        target.write(line)

    # What is timed

    def train(self, shape: str, threads: int = THREADS, batch: int | None = None):
        """The median step of the real command, the first left out; also its peak memory and its wait for data."""
        batch = batch or SHAPES[shape][2]
        out = self.work / "run"
        shutil.rmtree(out, ignore_errors=True)
        shards = "small-shards" if shape == "tiny" else "shards"
        steps = {"small": 14, "base": 8, "tiny": 40}[shape] if batch <= 32 else 5
        _, _, memory = run(
            [PROGRAM, "train", "--shards", self.work / shards, "--preset", HERE / f"shapes/{shape}.json", "--steps", steps,
             "--batch-size", batch, "--learning-rate", 5e-4, "--log-interval", 1, "--threads", threads, "--out", out]
        )  # fmt: skip
        lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()][1:]
        rates = [line["tokens_per_second"] for line in lines if "tokens_per_second" in line]
        waits = [line["data_wait"] for line in lines if "data_wait" in line]
        shutil.rmtree(out)
        return statistics.median(rates), memory, statistics.median(waits) if waits else None

    def generate(self, generator: str, text: str, threads: int = THREADS):
        """From text to shards by the real command, start and end included."""
        out = self.work / "dataset"
        shutil.rmtree(out, ignore_errors=True)
        output, seconds, memory = run(
            [PROGRAM, "generate", "--generator", self.work / generator, "--text", self.work / f"{text}.txt", "--threads",
             threads, "--json", "--out", out]
        )  # fmt: skip
        shutil.rmtree(out)
        return json.loads(output)["tokens"] / seconds, memory, seconds

    def peer(self, script: str, *arguments):
        output, _, _ = run(
            [sys.executable, HERE / "peers" / script, *arguments, "--threads", THREADS], **self.processor.peer_environment
        )
        answer = json.loads(output.splitlines()[-1])
        return answer["tokens_per_second"], answer["peak_bytes"]

    def products(self) -> dict:
        """Products of all cores at once; OpenBLAS with the kernels that suit the processor."""
        best = {}
        for kernels in self.processor.openblas_cores:
            output, _, _ = run(
                [KERNEL_RATES, "--json", "--threads", THREADS], **({"OPENBLAS_CORETYPE": kernels} if kernels else {})
            )
            rates = json.loads(output)
            if rates["openblas_square_gflops"] is None:
                sys.exit("bench: error: OpenBLAS is missing, which products are compared with. Install it: make setup")
            if rates["openblas_square_gflops"] > best.get("openblas_square_gflops", 0):
                best = rates
        self.products_in_use = f"{best['products']}, OpenBLAS {best['openblas']}"
        return best

    # The table

    def row(self, name: str, figure: str, target: str) -> None:
        self.rows.append((name, figure, target))
        say(f"{name}: {figure}")

    def median(self, measure):
        """Element by element, over what the rounds gave."""
        return [statistics.median(values) for values in zip(*measure)]

    def leave_out(self, name: str, reason: str) -> None:
        self.row(name, f"left out: {reason}", "")

    def bench_train_small(self) -> None:
        small, fp32, bf16, joint, rates, alone, waits = ([] for _ in range(7))
        for _ in range(self.rounds):
            rates.append([self.products()["openblas_square_gflops"]])
            rate, memory, wait = self.train("small")
            small.append([rate, memory])
            waits.append(wait)
            fp32.append(self.peer("train_step.py", "small", "--batch-size", 32)[:1])
            if self.processor.uses_avx512:
                bf16.append(self.peer("train_step.py", "small", "--batch-size", 32, "--precision", "bf16")[:1])
            joint.append(self.peer("train_step.py", "small", "--batch-size", 32, "--joint", "--steps", 4)[:1])
            alone.append([self.train("small", threads=1)[0]])
        (sgemm,), (ours, memory), (peer,) = self.median(rates), self.median(small), self.median(fp32)
        share = ours * flop_per_token(256, 12) / sgemm / 1e9
        self.row("sgemm, all cores, GFLOP/s", f"{sgemm:.0f}", "")
        self.row("train small, tokens/s", f"{ours:.0f}", "")
        self.row("... over PyTorch fp32", f"{ours / peer:.2f} ({peer:.0f})", "2.2")
        if bf16:
            (peer,) = self.median(bf16)
            self.row("... over PyTorch bf16 autocast", f"{ours / peer:.2f} ({peer:.0f})", "1.3")
        else:
            self.leave_out("... over PyTorch bf16 autocast", "without AVX-512 a step of it takes minutes")
        self.row("... of the sgemm rate", f"{100 * share:.0f} %", "85 %")
        self.row("... peak memory, batch 32", f"{memory / 1e6:.0f} MB", "700 MB")
        self.row("... peak memory, batch 128", f"{self.train('small', batch=128)[1] / 1e6:.0f} MB", "1,000 MB")
        self.row("... over PyTorch's joint ELECTRA", f"{ours / self.median(joint)[0]:.2f}", "3.3")
        if None not in waits:
            self.row("... waiting for data", f"{100 * statistics.median(waits):.2f} %", "1 %")
        self.row(f"... {THREADS} threads over one", f"{ours / self.median(alone)[0]:.2f}", "1.85")

    def bench_train_base(self) -> None:
        rates, base, peers = [], [], []
        for _ in range(self.rounds):
            rates.append([self.products()["openblas_square_gflops"]])
            base.append(self.train("base")[:2])
            peers.append(self.peer("train_step.py", "base", "--batch-size", 8, "--steps", 4))
        (sgemm,), (ours, memory) = self.median(rates), self.median(base)
        share = ours * flop_per_token(768, 12) / sgemm / 1e9
        self.row("train base, tokens/s", f"{ours:.0f}, {memory / 1e6:.0f} MB", "")
        self.row("... over PyTorch fp32", f"{ours / self.median(peers)[0]:.2f}", "1")
        self.row("... of the sgemm rate", f"{100 * share:.0f} %", "85 %")

    def bench_train_tiny(self) -> None:
        tiny, peers = [], []
        for _ in range(self.rounds):
            tiny.append(self.train("tiny")[:2])
            peers.append(self.peer("train_step.py", "tiny", "--batch-size", 32, "--dropout", 0.1, "--steps", 20))
        ours, _ = self.median(tiny)
        self.row("train tiny, tokens/s", f"{ours:.0f}", "")
        self.row("... over PyTorch fp32", f"{ours / self.median(peers)[0]:.2f}", "2")

    def bench_generate(self, generator: str, target: str) -> None:
        ours, peers, alone = [], [], []
        for _ in range(self.rounds):
            ours.append(self.generate(generator, "5")[:2])
            peers.append(self.peer("onnx_forward.py", generator))
            alone.append(self.generate(generator, "1", threads=1)[:1])
        (rate, memory), (peer, _) = self.median(ours), self.median(peers)
        self.row(f"generate, {generator}, tokens/s", f"{rate:.0f}, {memory / 1e6:.0f} MB", "")
        self.row("... over ONNX Runtime's bare forward", f"{rate / peer:.2f} ({peer:.0f})", target)
        self.row(f"... {THREADS} threads over one", f"{rate / self.median(alone)[0]:.2f}", "1.85")

    def bench_corpus(self) -> None:
        """Once: ten times the text takes minutes."""
        once, tenfold = self.generate("12x64", "12"), self.generate("12x64", "120")
        self.row("generate, 120 MB of text over 12 MB: memory", f"{tenfold[1] / once[1]:.3f}", "1.05")
        self.row("... time", f"{tenfold[2] / once[2]:.1f}", "10")

    @property
    def parts(self):
        """What --only chooses from; `train` is all that begin with it."""
        return {
            "train-small": self.bench_train_small,
            "train-base": self.bench_train_base,
            "train-tiny": self.bench_train_tiny,
            "generate-4x256": lambda: self.bench_generate("4x256", "1.5"),
            "generate-12x64": lambda: self.bench_generate("12x64", "1.3"),
            "corpus": self.bench_corpus,
        }

    def chosen(self, names: str) -> list[str]:
        def is_meant(name: str, part: str) -> bool:
            return part == name or part.startswith(f"{name}-")

        given = names.split(",")
        unknown = [name for name in given if not any(is_meant(name, part) for part in self.parts)]
        chosen = [part for part in self.parts if any(is_meant(name, part) for name in given)]
        if unknown:
            sys.exit(f"bench: error: --only takes train, generate, {', '.join(self.parts)}; not {', '.join(unknown)}")
        return chosen

    def print_table(self) -> None:
        if not self.products_in_use:
            self.products()
        for line in [*self.processor.description(THREADS), f"products: {self.products_in_use}"]:
            print(line)
        print("\n| what | measured | asked |\n|---|---:|---:|")
        for row in self.rows:
            print("| " + " | ".join(row) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="train,generate")
    options = parser.parse_args()
    bench = Bench(options.work.resolve(), options.rounds, Processor())
    chosen = bench.chosen(options.only)
    for line in bench.processor.description(THREADS):
        say(line)
    bench.prepare()
    for part in chosen:
        bench.parts[part]()
    bench.print_table()


if __name__ == "__main__":
    main()
