from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import secrets
import shutil
import subprocess
from typing import Any, Callable, Dict, Iterator, List

import pytest
from browser import Browser

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DEMO = REPOSITORY / (os.environ.get("DEMO") or "demo")
GOLDEN = REPOSITORY / "Tests" / "FormatTests" / "Golden"
NAMES = ["head", "wide", "single", "dense"]

_specification = importlib.util.spec_from_file_location("make_golden", GOLDEN / "make_golden.py")
assert _specification and _specification.loader
make_golden = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(make_golden)


def golden(name: str) -> Dict[str, Any]:
    value: Dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())
    return value


@pytest.fixture
def write(tmp_path: pathlib.Path) -> Callable[[bytes], pathlib.Path]:
    def write(data: bytes) -> pathlib.Path:
        path = tmp_path / "forged.shard"
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def seed() -> int:
    """The seed of a test that draws, printed; FAST_ELECTRA_TEST_SEED=N repeats one."""
    value = int(os.environ.get("FAST_ELECTRA_TEST_SEED") or secrets.randbelow(1 << 32))
    print(f"FAST_ELECTRA_TEST_SEED={value}")
    return value


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """Runs the Swift command line and returns its standard output. FAST_ELECTRA says where it is."""
    path = os.environ.get("FAST_ELECTRA") or REPOSITORY / ".build" / "release" / "fast-electra"
    if not shutil.which(path):
        pytest.skip("no fast-electra to compare with: `make build`, or say where it is in FAST_ELECTRA")

    def run(*arguments: object) -> str:
        done = subprocess.run([str(path), *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def generated(program: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A data set of two passes that the Swift command line has just made, from text to shards."""
    folder = tmp_path_factory.mktemp("generated")
    text = REPOSITORY / "data" / "sample" / "plain.txt"
    program("vocab", "--text", text, "--size", 600, "--out", folder / "vocabulary")
    program("mlm", "--text", text, "--vocab", folder / "vocabulary", "--preset", "tiny", "--steps", 3,
            "--batch-size", 4, "--max-length", 48, "--out", folder / "generator", "--threads", 1)  # fmt: skip
    program("generate", "--generator", folder / "generator", "--text", text, "--out", folder / "shards", "--passes", 2,
            "--max-length", 48, "--top-k", 8, "--races", 3, "--seed", 7, "--threads", 1)  # fmt: skip
    return folder / "shards"


def split(tokens: List[int], lengths: List[int]) -> List[List[int]]:
    values = iter(tokens)
    return [[next(values) for _ in range(length)] for length in lengths]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """CHROMIUM is the program of a browser. Without it, what needs one is not tested."""
    if "CHROMIUM" not in os.environ:
        pytest.skip("CHROMIUM names no browser: see make browser-test")
    with Browser(os.environ["CHROMIUM"]) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """With nothing open; what it complains of fails the test."""
    chromium.resize(1200, 900)
    chromium.complaints.clear()
    yield chromium
    assert chromium.complaints == []


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder for screenshots: PAGE_TEST_OUTPUT."""
    path = pathlib.Path(os.environ.get("PAGE_TEST_OUTPUT") or tmp_path_factory.mktemp("output"))
    path.mkdir(parents=True, exist_ok=True)
    return path
