// The reading pane: one sequence as a visit of training sees it.

class Reading {
  constructor(data) {
    this.data = data;
    this.header = data.report.header;
    this.sequence = data.reading.sequences[0];
    this.chosen = null;
  }

  token(id) {
    return this.data.tokens[id] || { name: `#${id}`, text: `#${id}`, starts_word: true };
  }

  /** Draws the sequence anew. */
  draw(temperature, seed, visit, policy = {}) {
    const replay = new Replay(this.header, temperature, seed, BigInt(this.data.masking_seed), policy);
    this.drawn = new Map();
    for (const position of this.sequence.positions) {
      this.drawn.set(position.position, replay.draw(position, this.sequence, visit));
    }
    this.replay = replay;
    this.conditions = `at T = ${fixed(temperature, 3)}, seed ${seed}, visit ${visit}`
      + (policy.focal > 0 ? `, focal ${policy.focal}` : "") + (policy.topK > 0 ? `, top-${policy.topK}` : "")
      + (policy.disallowsCorrect ? ", never the original" : "");
    this.render();
  }

  render() {
    const text = document.getElementById("text");
    const focused = document.activeElement?.dataset?.position;
    const parts = [];
    this.sequence.tokens.forEach((original, index) => {
      const id = this.drawn.has(index) ? this.drawn.get(index) : original;
      const token = this.token(id);
      if (index > 0 && token.starts_word) parts.push(" ");
      parts.push(...(this.drawn.has(index) ? this.marked(index, original, id) : [this.plain(id, token.text)]));
    });
    text.replaceChildren(...parts);
    if (focused !== undefined) text.querySelector(`[data-position="${focused}"]`)?.focus();
    this.renderCounts();
    this.renderPosition();
  }

  plain(id, text) {
    return Object.values(this.header.special_tokens).includes(id) ? element("span", { class: "special" }, text) : text;
  }

  marked(index, original, id) {
    const isReplaced = id !== original;
    const button = element("button", {
      type: "button", class: `token ${isReplaced ? "replaced" : "kept"}`, "data-position": index, "data-id": id,
      "aria-pressed": index === this.chosen,
    }, this.token(id).text);
    button.addEventListener("click", () => {
      this.chosen = this.chosen === index ? null : index;
      this.render();
    });
    return isReplaced ? [button, " ", element("s", {}, this.token(original).name)] : [button];
  }

  renderCounts() {
    const masked = this.sequence.positions.length;
    const replaced = this.sequence.positions
      .filter((position) => this.drawn.get(position.position) !== this.sequence.tokens[position.position]).length;
    document.getElementById("reading-counts").textContent =
      `Sequence ${count(this.sequence.entry)} ${this.conditions}: ` +
      `${replaced} of ${masked} masked tokens replaced, ${count(this.sequence.tokens.length)} tokens in all.`;
  }

  renderPosition() {
    const pane = document.getElementById("position");
    const position = this.sequence.positions.find((one) => one.position === this.chosen);
    pane.hidden = !position;
    if (!position) return;
    const original = this.sequence.tokens[position.position];
    const drawn = this.drawn.get(position.position);
    const { head, original: probability, tail } = this.replay.distribution(position);
    const rank = position.original_rank;
    const known = (rank >= 0 ? `is number ${rank + 1}, with` : "is none of the candidates, and has")
      + ` probability ${fixed(probability, 4)}`;
    const rows = position.head.slice(0, 10).map((id, index) => ({
      name: this.token(id).name, value: head[index], text: fixed(head[index], 4),
    }));
    const rest = head.slice(10).reduce((sum, value) => sum + value, 0);
    if (head.length > 10) rows.push({ name: `${head.length - 10} more candidates`, value: rest, text: fixed(rest, 4) });
    if (rank < 0) {
      rows.push({ name: `${this.token(original).name} (the original)`, value: probability, text: fixed(probability, 4) });
    }
    rows.push({ name: "all others (the tail)", value: tail, text: fixed(tail, 4) });
    pane.replaceChildren(
      element("p", {}, `Position ${position.position}: the original “${this.token(original).name}” ${known}. `
        + `Drawn: “${this.token(drawn).name}”.`),
      barList(rows),
    );
  }
}
