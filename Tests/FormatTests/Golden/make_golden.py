"""Makes the golden shards of this folder and what a reader must see in them, from docs/format.md alone.

    python make_golden.py        (needs zstandard; writes *.shard and *.json here)

For each shard the JSON has the columns of its blocks, and replays of them: the tokens drawn at some temperatures and
visits, and probabilities in hexadecimal, to the last bit.
"""

import json
import math
import pathlib
import random
import struct
import zlib

import zstandard

HERE = pathlib.Path(__file__).parent
NOTHING = 0x51D8E999


def coefficients(x, nodes):
    if x in nodes:
        return [1.0 if node == x else 0.0 for node in nodes]
    terms = []
    for j, node in enumerate(nodes):
        product = 1.0
        for i, other in enumerate(nodes):
            if i != j:
                product *= node - other
        terms.append(1 / product / (x - node))
    total = 0.0
    for term in terms:
        total += term
    return [term / total for term in terms]


def predictions(codes, nodes):
    """The prediction of each node's code from those before it."""
    result = [0]
    for j in range(1, len(nodes)):
        total = 0.0
        for c, code in zip(coefficients(nodes[j], nodes[:j]), codes):
            total += c * code
        result.append(max(-32768, min(32767, round(total))))
    return result


def exponential(x):
    if x < -708:
        return 0.0
    shift = float.fromhex("0x1.8p52")
    m = x * float.fromhex("0x1.71547652b82fep0") + shift
    i = m - shift
    r = (x - i * float.fromhex("0x1.62e42feep-1")) - i * float.fromhex("0x1.a39ef35793c76p-33")
    s = 1 / math.factorial(13)
    for k in range(12, -1, -1):
        s = s * r + 1 / math.factorial(k)
    return math.ldexp(s, int(i))


def philox(key, counter):
    k0, k1 = key
    c0, c1, c2, c3 = counter
    for _ in range(10):
        a, b = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = (b >> 32) ^ c1 ^ k0, b & 0xFFFFFFFF, (a >> 32) ^ c3 ^ k1, a & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def deficit(code):
    if code == 65535:
        return math.inf
    return max(code / 128, (code - 128) / 64, (code - 896) / 16)


# ---- writing ----


def planes(values, width):
    return b"".join(bytes((value >> (8 * plane)) & 255 for value in values) for plane in range(width))


def content(header, block):
    k, races, nodes = header["headSize"], header["raceCount"], header["tailNodes"]
    width = 2 if header["vocabularySize"] <= 65536 else 4
    tokens = [token for sequence in block for token in sequence["tokens"]]
    masked = [position for sequence in block for position in sequence["masked"]]
    gaps = []
    for sequence in block:
        following = 0
        for position in sequence["masked"]:
            gaps.append(position["position"] - following)
            following = position["position"] + 1
    folded = [[] for _ in nodes]
    for position in masked:
        for j, guess in enumerate(predictions(position["tail"], nodes) if nodes else []):
            d = (position["tail"][j] - guess + 32768) % 65536 - 32768
            folded[j].append(2 * d if d >= 0 else -2 * d - 1)
    all_races = [race for position in masked for race in position["races"]]
    change_gaps = []
    for race in all_races:
        before = 0
        for change in race["changes"]:
            change_gaps.append(change - before - 1)
            before = change
    columns = [
        (2, [len(sequence["tokens"]) for sequence in block]),
        (2, [len(sequence["masked"]) for sequence in block]),
        (width, tokens),
        (2, gaps),
        (width, [position["ids"][rank] for rank in range(k) for position in masked]),
        (2, [p["codes"][rank] - p["codes"][rank - 1] for rank in range(1, k) for p in masked]),
        (2, [element for node in folded for element in node]),
        (2, [len(race["changes"]) for race in all_races]),
        (width, [winner for race in all_races for winner in race["winners"]]),
        (2, change_gaps),
    ]
    counts = struct.pack("<4I", len(block), len(tokens), len(masked), len(change_gaps))
    return counts + b"".join(planes(values, size) for size, values in columns)


