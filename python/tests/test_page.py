"""The page of `fast-electra inspect --html`, opened in a real browser: `make browser-test`.

CHROMIUM is the browser's program; without it nothing is tested here.
"""

from __future__ import annotations

import hashlib
import json
import pathlib
import shutil
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest
from browser import Browser
from conftest import GOLDEN, NAMES
from fast_electra import Block, DataSet, Policy, replay
from forge import take_apart
from test_inspect import folder  # noqa: F401  (a fixture)

Program = Callable[..., str]
SEED = 2**63 + 12345


@pytest.fixture(scope="module")
def page(program: Program, folder: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:  # noqa: F811
    path = tmp_path_factory.mktemp("page") / "page.html"
    program("inspect", folder, "--html", path, "--seed", SEED, "--visit", 1)
    return path


@pytest.fixture
def opened(browser: Browser, page: pathlib.Path) -> Browser:
    browser.open(page)
    return browser


def drawn(browser: Browser) -> Dict[int, int]:
    """The tokens that the page shows at masked positions."""
    pairs: List[List[str]] = browser.value(
        "[...document.querySelectorAll('#text button')].map(b => [b.dataset.position, b.dataset.id])"
    )
    return {int(position): int(id) for position, id in pairs}


def move(browser: Browser, part: int) -> float:
    """Moves the temperature's slider; returns the temperature that the page has then."""
    browser.value(
        f"(() => {{ const slider = document.getElementById('temperature'); slider.value = {part};"
        "slider.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )
    return float(browser.value("document.getElementById('text').dataset.temperature"))


def test_is_small_and_whole(page: pathlib.Path, opened: Browser) -> None:
    assert page.stat().st_size < 2_000_000
    html = page.read_text()
    for outside in ("src=", "href=", "url(", "@import"):
        assert outside not in html.split('type="application/json"')[0]
    assert opened.value("document.querySelectorAll('figure:not([hidden])').length") >= 9
    assert opened.value("document.querySelectorAll('figure svg').length") >= 9
    assert opened.value("[...document.querySelectorAll('svg *')].filter(e => /NaN|undefined/.test(e.outerHTML)).length") == 0


@pytest.mark.parametrize("part", [0, 93, 200, 333, 400])
def test_draws_what_training_draws(part: int, opened: Browser, program: Program, folder: pathlib.Path) -> None:  # noqa: F811
    temperature = move(opened, part)
    entries: List[str] = opened.value("[...document.querySelectorAll('#sequence option')].map(o => o.textContent)")
    for index in sorted({0, len(entries) // 2, len(entries) - 1}):
        opened.value(
            f"(() => {{ const s = document.getElementById('sequence'); s.value = {index};"
            "s.dispatchEvent(new Event('change', {bubbles: true})); })()"
        )
        entry = int(entries[index].replace(",", ""))
        expected: Dict[str, Any] = json.loads(
            program("inspect", folder, "--sequence", entry, "--temperature", repr(temperature), "--seed", SEED,
                    "--visit", 1, "--json")  # fmt: skip
        )
        assert expected["temperature"] == temperature
        tokens = drawn(opened)
        assert tokens == {one["position"]: one["drawn_id"] for one in expected["masked_positions"]} and tokens
        replaced: List[str] = opened.value(
            "[...document.querySelectorAll('#text .replaced')].map(b => b.dataset.position)"
        )
        assert [int(one) for one in replaced] == [
            one["position"] for one in expected["masked_positions"] if one["is_replaced"]
        ]


def test_policies(opened: Browser, folder: pathlib.Path) -> None:  # noqa: F811
    data = DataSet.open(folder)
    least = data.header.least_candidates
    for policy in (Policy(focal=2.0), Policy(focal=0.3, disallows_correct=True), Policy(top_k=least), Policy(focal=16.0, top_k=1)):
        values = {"focal": policy.focal or 0, "top-k": policy.top_k or 0}
        opened.value(
            "(() => { const set = " + json.dumps(values) + "; for (const id in set) { document.getElementById(id).value = set[id]; }"
            f"const box = document.getElementById('disallow-correct'); box.checked = {json.dumps(policy.disallows_correct)};"
            "box.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )
        temperature = move(opened, 250)
        entry = int(str(opened.value("document.getElementById('sequence').selectedOptions[0].textContent")).replace(",", ""))
        block, row = next(
            (block, entry - first)
            for first, block in first_blocks(data)
            if first <= entry < first + len(block)
        )
        tokens = replay(block, temperature=temperature, visit=1, seed=SEED, policy=policy)
        start = int(block.lengths[:row].sum())
        shown = drawn(opened)
        assert shown == {position: int(tokens[start + position]) for position in shown} and shown


def first_blocks(data: DataSet) -> Iterator[Tuple[int, Block]]:
    """Each block, and the number of its first entry."""
    first = 0
    for shard in data.shards:
        for block in shard.blocks():
            yield first, block
            first += len(block)


def test_seed_and_visit(opened: Browser, program: Program, folder: pathlib.Path) -> None:  # noqa: F811
    for seed, visit in [(0, 0), (2**64 - 1, 65535)]:
        opened.value(
            f"(() => {{ for (const [id, v] of [['seed', '{seed}'], ['visit', '{visit}']]) {{"
            "const e = document.getElementById(id); e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); } })()"
        )
        temperature = move(opened, 250)
        entry = int(str(opened.value("document.getElementById('sequence').selectedOptions[0].textContent")).replace(",", ""))
        expected = json.loads(
            program("inspect", folder, "--sequence", entry, "--temperature", repr(temperature), "--seed", seed,
                    "--visit", visit, "--json")  # fmt: skip
        )
        assert drawn(opened) == {one["position"]: one["drawn_id"] for one in expected["masked_positions"]}


def test_works_with_the_keyboard(opened: Browser) -> None:
    """Arrow keys move the slider and change the text; a token is chosen with Enter and explained."""
    move(opened, 0)
    before = drawn(opened)
    opened.value("document.getElementById('temperature').focus()")
    texts = set()
    for _ in range(8):
        opened.press("PageUp", 33)
        texts.add(json.dumps(drawn(opened)))
    assert float(opened.value("document.getElementById('text').dataset.temperature")) > 1
    assert drawn(opened).keys() == before.keys()
    opened.press("Home", 36)
    assert drawn(opened) == before
    changed = any(json.loads(text) != {str(k): v for k, v in before.items()} for text in texts)
    assert changed, "over the whole range no token of this sequence changes"
    opened.value("document.querySelector('#text button').focus()")
    opened.command("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
    opened.command("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    assert opened.value("!document.getElementById('position').hidden")
    assert opened.value("document.activeElement.matches('#text button[aria-pressed=true]')"), "the focus stays"


def test_looks(opened: Browser, output: pathlib.Path) -> None:
    """For people to look at; what can be checked is that both are drawn, that they differ, and that nothing is cut off."""
    move(opened, 300)
    pictures = []
    for scheme in ("light", "dark"):
        opened.prefer(scheme)
        opened.screenshot(output / f"page-{scheme}.png")
        pictures.append(opened.value("getComputedStyle(document.body).backgroundColor"))
    assert pictures[0] != pictures[1]
    assert opened.value("document.querySelectorAll('#text .replaced').length") > 0
    highlight = opened.value("getComputedStyle(document.querySelector('#text .replaced')).backgroundColor")
    assert highlight not in (*pictures, "rgba(0, 0, 0, 0)"), "what is replaced is marked"
    opened.pictures(output, "page")


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_shard(name: str, browser: Browser, program: Program, tmp_path: pathlib.Path) -> None:
    """Of a usual range, a wide one, a single temperature, with all logits: the same draws at both ends of the range."""
    shard, path = GOLDEN / f"{name}.shard", tmp_path / "page.html"
    first = json.loads(program("inspect", shard, "--json"))["header"]["first_sequence"]
    program("inspect", shard, "--html", path, "--seed", SEED)
    browser.open(path)
    for part in (0, 137, 400):
        temperature = move(browser, part)
        entry = int(str(browser.value("document.getElementById('sequence').selectedOptions[0].textContent")).replace(",", ""))
        expected = json.loads(
            program("inspect", shard, "--sequence", entry - first, "--temperature", repr(temperature), "--seed", SEED,
                    "--json")  # fmt: skip
        )
        assert drawn(browser) == {one["position"]: one["drawn_id"] for one in expected["masked_positions"]}
    assert browser.value("[...document.querySelectorAll('svg *')].filter(e => /NaN|undefined/.test(e.outerHTML)).length") == 0


def test_what_fuzzing_found(browser: Browser, program: Program, tmp_path: pathlib.Path) -> None:
    """Shards that no writer writes: a page that opens without a complaint, or a refusal."""
    pages = 0
    for number, shard in enumerate(sorted((GOLDEN.parent / "Finds").glob("*.shard"))):
        path = tmp_path / f"{number}.html"
        try:
            program("inspect", shard, "--html", path)
        except AssertionError:  # refused, or shown with faults
            pass
        if path.exists():
            browser.open(path)
            move(browser, 200)
            pages += 1
    assert pages > 5


def test_markup_in_a_vocabulary_stays_text(
    browser: Browser, program: Program, generated: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    hostile = tmp_path / "shards"
    shutil.copytree(generated, hostile)
    lines = (hostile / "vocab.txt").read_text().splitlines()
    evil = "</script><img src=x onerror=document.title='owned'><!--"
    tokens = "\n".join(lines[:5] + [f"{evil}{n}\x1b[2J" for n in range(5, len(lines))]) + "\n"
    (hostile / "vocab.txt").write_text(tokens)
    # As if the shards had been made with it: the names of another vocabulary are not shown.
    for shard in hostile.glob("*.shard"):
        parts = take_apart(shard.read_bytes())
        parts.header["vocabularySHA256"] = hashlib.sha256(tokens.encode()).hexdigest()
        shard.write_bytes(parts.seal())
    (hostile / "manifest.json").unlink()
    path = tmp_path / "<b>page.html"
    program("inspect", hostile, "--html", path)
    browser.open(path)
    assert browser.value("document.querySelectorAll('img').length") == 0
    assert "owned" not in browser.value("document.title")
    assert evil in browser.value("document.getElementById('text').textContent")
    assert "\x1b" not in path.read_text()
