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

/** The key of a purpose under a seed, a BigInt. */
function keyOf(purpose, seed) {
  return philox([purpose, 0, 0, 0], [seed & 0xffffffffn, seed >> 32n]).slice(0, 2);
}

/** The random words of a draw at a position of a sequence. */
function wordsOf(key, draw, position, sequence) {
  const high = Math.floor(sequence.number / 2 ** 32);
  return philox([draw, position, sequence.number % 2 ** 32, sequence.pass * 2 ** 16 + high], key);
}

/** A number between 0 and 1. */
function uniform(key, draw, position, sequence) {
  const words = wordsOf(key, draw, position, sequence);
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

/** How far a head code's logit lies below the largest, in units of the lowest temperature. */
function deficit(code) {
  return Math.max(code / 256, (code - 2048) / 128, (code - 8192) / 32);
}

/** Where a temperature lies on the scale of a range. */
function place(range, temperature) {
  const center = Math.sqrt(range.minimum * range.maximum);
  return (temperature - center) / (temperature + center);
}

/** ln by the format's own sequence of operations. */
function replayLogarithm(x) {
  const root = 1.4142135623730951;
  let [m, e] = [x, 0];
  for (; m >= root; m /= 2) e += 1;
  for (; m < root / 2; m *= 2) e -= 1;
  const z = (m - 1) / (m + 1);
  const y = z * z;
  let s = 1 / 21;
  for (let divisor = 19; divisor >= 1; divisor -= 2) s = s * y + 1 / divisor;
  return e * 0.6931471805599453 + 2 * (z * s);
}

/** What the focal policy of one exponent makes of weights. */
class Focal {
  constructor(exponent) {
    this.exponent = exponent;
    this.table = Array.from({ length: 2049 }, (_, j) => {
      const odds = replayExponential(j / 64 - 16);
      const inverse = 1 / odds;
      const surprise = replayLogarithm(1 + inverse);
      return exponent * replayLogarithm(1 + odds)
        - replayLogarithm(1 + inverse + exponent * (surprise * (1 + odds)));
    });
  }

  psi(value) {
    const { table, exponent } = this;
    let place;
    if (value < table[0]) place = -16 + (value - table[0]);
    else if (value >= table[2048]) place = 16 + (value - table[2048]) / exponent;
    else {
      let [low, high] = [0, 2048];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (table[middle] <= value) low = middle;
        else high = middle;
      }
      place = low / 64 - 16 + ((value - table[low]) / (table[low + 1] - table[low])) / 64;
    }
    const odds = replayExponential(Math.min(64, place));
    return odds / (1 + odds);
  }

  /** From logarithms of weights, minus infinity where there is none: tail, candidates, original. */
  weights(tail, candidates, original) {
    const at = (shift) => ({
      tail: replayExponential(Math.min(64, tail + shift)),
      candidates: candidates.map((one) => this.psi(one + shift)),
      original: this.psi(original + shift),
    });
    let [low, high] = [-128, 708];
    for (let step = 0; step < 48; step += 1) {
      const middle = (low + high) / 2;
      const one = at(middle);
      let sum = one.tail;
      for (const weight of one.candidates) sum += weight;
      if (sum + one.original < 1) low = middle;
      else high = middle;
    }
    return at(low);
  }
}

/**
 * What tokens weigh at one temperature. A policy may have `focal`, the exponent; `topK`; and `disallowsCorrect`. 0 and false are none.
 */
class Weights {
  constructor(header, temperature, policy = {}) {
    this.policy = policy;
    this.focal = policy.focal > 0 ? new Focal(policy.focal) : null;
    const range = header.temperature_range;
    this.beta = 1 / temperature;
    this.unit = range.minimum;
    const places = header.tail_nodes.map((node) => place(range, node));
    this.nodes = places.length > 0 ? coefficients(place(range, temperature), places) : [];
  }