def shard(header, blocks, ends_pass):
    text = json.dumps(header, sort_keys=True).encode()
    start = struct.pack("<2I8s2I", 0x184D2A50, len(text) + 20, b"HEADRACE", 1, len(text)) + text
    checksum = zlib.crc32(start)
    out = start + struct.pack("<I", checksum)
    seek = struct.pack("<3I", len(out), 0, NOTHING)
    index = struct.pack("<2I8s3I", 0x184D2A50, 24 + 24 * len(blocks), b"HRBLOCKS", checksum, ends_pass, len(blocks))
    compressor = zstandard.ZstdCompressor(level=19, write_checksum=True, write_content_size=True)
    for block in blocks:
        data = content(header, block)
        frame = compressor.compress(data)
        entry = struct.pack("<2I", len(frame), len(data)) + frame[-4:]
        out += frame
        seek += entry
        index += entry + data[:12]
    index += struct.pack("<I", zlib.crc32(index))
    seek += struct.pack("<3I", len(index), 0, NOTHING) + struct.pack("<IBI", len(blocks) + 2, 0x80, 0x8F92EAB1)
    return out + index + struct.pack("<2I", 0x184D2A5E, len(seek)) + seek


# ---- reading what `content` made, the other way round ----


def read_block(header, data):
    k, races, nodes = header["headSize"], header["raceCount"], header["tailNodes"]
    width = 2 if header["vocabularySize"] <= 65536 else 4
    n, length, m, changes = struct.unpack_from("<4I", data)
    at = 16

    def column(size, count):
        nonlocal at
        raw = data[at : at + size * count]
        assert len(raw) == size * count
        at += size * count
        return [sum(raw[plane * count + i] << (8 * plane) for plane in range(size)) for i in range(count)]

    lengths, mask_counts = column(2, n), column(2, n)
    tokens, gaps = column(width, length), column(2, m)
    ids, head_gaps = column(width, k * m), column(2, max(0, k - 1) * m)
    tail, change_counts = column(2, len(nodes) * m), column(2, races * m)
    winners, change_gaps = column(width, races * m + changes), column(2, changes)
    assert at == len(data)
    block, masked = [], 0
    tokens, winners, change_gaps = iter(tokens), iter(winners), iter(change_gaps)
    for row in range(n):
        sequence = {"tokens": [next(tokens) for _ in range(lengths[row])], "masked": []}
        following = 0
        for _ in range(mask_counts[row]):
            position = following + gaps[masked]
            following = position + 1
            codes = [0] * min(k, 1)
            for rank in range(1, k):
                codes.append(codes[-1] + head_gaps[(rank - 1) * m + masked])
            tail_codes = []
            for j in range(len(nodes)):
                e = tail[j * m + masked]
                d = e // 2 if e % 2 == 0 else -(e + 1) // 2
                guess = predictions(tail_codes + [0] * len(nodes), nodes[: j + 1])[j]
                tail_codes.append((guess + d + 32768) % 65536 - 32768)
            all_races = []
            for race in range(races):
                before, race_changes = 0, []
                for _ in range(change_counts[masked * races + race]):
                    before += next(change_gaps) + 1
                    race_changes.append(before)
                all_races.append({"winners": [next(winners) for _ in range(len(race_changes) + 1)], "changes": race_changes})
            sequence["masked"].append(
                {
                    "position": position,
                    "ids": [ids[rank * m + masked] for rank in range(k)],
                    "codes": codes,
                    "tail": tail_codes,
                    "races": all_races,
                }
            )
            masked += 1
        block.append(sequence)
    return block


# ---- replaying ----


def weights(header, position, temperature):
    """The head's cumulative weights and the total."""
    beta = 1 / temperature
    sums, total = [], 0.0
    for code in position["codes"]:
        total += 0.0 if code == 65535 else exponential(-deficit(code) * beta)
        sums.append(total)
    if header["tailNodes"]:
        log_mass = 0.0
        for c, code in zip(coefficients(beta, header["tailNodes"]), position["tail"]):
            log_mass += c * (code * 2.0**-9)
        total += exponential(min(64.0, log_mass))
    return sums, total


