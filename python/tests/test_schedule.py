"""Schedules: values by hand, and those that `fast-electra train` refuses."""

from __future__ import annotations

import math

import pytest
from fast_electra import Schedule


@pytest.mark.parametrize(
    "text,progress,temperature",
    [
        ("exponential:2.0:0.1", 0, 2),
        ("exponential:2.0:0.1", 0.125, 1 + math.exp(-1.25)),
        ("exponential:2", 0.125, 1 + math.exp(-1.25)),
        ("exponential:1.5:.5", 1, 1 + 0.5 * math.exp(-2)),
        ("linear:2", 0.25, 1.75),
        ("linear:2:0.5", 0.25, 1.5),
        ("linear:2:0.5", 0.75, 1),
        ("linear:1.5:2", 1, 1.25),
        ("polynomial:2", 0.5, 1.25),
        ("polynomial:2:3", 0.5, 1.125),
        ("polynomial:2:3", 1, 1),
        ("constant:1.5", 0.3, 1.5),
        ("linear:0.5", 0.5, 0.75),
        ("linear:2", 7, 1),
        ("linear:2", -1, 2),
    ],
)
def test_values(text: str, progress: float, temperature: float) -> None:
    assert Schedule.parse(text)(progress) == pytest.approx(temperature, rel=1e-15)


@pytest.mark.parametrize(
    "text",
    ["", "linear", "linear:", "linear::0.5", "exponential:2:0", "polynomial:2:-1", "constant:1:2", "constant:0", "constant:1:",
     "constant:nan", "constant:inf", "constant:1e999", "constant: 1", "Constant:1", "constant:1_0", "bogus:1", "linear:2:1:1"],
)  # fmt: skip
def test_refusals(text: str) -> None:
    with pytest.raises(ValueError):
        Schedule.parse(text)


def test_of() -> None:
    assert Schedule.of(1.5) == Schedule.of("constant:1.5") == Schedule("constant", 1.5)
    assert Schedule.of("linear:2") == Schedule("linear", 2.0, 1.0)
