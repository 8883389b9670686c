// The busiest items: one row an item, patched in place, so that focus, selection and scrolling survive an update. A click on
// a header sorts at the server, over all items and not only the rows that are shown.

import { arrange, element, patchList, setAttribute, setText, spoken } from "./dom.js";
import { currenciesOf } from "./format.js";
import { drawSparkline, makeSparkline } from "./sparkline.js";

/** Columns in the order in which they stand; `sort` is the API's word where a column can be sorted by. */
export const COLUMNS = [
  { id: "rank", title: "Rank" },
  { id: "item", title: "Item", sort: "name" },
  { id: "activity", title: "Activity" },
  { id: "views", title: "Views", sort: "views" },
  { id: "carts", title: "Carts", sort: "carts" },
  { id: "units", title: "Units sold", sort: "unitsSold" },
  { id: "revenue", title: "Item revenue", sort: "revenue" },
  { id: "profit", title: "Profit", sort: "profit" },
];
const FLASHES_AT_ONCE = 24;

/** The table of items; `onSort(sort, descending)` is called when a header is used. */
export class ItemTable {
  #body;
  #headers = new Map();
  #rows = new Map();
  #formats;
  #calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  constructor(table, formats, onSort) {
    this.#formats = formats;
    const cells = COLUMNS.map((column) => this.#header(column, onSort));
    this.#body = element("tbody", { role: "rowgroup" });
    table.append(element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, cells)), this.#body);
  }

  /** Shows the model's items; `state` says how they are sorted; `still` that nothing shall flash. */
  update(model, state, still) {
    this.#markSorted(state, model.sortCurrency);
    const listed = new Set(model.order);
    for (const id of this.#rows.keys()) if (!listed.has(id)) this.#rows.delete(id);
    let flashes = still || this.#calm.matches ? 0 : FLASHES_AT_ONCE;
    const first = state.currency || model.sortCurrency;
    const nodes = model.order.map((id) => {
      const item = model.items.get(id);
      const row = this.#rows.get(id) ?? this.#makeRow(id);
      const known = row.item;
      if (known !== item || row.first !== first) this.#writeRow(row, item, first);
      if (known && flashes > 0 && busier(known, item)) {
        flashes -= 1;
        flash(row.node);
      }
      return row.node;
    });
    arrange(this.#body, nodes);
  }

  #header({ id, title, sort }, onSort) {
    const cell = element("th", { scope: "col", role: "columnheader", "data-column": id });
    if (!sort) {
      cell.append(title);
      return cell;
    }
    const arrow = element("span", { class: "sort-arrow", "aria-hidden": "true" });
    const button = element("button", { type: "button", class: "sort" }, title, arrow);
    button.addEventListener("click", () => {
      const sorted = cell.getAttribute("aria-sort");
      onSort(sort, sorted ? sorted === "ascending" : sort !== "name");
    });
    cell.append(button);
    this.#headers.set(sort, { cell, arrow });
    return cell;
  }

  #markSorted({ sort, descending }, sortCurrency) {
    for (const [name, { cell, arrow }] of this.#headers) {
      const here = name === sort;
      setAttribute(cell, "aria-sort", here && (descending ? "descending" : "ascending"));
      const currency = here && sortCurrency && (name === "revenue" || name === "profit") ? ` ${sortCurrency}` : "";
      setText(arrow, here ? ` ${descending ? "↓" : "↑"}${currency}` : "");
    }
  }

  #makeRow(id) {
    const cell = (column, ...children) => element("td", { role: "cell", "data-column": column }, ...children);
    const movement = element("span", { class: "movement" }, element("span", { "aria-hidden": "true" }), spoken(""));
    const name = element("span", { class: "name" });
    const about = element("span", { class: "about" });
    const parts = {
      rank: element("span", { class: "rank" }),
      movement,
      name,
      about,
      sparkline: makeSparkline(),
      views: cell("views"),
      carts: cell("carts"),
      units: cell("units"),
      revenue: cell("revenue"),
      profit: cell("profit"),
    };
    const node = element("tr", { role: "row" },
      cell("rank", parts.rank, movement),
      element("th", { scope: "row", role: "rowheader", "data-column": "item" }, name, about),
      cell("activity", parts.sparkline),
      parts.views, parts.carts, parts.units, parts.revenue, parts.profit);
    const row = { node, parts, item: null, first: null };
    this.#rows.set(id, row);
    return row;
  }

  #writeRow(row, item, first) {
    const { parts } = row;
    const { now } = item;
    Object.assign(row, { item, first });
    setText(parts.rank, this.#formats.count(item.rank));
    writeMovement(parts.movement, item, this.#formats);
    setText(parts.name, item.name || item.itemId);
    setAttribute(parts.name, "title", item.name || item.itemId);
    setText(parts.about, [item.name ? item.itemId : null, item.category, item.brand].filter(Boolean).join(" · "));
    setAttribute(parts.about, "title", parts.about.textContent);
    drawSparkline(parts.sparkline, item.sparkline ?? []);
    this.#writeLines(parts.views, [[this.#formats.count(now.views)]]);
    const taken = now.cartRemovals ? `−${this.#formats.count(now.cartRemovals)} taken out` : "";
    this.#writeLines(parts.carts, [[this.#formats.count(now.carts), taken]]);
    const refunded = now.unitsRefunded ? `−${this.#formats.count(now.unitsRefunded)} refunded` : "";
    this.#writeLines(parts.units, [[this.#formats.count(now.unitsSold), refunded]]);
    this.#writeLines(parts.revenue, this.#amounts(now.revenue, first));
    this.#writeLines(parts.profit, this.#profit(now, first));
  }

  #amounts(amounts, first) {
    return currenciesOf(first, amounts).map((currency) => [this.#formats.money(amounts[currency], currency), "", amounts[currency], currency]);
  }

  #profit(now, first) {
    const units = now.unitsSold - now.unitsRefunded;
    if (now.profitKnownUnits === 0) return units > 0 ? [["", "unknown"]] : [];
    const lines = this.#amounts(now.profit, first);
    if (lines.length > 0 && now.profitKnownUnits < units) {
      lines.at(-1)[1] = `for ${this.#formats.count(now.profitKnownUnits)} of ${this.#formats.count(units)} units`;
    }
    return lines;
  }

  #writeLines(cell, lines) {
    patchList(cell, lines.length ? lines : [["–"]], makeValue, (node, [text, note = "", value = "", currency = null]) => {
      setText(node.children[0], text);
      setAttribute(node.children[0], "value", value);
      setAttribute(node.children[0], "data-currency", currency);
      setText(node.children[1], note);
    });
  }
}

