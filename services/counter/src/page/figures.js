// The strip of figures at the top: revenue of orders and of items (labelled apart), profit with how much of it is known,
// orders and units, each against the span before. Currencies stand side by side; nothing adds them up.

import { arrange, element, patchList, setAttribute, setText, spoken } from "./dom.js";
import { SPAN_BEFORE, currenciesOf, difference, micros } from "./format.js";

const ARROWS = { more: "▲", less: "▼", same: "■", first: "▲" };

const FIGURES = [
  { id: "order-revenue", title: "Order revenue", amounts: "orderRevenue", refunded: "orderRefunded", note: orderNote },
  { id: "item-revenue", title: "Item revenue", amounts: "revenue", refunded: "refunded", note: itemNote },
  { id: "profit", title: "Profit", amounts: "profit", note: profitNote },
  { id: "orders", title: "Orders", number: "orders", note: refundsNote },
  { id: "units", title: "Units sold", number: "unitsSold", note: unitsNote },
];

/** Draws the strip into `parent`, and again whenever `update` is called. */
export class FigureStrip {
  #formats;
  #parts;

  constructor(parent, formats) {
    this.#formats = formats;
    this.#parts = FIGURES.map((figure) => ({ figure, ...skeleton(figure) }));
    arrange(parent, this.#parts.map((part) => part.root));
  }

  /** `summary` as the API gives it; `first` is the currency to put first; `chosen` the one that money is shown in alone, if any. */
  update(summary, first, chosen) {
    const { now, before, window } = summary;
    for (const part of this.#parts) this.#updateOne(part, now, before, SPAN_BEFORE[window], first, chosen);
    const leading = now.orderRevenue === null ? "item-revenue" : "order-revenue";
    for (const part of this.#parts) setAttribute(part.root, "data-leading", part.figure.id === leading);
  }

  #updateOne({ figure, root, lines, note }, now, before, spanBefore, first, chosen) {
    const entries = this.#entries(figure, now, before, first);
    setAttribute(root, "data-many", entries.length > 1);
    patchList(lines, entries, makeLine, (line, entry) => this.#writeLine(line, entry, spanBefore));
    const words = figure.note(now, this.#formats, first, chosen);
    // An event has no currency, only its money has: a choice of currency leaves counts as they are.
    const counts = chosen && !figure.amounts && now[figure.number] !== null;
    setText(note, counts ? `${words}, in all currencies` : words);
  }

  #entries(figure, now, before, first) {
    const formats = this.#formats;
    if (figure.number) {
      const value = now[figure.number];
      if (value === null || value === undefined) return [{ text: "–", value: "" }];
      const was = before?.[figure.number] ?? null;
      const change = was === null ? null : difference(value, was, formats.signedCount, formats.percent);
      return [{ text: formats.count(value), value, change }];
    }
    const amounts = now[figure.amounts];
    const amountsBefore = before?.[figure.amounts] ?? null;
    const unknown = figure.id === "profit" && now.profitKnownUnits === 0 && now.unitsSold > now.unitsRefunded;
    if (amounts === null || amounts === undefined || unknown) return [{ text: "–", value: "" }];
    const currencies = currenciesOf(first, amounts, amountsBefore);
    if (currencies.length === 0) return [{ text: first ? formats.money("0", first) : "–", value: "0" }];
    return currencies.map((currency) => this.#moneyEntry(currency, amounts[currency] ?? "0", amountsBefore));
  }

  #moneyEntry(currency, amount, amountsBefore) {
    const formats = this.#formats;
    const write = (decimal) => formats.money(decimal, currency, { signed: true });
    const was = amountsBefore === null ? null : micros(amountsBefore[currency] ?? "0");
    return {
      text: formats.money(amount, currency),
      value: amount,
      currency,
      change: was === null ? null : difference(micros(amount), was, write, formats.percent),
    };
  }

  #writeLine(line, { text, value, currency, change }, spanBefore) {
    const [amount, comparison] = line.children;
    setText(amount, text);
    setAttribute(amount, "value", value);
    setAttribute(amount, "data-currency", currency);
    setAttribute(comparison, "hidden", !change || !spanBefore);
    if (!change || !spanBefore) return;
    setAttribute(comparison, "data-direction", change.direction);
    const [arrow, words, than] = comparison.children;
    setText(arrow, ARROWS[change.direction]);
    setText(words, change.text);
    setText(than, change.direction === "same" ? ` against ${spanBefore}` : ` than ${spanBefore}`);
  }
}

function skeleton(figure) {
  const lines = element("div", { class: "lines" });
  const note = element("p", { class: "note" });
  const title = element("h2", { id: `figure-${figure.id}` }, figure.title);
  const root = element("section", { class: "figure", "data-figure": figure.id, "aria-labelledby": title.id }, title, lines, note);
  return { root, lines, note };
}

function makeLine() {
  const arrow = element("span", { "aria-hidden": "true", class: "arrow" });
  const comparison = element("span", { class: "comparison" }, arrow, element("span"), spoken(""));
  return element("p", { class: "line" }, element("data", { class: "amount" }), comparison);
}

function orderNote(now, formats, first) {
  if (now.orderRevenue === null) return "An order has no category: see item revenue";
  return refundedNote(now.orderRefunded, formats, first) || "what orders came to, less refunds";
}

function itemNote(now, formats, first) {
  return refundedNote(now.refunded, formats, first) || "price × quantity, less refunds";
}

function refundedNote(refunded, formats, first) {
  const parts = currenciesOf(first, refunded)
    .filter((currency) => micros(refunded[currency]) !== 0n)
    .map((currency) => formats.money(refunded[currency], currency));
  return parts.length ? `after ${parts.join(" and ")} refunded` : "";
}

function profitNote(now, formats, first, chosen) {
  const known = now.profitKnownUnits;
  if (chosen) return known === 1 ? "known for 1 unit" : `known for ${formats.count(known)} units`;
  const units = now.unitsSold - now.unitsRefunded;
  return `known for ${formats.count(known)} of ${formats.count(units)} units`;
}

function refundsNote(now, formats) {
  if (now.orders === null) return "An order has no category";
  return now.refunds === 1 ? "and 1 refund" : `and ${formats.count(now.refunds ?? 0)} refunds`;
}

function unitsNote(now, formats) {
  return now.unitsRefunded ? `${formats.count(now.unitsRefunded)} refunded` : "none refunded";
}
