// The page: runs side by side, and their curves over steps, tokens or time.

const data = JSON.parse(byId("data").textContent);
const runs = data.report.runs;
const all = runs.map((run, index) => new Curves(run, data.curves[index], index));
const held = { temperature: "T", loss: "loss", accuracy: "accuracy", precision: "precision", recall: "recall", auc: "AUC" };

const swatch = () => element("span", { class: "swatch", "aria-hidden": "true" });
const heading = (one) => element("span", { class: one.kind }, swatch(), one.run.name);
const orDash = (value, text) => (value === undefined || value === null ? "–" : text(value));

/** A table in its place; cells of some columns have words that may be broken. */
function put(place, made, words = []) {
  for (const row of made.rows) {
    for (const column of words) row.cells[column]?.classList.add("words");
  }
  byId(place).replaceChildren(made);
  byId(place).hidden = made.tBodies[0].rows.length === 0;
}

function showOverview() {
  const names = runs.map((run) => run.name);
  document.title = `Runs: ${names.join(", ")}`;
  byId("title").textContent = runs.length === 1 ? names[0] : `${runs.length} runs`;
  byId("subtitle").textContent = runs.map((run) => run.path).join(", ");
  const row = (name, cell) => [name, ...runs.map((run) => cell(run))];
  const rows = [
    row("command", (run) => run.command),
    row("state", (run) => (run.is_finished ? "finished" : "not finished")),
    row("steps", (run) => count(run.steps)),
    row("tokens", (run) => orDash(run.tokens, count)),
    row("time", (run) => orDash(run.seconds, time)),
    row("tokens/s", (run) => orDash(run.tokens_per_second, (value) => short(value, "").trim())),
    row("parameters", (run) => orDash(run.parameters, count)),
  ];
  for (const { name, title, group } of data.figures) {
    if (group === "Steps" || !runs.some((run) => name in run.last)) continue;
    rows.push(row(`last ${title}`, (run) => orDash(run.last[name], number)));
  }
  rows.push(row("best held-out loss", (run) =>
    orDash(run.best, (best) => `${number(best.loss)} at step ${count(best.step)}`)));
  rows.push(row("health", (run) => (run.health.length === 0 ? "no finding" : `findings: ${run.health.length}`)));
  put("overview", table("", ["", ...all.map(heading)], rows));
  const faults = runs.filter((run) => run.unreadable_lines.length > 0).map((run) => {
    const lines = run.unreadable_lines;
    return `${run.name}: lines of metrics.jsonl that cannot be read: ${lines.slice(0, 10).join(", ")}${lines.length > 10 ? ", ..." : ""}`;
  });
  byId("faults").hidden = faults.length === 0;
  byId("faults").replaceChildren(...faults.map((fault) => element("li", {}, fault)));
}

function showHeldOut() {
  const rows = [];
  const keys = Object.keys(held).filter((key) => key !== "temperature");
  for (const one of all) {
    const { evaluations, last_evaluation: last } = one.run;
    const shown = evaluations.length > 0 ? evaluations : last.loss === undefined ? [] : [last];
    for (const evaluation of shown) {
      const place = "temperature" in evaluation ? `T = ${number(evaluation.temperature)}` : `step ${count(evaluation.step)}`;
      rows.push([heading(one), place, ...keys.map((key) => orDash(evaluation[key], (value) => value.toFixed(4))),
        orDash(evaluation.replace_rate, (rate) => (1 - rate).toFixed(4))]);
    }
  }
  put("held-out", table("", ["", "replayed at", ...keys.map((key) => held[key]), "all called original"], rows));
  byId("held-out-text").textContent = rows.length === 0 ? "No run was measured on held-out sequences."
    : "The last column is the accuracy of calling every token original. A row with a step is the last evaluation of a run that is not finished.";
}

function showHealth() {
  const rows = all.flatMap((one) => one.run.health.map((finding) =>
    [heading(one), count(finding.step), finding.health.replaceAll("_", " "), finding.message]));
  put("health", table("", ["", "step", "cause", "finding"], rows), [2, 3]);
  byId("health-text").hidden = rows.length > 0;
}

