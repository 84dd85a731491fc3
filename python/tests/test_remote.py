"""A data set in an object store (moto's S3), with the number of requests counted, and one that is read from the cache."""

from __future__ import annotations

import json
import pathlib
import pickle
import threading
from typing import Any, Callable, Dict, Iterator, List

import numpy as np
import pytest
from fast_electra import Batches, DataSet, ShardCache, ShardError
from fast_electra.errors import Kind
from test_writer import write_all

pytest.importorskip("s3fs")
pytest.importorskip("moto")


class Server:
    """An S3 on this machine that notes what it is asked for."""

    def __init__(self) -> None:
        import moto.server
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            def log(self, *_: Any) -> None:
                pass

        tools: Any = moto.server
        backend = tools.DomainDispatcherApplication(tools.create_backend_app)
        self.requests: List[str] = []

        def application(environment: Dict[str, Any], start: Callable[..., Any]) -> Any:
            self.requests.append(f"{environment['REQUEST_METHOD']} {environment['PATH_INFO']}")
            return backend(environment, start)

        self._server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def options(self) -> Dict[str, Any]:
        return {"key": "testing", "secret": "testing", "client_kwargs": {"endpoint_url": self.endpoint, "region_name": "us-east-1"}}

    def upload(self, folder: pathlib.Path, bucket: str) -> None:
        import boto3

        client = boto3.client(
            "s3", endpoint_url=self.endpoint, aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1"
        )
        client.create_bucket(Bucket=bucket)
        for path in folder.iterdir():
            client.put_object(Bucket=bucket, Key=f"shards/{path.name}", Body=path.read_bytes())
        self.requests.clear()

    def stop(self) -> None:
        self._server.shutdown()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("local") / "shards"
    write_all(folder, 29, passes=2)
    return folder


def same(one: DataSet, other: DataSet) -> bool:
    first, second = (list(Batches(data, 5, 1.5).epoch(0)) for data in (one, other))
    return len(first) == len(second) and all(np.array_equal(a[name], b[name]) for a, b in zip(first, second) for name in a)


def test_requests_are_counted(server: Server, local: pathlib.Path, tmp_path: pathlib.Path) -> None:
    server.upload(local, "counted")
    cache = ShardCache(str(tmp_path / "cache"))
    data = DataSet.open("s3://counted/shards", storage_options=server.options, cache=cache)
    assert server.requests == ["GET /counted/shards/manifest.json"]
    whole = DataSet.open(local)
    assert len(data) == len(whole) and data.fingerprint == whole.fingerprint and data.is_complete
    assert np.array_equal(data.block_sizes, whole.block_sizes) and np.array_equal(data.block_places, whole.block_places)
    assert len(server.requests) == 1
    # The first epoch: one request a shard. The second, and a data set that is opened again: the manifest alone.
    assert same(data, whole)
    shards = sorted(f"GET /counted/shards/{pathlib.Path(shard.path).name}" for shard in whole.shards)
    assert sorted(server.requests[1:]) == shards
    assert same(data, whole) and len(server.requests) == 1 + len(shards)
    again = DataSet.open("s3://counted/shards", storage_options=server.options, cache=cache)
    assert same(pickle.loads(pickle.dumps(again)), whole) and len(server.requests) == 2 + len(shards)


def test_the_cache_has_a_limit(server: Server, local: pathlib.Path, tmp_path: pathlib.Path) -> None:
    server.upload(local, "limited")
    largest = max(path.stat().st_size for path in local.glob("*.shard"))
    cache = ShardCache(str(tmp_path / "cache"), limit=2 * largest)
    data = DataSet.open("s3://limited/shards", storage_options=server.options, cache=cache)
    assert same(data, DataSet.open(local))
    kept = list((tmp_path / "cache").glob("*.shard"))
    assert 1 <= len(kept) < len(data.shards) and sum(path.stat().st_size for path in kept) <= 2 * largest


def test_damage_is_found_on_arrival(server: Server, local: pathlib.Path, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    for path in local.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    victim = sorted(folder.glob("*.shard"))[1]
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    server.upload(folder, "damaged")
    remote = DataSet.open("s3://damaged/shards", storage_options=server.options, cache=ShardCache(str(tmp_path / "cache")))
    remote.shards[0].block(0)
    with pytest.raises(ShardError, match=victim.name):
        remote.shards[1].block(0)
    assert len(list((tmp_path / "cache").glob("*.shard"))) == 1 and not list((tmp_path / "cache").glob("*.partial"))


def test_workers_fetch_each_shard_once(server: Server, local: pathlib.Path, tmp_path: pathlib.Path) -> None:
    torch = pytest.importorskip("torch")
    from fast_electra.torch_dataset import ReplayDataset

    server.upload(local, "workers")
    data = DataSet.open("s3://workers/shards", storage_options=server.options, cache=ShardCache(str(tmp_path / "cache")))
    loader = torch.utils.data.DataLoader(ReplayDataset(data, batch_size=5, temperature=1.5), batch_size=None, num_workers=2)
    assert sum(len(batch["labels"]) for batch in loader) == len(data)
    assert len(server.requests) == 1 + len(data.shards)


def test_other_urls_and_what_is_wrong(local: pathlib.Path, tmp_path: pathlib.Path) -> None:
    cache = ShardCache(str(tmp_path / "cache"))
    assert same(DataSet.open(f"file://{local}", cache=cache), DataSet.open(local))
    for url, words in ((f"file://{tmp_path}/absent", "no such file"), ("nothing://x/y", "cannot be read")):
        with pytest.raises(ShardError, match=words) as caught:
            DataSet.open(url, cache=cache)
        assert caught.value.kind is Kind.ABSENT
    manifest = json.loads((local / "manifest.json").read_text())
    broken: List[Any] = [[], {**manifest, "version": 1}, {**manifest, "shards": []}, {**manifest, "header": {}}]
    for member, value in (("name", "../a.shard"), ("byteCount", -1), ("endsPass", 1), ("counts", {}), ("checksum", "x")):
        broken.append({**manifest, "shards": [{**manifest["shards"][0], member: value}, *manifest["shards"][1:]]})
    for number, one in enumerate(broken):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "manifest.json").write_text(json.dumps(one))
        with pytest.raises(ShardError):
            DataSet.open(f"file://{tmp_path}/{number}", cache=cache)
