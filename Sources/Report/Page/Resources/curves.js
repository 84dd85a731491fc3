// The axes of curves, and the chart of a figure with all runs in it.

/** A number of any size in few characters. */
function number(value) {
  const size = Math.abs(value);
  if (size >= 10000) return short(value, "").trim();
  if (size > 0 && size < 0.001) return value.toExponential(2);
  return String(+value.toPrecision(5));
}

/** A mark of an axis: no digits that say nothing. */
function axisMark(value) {
  const prefixes = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""]];
  const [size, prefix] = prefixes.find(([size]) => Math.abs(value) >= size) ?? [1, ""];
  return `${+(value / size).toPrecision(4)}${prefix}`;
}

/** Seconds as people say them. */
function time(seconds) {
  const two = (value) => String(value).padStart(2, "0");
  const total = Math.round(seconds);
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`;
}

const axes = {
  steps: { name: "steps", text: (value) => count(Math.round(value)) },
  tokens: { name: "tokens", text: (value) => short(Math.round(value), "").trim() },
  seconds: { name: "time", text: time },
};

/** The unit in which marks of a time axis are round. */
function timeUnit(seconds) {
  const [size, name] = seconds > 3 * 86400 ? [86400, "days"] : seconds > 3 * 3600 ? [3600, "hours"]
    : seconds > 180 ? [60, "minutes"] : [1, "seconds"];
  return { size, name };
}

/** The position of the last of ascending numbers that is at most `value`; -1 where all are above it. */
function lastAtMost(values, value) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** A run's curves: the places of its lines on an axis, and their values. */
class Curves {
  constructor(run, curves, index) {
    this.run = run;
    this.kind = `run-${index % 8}`;
    this.curves = curves;
    this.isShown = true;
  }

  /** The place of each line of training on the axis; null where the run does not say. */
  places(axis) {
    const { steps, figures } = this.curves.training;
    if (axis === "steps") return steps;
    const values = figures[axis];
    return values && !values.includes(null) ? values : null;
  }

  /** The place of a step, on a line between the lines beside it; 0 is where the run began. */
  place(axis, step) {
    if (axis === "steps") return step;
    const steps = this.curves.training.steps;
    const places = this.places(axis);
    if (places === null || steps.length === 0) return null;
    const before = lastAtMost(steps, step);
    const [fromStep, from] = before < 0 ? [0, 0] : [steps[before], places[before]];
    if (before === steps.length - 1) return from;
    return from + (places[before + 1] - from) * (step - fromStep) / (steps[before + 1] - fromStep);
  }

  /** Where the run ends on the axis; null where it has no place there. */
  end(axis) {
    const { training, evaluation } = this.curves;
    const places = this.places(axis);
    if (places === null) return null;
    const last = axis === "steps" ? Math.max(0, ...evaluation.steps.slice(-1), ...this.run.health.map((one) => one.step)) : 0;
    return Math.max(last, training.steps.length > 0 ? places[places.length - 1] : 0);
  }

  points(name, axis) {
    const values = this.curves.training.figures[name];
    const places = this.places(axis);
    return values && places ? values.map((value, index) => [places[index], value]) : [];
  }

  heldOut(name, axis) {
    const { steps, figures } = this.curves.evaluation;
    if (!figures[name]) return [];
    return figures[name].map((value, index) => [this.place(axis, steps[index]), value])
      .filter(([x, y]) => x !== null && y !== null);
  }
}

/** Means over `reach` points on each side, fewer at the ends; gaps stay gaps. */
function smoothed(points, reach) {
  const sums = [0];
  const counts = [0];
  for (const [, y] of points) {
    sums.push(sums[sums.length - 1] + (y ?? 0));
    counts.push(counts[counts.length - 1] + (y === null ? 0 : 1));
  }
  return points.map(([x, y], index) => {
    if (y === null) return [x, null];
    const side = Math.min(reach, index, points.length - 1 - index);
    const [from, to] = [index - side, index + side + 1];
    return [x, (sums[to] - sums[from]) / (counts[to] - counts[from])];
  });
}

/** The chart of a figure. `draw` draws it anew, `mark` moves the place at which values are read. */
class FigurePanel {
  /** `all` are the runs that it may show. */
  constructor(figure, title, all) {
    this.figure = figure;
    this.title = title;
    this.all = all;
    this.values = element("ul", { class: "values" });
    this.chart = element("div", {});
    this.element = element("figure", { "data-figure": figure.name },
      element("figcaption", {}, title), element("p", {}, figure.note), this.values, this.chart);
  }

  draw(axis, end, reach) {
    const { name } = this.figure;
    this.axis = axis;
    const shown = this.all.filter((one) => one.isShown);
    const lines = shown.map((one) => ({ one, points: one.points(name, axis), heldOut: one.heldOut(name, axis) }));
    const values = lines.flatMap(({ points, heldOut }) => [...points, ...heldOut]).map(([, y]) => y).filter((y) => y !== null);
    this.element.hidden = values.length === 0;
    if (values.length === 0) {
      this.values.replaceChildren();
      this.chart.replaceChildren();
      return;
    }
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const room = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1;
    const y = { low: low >= 0 && low < room ? 0 : low - room, high: high + room, name: "", text: number };
    const x = { low: 0, high: end, name: axes[axis].name, text: axisMark };
    if (axis === "seconds") {
      const { size, name: unit } = timeUnit(end);
      x.name = unit;
      x.marks = ticks(0, end / size, 5).map((mark) => mark * size);
      x.text = (value) => String(+(value / size).toFixed(2));
    }
    const plot = new Plot(`${this.title} over ${axes[axis].name}`, x, y);
    for (const { one, points, heldOut } of lines) {
      if (reach > 0 && points.length > 2) {
        plot.line(points, `line behind ${one.kind}`).line(smoothed(points, reach), `line ${one.kind}`);
      } else if (points.length > 1) {
        plot.line(points, `line ${one.kind}`);
      } else if (points.length === 1 && points[0][1] !== null) {
        plot.svg.append(this.dot(plot, points[0], `dot ${one.kind}`));
      }
      if (heldOut.length > 1) plot.line(heldOut, `line held-out ${one.kind}`);
      plot.svg.append(...heldOut.map((point) => this.dot(plot, point, `held-out ${one.kind}`)));
      for (const finding of one.run.health) this.markFinding(plot, one, finding);
    }
    this.plot = plot;
    plot.now(end);
    this.now = plot.svg.lastChild;
    this.chart.replaceChildren(plot.svg);
  }

  dot(plot, [x, y], kind) {
    return drawing("circle", { class: kind, cx: plot.across(x), cy: plot.up(y), r: 3 });
  }

  markFinding(plot, one, finding) {
    const place = one.place(this.axis, finding.step);
    if (place === null) return;
    const [x, y] = [plot.across(place), chartHeight - margin.bottom];
    plot.svg.append(drawing("path", { class: `finding ${one.kind}`, d: `M${x - 5} ${y + 1}L${x + 5} ${y + 1}L${x} ${y - 9}Z` },
      drawing("title", {}, `${one.run.name}, step ${count(finding.step)}: ${finding.health}`)));
  }

  mark(place) {
    if (this.element.hidden) return;
    const at = this.plot.across(place);
    this.now.setAttribute("x1", at);
    this.now.setAttribute("x2", at);
    this.values.replaceChildren(...this.all.filter((one) => one.isShown).flatMap((one) => this.value(one, place)));
  }

  /** The values of the last lines up to a place. */
  value(one, place) {
    const places = one.places(this.axis);
    const values = one.curves.training.figures[this.figure.name];
    const parts = [];
    const attributes = { class: one.kind, "data-run": one.run.name };
    const index = places && values ? lastAtMost(places, place * (1 + 1e-9)) : -1;
    if (index >= 0 && values[index] !== null) {
      parts.push(number(values[index]));
      attributes["data-value"] = values[index];
    }
    const heldOut = one.heldOut(this.figure.name, this.axis).filter(([x]) => x <= place * (1 + 1e-9));
    if (heldOut.length > 0) {
      const [, last] = heldOut[heldOut.length - 1];
      parts.push(`held out ${number(last)}`);
      attributes["data-held-out"] = last;
    }
    if (parts.length === 0) return [];
    return [element("li", attributes, element("span", { class: "swatch", "aria-hidden": "true" }), parts.join(", "))];
  }
}
