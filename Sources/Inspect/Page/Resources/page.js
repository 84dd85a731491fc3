// The page: reads the data, fills in the facts, and keeps reading pane and charts at the slider's temperature.

const data = JSON.parse(document.getElementById("data").textContent);
const report = data.report;
const sample = report.sample;
const range = report.header.temperature_range;
const byId = (id) => document.getElementById(id);

const schedules = {
  exponential: { parameter: "decay", initial: 0.1, at: (u, start, decay) => 1 + (start - 1) * Math.exp(-u / decay) },
  linear: { parameter: "share", initial: 1, at: (u, start, share) => 1 + (start - 1) * Math.max(0, 1 - u / share) },
  polynomial: { parameter: "power", initial: 2, at: (u, start, power) => 1 + (start - 1) * (1 - u) ** power },
  constant: { parameter: null, at: (u, start) => start },
};

/** `key` of the sampled temperatures at T, on a line between the nearest two; null outside them. */
function interpolate(key, temperature) {
  const points = sample.temperatures;
  const above = points.findIndex((point) => point.temperature >= temperature - 1e-12);
  if (above < 0 || (above === 0 && points[0].temperature > temperature + 1e-12)) return null;
  if (above === 0) return points[0][key];
  const [low, high] = [points[above - 1], points[above]];
  const share = (temperature - low.temperature) / (high.temperature - low.temperature);
  return low[key] + share * (high[key] - low[key]);
}

const nearest = (temperature) => sample.temperatures.reduce((best, point) =>
  Math.abs(point.temperature - temperature) < Math.abs(best.temperature - temperature) ? point : best);

const temperatureAxis = {
  low: range.minimum, high: range.maximum, name: "temperature", text: (value) => String(+value.toFixed(4)),
};
const shareAxis = { low: 0, high: 1, text: (value) => percent(value, 0) };

