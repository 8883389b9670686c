// The chart by minute (by quarter of an hour for longer windows): bars with axes, a tooltip that follows mouse, finger and
// arrow keys, and the same figures as a table. One measure at a time; each currency is a measure of its own.

import { arrange, element, setAttribute, setText, vector } from "./dom.js";
import { labelled, marksBetween } from "./scale.js";

const EDGE = { top: 12, right: 8, bottom: 26 };
const CHARACTER_WIDTH = 7.6;
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };

/** What can be drawn, given the currencies that occur: `{id, title, read(point), write(value, short)}`. */
export function measuresOf(currencies, formats, chosen) {
  const money = currencies.map((currency) => ({
    id: `revenue:${currency}`,
    title: currencies.length > 1 ? `Order revenue, ${currency}` : "Order revenue",
    read: (point) => point.orderRevenue?.[currency] ?? "0",
    write: (value, short) => formats.money(value, currency, { short }),
  }));
  const counts = [["orders", "Orders"], ["unitsSold", "Units sold"], ["views", "Views"], ["carts", "Added to cart"]];
  const write = (value) => formats.count(value);
  const among = chosen ? ", all currencies" : "";
  return [...money, ...counts.map(([id, title]) => ({ id, title: `${title}${among}`, read: (point) => point[id] ?? 0, write, whole: true }))];
}

/** The chart in `frame`; `note` says what the bars are. */
export class Chart {
  #frame;
  #formats;
  #picture = vector("svg", { "aria-hidden": "true" });
  #grid = vector("g", { class: "grid" });
  #bars = vector("g", { class: "bars" });
  #times = vector("g", { class: "times" });
  #cursor = vector("rect", { class: "cursor", visibility: "hidden" });
  #tip = element("div", { class: "tip", hidden: true }, element("strong"), element("span"));
  #width = 0;
  #height = 240;
  #left = 58;
  #points = [];
  #measure = null;
  #timeZone = "UTC";
  #chosen = null;

