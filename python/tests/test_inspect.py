"""What `fast-electra inspect` shows, counted again from the shards.

Recounted are a data set that is generated here and, where `make demo` has been run, the demo's two; the sample's blocks
are those that the program says it has looked at.
"""

from __future__ import annotations

import json
import math
import pathlib
from typing import Any, Callable, Dict, Iterator, List, Tuple

import numpy as np
import pytest
import zstandard
from conftest import DEMO
from fast_electra import Block, DataSet, Header, Schedule, weights
from numpy.polynomial import polynomial

Program = Callable[..., str]

#: Embedding, width, layers, batch: the presets' shapes.
PRESETS = {"tiny": (128, 128, 4, 32), "small": (128, 256, 12, 128), "base": (768, 768, 12, 256)}


@pytest.fixture(scope="session", params=["generated", "shards-heldout", "shards-train"])
def folder(generated: pathlib.Path, request: pytest.FixtureRequest) -> pathlib.Path:
    if request.param == "generated":
        return generated
    folder = DEMO / str(request.param)
    if not (folder / "manifest.json").exists():
        pytest.skip(f"there is no {folder}: make demo")
    return folder


@pytest.fixture(scope="session", params=[3, 1000000], ids=["some-blocks", "all-blocks"])
def shown(program: Program, folder: pathlib.Path, request: pytest.FixtureRequest) -> Dict[str, Any]:
    if folder.name == "shards-train" and request.param > 1000:
        pytest.skip("of the larger of the demo's data sets only a sample is recounted")
    result: Dict[str, Any] = json.loads(
        program("inspect", folder, "--sample", request.param, "--schedule", "linear:1.9:0.7", "--seed", 5, "--json")
    )
    return result


def sampled(data: DataSet, numbers: List[int]) -> Iterator[Tuple[int, int, Block]]:
    """Shard, number in the shard and content of each of these blocks."""
    first = 0
    for at, shard in enumerate(data.shards):
        for number in numbers:
            if first <= number < first + len(shard.index):
                yield at, number - first, shard.block(number - first)
        first += len(shard.index)


def test_counts(folder: pathlib.Path, shown: Dict[str, Any]) -> None:
    data = DataSet.open(folder)
    assert shown["sequences"] == len(data) == shown["epoch"]["sequences"]
    assert shown["passes"] == len({shard.header.pass_number for shard in data.shards})
    assert shown["tokens"] == sum(shard.index.tokens for shard in data.shards) == shown["epoch"]["tokens"]
    masked = sum(shard.index.masked for shard in data.shards)
    assert shown["masked_positions"] == masked
    assert shown["shards"] == len(data.shards)
    assert shown["blocks"] == sum(len(shard.index) for shard in data.shards)
    files = sum(path.stat().st_size for path in folder.glob("*.shard"))
    assert shown["bytes"] == files
    assert shown["bytes_per_masked_position"] == pytest.approx(files / masked)
    assert [source["name"] for source in shown["sources"]] == list(data.header.sources)
    assert sum(source["tokens"] for source in shown["sources"]) == shown["tokens"]
    assert shown["never_drawn"]["count"] == sum(last - first + 1 for first, last in data.header.never_drawn)
    assert shown["is_complete"] == data.is_complete
    header = data.header
    for name in ("vocabulary_size", "maximum_length", "mask_probability", "seed", "block_size", "least_candidates",
                 "most_candidates", "visit_count", "change_parts", "deviation"):  # fmt: skip
        assert shown["header"][name] == getattr(header, name)
    assert shown["header"]["vocabulary_sha256"] == header.vocabulary_sha256
    assert shown["header"]["generator_sha256"] == header.generator_sha256
    assert shown["header"]["tail_nodes"] == list(header.tail_nodes)
    ends = shown["header"]["temperature_range"]
    assert (ends["minimum"], ends["maximum"]) == (header.minimum_temperature, header.maximum_temperature)


