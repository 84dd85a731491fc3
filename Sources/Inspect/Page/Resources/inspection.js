// The page: reads the data, fills in the facts, and keeps reading pane and charts at the slider's temperature.

const data = JSON.parse(document.getElementById("data").textContent);
const report = data.report;
const sample = report.sample;
const range = report.header.temperature_range;

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
  low: range.minimum, high: range.maximum, name: "temperature T", text: (value) => String(+value.toFixed(4)),
};
const shareAxis = { low: 0, high: 1, name: "share of masked positions", text: (value) => percent(value, 0) };
/** As much of it as rates take up, from some tenth to 1. */
const rateAxis = {
  ...shareAxis,
  low: Math.max(0, Math.floor(Math.min(1, ...sample.temperatures.map((point) => point.replace_rate)) * 10 - 0.5) / 10),
};

function showFacts() {
  const name = report.path.split("/").filter(Boolean).pop() || report.path;
  document.title = `Shards: ${name}`;
  byId("title").textContent = name;
  byId("subtitle").textContent = report.path;
  const { header, epoch } = report;
  const small = (text) => element("small", {}, ` ${text}`);
  definitions("figures", [
    ["Sequences", count(report.sequences), small(`in ${report.passes} ${report.passes === 1 ? "pass" : "passes"}`)],
    ["Tokens", count(report.tokens)],
    ["Masked positions", count(report.masked_positions)],
    ["In files", short(report.bytes, "B"), small(`in ${count(report.shards)} ${report.shards === 1 ? "shard" : "shards"}`)],
    ["A masked position", fixed(report.bytes_per_masked_position, 1), small("bytes")],
  ]);
  const facts = [
    ["Candidates", `${count(header.least_candidates)} to ${count(header.most_candidates)} a masked position`],
    ["Independent visits", `${header.visit_count}`],
    ["Deviation", `at most ${fixed(header.deviation, 4)} in total variation`],
    ["Temperatures", `${range.minimum} to ${range.maximum}`],
    ["Masking", `probability ${header.mask_probability}, seed ${data.masking_seed}`],
    ["Never drawn", report.never_drawn.count === 0 ? "no token is left out"
      : report.never_drawn.first.join(", ")
        + (report.never_drawn.count > 8 ? ` and ${count(report.never_drawn.count - 8)} more` : "")],
    ["Longest sequence", `${count(header.maximum_length)} tokens allowed`],
    ["Vocabulary", `${count(header.vocabulary_size)} tokens, SHA-256 ${header.vocabulary_sha256.slice(0, 12)}…`],
    ["Generator", `SHA-256 ${header.generator_sha256.slice(0, 12)}…`],
  ];
  if (report.sources.length > 1) {
    const shares = report.sources.map((source) => `${source.name}: ${percent(source.tokens / report.tokens)}`);
    facts.push(["Tokens by source", shares.slice(0, 20).join(", ") + (shares.length > 20 ? ", ..." : "")]);
  }
  if (!report.is_complete) facts.unshift(["Complete", "no: the last shard of a pass is missing"]);
  if (sample.masked_positions > 0) {
    facts.push(
      ["Original a candidate", percent(sample.originals_in_head / sample.masked_positions)],
      ["First guess right", percent(sample.originals_first / sample.masked_positions)],
    );
  }
  definitions("facts", facts);
  byId("epoch").replaceChildren(table(
    `One epoch: once through ${count(epoch.sequences)} sequences of ${count(epoch.tokens)} tokens`,
    ["preset", "parameters", "batch", "steps", "FLOP"],
    epoch.models.map((model) => [
      model.preset, short(model.parameters, ""), count(model.batch_size), count(model.steps), short(model.operations, ""),
    ])));
  byId("faults").hidden = sample.faults.length === 0;
  byId("faults").replaceChildren(...sample.faults.map((fault) => element("li", {}, `Not readable: ${fault}`)));
}

function showSampleText() {
  byId("sample-text").textContent =
    `From ${count(sample.masked_positions)} masked positions in ${count(data.sampled_blocks)} of ${count(report.blocks)} ` +
    `blocks, spread over the data set and drawn with seed ${data.seed}. The dashed line is at the temperature chosen above.`;
}