function makeValue() {
  return element("span", { class: "value" }, element("data", {}), element("small", {}));
}

/** How an item moved in rank since the span before, in a sign and in words. */
export function movementOf({ rank, rankBefore, before }) {
  if (before === null && (rankBefore === null || rankBefore === undefined)) return { kind: "none", by: 0 };
  if (rankBefore === null || rankBefore === undefined) return { kind: "new", by: 0 };
  if (rankBefore === rank) return { kind: "same", by: 0 };
  return rank < rankBefore ? { kind: "up", by: rankBefore - rank } : { kind: "down", by: rank - rankBefore };
}

function writeMovement(node, item, formats) {
  const { kind, by } = movementOf(item);
  const [sign, words] = {
    none: ["", ""],
    new: ["new", "new, had no rank before"],
    same: ["=", "same rank as before"],
    up: [`▲${formats.count(by)}`, `up ${by}, from ${item.rankBefore}`],
    down: [`▼${formats.count(by)}`, `down ${by}, from ${item.rankBefore}`],
  }[kind];
  setAttribute(node, "data-movement", kind);
  setText(node.children[0], sign);
  setText(node.children[1], words);
}

function busier(known, item) {
  const sum = ({ now }) => now.views + now.carts + now.purchases + now.unitsSold + now.unitsRefunded;
  return sum(item) > sum(known);
}

function flash(node) {
  node.animate([{ backgroundColor: "var(--flash)" }, { backgroundColor: "transparent" }], { duration: 1400, easing: "ease-out" });
}