  constructor(frame, formats) {
    this.#frame = frame;
    this.#formats = formats;
    this.#picture.append(this.#grid, this.#cursor, this.#bars, this.#times);
    frame.append(this.#picture, this.#tip);
    new ResizeObserver(([entry]) => this.#resize(entry.contentRect)).observe(frame);
    frame.addEventListener("pointermove", (event) => this.#choose(this.#indexAt(event.clientX)));
    frame.addEventListener("pointerdown", (event) => this.#choose(this.#indexAt(event.clientX)));
    frame.addEventListener("pointerleave", () => this.#choose(null));
    frame.addEventListener("blur", () => this.#choose(null));
    frame.addEventListener("focus", () => this.#choose(this.#chosen ?? this.#points.length - 1));
    frame.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Draws these points of this measure. */
  update(series, measure, timeZone) {
    this.#points = series.points;
    this.#measure = measure;
    this.#timeZone = timeZone;
    this.#draw();
    if (this.#chosen !== null) this.#choose(Math.min(this.#chosen, this.#points.length - 1));
    else this.#describe(this.#points.length - 1);
  }

  #resize({ width, height }) {
    if (width === 0) return;
    this.#width = Math.floor(width);
    this.#height = Math.floor(height);
    setAttribute(this.#picture, "width", this.#width);
    setAttribute(this.#picture, "height", this.#height);
    if (this.#measure) this.#draw();
  }

  #draw() {
    if (this.#width === 0 || this.#points.length === 0) return;
    const values = this.#points.map((point) => Number(this.#measure.read(point)));
    const shown = marksBetween(Math.min(0, ...values), Math.max(0, ...values), 4, this.#measure.whole);
    const [low, high] = [shown[0], shown.at(-1)];
    const inner = this.#height - EDGE.top - EDGE.bottom;
    const y = (value) => EDGE.top + inner * (1 - (value - low) / (high - low));
    const longest = Math.max(...shown.map((tick) => this.#measure.write(tick, true).length));
    this.#left = Math.max(36, Math.ceil(longest * CHARACTER_WIDTH * (this.#height > 260 ? 1.15 : 1)) + 14);
    this.#drawGrid(shown, y);
    this.#drawBars(values, y);
    this.#drawTimes();
  }

  #drawGrid(ticks, y) {
    const nodes = ticks.flatMap((tick) => [
      vector("line", { x1: this.#left, x2: this.#width - EDGE.right, y1: line(y(tick)), y2: line(y(tick)), "data-zero": tick === 0 }),
      vector("text", { x: this.#left - 8, y: y(tick) + 4, "text-anchor": "end" }, this.#measure.write(tick, true)),
    ]);
    arrange(this.#grid, nodes);
  }

  #drawBars(values, y) {
    const step = this.#step();
    const gap = step > 8 ? 2 : step > 3 ? 1 : 0;
    const nodes = values.map((value, index) => {
      const bar = this.#bars.children[index] ?? vector("rect", { rx: 1 });
      const height = Math.abs(y(value) - y(0));
      setAttribute(bar, "x", (this.#left + index * step + gap / 2).toFixed(1));
      setAttribute(bar, "width", Math.max(1, step - gap).toFixed(1));
      setAttribute(bar, "y", Math.min(y(value), y(0)).toFixed(1));
      setAttribute(bar, "height", (value === 0 ? 0 : Math.max(1.5, height)).toFixed(1));
      setAttribute(bar, "data-unfinished", index === values.length - 1);
      return bar;
    });
    arrange(this.#bars, nodes);
  }

  #drawTimes() {
    const starts = this.#points.map((point) => point.start);
    const shown = labelled(starts, this.#width - this.#left - EDGE.right, 64, this.#timeZone);
    const nodes = shown.map((index) => {
      const x = this.#left + (index + 0.5) * this.#step();
      const anchor = x > this.#width - 28 ? "end" : "middle";
      return vector("text", { x: x.toFixed(1), y: this.#height - 8, "text-anchor": anchor }, this.#formats.clock(starts[index], this.#timeZone));
    });
    arrange(this.#times, nodes);
  }

  #step() {
    return (this.#width - this.#left - EDGE.right) / this.#points.length;
  }

  #indexAt(clientX) {
    const x = clientX - this.#frame.getBoundingClientRect().left - this.#left;
    return Math.max(0, Math.min(this.#points.length - 1, Math.floor(x / this.#step())));
  }

  #key(event) {
    const move = KEYS[event.key];
    if (event.key === "Escape") return this.#choose(null);
    if (move === undefined) return undefined;
    event.preventDefault();
    const last = this.#points.length - 1;
    return this.#choose(Math.max(0, Math.min(last, (this.#chosen ?? last) + move)));
  }

  #choose(index) {
    this.#chosen = index !== null && this.#points[index] ? index : null;
    setAttribute(this.#tip, "hidden", this.#chosen === null);
    setAttribute(this.#cursor, "visibility", this.#chosen === null ? "hidden" : "visible");
    if (this.#chosen === null || this.#width === 0) return;
    const [when, what] = this.#describe(this.#chosen);
    setText(this.#tip.children[0], what);
    setText(this.#tip.children[1], when);
    const step = this.#step();
    const centre = this.#left + (this.#chosen + 0.5) * step;
    setAttribute(this.#cursor, "x", (centre - step / 2).toFixed(1));
    setAttribute(this.#cursor, "width", step.toFixed(1));
    setAttribute(this.#cursor, "y", EDGE.top);
    setAttribute(this.#cursor, "height", this.#height - EDGE.top - EDGE.bottom);
    const half = this.#tip.offsetWidth / 2 + 4;
    this.#tip.style.left = `${Math.max(half, Math.min(this.#width - half, centre))}px`;
  }

  #describe(index) {
    const point = this.#points[index];
    if (!point) return ["", ""];
    const unfinished = index === this.#points.length - 1 ? ", so far" : "";
    const words = [`${this.#formats.clock(point.start, this.#timeZone)}${unfinished}`, this.#measure.write(this.#measure.read(point))];
    setAttribute(this.#frame, "aria-valuemax", this.#points.length - 1);
    setAttribute(this.#frame, "aria-valuenow", index);
    setAttribute(this.#frame, "aria-valuetext", `${words[0]}: ${words[1]}`);
    return words;
  }
}

/** The same series as a table: a row a point, newest first. */
export function seriesTable(table, series, measures, formats, timeZone) {
  const head = element("tr", {}, element("th", { scope: "col" }, "From"), measures.map(({ title }) => element("th", { scope: "col" }, title)));
  const rows = series.points.toReversed().map((point) =>
    element("tr", {}, element("th", { scope: "row" }, formats.clock(point.start, timeZone)), measures.map(({ read, write }) => element("td", {}, write(read(point))))),
  );
  arrange(table, [table.caption, element("thead", {}, head), element("tbody", {}, rows)]);
}

const line = (y) => (Math.round(y) + 0.5).toFixed(1);
