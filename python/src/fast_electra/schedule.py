"""The temperature over training, in the words of `fast-electra train --temperature`."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import Callable, Dict, Optional, Tuple, Union

from . import focal

_NUMBER = re.compile(r"[0-9]+\.?[0-9]*([eE][-+]?[0-9]+)?|\.[0-9]+([eE][-+]?[0-9]+)?")

#: The second number of each kind if it is left out; None where there is none.
_DEFAULTS: Dict[str, Optional[float]] = {"exponential": 0.1, "linear": 1.0, "polynomial": 2.0, "constant": None}
_SYNTAX = "exponential:START[:DECAY], linear:START[:SHARE], polynomial:START[:POWER] or constant:T"

#: How far 1 is away from the start, as a share, at a progress from 0 to 1.
_SHAPES: Dict[str, Callable[[float, float], float]] = {
    "exponential": lambda progress, decay: math.exp(-progress / decay),
    "linear": lambda progress, share: 1 - min(1.0, progress / share),
    "polynomial": lambda progress, power: (1 - progress) ** power,
}


@dataclasses.dataclass(frozen=True)
class Schedule:
    """Temperature as a function of progress, the share of the run that is done; from `start` towards 1.

    exponential: 1 + (start - 1) exp(-progress / decay), of Fast-ELECTRA (arXiv 2310.07347); linear: reaches 1 at
    progress `share`; polynomial: 1 + (start - 1) (1 - progress)^power; constant: `start`.
    """

    kind: str
    start: float
    parameter: Optional[float] = None

    def __post_init__(self) -> None:
        if self.kind not in _DEFAULTS:
            raise ValueError(f"there is no schedule {self.kind!r}; give {_SYNTAX}")
        if self.parameter is None:
            object.__setattr__(self, "parameter", _DEFAULTS[self.kind])
        elif self.kind == "constant":
            raise ValueError(f"a constant temperature has no second number; give {_SYNTAX}")
        for value in (self.start, self.parameter):
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ValueError(f"a schedule's numbers are positive, {value} is not; give {_SYNTAX}")

    @staticmethod
    def parse(text: str) -> Schedule:
        """`exponential:2.0:0.1` and so on. Raises ValueError."""
        kind, *numbers = text.split(":")
        if not 1 <= len(numbers) <= 2 or not all(map(_NUMBER.fullmatch, numbers)):
            raise ValueError(f"{text!r} is not a schedule; give {_SYNTAX}")
        return Schedule(kind, *map(float, numbers))

    @staticmethod
    def of(value: Union[float, str, Schedule]) -> Schedule:
        """A constant temperature, a schedule's text, or a schedule."""
        if isinstance(value, Schedule):
            return value
        return Schedule.parse(value) if isinstance(value, str) else Schedule("constant", float(value))

    def __call__(self, progress: float) -> float:
        """The temperature when this share of the run is done; beyond the run, that of its end."""
        if self.parameter is None:
            return self.start
        temperature = 1 + (self.start - 1) * _SHAPES[self.kind](min(max(progress, 0.0), 1.0), self.parameter)
        # Rounding must not lead out of the range that begins with the start.
        return min(max(temperature, min(self.start, 1.0)), max(self.start, 1.0))

    @property
    def ends(self) -> Tuple[float, float]:
        """The temperatures at the run's start and end; all others lie between."""
        return self(0.0), self(1.0)


@dataclasses.dataclass(frozen=True)
class FocalSchedule:
    """The exponent of the focal policy as a function of progress, in the words of `fast-electra train --focal`.

    It is constant, or falls from a start towards 0 as a temperature falls towards 1.
    """

    #: The exponent itself if it is constant; else of 1 + the exponent.
    shape: Schedule

    @staticmethod
    def of(value: Union[float, str, FocalSchedule]) -> FocalSchedule:
        """A constant exponent, or `linear:START[:SHARE]`, `exponential:START[:DECAY]`, `polynomial:START[:POWER]`. Raises ValueError."""
        if isinstance(value, FocalSchedule):
            return value
        text = str(value)
        kind, *numbers = text.split(":") if ":" in text else ("constant", text)
        if kind == "constant" and ":" in text or not numbers or not _NUMBER.fullmatch(numbers[0]):
            raise ValueError(f"{text!r} is not a focal exponent; give GAMMA, linear:START[:SHARE] or the like")
        focal.check(float(numbers[0]))
        if kind == "constant":
            return FocalSchedule(Schedule(kind, float(text)))
        return FocalSchedule(Schedule.parse(":".join([kind, repr(1 + float(numbers[0])), *numbers[1:]])))

    def __call__(self, progress: float) -> Optional[float]:
        """The exponent when this share of the run is done; None where it is too small to be a policy."""
        exponent = self.shape(progress) - (0 if self.shape.kind == "constant" else 1)
        return None if exponent < focal.LEAST else min(exponent, focal.MOST)