  logarithm(code) {
    return code === 65535 ? -Infinity : -(deficit(code) * this.unit) * this.beta;
  }

  /** Those of the tail, the candidates, and the original if it is none of them. */
  weights(position) {
    let tail = -Infinity;
    if (position.leaders.length > 0) {
      let mass = 0;
      this.nodes.forEach((c, j) => {
        mass += c * (position.tail[j] * 2 ** -8);
      });
      tail = mass < 64 ? mass : 64;
    }
    const candidates = position.codes.map((code) => this.logarithm(code));
    const original = position.original_rank < 0 ? this.logarithm(position.original_code) : -Infinity;
    const weights = this.focal ? this.focal.weights(tail, candidates, original) : {
      tail: replayExponential(tail), candidates: candidates.map(replayExponential), original: replayExponential(original),
    };
    if (this.policy.topK > 0) {
      [weights.tail, weights.original] = [0, 0];
      weights.candidates.fill(0, this.policy.topK);
    }
    if (this.policy.disallowsCorrect) {
      weights.original = 0;
      if (position.original_rank >= 0) weights.candidates[position.original_rank] = 0;
    }
    return weights;
  }

  /** The tail's weight, its sums with the candidates' up to each rank, and the total with the original's. */
  sums(position) {
    const { tail, candidates, original } = this.weights(position);
    let sum = tail;
    const sums = candidates.map((weight) => {
      sum += weight;
      return sum;
    });
    return { tail, sums, total: sum + original };
  }
}

/** The sampler of a data set's header at one temperature, for a training run's seed, a BigInt. */
class Replay {
  constructor(header, temperature, seed, maskingSeed, policy = {}) {
    const range = header.temperature_range;
    this.visitCount = header.visit_count;
    this.weights = new Weights(header, temperature, policy);
    this.hottest = new Weights(header, range.maximum);
    const start = place(range, range.minimum);
    this.part = range.minimum === range.maximum ? 0
      : ((place(range, temperature) - start) / (place(range, range.maximum) - start)) * header.change_parts;
    this.run = keyOf(3, seed);
    this.pool = keyOf(9, maskingSeed);
  }

  /** Candidates, original and tail as probabilities. */
  distribution(position) {
    const { tail, sums, total } = this.weights.sums(position);
    // Where nothing may be drawn, the original stays.
    if (total === 0) {
      return { head: sums.map((_, rank) => (rank === position.original_rank ? 1 : 0)), original: 1, tail: 0 };
    }
    const head = sums.map((sum, rank) => (sum - (rank > 0 ? sums[rank - 1] : tail)) / total);
    const rank = position.original_rank;
    return { head, original: rank < 0 ? (total - sums[sums.length - 1]) / total : head[rank], tail: tail / total };
  }

  /** The token that leads a race. */
  leader(position, race) {
    const passed = position.changes[race].filter((code) => code <= this.part).length;
    return position.leaders[race][passed];
  }

  /** The token drawn at a masked position of a sequence. */
  draw(position, sequence, visit) {
    const at = position.position;
    const isPooled = visit < this.visitCount;
    let number = visit;
    if (isPooled) {
      const last = 2 ** 32 - 1;
      number = (visit + (wordsOf(this.run, last, last, sequence)[0] % this.visitCount)) % this.visitCount;
    }
    const { tail, sums, total } = this.weights.sums(position);
    const target = uniform(isPooled ? this.pool : this.run, number, at, sequence) * total;
    if (target < tail) {
      let race = visit;
      if (isPooled) {
        const hot = this.hottest.sums(position);
        race = 0;
        for (let i = 0; i < number; i += 1) {
          if (uniform(this.pool, i, at, sequence) * hot.total < hot.tail) race += 1;
        }
      }
      return this.leader(position, race % position.leaders.length);
    }
    const rank = sums.findIndex((sum) => target < sum);
    return rank >= 0 ? position.head[rank] : sequence.tokens[at];
  }
}