def test_epoch(folder: pathlib.Path, shown: Dict[str, Any]) -> None:
    data = DataSet.open(folder)
    sequences, tokens = len(data), sum(shard.index.tokens for shard in data.shards)
    models = {model["preset"]: model for model in shown["epoch"]["models"]}
    for name, (embedding, width, layers, batch) in PRESETS.items():
        tables = (data.header.vocabulary_size + 512 + 2) * embedding
        projection = (embedding + 1) * width if embedding != width else 0
        layer = 4 * (width + 1) * width + (width + 1) * 4 * width + (4 * width + 1) * width + 4 * width
        head = (width + 1) * width + width + 1
        rest = 2 * embedding + projection + layers * layer + head
        model = models[name]
        assert model["parameters"] == tables + rest
        assert (model["batch_size"], model["steps"]) == (batch, -(-sequences // batch))
        attention = 12 * layers * width * tokens / sequences
        assert model["operations"] == pytest.approx(tokens * (6 * rest + attention))


def test_sample(folder: pathlib.Path, shown: Dict[str, Any]) -> None:
    data, sample = DataSet.open(folder), shown["sample"]
    numbers = sample["blocks"]
    assert numbers == sorted(set(numbers)) and sample["seed"] == 5
    if len(numbers) < shown["blocks"]:
        # Spread over the whole set: one in each part of equal length.
        assert [number * len(numbers) // shown["blocks"] for number in numbers] == list(range(len(numbers)))
    blocks = list(sampled(data, numbers))
    assert len(blocks) == len(numbers) and sample["faults"] == []
    lengths = np.concatenate([block.lengths for _, _, block in blocks])
    assert sample["sequences"] == lengths.size and sample["tokens"] == lengths.sum()
    assert (sample["shortest_sequence"], sample["longest_sequence"]) == (lengths.min(), lengths.max())
    positions = np.concatenate([block.positions for _, _, block in blocks]).astype(int)
    assert sample["masked_positions"] == positions.size
    assert sample["lead_changes"] == sum(block.change_codes.size for _, _, block in blocks)
    winners = np.concatenate([block.change_counts.reshape(-1) for _, _, block in blocks])
    assert sample["winners_per_race"] == np.bincount(np.minimum(winners, 11), minlength=12).tolist()
    next_first = 0
    for bin in sample["positions"]:
        first, last = bin["first_position"], bin["last_position"]
        assert first == next_first
        next_first = last + 1
        assert bin["masked"] == ((first <= positions) & (positions <= last)).sum()
        assert bin["tokens"] == np.clip(lengths.astype(int) - first, 0, last - first + 1).sum()
    assert next_first == data.header.maximum_length


def test_column_bytes(folder: pathlib.Path, shown: Dict[str, Any]) -> None:
    data, sample = DataSet.open(folder), shown["sample"]
    bytes_of = dict.fromkeys([column["column"] for column in sample["columns"]], 0)
    total = 0
    for at, number, block in sampled(data, sample["blocks"]):
        shard = data.shards[at]
        entry = shard.index[number]
        with open(shard.path, "rb") as file:
            file.seek(entry.offset)
            frame = file.read(entry.frame_size)
        total += len(frame)
        names = column_of_each_byte(block)
        start = 0
        for size, content in zstd_blocks(frame):
            found = {names[start], names[start + content - 1]} if content else {"overhead"}
            bytes_of[found.pop() if len(found) == 1 else "shared"] += size
            start += content
        assert start == entry.content_size
    bytes_of["overhead"] = total - sum(size for name, size in bytes_of.items() if name != "overhead")
    assert sample["bytes"] == total
    assert {column["column"]: column["bytes"] for column in sample["columns"]} == bytes_of
    for column in sample["columns"]:
        assert column["bytes_per_masked_position"] == pytest.approx(column["bytes"] / sample["masked_positions"])


def column_of_each_byte(block: Block) -> List[str]:
    width = 2 if block.header.vocabulary_size <= 65536 else 4
    masked, candidates = block.positions.size, block.head_ids.size
    races, changes = block.change_counts.size, block.change_codes.size
    return [
        name
        for name, size in [
            ("overhead", 28), ("lengths", 2 * len(block)), ("sources", 2 * len(block)),
            ("secondSegments", 2 * len(block)), ("maskCounts", 2 * len(block)), ("tokens", width * block.tokens.size),
            ("maskGaps", 2 * masked), ("candidateCounts", width * masked), ("headIDs", width * candidates),
            ("headGaps", 2 * (candidates - masked)), ("originalGaps", 2 * masked), ("raceCounts", 2 * masked),
            ("tailCodes", 4 * block.tail_codes.size),
            ("changeCounts", 2 * races), ("winners", width * (races + changes)), ("changeGaps", 2 * changes),
        ]
        for _ in range(size)
    ]  # fmt: skip


def zstd_blocks(frame: bytes) -> Iterator[Tuple[int, int]]:
    """Bytes of each zstd block of a frame, and of what it stands for (RFC 8878)."""
    opened = zstandard.ZstdDecompressor().decompressobj()
    offset = zstandard.frame_header_size(frame)
    opened.decompress(frame[:offset])
    last = False
    while not last:
        bits = int.from_bytes(frame[offset : offset + 3], "little")
        last = bits & 1 == 1
        size = 3 + (1 if bits >> 1 & 3 == 1 else bits >> 3)
        yield size, len(opened.decompress(frame[offset : offset + size]))
        offset += size
    assert offset + 4 == len(frame)


def test_temperatures(folder: pathlib.Path, shown: Dict[str, Any]) -> None:
    data, sample = DataSet.open(folder), shown["sample"]
    header, masked = data.header, sample["masked_positions"]
    blocks = [block for _, _, block in sampled(data, sample["blocks"])]
    points = sample["temperatures"]
    wanted = np.linspace(header.minimum_temperature, header.maximum_temperature, len(points))
    assert [point["temperature"] for point in points] == pytest.approx(wanted.tolist())
    originals = np.concatenate([block.tokens[block.masked_tokens] for block in blocks])
    for at, point in enumerate(points):
        parts = [measures(block, point["temperature"]) for block in blocks]
        entropy, tail, original, in_head, first = (np.concatenate(part) for part in zip(*parts))
        assert ("entropy" in point) == ("entropy_histogram" in point) == knows_entropy(header)
        if knows_entropy(header):
            assert point["entropy"] == pytest.approx(entropy.mean())
            close(point["entropy_histogram"], entropy / sample["entropy_bin_width"])
            assert len(point["entropy_histogram"]) == max(1, math.ceil(math.log(header.vocabulary_size) / 0.5))
        assert point["tail_mass"] == pytest.approx(tail.mean())
        assert point["original_probability"] == pytest.approx(original.mean())
        assert point["loss"] == pytest.approx(-np.log(np.maximum(original, np.finfo(float).tiny)).mean())
        assert point["replace_rate"] == pytest.approx(1 - original.mean())
        close(point["original_histogram"], original * 20)
        for percentile in point["tail_mass_percentiles"]:
            value = np.sort(tail)[(masked - 1) * percentile["percent"] // 100]
            assert percentile["value"] - 1e-9 <= value <= percentile["value"] + 0.001 + 1e-9
        assert sample["originals_in_head"] == in_head.sum() and sample["originals_first"] == first.sum()
        if at == 0:
            check_tokens(sample, originals, original)


def close(shown: List[int], values: Any) -> None:
    """The same histogram; a value on an edge, to float64's last bits, may fall on either side."""
    counted = np.bincount(np.clip(values.astype(int), 0, len(shown) - 1), minlength=len(shown))
    assert sum(shown) == values.size and np.abs(counted - shown).sum() <= 2


def knows_entropy(header: Header) -> bool:
    return header.visit_count == 0 or len(header.tail_nodes) > 1


def measures(block: Block, temperature: float) -> Tuple[Any, ...]:
    """Entropy, the tail's mass, the original's probability, whether it is a candidate, and whether it is the first."""
    header, found = block.header, weights(block, temperature)
    firsts, counts = block.candidate_starts, block.candidate_counts
    head, tail = found.candidates / np.repeat(found.total, counts), found.tail / found.total
    ranks, apart = block.original_ranks, found.original / found.total
    original = np.where(ranks >= 0, head[firsts[:-1] + np.maximum(ranks, 0)], apart)

    def surprise(probability: Any) -> Any:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(probability > 0, -probability * np.log(probability), 0)

    inside = np.add.reduceat(surprise(head), firsts[:-1]) + surprise(apart)
    least = inside + surprise(tail)
    entropy = least
    if len(header.tail_nodes) > 1:
        log_masses = np.zeros((len(header.tail_nodes), tail.size))
        has_tail = block.race_counts > 0
        log_masses[:, has_tail] = block.tail_codes / 256
        places = np.array(header.node_places) / header.node_places[-1]
        curve = polynomial.polyfit(places, log_masses, len(places) - 1)
        at = header.place(temperature) / header.node_places[-1]
        per_place = polynomial.polyval(at, polynomial.polyder(curve)) / header.node_places[-1]
        # From a derivative by place to one by 1/T.
        center = math.sqrt(header.minimum_temperature * header.maximum_temperature)
        slope = per_place * -2 * center / (temperature + center) ** 2 * temperature**2
        drawable = header.vocabulary_size - sum(last - first + 1 for first, last in header.never_drawn)
        tail_size = drawable - counts.astype(np.int64) - (ranks < 0)
        most = least + tail * np.log(np.maximum(tail_size, 1))
        first = head[firsts[:-1]]
        entropy = np.clip(inside + tail * (-np.log(first) - slope / temperature), least, most)
        entropy = np.where(has_tail, entropy, least)
    return entropy, tail, original, ranks >= 0, ranks == 0


def check_tokens(sample: Dict[str, Any], originals: Any, probabilities: Any) -> None:
    ids, places, counts = np.unique(originals, return_inverse=True, return_counts=True)
    means = np.bincount(places, weights=probabilities) / counts
    often = counts >= sample["least_count"]
    least = 10 if sample["masked_positions"] > 10000 else 3
    assert sample["least_count"] == least
    ordered = np.sort(means[often])
    by_id = {int(id): (int(count), mean) for id, count, mean in zip(ids, counts, means)}
    for tokens, expected in [("most_predictable", ordered[::-1][:20]), ("least_predictable", ordered[:20])]:
        assert [token["probability"] for token in sample[tokens]] == pytest.approx(expected.tolist(), abs=1e-12)
        for token in sample[tokens]:
            count, mean = by_id[token["id"]]
            assert token["count"] == count and token["probability"] == pytest.approx(mean, abs=1e-12)


def test_schedule(shown: Dict[str, Any]) -> None:
    assert shown["schedule"]["schedule"] == "linear:1.9:0.7"
    schedule = Schedule.parse("linear:1.9:0.7")
    points = shown["sample"]["temperatures"]
    temperatures, rates = zip(*[(point["temperature"], point["replace_rate"]) for point in points])
    assert [point["progress"] for point in shown["schedule"]["points"]] == [part / 20 for part in range(21)]
    for point in shown["schedule"]["points"]:
        temperature = schedule(point["progress"])
        assert point["temperature"] == pytest.approx(temperature)
        inside = temperatures[0] <= point["temperature"] <= temperatures[-1]
        assert ("replace_rate" in point) == inside
        if inside:
            assert point["replace_rate"] == pytest.approx(np.interp(temperature, temperatures, rates))
