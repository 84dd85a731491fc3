"""Going on in mid-epoch by `state_dict`, and what is refused of wrappers."""

from __future__ import annotations

import itertools
import json
import pathlib
from typing import Any, Dict, Iterator, List

import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

from fast_electra.guard import WrappedWronglyError  # noqa: E402
from fast_electra.torch_dataset import ReplayDataset, ReplayLoader  # noqa: E402
from test_torch import folder, same  # noqa: E402, F401


def dataset(folder: pathlib.Path, rank: int, ranks: int, **arguments: Any) -> ReplayDataset:  # noqa: F811
    size = {} if "global_batch_size" in arguments else {"batch_size": 3}
    return ReplayDataset(folder, temperature="linear:2", total_batches=40, rank=rank, world_size=ranks, **{**size, **arguments})


def epochs(loader: Any, given: ReplayDataset, count: int) -> List[Dict[str, Any]]:
    result = []
    for epoch in range(count):
        given.set_epoch(epoch)
        result += list(loader)
    return result


@pytest.mark.parametrize("workers", [0, 2, 4])
@pytest.mark.parametrize("ranks", [1, 2])
@pytest.mark.parametrize("arguments", [{}, {"global_batch_size": 4}])
def test_replay_loader_goes_on(folder: pathlib.Path, workers: int, ranks: int, arguments: Dict[str, Any]) -> None:  # noqa: F811
    for rank in range(ranks):
        whole = epochs_of(ReplayLoader(dataset(folder, rank, ranks, **arguments)), 2)
        length = len(whole) // 2
        loader = ReplayLoader(dataset(folder, rank, ranks, **arguments), num_workers=workers)
        stop = length + 2
        first = list(itertools.islice(forever(loader), stop))
        state = json.loads(json.dumps(loader.state_dict()))
        assert (state["epoch"], state["batch"]) == (1, 2) and same(first, whole[:stop])
        # Another number of workers.
        again = ReplayLoader(dataset(folder, rank, ranks, **arguments), num_workers=(workers + 2) % 6)
        again.load_state_dict(state)
        assert len(again) == length - 2
        assert same(list(again), whole[stop:])
        assert again.state_dict()["epoch"] == 2


def forever(loader: ReplayLoader) -> Iterator[Dict[str, Any]]:
    while True:
        yield from loader


def epochs_of(loader: ReplayLoader, count: int) -> List[Dict[str, Any]]:
    return [batch for _ in range(count) for batch in loader]


@pytest.mark.parametrize("workers", [0, 2, 4])
@pytest.mark.parametrize("ranks", [1, 2])
def test_stateful_data_loader_goes_on(folder: pathlib.Path, workers: int, ranks: int) -> None:  # noqa: F811
    stateful = pytest.importorskip("torchdata.stateful_dataloader").StatefulDataLoader
    for rank in range(ranks):
        given = dataset(folder, rank, ranks)
        given.set_epoch(3)
        whole = list(stateful(given, batch_size=None, num_workers=0))
        for stop in (1, 3):
            given = dataset(folder, rank, ranks)
            given.set_epoch(3)
            loader = stateful(given, batch_size=None, num_workers=workers)
            assert same(list(itertools.islice(loader, stop)), whole[:stop])
            state = loader.state_dict()
            again = stateful(dataset(folder, rank, ranks), batch_size=None, num_workers=workers)
            again.load_state_dict(state)
            assert same(list(again), whole[stop:])


def test_states_of_other_runs_are_refused(folder: pathlib.Path) -> None:  # noqa: F811
    state = ReplayLoader(dataset(folder, 0, 2)).state_dict()
    ReplayLoader(dataset(folder, 1, 2)).load_state_dict(state)
    for name, other in (
        ("seed", dataset(folder, 0, 2, seed=9)),
        ("world_size", dataset(folder, 0, 1)),
        ("batch_size", dataset(folder, 0, 2, batch_size=4)),
        ("order", dataset(folder, 0, 2, global_batch_size=4)),
    ):
        with pytest.raises(ValueError, match=name):
            ReplayLoader(other).load_state_dict(state)
    with pytest.raises(ValueError, match="data"):
        ReplayLoader(dataset(folder, 0, 2)).load_state_dict({**state, "data": ["other"]})
    for broken in ({}, {"epoch": "1", "batch": 2}, None):
        with pytest.raises(ValueError, match="is not a state"):
            dataset(folder, 0, 2).load_state_dict(broken)  # type: ignore[arg-type,unused-ignore]
    # Global batches do not depend on ranks, so neither do their states.
    state = ReplayLoader(dataset(folder, 0, 2, global_batch_size=4)).state_dict()
    ReplayLoader(dataset(folder, 0, 1, global_batch_size=4)).load_state_dict(state)


def test_a_loader_that_is_left_goes_on_where_it_was(folder: pathlib.Path) -> None:  # noqa: F811
    whole = epochs_of(ReplayLoader(dataset(folder, 0, 1)), 1)
    loader = ReplayLoader(dataset(folder, 0, 1))
    found = []
    for batch in loader:
        found.append(batch)
        if len(found) == 2:
            break
    assert same(found + list(loader), whole)


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_of_batches_are_refused(folder: pathlib.Path, workers: int) -> None:  # noqa: F811
    with pytest.raises(WrappedWronglyError, match="batch_size=None"):
        next(iter(torch.utils.data.DataLoader(dataset(folder, 0, 1), num_workers=workers)))
    with pytest.raises(ValueError, match="give none to the loader"):
        ReplayLoader(dataset(folder, 0, 1), batch_size=4)


def test_arguments(folder: pathlib.Path) -> None:  # noqa: F811
    for arguments in (
        {"batch_size": 3, "global_batch_size": 4}, {}, {"global_batch_size": 4, "shuffle": False}, {"batch_size": 3, "weights": [1.0]},
    ):  # fmt: skip
        with pytest.raises(ValueError):
            ReplayDataset(folder, temperature=1.5, **arguments)  # type: ignore[arg-type,unused-ignore]
    packed = next(iter(dataset(folder, 0, 1, layout="packed")))
    assert packed["input_ids"].dim() == 1 and packed["cu_seqlens"].dtype == torch.int32
