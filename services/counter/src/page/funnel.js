// From view to cart to checkout to purchase: how many events of each, and what share of the step before. These are events,
// not people: one visitor may view an item ten times.

import { element, patchList, setAttribute, setText } from "./dom.js";

const STEPS = [
  ["views", "Views", "views"],
  ["carts", "Added to cart", "carts"],
  ["checkouts", "Checkouts", "checkouts"],
  ["purchases", "Purchases", "purchases"],
];

/** Draws the funnel into a list. */
export class Funnel {
  #list;
  #total;
  #formats;

  constructor(list, total, formats) {
    this.#list = list;
    this.#total = total;
    this.#formats = formats;
  }

  /** Takes the summary's figures of now; `chosen` is the currency that money is shown in alone, if any. */
  update(now, chosen) {
    const most = Math.max(1, ...STEPS.map(([name]) => now[name]));
    const steps = STEPS.map(([name, title], index) => {
      const before = index > 0 ? STEPS[index - 1] : null;
      return { name, title, count: now[name], width: now[name] / most, rate: before ? now[name] / now[before[0]] : null, of: before?.[2] };
    });
    patchList(this.#list, steps, makeStep, (node, step) => this.#write(node, step));
    const words = this.#conversion(now);
    setText(this.#total, chosen ? `${words}; counts are in all currencies` : words);
  }

  #write(node, { name, title, count, width, rate, of }) {
    const [label, number, bar, note] = node.children;
    setAttribute(node, "data-step", name);
    setText(label, title);
    setText(number, this.#formats.count(count));
    bar.firstElementChild.style.setProperty("--share", width.toFixed(4));
    setText(note, rate === null ? "" : Number.isFinite(rate) ? `${this.#formats.share(rate)} of ${of}` : `of no ${of}`);
  }

  #conversion(now) {
    if (!now.views) return "Share of views that became purchases: no views yet";
    return `${this.#formats.share(now.purchases / now.views)} of views became purchases`;
  }
}

function makeStep() {
  const bar = element("span", { class: "bar", "aria-hidden": "true" }, element("span"));
  return element("li", {}, element("span", { class: "step" }), element("span", { class: "number" }), bar, element("span", { class: "rate" }));
}