function showTemperatureCharts(temperature) {
  const points = sample.temperatures;
  const series = (key) => points.map((point) => [point.temperature, point[key]]);
  const line = (name, y, key, value) => new Plot(name, temperatureAxis, y)
    .line(series(key)).now(temperature).dot(temperature, value).svg;

  const rate = interpolate("replace_rate", temperature);
  show("replace-rate", "Replaced", `Masked positions whose draw is not the original: ${percent(rate)} here.`,
    line("Replace rate against temperature", rateAxis, "replace_rate", rate));

  const mass = interpolate("tail_mass", temperature);
  const percentile = (index) => points.map((point) => [point.temperature, point.tail_mass_percentiles[index].value]);
  show("tail-mass", "Mass of the tail", "Probability of all tokens but the candidates and the original: "
    + `${percent(mass)} here on average. The band leaves out a tenth of the positions on each side.`,
    new Plot("Tail mass against temperature", temperatureAxis, { ...shareAxis, name: "probability" })
      .band(percentile(0), percentile(2)).line(series("tail_mass")).now(temperature).dot(temperature, mass).svg);

  const point = nearest(temperature);
  const near = `At T = ${decimal(point.temperature, 4)}`;
  if (points[0].entropy !== undefined) {
    const entropy = interpolate("entropy", temperature);
    const most = Math.max(...points.map((one) => one.entropy), 0.5) * 1.1;
    show("entropy", "Entropy", `Of the generator's distribution, on average: ${fixed(entropy, 2)} nats here, as much as `
      + `${plain.format(+Math.exp(entropy).toPrecision(3))} tokens equally likely.`,
      line("Entropy against temperature", { low: 0, high: most, name: "nats", text: (value) => decimal(value, 2) }, "entropy", entropy));
    showHistogram("entropy-histogram", "Entropy, position by position", `${near}.`,
      point.entropy_histogram.map((value, bin) => [bin * sample.entropy_bin_width, (bin + 1) * sample.entropy_bin_width, value]), "nats");
  }
  const bins = point.original_histogram.length;
  const original = point.original_histogram.map((value, bin) => [bin / bins, (bin + 1) / bins, value]);
  showHistogram("original-histogram", "Probability of the original",
    `${near}.`, original, "probability");
}

function showHistogram(figure, caption, note, bins, name) {
  const total = sample.masked_positions;
  const high = Math.max(...bins.map((bin) => bin[2])) / total;
  const x = { low: bins[0][0], high: bins[bins.length - 1][1], name, text: (value) => decimal(value) };
  x.marks = ticks(0, x.high, 6);
  const y = { ...shareAxis, high: high * 1.05 || 1, text: (value) => `${decimal(value * 100, 1)} %` };
  show(figure, caption, note, new Plot(caption, x, y).bins(bins.map(([from, to, value, other]) => {
    const place = other ? "in the tail" : `${decimal(from)} to ${decimal(to)}`;
    return [from, to, value / total, `${place}: ${percent(value / total)}`, other];
  })).svg);
}

/** The schedule's own controls stay; only its chart is drawn anew. Returns what draws it at a temperature. */
function showTraining() {
  const [kind, start, parameter] = report.schedule.schedule.split(":");
  const number = (label, attributes) => element("input", { type: "number", step: "any", "aria-label": label, ...attributes });
  const choice = element("select", { "aria-label": "Schedule" },
    ...Object.keys(schedules).map((name) => element("option", { value: name }, name)));
  const startInput = number("First temperature", { min: "0.015625", max: "64" });
  const parameterInput = number("Second number of the schedule", { min: "0.001" });
  const parameterLabel = element("label", {}, "", parameterInput);
  choice.value = kind;
  startInput.value = start;
  parameterInput.value = parameter ?? "";
  const form = element("form", {}, choice, element("label", {}, "from", startInput), parameterLabel);
  form.addEventListener("submit", (event) => event.preventDefault());
  const note = element("p", {});
  const place = element("div", {});
  let shown = range.maximum;
  const redraw = () => {
    const schedule = schedules[choice.value];
    parameterLabel.hidden = !schedule.parameter;
    parameterLabel.firstChild.textContent = schedule.parameter || "";
    const at = (u) => schedule.at(u, Number(startInput.value), Number(parameterInput.value));
    const { svg, text } = trainingPlot(at, shown);
    note.textContent = text;
    place.replaceChildren(svg);
  };
  choice.addEventListener("change", () => {
    parameterInput.value = schedules[choice.value].initial ?? "";
    redraw();
  });
  startInput.addEventListener("input", redraw);
  parameterInput.addEventListener("input", redraw);
  byId("training").replaceChildren(element("figcaption", {}, "Replaced over training"), note, form, place);
  return (temperature) => {
    shown = temperature;
    redraw();
  };
}