def replay(header, sequence, entry, visit, temperature, seed):
    key = philox((seed & 0xFFFFFFFF, seed >> 32), (3, 0, 0, 0))[:2]
    low, high = header["temperatureRange"]["minimum"], header["temperatureRange"]["maximum"]
    tokens = list(sequence["tokens"])
    for position in sequence["masked"]:
        p, drawn = position["position"], None
        if header["headSize"]:
            sums, total = weights(header, position, temperature)
            word = philox(key, (0, p, entry & 0xFFFFFFFF, (visit << 16) + (entry >> 32)))
            target = (((word[1] << 32 | word[0]) >> 12) + 0.5) * 2.0**-52 * total
            drawn = next((position["ids"][rank] for rank, s in enumerate(sums) if target < s), None)
        if drawn is None:
            race = position["races"][visit % header["raceCount"]]
            x = 0.0 if low == high else (temperature - low) / (high - low) * 1024
            drawn = race["winners"][sum(change <= x for change in race["changes"])]
        tokens[p] = drawn
    return tokens


# ---- the golden shards ----


def sample(header, rng):
    size, k = header["vocabularySize"], header["headSize"]
    blocks = []
    for count in (3, 3, 2):
        block = []
        for _ in range(count):
            length = rng.randint(1, header["maximumLength"])
            masked = []
            for p in range(length):
                if rng.random() > 0.3:
                    continue
                ids = rng.sample(range(size), k)
                codes = sorted([0] + [min(65535, int(rng.expovariate(1 / 250))) for _ in range(k - 1)])[:k]
                if k > 2 and rng.random() < 0.2:
                    codes[-1] = 65535
                start, slope = rng.uniform(-3, 3), rng.uniform(-12, -2)
                tail = [round(512 * (start + slope * (b - 0.5) + rng.gauss(0, 0.01))) for b in header["tailNodes"]]
                races = []
                outside = [i for i in range(min(size, 4 * k + 50)) if i not in ids]
                for _ in range(header["raceCount"]):
                    changes = sorted(rng.sample(range(1, 1025), rng.choice([0, 0, 1, 1, 2, 3])))
                    races.append({"winners": rng.sample(outside, len(changes) + 1), "changes": changes})
                masked.append({"position": p, "ids": ids, "codes": codes, "tail": tail, "races": races})
            block.append({"tokens": [rng.randrange(size) for _ in range(length)], "masked": masked})
        blocks.append(block)
    return blocks


def main():
    nodes = [0.5, 0.5732233047033631, 0.75, 0.9267766952966369, 1.0]
    for name, size, k, races in [("head", 600, 4, 3), ("races", 70000, 0, 2), ("dense", 27, 27, 0)]:
        rng = random.Random(name)
        header = {
            "vocabularySize": size,
            "vocabularySHA256": "0123456789abcdef" * 4,
            "generatorSHA256": "fedcba9876543210" * 4,
            "specialTokens": {"padding": 0, "classification": 1, "separator": 2, "mask": 3},
            "maximumLength": 12,
            "maskProbability": 0.15,
            "seed": 2**64 - 3,
            "headSize": k,
            "raceCount": races,
            "temperatureRange": {"minimum": 1.0, "maximum": 2.0},
            "tailNodes": nodes if 0 < k < size else [],
            "blockSize": 3,
            "pass": 1,
            "firstSequence": 5_000_000_000,
        }
        blocks = sample(header, rng)
        for block in blocks:
            assert read_block(header, content(header, block)) == block
        seed, first = 0x0123456789ABCDEF, 5_000_000_000
        sequences = [sequence for block in blocks for sequence in block]
        golden = {"header": header, "replaySeed": seed, "firstEntry": first, "blocks": blocks, "replays": []}
        for temperature in (1.0, 1.0625, 1.3, 1.9999, 2.0):
            one = {"temperature": temperature, "draws": [], "probabilities": []}
            for visit in (0, 1, 2, 3, 65535):
                draws = [replay(header, s, first + i, visit, temperature, seed) for i, s in enumerate(sequences)]
                one["draws"].append({"visit": visit, "tokens": draws})
            for position in (p for s in sequences for p in s["masked"]):
                sums, total = weights(header, position, temperature)
                parts = [(b - a) / total for a, b in zip([0.0] + sums, sums)]
                one["probabilities"].append([struct.pack(">d", part).hex() for part in parts])
            golden["replays"].append(one)
        (HERE / f"{name}.shard").write_bytes(shard(header, blocks, ends_pass=1))
        (HERE / f"{name}.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
