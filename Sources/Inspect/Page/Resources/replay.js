"use strict";
// Draws replacements as training does: docs/format.md, "Replaying". Every number is a float64, every operation is rounded
// to nearest and in the order that the page of the format gives, so the tokens drawn are the trainer's.

/** Philox4x32-10 (Salmon and others, SC 2011): four random words at a counter of four, under a key of two. */
function philox(counter, key) {
  let [a, b, c, d] = counter.map((word) => BigInt(word));
  let [k, l] = key.map((word) => BigInt(word));
  const low = 0xffffffffn;
  for (let round = 0; round < 10; round += 1) {
    const first = a * 0xd2511f53n;
    const second = c * 0xcd9e8d57n;
    [a, b, c, d] = [(second >> 32n) ^ b ^ k, second & low, (first >> 32n) ^ d ^ l, first & low];
    k = (k + 0x9e3779b9n) & low;
    l = (l + 0xbb67ae85n) & low;
  }
  return [a, b, c, d].map(Number);
}

/** The key of replay draws under a training run's seed, a BigInt. */
function replayKey(seed) {
  const words = philox([3, 0, 0, 0], [seed & 0xffffffffn, seed >> 32n]);
  return words.slice(0, 2);
}

/** The number between 0 and 1 that decides the draw at a position of an entry. */
function replayNumber(key, visit, entry, position) {
  const high = Math.floor(entry / 2 ** 32);
  const words = philox([0, position, entry % 2 ** 32, visit * 2 ** 16 + high], key);
  return (words[1] * 2 ** 20 + Math.floor(words[0] / 2 ** 12) + 0.5) * 2 ** -52;
}

const factorials = [1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800, 39916800, 479001600, 6227020800];
const powerBits = new BigUint64Array(1);
const power = new Float64Array(powerBits.buffer);

/** exp by the format's own sequence of operations. */
function replayExponential(x) {
  if (x < -708) return 0;
  const shifter = 1.5 * 2 ** 52;
  const i = x * 1.4426950408889634 + shifter - shifter;
  const r = x - i * (0x162e42fee / 2 ** 33) - i * (0x1a39ef35793c76 / 2 ** 85);
  let s = 1 / factorials[13];
  for (let j = 12; j >= 0; j -= 1) s = s * r + 1 / factorials[j];
  powerBits[0] = BigInt(i + 1023) << 52n;
  return s * power[0];
}

/** What each node's value counts in the polynomial's value at x. */
function coefficients(x, nodes) {
  if (nodes.includes(x)) return nodes.map((node) => (node === x ? 1 : 0));
  const terms = nodes.map((node, j) => {
    let product = 1;
    nodes.forEach((other, i) => {
      if (i !== j) product *= node - other;
    });
    return 1 / product / (x - node);
  });
  let sum = 0;
  for (const term of terms) sum += term;
  return terms.map((term) => term / sum);
}

/** How far a head code's logit lies below the largest. */
function deficit(code) {
  return Math.max(code / 128, (code - 128) / 64, (code - 896) / 16);
}

/** The sampler of a data set's header at one temperature. */
class Replay {
  constructor(header, temperature) {
    const range = header.temperature_range;
    this.hasTail = header.head_size < header.vocabulary_size;
    this.headSize = header.head_size;
    this.raceCount = header.race_count;
    this.beta = 1 / temperature;
    this.nodes = header.tail_nodes.length > 0 ? coefficients(this.beta, header.tail_nodes) : [];
    const width = range.maximum - range.minimum;
    this.part = width === 0 ? 0 : ((temperature - range.minimum) / width) * 1024;
  }

  /** Sums of the head's weights up to each rank, and the total with the tail's. */
  weights(position) {
    const sums = [];
    let sum = 0;
    for (const code of position.codes) {
      if (code !== 65535) sum += replayExponential(-deficit(code) * this.beta);
      sums.push(sum);
    }
    if (this.headSize === 0) return { sums, total: 1 };
    if (!this.hasTail) return { sums, total: sum };
    let mass = 0;
    this.nodes.forEach((c, j) => {
      mass += c * (position.tail[j] * 2 ** -9);
    });
    return { sums, total: sum + replayExponential(Math.min(64, mass)) };
  }

  /** Head and tail as probabilities. */
  distribution(position) {
    const { sums, total } = this.weights(position);
    const head = sums.map((sum, rank) => (sum - (rank > 0 ? sums[rank - 1] : 0)) / total);
    const headSum = sums.length > 0 ? sums[sums.length - 1] : 0;
    return { head, tail: (total - headSum) / total };
  }

  /** The token that leads a race. */
  leader(position, race) {
    const passed = position.changes[race].filter((code) => code <= this.part).length;
    return position.leaders[race][passed];
  }

  /** The token drawn at a masked position of a sequence. */
  draw(position, entry, visit, key) {
    if (this.headSize > 0) {
      const { sums, total } = this.weights(position);
      const target = replayNumber(key, visit, entry, position.position) * total;
      const rank = sums.findIndex((sum) => target < sum);
      if (rank >= 0) return position.head[rank];
    }
    return this.leader(position, visit % this.raceCount);
  }
}
