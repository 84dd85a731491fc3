"""The page of `fast-electra report --html`, opened in a real browser with three runs: `make browser-test`.

CHROMIUM is the browser's program; without it nothing is tested here.
"""

from __future__ import annotations

import bisect
import json
import pathlib
import shutil
from typing import Any, Callable, Dict, List, Tuple

import pytest
from browser import Browser

Program = Callable[..., str]
Line = Dict[str, float]
AXES = ["steps", "tokens", "seconds"]
FINDING = "says <b>why</b> & </script><script>document.title = 'owned'</script>"


@pytest.fixture(scope="module")
def runs(program: Program, generated: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> List[pathlib.Path]:
    """A generator, a run of 60 steps with a finding, and one of another seed that is not finished and whose log is torn."""
    folder = tmp_path_factory.mktemp("runs")
    text = pathlib.Path(__file__).resolve().parents[2] / "data" / "sample" / "plain.txt"
    program("mlm", "--text", text, "--vocab", generated.parent / "vocabulary", "--preset", "tiny", "--steps", 20,
            "--batch-size", 4, "--max-length", 48, "--log-interval", 1, "--out", folder / "generator",
            "--threads", 1)  # fmt: skip
    for name, seed, steps in [("first", 1, 60), ("second <i>", 2, 40)]:
        program("train", "--shards", generated, "--eval-shards", generated, "--preset", "tiny", "--batch-size", 4,
                "--steps", steps, "--seed", seed, "--log-interval", 1, "--eval-interval", 20, "--eval-sequences", 8,
                "--out", folder / name, "--threads", 1)  # fmt: skip
    names = ["generator", "first", "second <i>"]
    with (folder / "first" / "metrics.jsonl").open("a") as log:
        log.write(json.dumps({"health": "unheard_of", "message": FINDING, "step": 30}) + "\n")
        log.write('{"loss": NaN, "loss_z_score": 3.5, "step": 61}\n')
    (folder / "second <i>" / "summary.json").unlink()
    with (folder / "second <i>" / "metrics.jsonl").open("a") as log:
        log.write('{"accuracy": 0.5, "lo')
    return [folder / name for name in names]


@pytest.fixture(scope="module")
def page(program: Program, runs: List[pathlib.Path], tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    program("report", *runs, "--html", path)
    return path


@pytest.fixture
def opened(browser: Browser, page: pathlib.Path) -> Browser:
    browser.prefer("light")
    browser.open(page)
    return browser


def lines(run: pathlib.Path) -> Tuple[List[Line], List[Line]]:
    """Lines of training and of held-out sequences, as Python's own reader has them."""
    training: List[Line] = []
    held_out: List[Line] = []
    for text in (run / "metrics.jsonl").read_text().splitlines():
        try:
            line: Dict[str, Any] = json.loads(text)
        except json.JSONDecodeError:
            continue
        if "health" not in line:
            (held_out if "eval_loss" in line else training).append(line)
    return training, held_out


def choose_axis(browser: Browser, axis: str) -> None:
    browser.value(f"document.querySelector('#controls [value={axis}]').click()")


def move(browser: Browser, slider: str, part: int) -> None:
    browser.value(
        f"(() => {{ const s = document.getElementById('{slider}'); s.value = {part};"
        "s.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def values(browser: Browser, figure: str) -> Dict[str, Tuple[str, str]]:
    """The values above the chart of a figure, by run: of a line of training, and of held-out sequences."""
    rows: List[List[str]] = browser.value(
        f"[...document.querySelectorAll('figure[data-figure=\"{figure}\"] .values li')]"
        ".map(e => [e.dataset.run, e.dataset.value ?? '', e.dataset.heldOut ?? ''])"
    )
    return {name: (value, held_out) for name, value, held_out in rows}


def broken(browser: Browser) -> int:
    count: int = browser.value(
        "[...document.querySelectorAll('svg *')].filter(e => /NaN|undefined|Infinity/.test(e.outerHTML)).length"
    )
    return count


def test_is_whole(page: pathlib.Path, opened: Browser, runs: List[pathlib.Path]) -> None:
    html = page.read_text()
    for outside in ("src=", "href=", "url(", "@import"):
        assert outside not in html.split('type="application/json"')[0]
    figures: List[str] = opened.value("[...document.querySelectorAll('figure:not([hidden])')].map(e => e.dataset.figure)")
    assert {"loss", "auc", "temperature", "replace_rate", "learning_rate", "loss_z_score"} <= set(figures)
    assert opened.value("[...document.querySelectorAll('figure:not([hidden])')].every(e => e.querySelector('svg'))")
    assert opened.value("document.querySelectorAll('figure[data-figure=loss] path.line').length") >= 5
    assert opened.value("document.querySelectorAll('figure[data-figure=loss] circle.held-out').length") == 3 + 2
    assert broken(opened) == 0


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("part", [0, 57, 200, 301, 400])
def test_shows_the_lines_of_the_logs(axis: str, part: int, opened: Browser, runs: List[pathlib.Path]) -> None:
    """To the bit: the values above a chart are those of the last lines before the mark, at each place of each axis."""
    name = {"steps": "step"}.get(axis, axis)
    logs = {run.name: lines(run) for run in runs}
    choose_axis(opened, axis)
    move(opened, "place", part)
    assert broken(opened) == 0
    # The line that was written by hand has no tokens: the run is then not drawn over them.
    if axis != "steps":
        assert "first" in opened.value("document.getElementById('axis-note').textContent")
        del logs["first"]
    end = max(log[0][-1][name] for log in logs.values())
    place = end * part / 400 * (1 + 1e-9)
    seen = 0
    for figure in ("loss", "accuracy", "auc", "temperature", "gradient_norm", "learning_rate"):
        shown = values(opened, figure)
        for run, (training, held_out) in logs.items():
            value, held = shown.get(run, ("", ""))
            at = bisect.bisect_right([line[name] for line in training], place)
            wanted = training[at - 1].get(figure) if at > 0 else None
            assert value == "" if wanted is None or wanted != wanted else float(value) == wanted, (figure, run)
            seen += value != ""
            steps = {line["step"]: line[name] for line in training if name in line}
            before = [line for line in held_out if steps[line["step"]] <= place]
            wanted = before[-1].get("eval_" + figure) if before else None
            assert held == "" if wanted is None else float(held) == wanted, (figure, run)
    assert seen > 0 or part == 0


def test_tables_have_the_figures(opened: Browser, runs: List[pathlib.Path]) -> None:
    rows: List[List[str]] = opened.value(
        "[...document.querySelectorAll('#overview tr')].map(r => [...r.cells].map(c => c.textContent))"
    )
    table = {row[0]: row[1:] for row in rows}
    assert table[""] == ["generator", "first", "second <i>"]
    assert table["command"] == ["mlm", "train", "train"]
    assert table["state"] == ["finished", "not finished", "not finished"]
    assert table["steps"] == ["20", "61", "40"]
    last = lines(runs[2])[0][-1]
    assert table["last AUC"] == ["–", "–", str(float(f"{last['auc']:.5g}"))]
    differing: List[str] = opened.value("[...document.querySelectorAll('#differing tbody th')].map(e => e.textContent)")
    assert "--seed" in differing and "--batch-size" not in differing
    health = opened.value("document.getElementById('health').textContent")
    assert FINDING in health and "unheard of" in health
    command = opened.value("document.querySelectorAll('#again pre')[2].textContent")
    assert command.startswith("fast-electra train ") and "--seed 2" in command and "--shards /" in command


def test_runs_may_be_hidden(opened: Browser) -> None:
    count = "document.querySelectorAll('figure[data-figure=loss] path.line').length"
    before = opened.value(count)
    opened.value("document.querySelectorAll('#runs input')[0].click()")
    assert 0 < opened.value(count) < before
    assert set(values(opened, "loss")) == {"first", "second <i>"}
    for box in (1, 2):
        opened.value(f"document.querySelectorAll('#runs input')[{box}].click()")
    assert opened.value("document.querySelectorAll('figure:not([hidden])').length") == 0
    for box in (0, 1, 2):
        opened.value(f"document.querySelectorAll('#runs input')[{box}].click()")
    assert opened.value(count) == before


def test_smoothing_leaves_the_lines(opened: Browser) -> None:
    behind = "document.querySelectorAll('figure[data-figure=loss] path.behind').length"
    move(opened, "smoothing", 0)
    assert opened.value(behind) == 0
    line = "document.querySelector('figure[data-figure=loss] path.line').getAttribute('d')"
    whole = opened.value(line)
    move(opened, "smoothing", 20)
    assert opened.value(behind) == 3
    assert opened.value(line) == whole, "the lines stay behind the mean"
    smooth = opened.value("document.querySelector('figure[data-figure=loss] path.line:not(.behind)').getAttribute('d')")
    assert smooth != whole


def test_works_with_the_keyboard(opened: Browser) -> None:
    move(opened, "place", 0)
    before = values(opened, "loss")
    opened.value("document.getElementById('place').focus()")
    for _ in range(6):
        opened.press("PageUp", 33)
    assert values(opened, "loss") != before
    opened.press("Home", 36)
    assert values(opened, "loss") == before


def test_texts_stay_text(opened: Browser) -> None:
    assert opened.value("document.querySelectorAll('i, b, img').length") == 0
    assert opened.value("document.querySelectorAll('script').length") == 2
    assert opened.value("document.title") == "Runs: generator, first, second <i>"


def test_looks(opened: Browser, output: pathlib.Path) -> None:
    """Pictures for people. The test checks that both are drawn, that they differ, and that nothing is cut off."""
    colors = []
    for scheme in ("light", "dark"):
        opened.prefer(scheme)
        opened.screenshot(output / f"report-{scheme}.png")
        colors.append(
            [opened.value("getComputedStyle(document.body).backgroundColor")]
            + opened.value("[...document.querySelectorAll('#runs .swatch')].map(e => getComputedStyle(e).backgroundColor)")
        )
    for light, dark in zip(*colors):
        assert light != dark
    assert len(set(colors[0])) == len(set(colors[1])) == 4, "runs can be told apart"
    stroke = "getComputedStyle(document.querySelector('figure[data-figure=loss] path.line')).stroke"
    assert opened.value(stroke) == colors[1][1], "a curve has its run's color"
    opened.prefer("light")
    opened.pictures(output, "report")


def test_odd_runs(browser: Browser, program: Program, runs: List[pathlib.Path], tmp_path: pathlib.Path) -> None:
    """One that has just begun, one with a single line, one with nine others: pages that open without a complaint."""
    begun, single = tmp_path / "begun", tmp_path / "single"
    for folder in (begun, single):
        folder.mkdir()
        shutil.copy(runs[1] / "run.json", folder)
    (single / "metrics.jsonl").write_text('{"loss": 0.5, "step": 3}\n{"eval_loss": 0.25, "step": 3}\n')
    path = tmp_path / "page.html"
    for folders in ([begun], [single], [begun, single], [single] * 2 + list(runs) * 3):
        program("report", *folders, "--html", path)
        browser.open(path)
        for axis in AXES:
            choose_axis(browser, axis)
            move(browser, "place", 100)
            assert broken(browser) == 0
