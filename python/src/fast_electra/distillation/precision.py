"""The precision that lets draws at a range of temperatures follow softmax(z/T); docs/format.md, "How exact a replay is".

The same nodes, parts and bound as those of `fast-electra generate`.
"""

from __future__ import annotations

import dataclasses
import math
from typing import List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from ..quantization import TAIL_STEP, coefficients
from ..summation import plain_sum

Floats = npt.NDArray[np.float64]

#: A range whose bound would exceed this is refused.
LIMIT = 0.002
#: How far off a measured log-mass is at most.
MEASUREMENT_ERROR = 3e-5
#: Nodes lie on a grid of so many even steps in 1/T where that keeps the limit, which makes them cheap to measure.
GRID_STEPS = 36
#: Steps between two nodes on the grid, at most.
LONGEST_STRIDE = 8

#: From which deficit on the steps of the head's codes are how wide, in units of the lowest temperature.
_ZONES = ((0.0, 2.0**-8), (16.0, 2.0**-7), (64.0, 2.0**-5))
_LARGEST_DEFICIT = (65_534 - 8_192) / 32


class TemperatureRangeError(ValueError):
    """A range of temperatures that shards cannot serve well enough."""


@dataclasses.dataclass(frozen=True)
class Precision:
    """Temperatures of the tail's nodes, parts in which races tell their changes, and the bound that they keep."""

    nodes: Tuple[float, ...]
    change_parts: int
    deviation: float


def precision(
    low: float, high: float, *, vocabulary_size: int, least_candidates: int, most_candidates: int
) -> Precision:
    """The fewest nodes that keep `LIMIT`. Raises `TemperatureRangeError` where no number of nodes keeps it."""
    doublings = math.ceil(math.log2(math.log2(high / low))) if high > low else 0
    parts = 2048 << max(0, min(4, 2 * doublings))
    bound = _Bound(vocabulary_size, most_candidates, low, high, parts)
    best: Tuple[Sequence[float], float] = ((), math.inf)
    if least_candidates == vocabulary_size:
        best = ((), bound.largest(()))
    else:
        for nodes in _choices(low, high):
            deviation = bound.largest(nodes)
            if deviation < best[1]:
                best = (nodes, deviation)
            if best[1] <= LIMIT:
                break
    if best[1] > LIMIT:
        raise TemperatureRangeError(
            f"with temperatures from {low:g} to {high:g} the draws could be off softmax(z/T) by a total variation of "
            f"{min(1.0, best[1]):.3g}, and {LIMIT} is allowed. Choose a narrower range"
        )
    return Precision(tuple(best[0]), parts, best[1])


def grid_strides(nodes: Sequence[float]) -> Optional[List[int]]:
    """Steps between the nodes' inverse temperatures, ascending; None where these do not lie on a grid of `GRID_STEPS`."""
    inverses = [1 / node for node in reversed(nodes)]
    if len(inverses) < 2 or inverses[-1] <= inverses[0]:
        return None
    step = (inverses[-1] - inverses[0]) / GRID_STEPS
    places = [math.floor((value - inverses[0]) / step + 0.5) for value in inverses]
    if any(abs(value - (inverses[0] + place * step)) >= 1e-9 * inverses[-1] for value, place in zip(inverses, places)):
        return None
    strides = [after - before for before, after in zip(places, places[1:])]
    return strides if all(1 <= stride <= LONGEST_STRIDE for stride in strides) else None


def _choices(low: float, high: float) -> "List[Sequence[float]]":
    """Nodes that may do, the fewest first."""
    if low == high:
        return [(low,)]
    result: List[Sequence[float]] = []
    for count in range(2, 65):
        nodes = _chebyshev(count, low, high)
        on_grid = _on_grid(nodes, low, high)
        result += [nodes] if on_grid is None else [on_grid, nodes]
    return result


def _chebyshev(count: int, low: float, high: float) -> List[float]:
    center = math.sqrt(low * high)
    end = (high - center) / (high + center)
    inner = [-math.cos(math.pi * i / (count - 1)) * end for i in range(1, count - 1)]
    return [low, *(center * (1 + place) / (1 - place) for place in inner), high]


def _on_grid(nodes: Sequence[float], low: float, high: float) -> Optional[List[float]]:
    """The nodes moved to the nearest points of the grid; None where two would meet."""
    start, end = 1 / high, 1 / low
    step = (end - start) / GRID_STEPS
    places = [math.floor((1 / node - start) / step + 0.5) for node in nodes]
    if not all(a > b for a, b in zip(places, places[1:])):
        return None
    moved = [high if place == 0 else low if place == GRID_STEPS else 1 / (start + place * step) for place in places]
    return moved if grid_strides(moved) is not None else None