function showFacts() {
  byId("subtitle").textContent = report.path;
  document.title = `Shards: ${report.path.split("/").filter(Boolean).pop() || report.path}`;
  const header = report.header;
  const facts = [
    ["Sequences", `${count(report.sequences)} in ${report.passes} ${report.passes === 1 ? "pass" : "passes"}`],
    ["Tokens", count(report.tokens)],
    ["Masked positions", count(report.masked_positions)],
    ["Files", `${count(report.shards)} shards, ${bytes(report.bytes)}${report.is_complete ? "" : ", not complete"}`],
    ["Bytes a masked position", fixed(report.bytes_per_masked_position, 1)],
    ["Head and races", `${count(header.head_size)} candidates, ${header.race_count} races`],
    ["Temperatures", `${range.minimum} to ${range.maximum}`],
    ["Masking", `probability ${header.mask_probability}, seed ${data.masking_seed}`],
    ["Vocabulary", `${count(header.vocabulary_size)} tokens, SHA-256 ${header.vocabulary_sha256.slice(0, 12)}…`],
    ["Generator", `SHA-256 ${header.generator_sha256.slice(0, 12)}…`],
    ...report.epoch.models.map((model) => [
      `One epoch as ${model.preset}`,
      `${count(model.steps)} steps of ${model.batch_size}, ${model.operations.toExponential(1)} FLOP`,
    ]),
  ];
  if (sample.masked_positions > 0) {
    facts.push(
      ["Original in the head", percent(sample.originals_in_head / sample.masked_positions)],
      ["Generator's first guess right", percent(sample.originals_first / sample.masked_positions)],
    );
  }
  byId("facts").replaceChildren(
    ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
  byId("faults").hidden = sample.faults.length === 0;
  byId("faults").replaceChildren(...sample.faults.map((fault) => element("li", {}, `Not readable: ${fault}`)));
}

function showSampleText() {
  byId("sample-text").textContent =
    `From ${count(sample.masked_positions)} masked positions in ${count(data.sampled_blocks)} of ${count(report.blocks)} ` +
    `blocks, spread over the data set and drawn with seed ${data.seed}.`;
}

function showTemperatureCharts(temperature) {
  const points = sample.temperatures;
  const series = (key) => points.map((point) => [point.temperature, point[key]]);
  const rate = interpolate("replace_rate", temperature);
  show("replace-rate", "Replaced", `Share of masked positions whose draw is not the original: ${percent(rate)} at this temperature.`,
    new Plot("Replace rate against temperature", temperatureAxis, shareAxis)
      .line(series("replace_rate")).now(temperature).dot(temperature, rate).svg);

  const entropy = interpolate("entropy", temperature);
  const most = Math.max(...points.map((point) => point.entropy), 0.5) * 1.1;
  const nats = { low: 0, high: most, text: (value) => String(+value.toFixed(2)) };
  show("entropy", "Entropy", `Mean in nats: ${fixed(entropy, 2)}. The tail counts as one token, so the true value lies above.`,
    new Plot("Entropy against temperature", temperatureAxis, nats)
      .line(series("entropy")).now(temperature).dot(temperature, entropy).svg);

  const mass = interpolate("tail_mass", temperature);
  const percentile = (index) => points.map((point) => [point.temperature, point.tail_mass_percentiles[index].value]);
  show("tail-mass", "Tail's mass", `Mean ${percent(mass)}; the band holds all but the lowest and highest tenth of positions.`,
    new Plot("Tail mass against temperature", temperatureAxis, shareAxis)
      .band(percentile(0), percentile(2)).line(series("tail_mass")).now(temperature).dot(temperature, mass).svg);

  const point = nearest(temperature);
  showHistogram("entropy-histogram", "Entropy of positions", `At T = ${+point.temperature.toFixed(4)}, in nats.`,
    point.entropy_histogram.map((value, bin) => [bin * sample.entropy_bin_width, (bin + 1) * sample.entropy_bin_width, value]), "entropy");
  const inTail = sample.masked_positions - sample.originals_in_head;
  const bins = point.original_histogram.length;
  const original = point.original_histogram.map((value, bin) => [bin / bins, (bin + 1) / bins, value]);
  showHistogram("original-histogram", "Probability of the original",
    `At T = ${+point.temperature.toFixed(4)}. Of ${percent(inTail / sample.masked_positions)} no more is known than that they are in the tail (left, pale).`,
    [[-2 / bins, -0.5 / bins, inTail, true], ...original], "probability");
}

function showHistogram(figure, caption, note, bins, name) {
  const total = sample.masked_positions;
  const high = Math.max(...bins.map((bin) => bin[2])) / total;
  const x = { low: bins[0][0], high: bins[bins.length - 1][1], name, text: (value) => String(+value.toFixed(3)) };
  x.marks = ticks(0, x.high, 6);
  const y = { low: 0, high: high * 1.05 || 1, text: (value) => `${+(value * 100).toFixed(1)} %` };
  show(figure, caption, note, new Plot(caption, x, y).bins(bins.map(([from, to, value, other]) => {
    const place = other ? "in the tail" : `${+from.toFixed(3)} to ${+to.toFixed(3)}`;
    return [from, to, value / total, `${place}: ${percent(value / total)}`, other];
  })).svg);
}

/** The schedule's own controls stay; only its chart is drawn anew. */
function showTraining() {
  const [kind, start, parameter] = report.schedule.schedule.split(":");
  const choice = element("select", { "aria-label": "Schedule" },
    ...Object.keys(schedules).map((name) => element("option", { value: name }, name)));
  const startInput = element("input", { type: "number", step: "any", min: "0.05", max: "100", "aria-label": "First temperature" });
  const parameterInput = element("input", { type: "number", step: "any", min: "0.001", "aria-label": "Second number" });
  const parameterLabel = element("label", {}, "", parameterInput);
  choice.value = kind;
  startInput.value = start;
  parameterInput.value = parameter ?? "";
  const form = element("form", {}, element("label", {}, "schedule", choice), element("label", {}, "start", startInput), parameterLabel);
  form.addEventListener("submit", (event) => event.preventDefault());
  const place = element("div");
  const redraw = () => {
    const schedule = schedules[choice.value];
    parameterLabel.hidden = !schedule.parameter;
    parameterLabel.firstChild.textContent = schedule.parameter || "";
    place.replaceChildren(trainingPlot(schedule, Number(startInput.value), Number(parameterInput.value)));
  };
  choice.addEventListener("change", () => {
    parameterInput.value = schedules[choice.value].initial ?? "";
    redraw();
  });
  startInput.addEventListener("input", redraw);
  parameterInput.addEventListener("input", redraw);
  show("training", "Replaced over training", "Share of masked positions replaced, as the schedule lowers the temperature.", form, place);
  redraw();
}

function trainingPlot(schedule, start, parameter) {
  const plot = new Plot("Replace rate over training", { low: 0, high: 1, name: "share of the run", text: (value) => percent(value, 0) }, shareAxis);
  let piece = [];
  for (let step = 0; step <= 200; step += 1) {
    const rate = interpolate("replace_rate", schedule.at(step / 200, start, parameter));
    if (rate !== null) piece.push([step / 200, rate]);
  }
  if (piece.length > 0) plot.line(piece);
  const text = piece.length === 201 ? `From ${percent(piece[0][1])} to ${percent(piece[200][1])}.`
    : piece.length === 0 ? "The shards cannot be replayed at these temperatures."
    : "Where there is no line, the shards cannot be replayed.";
  return element("div", {}, plot.svg, element("p", {}, text));
}

function showShardCharts() {
  const columns = sample.columns.filter((column) => column.bytes > 0);
  if (columns.length > 0) {
    show("columns", "Bytes a masked position", "By column, compressed; of the sampled blocks.", barList(columns.map((column) => ({
      name: column.column, value: column.bytes_per_masked_position,
      text: `${fixed(column.bytes_per_masked_position, 2)}  ${percent(column.bytes / sample.bytes)}`,
    }))));
  }
  const races = sample.winners_per_race.reduce((sum, value) => sum + value, 0);
  if (races > 0) {
    const last = sample.winners_per_race.findLastIndex((value) => value > 0);
    const open = sample.winners_per_race.length;
    show("winners", "Winners a race", "How many tokens lead a race as the temperature rises over its range.",
      barList(sample.winners_per_race.slice(0, last + 1).map((value, index) => ({
        name: index + 1 === open ? `${open} or more` : String(index + 1), value, text: percent(value / races),
      }))));
  }
  const bins = sample.positions.map((bin) => [
    bin.first_position, bin.last_position + 1, bin.tokens > 0 ? bin.masked / bin.tokens : 0,
    `${bin.first_position} to ${bin.last_position}: ${count(bin.masked)} of ${count(bin.tokens)} masked`,
  ]);
  const y = { low: 0, high: Math.max(...bins.map((bin) => bin[2])) * 1.05 || 1, text: (value) => `${+(value * 100).toFixed(1)} %` };
  const x = { low: 0, high: bins[bins.length - 1][1], name: "position in the sequence", text: String };
  show("positions", "Masked, by position", "Share of the tokens at each place that are masked.", new Plot("Mask positions", x, y).bins(bins).svg);
}

function showTokens() {
  byId("tokens-text").textContent =
    `Tokens masked ${sample.least_count} times or more in the sample, by the mean probability that the generator gives them at T = ${range.minimum}.`;
  for (const [figure, caption, tokens] of [
    ["most", "Most predictable", sample.most_predictable], ["least", "Least predictable", sample.least_predictable],
  ]) {
    if (tokens.length === 0) {
      show(figure, caption, "No token is masked often enough.");
      continue;
    }
    show(figure, caption, "Mean probability, and how often it was masked.", barList(tokens.map((token) => ({
      name: token.token, value: token.probability, text: `${fixed(token.probability, 3)}  (${count(token.count)})`,
    })), 1));
  }
}

/** The sampled temperatures' charts are empty where nothing was masked. */
function hideEmptyFigures() {
  for (const figure of document.querySelectorAll("figure")) figure.hidden = figure.childElementCount === 0;
}

function startReading() {
  const slider = byId("temperature");
  const parts = 400;
  slider.min = 0;
  slider.max = range.maximum > range.minimum ? parts : 0;
  slider.step = 1;
  slider.value = Math.round(((data.temperature - range.minimum) / (range.maximum - range.minimum || 1)) * parts);
  byId("seed").value = data.seed;
  byId("visit").value = data.visit;
  const reading = data.reading.sequences.length > 0 ? new Reading(data) : null;
  byId("sequence").replaceChildren(...data.reading.sequences.map((sequence, index) =>
    element("option", { value: index }, count(sequence.entry))));
  if (!reading) {
    byId("text").textContent = data.reading.omitted > 0
      ? "The sequences are too large for a page. Read one with fast-electra inspect --sequence." : "There is no sequence to read.";
  }
  const update = () => {
    const part = Number(slider.value);
    const temperature = part === parts ? range.maximum : range.minimum + (range.maximum - range.minimum) * (part / parts);
    byId("temperature-text").textContent = fixed(temperature, 4);
    slider.setAttribute("aria-valuetext", `temperature ${fixed(temperature, 4)}`);
    byId("text").dataset.temperature = temperature;
    if (reading) redrawReading(reading, temperature);
    if (sample.temperatures.length > 0) showTemperatureCharts(temperature);
  };
  for (const id of ["temperature", "seed", "visit"]) byId(id).addEventListener("input", update);
  byId("sequence").addEventListener("change", (event) => {
    reading.sequence = data.reading.sequences[Number(event.target.value)];
    reading.chosen = null;
    update();
  });
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  update();
}

/** What is no seed or visit is said to be none, and changes nothing. */
function redrawReading(reading, temperature) {
  const [seedInput, visitInput] = [byId("seed"), byId("visit")];
  const isSeed = /^[0-9]{1,20}$/.test(seedInput.value) && BigInt(seedInput.value) < 2n ** 64n;
  seedInput.setCustomValidity(isSeed ? "" : "A whole number from 0 to 18446744073709551615");
  const isVisit = /^[0-9]{1,5}$/.test(visitInput.value) && visitInput.checkValidity();
  if (isSeed && isVisit) reading.draw(temperature, BigInt(seedInput.value), Number(visitInput.value));
}

showFacts();
showSampleText();
showShardCharts();
showTokens();
if (sample.temperatures.length > 0) showTraining();
startReading();
hideEmptyFigures();
