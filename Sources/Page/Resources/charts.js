// Small charts in SVG, drawn anew whenever their data changes.

const chartWidth = 360;
const chartHeight = 232;
const margin = { left: 50, right: 16, top: 30, bottom: 48 };

/** Round numbers from `low` to `high`, about `wanted` of them. */
function ticks(low, high, wanted = 5) {
  const rough = (high - low) / wanted || 1;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * ([1, 2, 2.5, 5, 10].find((factor) => factor * magnitude >= rough) || 10);
  const marks = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n += 1) marks.push(n * step);
  return marks;
}

/** Axes and scales of a chart from numbers to pixels: `x` and `y` are {low, high, name, text}. */
class Plot {
  constructor(label, x, y) {
    this.x = x;
    this.y = y;
    this.svg = drawing("svg", {
      viewBox: `0 0 ${chartWidth} ${chartHeight}`, role: "img", "aria-label": label,
    });
    const [left, right, bottom] = [margin.left, chartWidth - margin.right, chartHeight - margin.bottom];
    for (const mark of ticks(y.low, y.high, 4)) {
      const at = this.up(mark);
      this.svg.append(
        drawing("line", { class: mark === y.low ? "axis" : "grid", x1: left, x2: right, y1: at, y2: at }),
        drawing("text", { x: left - 8, y: at + 4, "text-anchor": "end" }, y.text(mark)),
      );
    }
    for (const mark of x.marks || ticks(x.low, x.high, 5)) {
      const at = this.across(mark);
      this.svg.append(
        drawing("line", { class: "axis", x1: at, x2: at, y1: bottom, y2: bottom + 4 }),
        drawing("text", { x: at, y: bottom + 19, "text-anchor": "middle" }, x.text(mark)),
      );
    }
    this.svg.append(
      drawing("text", { x: 0, y: 13 }, y.name),
      drawing("text", { x: (left + right) / 2, y: chartHeight - 6, "text-anchor": "middle" }, x.name),
    );
  }

  across(value) {
    const share = this.x.high === this.x.low ? 0.5 : (value - this.x.low) / (this.x.high - this.x.low);
    return margin.left + share * (chartWidth - margin.left - margin.right);
  }

  up(value) {
    const share = this.y.high === this.y.low ? 0 : (value - this.y.low) / (this.y.high - this.y.low);
    return chartHeight - margin.bottom - share * (chartHeight - margin.top - margin.bottom);
  }

  /** Points without a value are gaps. */
  path(points) {
    let move = "M";
    return points.map(([x, y]) => {
      if (y === null) {
        move = "M";
        return "";
      }
      const part = `${move}${fixed(this.across(x), 1)} ${fixed(this.up(y), 1)}`;
      move = "L";
      return part;
    }).join("");
  }

  line(points, kind = "line") {
    if (points.length === 1) this.dot(...points[0]);
    this.svg.append(drawing("path", { class: kind, d: this.path(points) }));
    return this;
  }

  band(low, high) {
    this.svg.append(drawing("path", { class: "band", d: `${this.path([...low, ...[...high].reverse()])}Z` }));
    return this;
  }

  now(x) {
    const at = this.across(x);
    this.svg.append(
      drawing("line", { class: "now", x1: at, x2: at, y1: margin.top, y2: chartHeight - margin.bottom }),
    );
    return this;
  }

  dot(x, y) {
    this.svg.append(drawing("circle", { class: "dot", cx: this.across(x), cy: this.up(y), r: 5 }));
    return this;
  }

  /** Bars between the edges of bins; each bin is [from, to, value, title, other]. */
  bins(bins) {
    for (const [from, to, value, title, other] of bins) {
      const left = this.across(from) + 0.75;
      const top = this.up(value);
      const bar = drawing("rect", {
        class: other ? "bar other" : "bar", x: left, y: top, width: Math.max(0.5, this.across(to) - 0.75 - left),
        height: Math.max(0, chartHeight - margin.bottom - top),
      }, drawing("title", {}, title));
      this.svg.append(bar);
    }
    return this;
  }
}

/** Puts a chart into a figure, under what it is and how it is to be read. */
function show(figure, caption, note, ...content) {
  const place = document.getElementById(figure);
  place.replaceChildren(element("figcaption", {}, caption), element("p", {}, note), ...content);
}

/** Names, each with a bar and one or two numbers. */
function barList(rows, most = Math.max(...rows.map((row) => row.value))) {
  const list = element("div", { class: "bars" });
  for (const row of rows) {
    const share = most > 0 ? Math.min(1, row.value / most) : 0;
    list.append(
      element("span", { class: "name", title: row.name }, row.name),
      drawing("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
        drawing("rect", { class: "bar", x: 0, y: 0, width: share * 100, height: 10 })),
      element("span", {}, row.text),
      element("span", {}, row.note ?? ""),
    );
  }
  return list;
}
