"""The checks of settings that both orders of batches share."""

from __future__ import annotations

import operator
from typing import Any, Iterable, Optional, Tuple, Union

from .dataset import DataSet
from .errors import Kind, ShardError
from .header import Header
from .replay import Policy, check_policy, check_temperature
from .schedule import FocalSchedule, Schedule


def check_integers(batches: Any, positive: Iterable[str]) -> None:
    """Makes Python's integers of the seed, the rank and the numbers that are to be 1 or more: a state of the loader has them, as JSON."""
    for name in positive:
        value = operator.index(getattr(batches, name))
        if value < 1:
            raise ValueError(f"{name} is {value}; give 1 or more")
        object.__setattr__(batches, name, value)
    for name in ("seed", "rank"):
        object.__setattr__(batches, name, operator.index(getattr(batches, name)))


def check_share(seed: int, rank: int, world_size: int) -> None:
    """Refuses a rank that the world does not have, and a seed of more than 64 bits."""
    if not 0 <= rank < world_size:
        raise ValueError(f"there is no rank {rank} of {world_size}")
    if not 0 <= seed < 1 << 64:
        raise ValueError(f"the seed is {seed}; give one from 0 to 2^64 - 1")


def check_complete(data: Iterable[DataSet]) -> None:
    """Refuses a data set that `generate` has not finished: once it goes on, a run would have other batches."""
    for one in data:
        if not one.is_complete:
            raise ShardError(Kind.UNFINISHED, "the data set is not complete", one.folder)


def schedules(
    headers: Iterable[Header],
    temperature: Union[float, str, Schedule],
    focal: Union[float, str, FocalSchedule, None],
    policy: Policy,
    total_batches: Optional[int],
    meaning: str,
) -> Tuple[Schedule, Optional[FocalSchedule]]:
    """Both schedules of a run, which all data sets can be replayed by. `meaning` tells the meaning of `total_batches`."""
    schedule = Schedule.of(temperature)
    exponent = None if focal is None else FocalSchedule.of(focal)
    if exponent is not None and policy.focal is not None:
        raise ValueError("`focal` and `policy` both give the exponent of the focal policy; give one")
    for header in headers:
        for end in schedule.ends:
            check_temperature(header, end)
        check_policy(header, policy)
    varies = schedule.kind != "constant" or exponent is not None and exponent.shape.kind != "constant"
    if varies and (total_batches is None or total_batches < 1):
        raise ValueError(f"a schedule needs `total_batches`, {meaning}")
    return schedule, exponent