/** The replace rate over a run whose temperature is `at` the share of the run done. */
function trainingPlot(at, temperature) {
  const x = { low: 0, high: 1, name: "updates done", text: (value) => percent(value, 0) };
  const plot = new Plot("Replace rate over training", x, rateAxis);
  const shares = Array.from({ length: 401 }, (_, step) => step / 400);
  const points = shares.map((u) => [u, interpolate("replace_rate", at(u))]).filter((point) => point[1] !== null);
  if (points.length > 0) plot.line(points);
  const now = shares.find((u) => at(u) <= temperature);
  if (now !== undefined && at(0) >= temperature) {
    plot.now(now);
    const rate = interpolate("replace_rate", at(now));
    if (rate !== null) plot.dot(now, rate);
  }
  const ends = points.length > 0 ? `From ${percent(points[0][1])} to ${percent(points[points.length - 1][1])}` : "";
  const text = points.length === shares.length ? `${ends}, as the schedule lowers the temperature.`
    : points.length > 0 ? `${ends}; where there is no line, the shards cannot be replayed.`
    : "The shards cannot be replayed at these temperatures.";
  return { svg: plot.svg, text };
}

function showShardCharts() {
  const columns = sample.columns.filter((column) => column.bytes > 0);
  if (columns.length > 0) {
    show("columns", "Bytes a masked position", "By column of the format, compressed; and their share.", barList(columns.map((column) => ({
      name: column.column, value: column.bytes_per_masked_position,
      text: fixed(column.bytes_per_masked_position, 2), note: percent(column.bytes / sample.bytes),
    }))));
  }
  const races = sample.winners_per_race.reduce((sum, value) => sum + value, 0);
  if (races > 0) {
    const last = sample.winners_per_race.findLastIndex((value) => value > 0);
    const open = sample.winners_per_race.length;
    show("winners", "Winners a race", "How many tokens lead it, one after another, as the temperature rises.",
      barList(sample.winners_per_race.slice(0, last + 1).map((value, index) => ({
        name: index + 1 === open ? `${open} or more` : String(index + 1), value, text: percent(value / races),
      }))));
  }
  const bins = sample.positions.map((bin) => [
    bin.first_position, bin.last_position + 1, bin.tokens > 0 ? bin.masked / bin.tokens : 0,
    `${bin.first_position} to ${bin.last_position}: ${count(bin.masked)} of ${count(bin.tokens)} masked`,
  ]);
  const y = {
    low: 0, high: Math.max(...bins.map((bin) => bin[2])) * 1.05 || 1, name: "share of the tokens there",
    text: (value) => `${decimal(value * 100, 1)} %`,
  };
  const x = { low: 0, high: bins[bins.length - 1][1], name: "position in the sequence", text: String };
  show("positions", "Where masks are", "Tokens masked, by their place in the sequence. Special tokens never are.", new Plot("Mask positions", x, y).bins(bins).svg);
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
    show(figure, caption, "Mean probability where it is the original, and how often it was masked.", barList(tokens.map((token) => ({
      name: token.token, value: token.probability, text: token.probability > 0 && token.probability < 0.0005 ? "< 0.001" : fixed(token.probability, 3), note: `${count(token.count)} ×`,
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
  const drawTraining = sample.temperatures.length > 0 ? showTraining() : null;
  const update = () => {
    const part = Number(slider.value);
    const temperature = part === parts ? range.maximum : range.minimum + (range.maximum - range.minimum) * (part / parts);
    byId("temperature-text").textContent = fixed(temperature, 4);
    slider.setAttribute("aria-valuetext", `temperature ${fixed(temperature, 4)}`);
    byId("text").dataset.temperature = temperature;
    if (reading) redrawReading(reading, temperature);
    if (drawTraining) {
      showTemperatureCharts(temperature);
      drawTraining(temperature);
    }
  };
  byId("top-k").max = data.report.header.least_candidates;
  for (const id of ["temperature", "seed", "visit", "focal", "top-k", "disallow-correct"]) byId(id).addEventListener("input", update);
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
  // A field that is not an exponent or a number changes nothing either.
  const [focal, topK] = [Number(byId("focal").value), Number(byId("top-k").value)];
  byId("focal").setCustomValidity(focal === 0 || (focal >= 1 / 64 && focal <= 16) ? "" : "0, or a number from 1/64 to 16");
  const isPolicy = byId("focal").checkValidity() && byId("top-k").checkValidity();
  if (!isSeed || !isVisit || !isPolicy) return;
  const policy = { focal, topK, disallowsCorrect: byId("disallow-correct").checked };
  reading.draw(temperature, BigInt(seedInput.value), Number(visitInput.value), policy);
}

showFacts();
showSampleText();
showShardCharts();
showTokens();
startReading();
hideEmptyFigures();
