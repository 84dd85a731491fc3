"""Which line z + T g is the highest at every T of a range, race by race."""

from __future__ import annotations

from typing import Tuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def leads(logits: Floats, gumbels: Floats, low: float, high: float) -> Tuple[Integers, Integers, Floats]:
    """The lines that lead, from T = `low` up to T = `high`.

    `logits`, `gumbels`: [races, lines], a logit of minus infinity where there is no line; one line at least in each race.
    Returns how many lines lead in each race, these lines end to end, and the T at which each but the first of a race takes the lead.
    """
    races = np.arange(len(logits))
    with np.errstate(invalid="ignore"):
        leader = np.argmax(np.where(np.isneginf(logits), -np.inf, logits + low * gumbels), axis=1)
    found, places, owners = [leader.copy()], [np.full(len(logits), low)], [races]
    reached = np.full(len(logits), low)
    active = races
    while active.size:
        z, g = logits[active], gumbels[active]
        own = leader[active]
        at = np.arange(active.size)
        rise = g - g[at, own][:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            meeting = np.where((rise > 0) & ~np.isneginf(z), (z[at, own][:, None] - z) / rise, np.inf)
        # Of several that meet it at once the steepest leads on.
        nearest = meeting.min(axis=1)
        following = np.argmax(np.where(meeting == nearest[:, None], g, -np.inf), axis=1)
        goes_on = nearest < high
        active, following, nearest = active[goes_on], following[goes_on], nearest[goes_on]
        reached[active] = np.maximum(reached[active], nearest)
        leader[active] = following
        found.append(following)
        places.append(reached[active])
        owners.append(active)
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    counts = np.bincount(owner, minlength=len(logits)).astype(np.int64)
    firsts = np.zeros(order.size, dtype=bool)
    firsts[np.cumsum(counts) - counts] = True
    return counts, np.concatenate(found)[order].astype(np.int64), np.concatenate(places)[order][~firsts]
