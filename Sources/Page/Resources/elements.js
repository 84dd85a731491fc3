// Elements are made one by one and texts are set as texts: nothing in the data is ever read as markup.

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function drawing(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const byId = (id) => document.getElementById(id);

/** Names and what they stand for. */
function definitions(list, pairs) {
  byId(list).replaceChildren(...pairs.map(([name, ...value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, ...value))));
}

/** Rows of cells, the first of which heads its row. A cell is a text or an element. */
function table(caption, header, rows) {
  const row = (kind, cells) => element("tr", {}, ...cells.map((cell, index) =>
    element(index === 0 ? "th" : kind, index === 0 && kind === "td" ? { scope: "row" } : {}, cell)));
  return element("table", {},
    ...(caption ? [element("caption", {}, caption)] : []),
    element("thead", {}, row("th", header)),
    element("tbody", {}, ...rows.map((cells) => row("td", cells))));
}

const plain = new Intl.NumberFormat("en-US");
const count = (value) => plain.format(value);
const fixed = (value, digits) => value.toFixed(digits);
const decimal = (value, digits = 3) => String(+value.toFixed(digits));
const percent = (value, digits = 1) => `${(value * 100).toFixed(digits)} %`;

/** Three digits and a decimal prefix. */
function short(value, unit) {
  const prefixes = ["", "k", "M", "G", "T", "P", "E"];
  let step = 0;
  while (value >= 999.5 && step < prefixes.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${step === 0 ? value : value.toPrecision(3)} ${prefixes[step]}${unit}`;
}
