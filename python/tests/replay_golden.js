// Replays the golden shards with the page's program, and compares with what another program drew, to the bit: run by test_page_replay.py.
"use strict";

const fs = require("fs");
const [program, folder] = process.argv.slice(2);
// eslint-disable-next-line no-new-func
const { Replay, Weights } = new Function(`${fs.readFileSync(program, "utf8")}; return { Replay, Weights };`)();

function positionsOf(sequence) {
  return sequence.masked.map((one) => ({
    position: one.position, head: one.ids, codes: one.codes, original_code: one.original, tail: one.tail,
    original_rank: one.ids.indexOf(sequence.tokens[one.position]),
    leaders: one.races.map((race) => race.winners), changes: one.races.map((race) => race.changes),
  }));
}

const counts = { draws: 0, weights: 0, differences: 0 };
for (const name of ["head", "wide", "single", "dense"]) {
  const text = fs.readFileSync(`${folder}/${name}.json`, "utf8");
  // Above 2^53, so not as numbers.
  const [maskingSeed, seed] = ["seed", "replaySeed"].map((member) => BigInt(text.match(`"${member}":([0-9]+)`)[1]));
  const golden = JSON.parse(text);
  const { temperatureRange, tailNodes, visitCount, changeParts, firstSequence, pass } = golden.header;
  const header = {
    temperature_range: temperatureRange, tail_nodes: tailNodes, visit_count: visitCount, change_parts: changeParts,
  };
  const sequences = golden.blocks.flat().map((sequence, index) => ({
    number: firstSequence + index, pass, tokens: sequence.tokens, positions: positionsOf(sequence),
  }));
  for (const { temperature, draws, weights, focalWeights } of golden.replays) {
    for (const { visit, policy, tokens } of draws) {
      const replay = new Replay(header, temperature, seed, maskingSeed, policy);
      sequences.forEach((sequence, index) => {
        for (const position of sequence.positions) {
          counts.draws += 1;
          if (replay.draw(position, sequence, visit) !== tokens[index][position.position]) counts.differences += 1;
        }
      });
    }
    for (const [expected, policy] of [[weights, {}], [focalWeights, { focal: 1.5 }]]) {
      const replayed = new Weights(header, temperature, policy);
      sequences.flatMap((sequence) => sequence.positions).forEach((position, index) => {
        const { tail, candidates, original } = replayed.weights(position);
        [tail, ...candidates, original].forEach((weight, part) => {
          const bytes = Buffer.alloc(8);
          bytes.writeDoubleBE(weight);
          counts.weights += 1;
          if (bytes.toString("hex") !== expected[index][part]) counts.differences += 1;
        });
      });
    }
  }
}
console.log(JSON.stringify(counts));
