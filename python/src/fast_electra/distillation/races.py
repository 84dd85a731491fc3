"""Races without a Gumbel variable for each token: those that cannot lead get none.

The largest logits of a row, its *runners*, get one each. The two of them that lead at the ends of the range bound the
envelope from below. So a token whose logit is at most z' can lead only with a Gumbel variable above some γ. A Gumbel variable is the
largest point of a Poisson process of intensity exp(-x): the points above γ of n tokens are Poisson(n exp(-γ)) in number, each of a token
drawn evenly, at γ plus an exponential variable. The law is that of a Gumbel variable for every token.
"""

from __future__ import annotations

import dataclasses
from typing import Tuple

import numpy as np
import numpy.typing as npt

from ..ragged import starts
from .envelope import leads

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, eq=False)
class Runners:
    """The tokens that run in the races of some rows: [rows, most runners], and the others below a bound.

    `logits` are relative to the row's largest, minus infinity where there is no runner. Of all other tokens those below `bounds` run:
    [rows], minus infinity where there are none. `rows` has all logits, in single precision; `originals` never run.
    """

    ids: Integers
    logits: Floats
    bounds: Floats
    rows: npt.NDArray[np.float32]
    references: npt.NDArray[np.float32]
    originals: Integers


def race(
    runners: Runners, row: Integers, low: float, high: float, random: np.random.Generator
) -> Tuple[Integers, Integers, Floats]:
    """Runs one race of each of these rows, one runner at least in each.

    Returns how many tokens lead in each race, these tokens end to end, and the T at which each but the first of a race takes the lead.
    """
    with np.errstate(divide="ignore"):
        gumbels = -np.log(random.standard_exponential((row.size, runners.ids.shape[1])))
    logits = runners.logits[row]
    at = np.arange(row.size)
    cold = np.argmax(logits + low * gumbels, axis=1)
    hot = np.argmax(logits + high * gumbels, axis=1)
    first, last = (logits[at, cold], gumbels[at, cold]), (logits[at, hot], gumbels[at, hot])
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = np.where(cold == hot, high, (first[0] - last[0]) / (last[1] - first[1]))
    crossing = np.clip(np.where(np.isnan(crossing), high, crossing), low, high)
    heights = np.stack([first[0] + low * first[1], first[0] + crossing * first[1], last[0] + high * last[1]])
    # A line that leads between the two, which are straight, is above them where they meet.
    stays = logits + crossing[:, None] * gumbels > heights[1][:, None]
    stays[at, cold] = stays[at, hot] = True

    owner, ids, more_logits, more_gumbels = _others(runners, row, first, last, crossing, low, high, random)
    corners = np.stack([np.full(row.size, low), crossing, np.full(row.size, high)])
    leads_somewhere = (more_logits + corners[:, owner] * more_gumbels > heights[:, owner]).any(axis=0)
    owner, ids = owner[leads_somewhere], ids[leads_somewhere]
    more_logits, more_gumbels = more_logits[leads_somewhere], more_gumbels[leads_somewhere]

    race_of, column = np.nonzero(stays)
    owners = np.concatenate([race_of, owner])
    order = np.argsort(owners, kind="stable")
    counts = np.bincount(owners, minlength=row.size)
    place = np.arange(owners.size) - np.repeat(starts(counts)[:-1], counts)
    shape = (row.size, int(counts.max()) if row.size else 0)
    padded = np.full((3, *shape), -np.inf)
    padded[1:] = 0.0
    for target, own, other in zip(
        padded,
        (logits[race_of, column], gumbels[race_of, column], runners.ids[row[race_of], column]),
        (more_logits, more_gumbels, ids),
    ):
        target[owners[order], place] = np.concatenate([own, other])[order]
    lead_counts, lines, changes = leads(padded[0], padded[1], low, high)
    owner_of_lead = np.repeat(np.arange(row.size), lead_counts)
    return lead_counts, padded[2][owner_of_lead, lines].astype(np.int64), changes


def _others(
    runners: Runners,
    row: Integers,
    first: Tuple[Floats, Floats],
    last: Tuple[Floats, Floats],
    crossing: Floats,
    low: float,
    high: float,
    random: np.random.Generator,
) -> Tuple[Integers, Integers, Floats, Floats]:
    """Points of the other tokens that can lead: their races, tokens, logits and Gumbel variables."""
    size = runners.rows.shape[1]
    bounds = runners.bounds[row]
    with np.errstate(over="ignore"):
        # Within a lead (z + T g - z') / T falls with T, because the leader's logit is above z'.
        least = np.minimum(first[1] + (first[0] - bounds) / crossing, last[1] + (last[0] - bounds) / high)
        rates = np.where(np.isneginf(bounds), 0.0, size * np.exp(-least))
    counts = random.poisson(rates)
    owner = np.repeat(np.arange(row.size), counts)
    ids = random.integers(0, size, owner.size)
    gumbels = least[owner] + random.standard_exponential(owner.size)
    logits = runners.rows[row[owner], ids].astype(np.float64) - runners.references[row[owner]]
    runs = (logits < bounds[owner]) & (logits > -np.inf) & (ids != runners.originals[row[owner]])
    return owner[runs], ids[runs], logits[runs], gumbels[runs]