class _Bound:
    """A bound on the total variation that no row of logits exceeds: `Sources/Distillation/DeviationBound.swift` says why it is one."""

    def __init__(self, vocabulary_size: int, most_candidates: int, low: float, high: float, parts: int) -> None:
        self._low, self._high = low, high
        self._center = math.sqrt(low * high)
        self._head_count = float(min(vocabulary_size, most_candidates + 1))
        self._deepest = math.log(vocabulary_size) + 8
        count = 49
        self._temperatures = (
            [low]
            if low == high
            else [low * math.exp(math.log(high / low) * i / (count - 1)) for i in range(count - 1)] + [high]
        )
        self._tails = most_candidates < vocabulary_size
        self._upper, self._lower, self._gap = _two_levels(float(vocabulary_size - 1), high)
        self._masses = [self._log_mass(temperature) for temperature in self._temperatures]
        half = (self._place(high) - self._place(low)) / parts / 2
        self._shifts = []
        for temperature in self._temperatures:
            place, share = self._place(temperature), self._lower_share(temperature)
            ends = [self._center * (1 + end) / (1 - end) for end in (place - half, place + half)]
            shifts = [float(np.abs(self._lower_share(end) - share).max()) for end in ends]
            self._shifts.append(max(shifts) if self._tails else 0.0)

    def largest(self, nodes: Sequence[float]) -> float:
        """The bound over all temperatures of the range."""
        node_masses = [self._log_mass(node) for node in nodes]
        places = [self._place(node) for node in nodes]
        shares = np.arange(41) / 40 if self._tails else np.zeros(1)
        largest = 0.0
        for temperature, masses, shift in zip(self._temperatures, self._masses, self._shifts):
            head = self._head_error(temperature)
            if not math.isfinite(head):
                return 1.0
            tail = 0.0
            if nodes:
                factors = coefficients(self._place(temperature), places)
                between = sum((c * mass for c, mass in zip(factors, node_masses)), np.zeros_like(masses))
                tail = float(np.abs(between - masses).max())
                tail += plain_sum(map(abs, factors)) * (TAIL_STEP / 2 + MEASUREMENT_ERROR)
                inverse = plain_sum(c / node for c, node in zip(factors, nodes))
                tail += abs(inverse - 1 / temperature) * temperature * self._deepest
            largest = max(largest, float((_moved(shares, head, tail) + shares * shift).max()))
        # Between the rows and the temperatures that are looked at lie others.
        return min(1.0, 1.03 * largest)

    def _place(self, temperature: float) -> float:
        return (temperature - self._center) / (temperature + self._center)

    def _log_mass(self, temperature: float) -> Floats:
        result: Floats = np.log(self._upper + self._lower * np.exp(-self._gap / temperature))
        return result

    def _lower_share(self, temperature: float) -> Floats:
        lower = self._lower * np.exp(-self._gap / temperature)
        result: Floats = lower / (self._upper + lower)
        return result

    def _head_error(self, temperature: float) -> float:
        scale = self._low / temperature
        if self._head_count * math.exp(-_LARGEST_DEFICIT * scale) > 1e-6:
            return math.inf
        reached = [min(1.0, self._head_count * math.exp(-start * scale)) if start else 1.0 for start, _ in _ZONES]
        return max(step / 2 * scale * share for (_, step), share in zip(_ZONES, reached))


def _two_levels(count: float, high: float) -> Tuple[Floats, Floats, Floats]:
    """Tails of two levels: tokens at the upper and the lower one, and the gap between."""
    widest = 1.5 * math.log(max(count, 2.0)) * high + 4 * high
    upper = np.exp(math.log(max(count - 1, 1.0)) * np.arange(32) / 31)
    gaps = widest * np.exp(math.log(2000) * (np.arange(96) / 95 - 1))
    uppers = np.repeat(upper, gaps.size)
    return uppers, np.maximum(count - uppers, 0.0), np.tile(gaps, upper.size)


def _moved(share: Floats, head: float, tail: float) -> Floats:
    """How much of a distribution moves whose tail, with a share of it, is off by `tail` in its logarithm, and whose head by `head`."""
    most = 1 - share
    best = (share * tail + (2 - share) * head) / (4 * head) if head > 0 else most
    part = np.clip(best, 0.0, most)
    result: Floats = part * (share * tail + (2 - share - 2 * part) * head)
    return result
