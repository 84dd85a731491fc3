"""Makes the golden shards of this folder and what a reader must see in them, from docs/format.md alone.

    python make_golden.py        (needs zstandard; writes *.shard and *.json here)

For each shard the JSON has the columns of its blocks, and replays of them: the tokens drawn at some temperatures and
visits, and probabilities in hexadecimal, to the last bit.
"""

import bisect
import functools
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


def storage_order(count):
    """The order in which nodes are stored: the ends, then the middles of gaps."""
    order, gaps = list(dict.fromkeys([0, count - 1])), [(0, count - 1)]
    while gaps:
        low, high = gaps.pop(0)
        if high - low > 1:
            order.append((low + high) // 2)
            gaps += [(low, order[-1]), (order[-1], high)]
    return order


def place(header, temperature):
    limits = header["temperatureRange"]
    center = math.sqrt(limits["minimum"] * limits["maximum"])
    return (temperature - center) / (temperature + center)


def prediction(header, codes, order, j):
    """Of the j-th node in this order, from the codes (by node) of those before it."""
    if j == 0:
        return 0
    places = [place(header, node) for node in header["tailNodes"]]
    total = 0.0
    for c, node in zip(coefficients(places[order[j]], [places[i] for i in order[:j]]), order):
        total += c * codes[node]
    return max(-(2**31), min(2**31 - 1, round(total)))


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
    return max(code / 256, (code - 2048) / 128, (code - 8192) / 32)


# ---- writing ----


def planes(values, width):
    return b"".join(bytes((value >> (8 * plane)) & 255 for value in values) for plane in range(width))


def original_gap(sequence, position):
    if sequence["tokens"][position["position"]] in position["ids"]:
        return 0
    return 65535 if position["original"] == 65535 else position["original"] - position["codes"][-1] + 1


def content(header, block):
    width = 2 if header["vocabularySize"] <= 65536 else 4
    tokens = [token for sequence in block for token in sequence["tokens"]]
    masked = [position for sequence in block for position in sequence["masked"]]
    gaps = []
    for sequence in block:
        following = 0
        for position in sequence["masked"]:
            gaps.append(position["position"] - following)
            following = position["position"] + 1
    most = max([len(position["ids"]) for position in masked] + [0])
    by_rank = [(position, rank) for rank in range(most) for position in masked if rank < len(position["ids"])]
    tails = [position for position in masked if position["races"]]
    order, folded = storage_order(len(header["tailNodes"])), []
    for j in range(len(header["tailNodes"])):
        for position in tails:
            d = (position["tail"][order[j]] - prediction(header, position["tail"], order, j) + 2**31) % 2**32 - 2**31
            folded.append(2 * d if d >= 0 else -2 * d - 1)
    races = [race for position in masked for race in position["races"]]
    change_gaps = []
    for race in races:
        before = 0
        for change in race["changes"]:
            change_gaps.append(change - before - 1)
            before = change
    columns = [
        (2, [len(sequence["tokens"]) for sequence in block]),
        (2, [sequence["source"] for sequence in block]),
        (2, [sequence["secondSegment"] for sequence in block]),
        (2, [len(sequence["masked"]) for sequence in block]),
        (width, tokens),
        (2, gaps),
        (width, [len(position["ids"]) for position in masked]),
        (width, [position["ids"][rank] for position, rank in by_rank]),
        (2, [position["codes"][rank] - position["codes"][rank - 1] for position, rank in by_rank if rank > 0]),
        (2, [original_gap(sequence, position) for sequence in block for position in sequence["masked"]]),
        (2, [len(position["races"]) for position in masked]),
        (4, folded),
        (2, [len(race["changes"]) for race in races]),
        (width, [winner for race in races for winner in race["winners"]]),
        (2, change_gaps),
    ]
    counts = [len(block), len(tokens), len(masked), len(by_rank), len(tails), len(races), len(change_gaps)]
    return struct.pack("<7I", *counts) + b"".join(planes(values, size) for size, values in columns)


def shard(header, blocks, ends_pass):
    text = json.dumps(header, sort_keys=True).encode()
    start = struct.pack("<2I8s2I", 0x184D2A50, len(text) + 20, b"HEADRACE", 0x10000, len(text)) + text
    checksum = zlib.crc32(start)
    out = start + struct.pack("<I", checksum)
    seek = struct.pack("<3I", len(out), 0, NOTHING)
    index = struct.pack("<2I8s3I", 0x184D2A50, 24 + 28 * len(blocks), b"HRBLOCKS", checksum, ends_pass, len(blocks))
    compressor = zstandard.ZstdCompressor(level=19, write_checksum=True, write_content_size=True)
    for block in blocks:
        data = content(header, block)
        frame = compressor.compress(data)
        entry = struct.pack("<2I", len(frame), len(data)) + frame[-4:]
        out += frame
        seek += entry
        sources = {sequence["source"] for sequence in block}
        index += entry + data[:12] + struct.pack("<I", min(sources) if len(sources) == 1 else 0xFFFFFFFF)
    index += struct.pack("<I", zlib.crc32(index))
    seek += struct.pack("<3I", len(index), 0, NOTHING) + struct.pack("<IBI", len(blocks) + 2, 0x80, 0x8F92EAB1)
    return out + index + struct.pack("<2I", 0x184D2A5E, len(seek)) + seek


# ---- reading what `content` made, the other way round ----


def read_block(header, data):
    nodes = len(header["tailNodes"])
    width = 2 if header["vocabularySize"] <= 65536 else 4
    n, length, m, candidates, tails, races, changes = struct.unpack_from("<7I", data)
    at = 28

    def column(size, count):
        nonlocal at
        raw = data[at : at + size * count]
        assert len(raw) == size * count
        at += size * count
        return [sum(raw[plane * count + i] << (8 * plane) for plane in range(size)) for i in range(count)]

    lengths, sources, segments, mask_counts = column(2, n), column(2, n), column(2, n), column(2, n)
    tokens, gaps = column(width, length), column(2, m)
    counts, ids = column(width, m), iter(column(width, candidates))
    head_gaps, original_gaps = iter(column(2, candidates - m)), column(2, m)
    race_counts, tail = column(2, m), column(4, nodes * tails)
    change_counts = iter(column(2, races))
    winners, change_gaps = iter(column(width, races + changes)), iter(column(2, changes))
    assert at == len(data)
    heads = [([], []) for _ in range(m)]
    for rank in range(max(counts + [0])):
        for position in (i for i in range(m) if rank < counts[i]):
            heads[position][0].append(next(ids))
            heads[position][1].append(heads[position][1][-1] + next(head_gaps) if rank else 0)
    block, masked, with_tail, tokens = [], 0, 0, iter(tokens)
    order = storage_order(nodes)
    for row in range(n):
        sequence = {
            "source": sources[row],
            "secondSegment": segments[row],
            "tokens": [next(tokens) for _ in range(lengths[row])],
            "masked": [],
        }
        following = 0
        for _ in range(mask_counts[row]):
            position = following + gaps[masked]
            following = position + 1
            head, codes = heads[masked]
            gap, original = original_gaps[masked], sequence["tokens"][position]
            code = codes[head.index(original)] if gap == 0 else 65535 if gap == 65535 else codes[-1] + gap - 1
            tail_codes = [0] * nodes if race_counts[masked] else []
            for j in range(len(tail_codes)):
                e = tail[j * tails + with_tail]
                d = e // 2 if e % 2 == 0 else -(e + 1) // 2
                tail_codes[order[j]] = (prediction(header, tail_codes, order, j) + d + 2**31) % 2**32 - 2**31
            with_tail += 1 if race_counts[masked] else 0
            all_races = []
            for _ in range(race_counts[masked]):
                before, race_changes = 0, []
                for _ in range(next(change_counts)):
                    before += next(change_gaps) + 1
                    race_changes.append(before)
                all_races.append({"winners": [next(winners) for _ in range(len(race_changes) + 1)], "changes": race_changes})
            sequence["masked"].append(
                {"position": position, "ids": head, "codes": codes, "original": code, "tail": tail_codes, "races": all_races}
            )
            masked += 1
        block.append(sequence)
    return block


# ---- replaying ----


def logarithm(x):
    mantissa, exponent = math.frexp(x)
    mantissa, exponent = 2 * mantissa, exponent - 1.0
    if mantissa >= float.fromhex("0x1.6a09e667f3bcdp0"):
        mantissa, exponent = mantissa * 0.5, exponent + 1
    ratio = (mantissa - 1) / (mantissa + 1)
    square, total = ratio * ratio, 1 / 21
    for divisor in range(19, 0, -2):
        total = total * square + 1 / divisor
    return exponent * float.fromhex("0x1.62e42fefa39efp-1") + 2 * (ratio * total)


@functools.lru_cache(maxsize=None)
def focal_table(exponent):
    table = []
    for j in range(2049):
        odds = exponential(j * 2.0**-6 - 16)
        inverse = 1 / odds
        surprise = logarithm(1 + inverse)
        table.append(exponent * logarithm(1 + odds) - logarithm((1 + inverse) + exponent * (surprise * (1 + odds))))
    return table


def psi(value, exponent):
    table = focal_table(exponent)
    if value < table[0]:
        place = -16 + (value - table[0])
    elif value >= table[2048]:
        place = 16 + (value - table[2048]) / exponent
    else:
        j = bisect.bisect_right(table, value) - 1
        place = (j * 2.0**-6 - 16) + (value - table[j]) / (table[j + 1] - table[j]) * 2.0**-6
    odds = exponential(min(64.0, place))
    return odds / (1 + odds)


def focal(tail, candidates, other, exponent):
    """From logarithms of weights to probabilities."""

    def shifted(shift):
        head = [psi(candidate + shift, exponent) for candidate in candidates]
        return exponential(min(64.0, tail + shift)), head, psi(other + shift, exponent)

    low, high = -128.0, 708.0
    for _ in range(48):
        middle = (low + high) * 0.5
        total, head, last = shifted(middle)
        for probability in head:
            total += probability
        low, high = (middle, high) if total + last < 1 else (low, middle)
    return shifted(low)


def weights(header, original, position, temperature, policy):
    """Those of the tail, of the candidates, and of the original if it is none of them."""
    beta, unit = 1 / temperature, header["temperatureRange"]["minimum"]
    candidates = [-(deficit(code) * unit) * beta for code in position["codes"]]
    other = -math.inf if original in position["ids"] else -(deficit(position["original"]) * unit) * beta
    tail = -math.inf
    if position["races"]:
        log_mass = 0.0
        places = [place(header, node) for node in header["tailNodes"]]
        for c, code in zip(coefficients(place(header, temperature), places), position["tail"]):
            log_mass += c * (code * 2.0**-8)
        tail = min(64.0, log_mass)
    if "focal" in policy:
        tail, candidates, other = focal(tail, candidates, other, policy["focal"])
    else:
        tail, candidates, other = exponential(tail), [exponential(c) for c in candidates], exponential(other)
    if "topK" in policy:
        tail, other = 0.0, 0.0
        candidates[policy["topK"] :] = [0.0] * len(candidates[policy["topK"] :])
    if policy.get("disallowsCorrect"):
        other = 0.0
        candidates = [0.0 if token == original else w for token, w in zip(position["ids"], candidates)]
    return tail, candidates, other


def replay(header, sequence, pass_number, number, visit, temperature, seed, policy):
    def key(seed, purpose):
        return philox((seed & 0xFFFFFFFF, seed >> 32), (purpose, 0, 0, 0))[:2]

    def words(key, draw, position):
        return philox(key, (draw, position, number & 0xFFFFFFFF, (pass_number << 16) + (number >> 32)))

    def uniform(key, draw, position):
        word = words(key, draw, position)
        return (((word[1] << 32 | word[0]) >> 12) + 0.5) * 2.0**-52

    run, pool = key(seed, 3), key(header["seed"], 9)
    low, high = header["temperatureRange"]["minimum"], header["temperatureRange"]["maximum"]
    tokens, visits = list(sequence["tokens"]), header["visitCount"]
    shift = words(run, 2**32 - 1, 2**32 - 1)[0] % visits if visits else 0
    for position in sequence["masked"]:
        p, original = position["position"], sequence["tokens"][position["position"]]
        tail, candidates, other = weights(header, original, position, temperature, policy)
        sums, total = [], tail
        for weight in candidates:
            total += weight
            sums.append(total)
        total += other
        j = (visit + shift) % visits if visit < visits else None
        target = (uniform(run, visit, p) if j is None else uniform(pool, j, p)) * total
        if target < tail:
            race = visit
            if j is not None:
                tail, candidates, other = weights(header, original, position, high, {})
                total = tail
                for weight in candidates:
                    total += weight
                total += other
                race = sum(uniform(pool, i, p) * total < tail for i in range(j))
            race = position["races"][race % len(position["races"])]
            start = place(header, low)
            part = 0.0
            if low != high:
                part = (place(header, temperature) - start) / (place(header, high) - start) * header["changeParts"]
            tokens[p] = race["winners"][sum(change <= part for change in race["changes"])]
        else:
            tokens[p] = next((token for token, s in zip(position["ids"], sums) if target < s), original)
    return tokens


# ---- the golden shards ----


def sample(header, rng):
    size = header["vocabularySize"]
    blocks = []
    for number, count in enumerate((3, 3, 2)):
        block = []
        for _ in range(count):
            length = rng.randint(1, header["maximumLength"])
            tokens = [rng.randrange(size) for _ in range(length)]
            masked = []
            for p in range(length):
                if rng.random() > 0.4:
                    continue
                k = rng.randint(header["leastCandidates"], header["mostCandidates"])
                ids = rng.sample(range(size), k)
                if tokens[p] not in ids and rng.random() < 0.5:
                    ids[rng.randrange(k)] = tokens[p]
                codes = sorted([0] + [min(65535, int(rng.expovariate(1 / 500))) for _ in range(k - 1)])
                if k > 2 and rng.random() < 0.2:
                    codes[-1] = 65535
                original = 65535 if rng.random() < 0.1 else min(65534, codes[-1] + int(rng.expovariate(1 / 500)))
                if codes[-1] == 65535:
                    original = 65535
                if tokens[p] in ids:
                    original = codes[ids.index(tokens[p])]
                races, tail = [], []
                for _ in range(rng.choice([0] + [1, 2, 3] * 3) if header["visitCount"] else 0):
                    count = rng.choice([0, 0, 1, 1, 2, 3]) if len(header["tailNodes"]) > 1 else 0
                    changes = sorted(rng.sample(range(1, header["changeParts"] + 1), count))
                    outside = [i for i in range(min(size, 4 * k + 50)) if i not in ids and i != tokens[p]]
                    races.append({"winners": rng.sample(outside, len(changes) + 1), "changes": changes})
                if races:
                    start, slope = rng.uniform(-2, 2), rng.choice([rng.uniform(-6, -1), -100])
                    tail = [round(256 * (start + slope / node + rng.gauss(0, 0.01))) for node in header["tailNodes"]]
                masked.append(
                    {"position": p, "ids": ids, "codes": codes, "original": original, "tail": tail, "races": races}
                )
            block.append(
                {
                    "source": rng.randrange(len(header["sources"])) if number else 0,
                    "secondSegment": rng.choice([0, rng.randrange(length)]),
                    "tokens": tokens,
                    "masked": masked,
                }
            )
        blocks.append(block)
    return blocks


def main():
    nine = [1.0, 1.02, 1.08, 1.2, 1.4, 1.6, 1.8, 1.95, 2.0]
    for name, size, least, most, visits, low, high, nodes, parts in [
        ("head", 600, 2, 5, 3, 1.0, 2.0, nine, 2048),
        ("wide", 70000, 1, 3, 4, 0.25, 4.0, [0.25, 0.4, 0.5, 1.0, 1.75, 2.0, 4.0], 8192),
        ("single", 600, 1, 1, 1, 0.9, 0.9, [0.9], 1),
        ("dense", 27, 27, 27, 0, 1.0, 2.0, [], 2048),
    ]:
        rng = random.Random(name)
        header = {
            "vocabularySize": size,
            "vocabularySHA256": "0123456789abcdef" * 4,
            "generatorSHA256": "fedcba9876543210" * 4,
            "specialTokens": {"padding": 0, "classification": 1, "separator": 2, "mask": 3},
            "neverDrawn": [[0, 3], [7, 7]] if name == "wide" else [],
            "sources": ["en", "de", "el - ελληνικά"] if name == "wide" else [""],
            "maximumLength": 12,
            "maskProbability": 0.15,
            "seed": 2**64 - 3,
            "leastCandidates": least,
            "mostCandidates": most,
            "visitCount": visits,
            "temperatureRange": {"minimum": low, "maximum": high},
            "tailNodes": nodes,
            "changeParts": parts,
            "deviation": 0.002,
            "blockSize": 3,
            "pass": 1,
            "firstSequence": 5_000_000_000,
        }
        blocks = sample(header, rng)
        for block in blocks:
            assert read_block(header, content(header, block)) == block
        seed, first = 0x0123456789ABCDEF, 5_000_000_000
        sequences = [sequence for block in blocks for sequence in block]
        golden = {"header": header, "replaySeed": seed, "blocks": blocks, "replays": []}
        for temperature in sorted({low, high} | {low + share * (high - low) for share in (0.0625, 0.3, 0.9999)}):
            one = {"temperature": temperature, "draws": [], "weights": [], "focalWeights": []}
            plain = [{}, {"topK": least}, {"disallowsCorrect": True}, {"topK": 1, "disallowsCorrect": True}]
            focals = [{"focal": 2.0}, {"focal": 0.3, "disallowsCorrect": True}, {"focal": 16.0, "topK": least}]
            for policy in plain + focals:
                for visit in (0, 1, 2, 3, 4, 65535) if policy in plain else (0, 2, 65535):
                    draws = [replay(header, s, 1, first + i, visit, temperature, seed, policy) for i, s in enumerate(sequences)]
                    one["draws"].append({"visit": visit, "policy": policy, "tokens": draws})
            for sequence in sequences:
                for position in sequence["masked"]:
                    original = sequence["tokens"][position["position"]]
                    for kind, policy in [("weights", {}), ("focalWeights", {"focal": 1.5})]:
                        tail, candidates, other = weights(header, original, position, temperature, policy)
                        one[kind].append([struct.pack(">d", part).hex() for part in [tail, *candidates, other]])
            golden["replays"].append(one)
        (HERE / f"{name}.shard").write_bytes(shard(header, blocks, ends_pass=1))
        (HERE / f"{name}.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
