"""The PyTorch dataset; skipped without torch, and its last part without transformers."""

from __future__ import annotations

import itertools
import json
import pathlib
import pickle
from typing import Any, Dict, List, Tuple

import numpy as np
import pytest
from conftest import GOLDEN
from fast_electra import Kind, Policy, ShardError
from forge import take_apart

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

from fast_electra.torch_dataset import ReplayDataset, ReplayLoader  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("torch")
    parts = take_apart((GOLDEN / "head.shard").read_bytes())
    parts.header.update({"pass": 0, "firstSequence": 0})
    parts.contents = parts.contents[:2] * 6 + parts.contents[2:]
    (folder / "one.shard").write_bytes(parts.seal())
    return folder


def same(one: List[Dict[str, Any]], other: List[Dict[str, Any]]) -> bool:
    return len(one) == len(other) and all(torch.equal(a[name], b[name]) for a, b in zip(one, other) for name in a)


def test_workers_see_the_epoch_and_change_nothing(folder: pathlib.Path) -> None:
    def dataset() -> ReplayDataset:
        return ReplayDataset(folder, batch_size=5, temperature="linear:2", total_batches=16, rank=0, world_size=1)

    alone, shared = dataset(), dataset()
    loader = torch.utils.data.DataLoader(shared, batch_size=None, num_workers=2, persistent_workers=True)
    epochs = []
    for epoch, start in ((0, 0), (1, 0), (1, 3)):
        alone.set_epoch(epoch, start)
        shared.set_epoch(epoch, start)
        batches = list(loader)
        assert len(batches) == len(loader) == len(alone)
        assert same(batches, list(alone))
        epochs.append(batches)
    assert not same(epochs[0], epochs[1])
    assert same(epochs[1][3:], epochs[2])
    assert all(tensor.dtype == torch.int64 for tensor in epochs[0][0].values())


def test_a_fault_in_a_worker_keeps_its_kind(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    data = bytearray((folder / "one.shard").read_bytes())
    data[len(data) // 3] ^= 1
    (tmp_path / "one, byte 5: a name.shard").write_bytes(data)
    faults = []
    for workers in (0, 2):
        loader = ReplayLoader(ReplayDataset(tmp_path, batch_size=5, temperature=1.5, rank=0, world_size=1), num_workers=workers)
        with pytest.raises(ShardError) as caught:
            list(loader)
        faults.append(caught.value)
    alone, worker = faults
    assert (worker.kind, str(worker)) == (alone.kind, str(alone)) and alone.kind is Kind.FRAME


def test_the_text_of_an_error_makes_it_anew() -> None:
    for kind in Kind:
        for offset in (None, 7):
            error = ShardError(kind, "a fault: of `this`. And that", "a/b c.shard", offset)
            for text in (str(error), f"Caught it in a worker.\nTraceback:\n  File x\nfast_electra.errors.ShardError: {error}\n"):
                again = ShardError(text)
                assert (again.kind, again.message, again.file, again.offset) == (kind, error.message, error.file, offset)
            assert str(pickle.loads(pickle.dumps(error))) == str(error)
    with pytest.raises(TypeError):
        ShardError("another text")


def test_wrong_arguments_are_told_before_the_first_batch(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    own: Dict[str, Any] = {"temperature": 1.5, "rank": 0, "world_size": 1}
    refused: List[Tuple[Any, Dict[str, Any], str]] = [
        ([], {"batch_size": 5}, "no data set"),
        ([], {"global_batch_size": 5}, "no data set"),
        ([folder, folder], {"global_batch_size": 5}, "twice"),
        (folder, {"global_batch_size": 5, "weights": [1.0, 2.0]}, "weight"),
        (folder, {"batch_size": 5, "focal": 1.0, "policy": Policy(focal=2.0)}, "give one"),
    ]
    for data, more, words in refused:
        with pytest.raises(ValueError, match=words):
            ReplayDataset(data, **own, **more)
    half: Any = 1.5
    wrong: List[Dict[str, Any]] = [{"batch_size": 5, "policy": Policy(top_k=half)}, {"batch_size": half}, {"batch_size": 5, "seed": half}]
    for more in wrong:
        with pytest.raises(TypeError):
            ReplayDataset(folder, **own, **more)
    five: Any = np.int64(5)
    dataset = ReplayDataset(folder, batch_size=five, seed=five, **own)
    assert json.loads(json.dumps(dataset.state_dict()))["seed"] == 5
    with pytest.raises(TypeError):
        dataset.set_epoch(half)


def test_ranks_of_a_process_group(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    store = torch.distributed.FileStore(str(tmp_path / "store"), 1)
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        dataset = ReplayDataset(folder, batch_size=5, temperature=1.5)
        assert (dataset.batches.rank, dataset.batches.world_size) == (0, 1)
    finally:
        torch.distributed.destroy_process_group()
    dataset = ReplayDataset(folder, batch_size=5, temperature=1.5, rank=1, world_size=2)
    assert (dataset.batches.rank, dataset.batches.world_size) == (1, 2)
    with pytest.raises(ValueError):
        ReplayDataset(folder, batch_size=5, temperature=1.5, rank=1)
    with pytest.raises(ValueError):
        dataset.set_epoch(0, start=len(dataset) + 1)


def test_steps_of_electra_for_pretraining(folder: pathlib.Path) -> None:
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(1)
    config = transformers.ElectraConfig(
        vocab_size=600, embedding_size=16, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    model = transformers.ElectraForPreTraining(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    dataset = ReplayDataset(folder, batch_size=8, temperature=1.5)
    losses = []
    for batch in itertools.islice(itertools.cycle(dataset), 40):
        output = model(**batch)
        # The loss is the mean over tokens, padding left out.
        present = batch["attention_mask"] == 1
        expected = torch.nn.functional.binary_cross_entropy_with_logits(
            output.logits[present], batch["labels"][present].float()
        )
        torch.testing.assert_close(output.loss, expected)
        optimizer.zero_grad()
        output.loss.backward()
        optimizer.step()
        losses.append(output.loss.item())
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5]), losses