function showSettings() {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.settings)))].sort();
  const row = (name) => [name, ...runs.map((run) => run.settings[name] || "–")];
  const columns = runs.map((_, index) => index + 1);
  const header = ["", ...all.map(heading)];
  put("differing", table("", header, data.report.differing.map(row)), columns);
  put("settings", table("", ["", ...all.map(heading)], names.map(row)), columns);
  byId("settings-text").textContent = runs.length === 1 ? "As run.json has them."
    : data.report.differing.length === 0 ? "The runs have the same settings." : "Those that are not the same in all runs.";
  byId("all-settings").open = runs.length === 1;
}

function showCommands() {
  byId("again").replaceChildren(...all.flatMap((one) => {
    const { command, content } = one.run.again;
    const options = command.split(/ (?=--)/).flatMap((option) => [element("span", { class: "option" }, option), " "]);
    return [element("p", {}, heading(one)), element("pre", { class: "panel" }, ...options.slice(0, -1)),
      element("dl", {}, ...content.map((part) => element("div", {}, element("dt", {}, part.name), element("dd", {}, part.content))))];
  }));
}

/** The charts of a figure: what is learned is another thing for each command. */
function panelsOf(figure) {
  const commands = [...new Set(runs.map((run) => run.command))];
  if (figure.group !== "Learning" || commands.length < 2) return [new FigurePanel(figure, figure.title, all)];
  return commands.map((command) =>
    new FigurePanel(figure, `${figure.title}, ${command}`, all.filter((one) => one.run.command === command)));
}

function startCurves() {
  const panels = data.figures.flatMap(panelsOf);
  const groups = [...new Set(data.figures.map((figure) => figure.group))];
  byId("groups").replaceChildren(...groups.flatMap((group) => [
    element("h3", {}, group),
    element("div", { class: "charts" }, ...panels.filter((panel) => panel.figure.group === group).map((panel) => panel.element)),
  ]));
  const [place, smoothing] = [byId("place"), byId("smoothing")];
  const longest = Math.max(0, ...all.map((one) => one.curves.training.steps.length));
  let end = 1;
  const mark = () => {
    const at = end * (Number(place.value) / Number(place.max));
    const text = axes[chosenAxis()].text(at);
    byId("place-text").textContent = `${text}${chosenAxis() === "seconds" ? "" : ` ${chosenAxis()}`}`;
    place.setAttribute("aria-valuetext", byId("place-text").textContent);
    for (const panel of panels) panel.mark(at);
  };
  const draw = () => {
    const axis = chosenAxis();
    const shown = all.filter((one) => one.isShown);
    const lacking = shown.filter((one) => one.places(axis) === null);
    byId("axis-note").hidden = lacking.length === 0;
    byId("axis-note").textContent = `Not drawn, because their metrics.jsonl has no ${axis}: ${lacking.map((one) => one.run.name).join(", ")}.`;
    end = Math.max(0, ...shown.map((one) => one.end(axis) ?? 0)) || 1;
    const reach = Math.round(longest * Number(smoothing.value) / 400);
    const mean = reach === 0 ? "off" : `mean of ${count(2 * reach + 1)} lines`;
    byId("smoothing-text").textContent = mean;
    smoothing.setAttribute("aria-valuetext", mean);
    for (const panel of panels) panel.draw(axis, end, reach);
    for (const title of document.querySelectorAll("#groups h3")) {
      title.hidden = [...title.nextElementSibling.children].every((figure) => figure.hidden);
    }
    mark();
  };
  byId("runs").replaceChildren(...all.map((one) => {
    const box = element("input", { type: "checkbox", checked: "" });
    box.addEventListener("input", () => {
      one.isShown = box.checked;
      draw();
    });
    return element("li", { class: one.kind }, element("label", {}, box, swatch(), one.run.name));
  }));
  for (const radio of document.querySelectorAll("#controls [name=axis]")) radio.addEventListener("input", draw);
  place.addEventListener("input", mark);
  smoothing.addEventListener("input", draw);
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  draw();
}

function chosenAxis() {
  return document.querySelector("#controls [name=axis]:checked").value;
}

showOverview();
startCurves();
showHeldOut();
showHealth();
showSettings();
showCommands();
