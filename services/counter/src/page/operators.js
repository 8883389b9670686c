// The engineer's view: how each destination does. It asks every few seconds, only while it is looked at.

import { get } from "./api.js";
import { element, patchList, setAttribute, setText } from "./dom.js";

const EVERY_MS = 5_000;
const CALLS = ["done", "retry", "setup", "reject", "unknown"];
const STATES = { ok: "working", failing: "failing", unknown: "not heard of" };

/** The destinations' table. */
export class Destinations {
  #body;
  #note;
  #formats;
  #now;
  #timer = null;

  /** `now()` is the server's time in milliseconds. */
  constructor(body, note, formats, now) {
    Object.assign(this, { onList: () => {} });
    this.#body = body;
    this.#note = note;
    this.#formats = formats;
    this.#now = now;
  }

  /** Starts or stops asking. */
  show(shown) {
    clearInterval(this.#timer);
    this.#timer = null;
    if (!shown) return;
    this.#timer = setInterval(() => this.#ask(), EVERY_MS);
    this.#ask();
  }

  async #ask() {
    if (document.hidden && this.#body.childElementCount) return;
    try {
      const { destinations } = await get("/api/destinations");
      patchList(this.#body, destinations, makeRow, (row, destination) => this.#write(row, destination));
      setText(this.#note, destinations.length ? "" : "No destination has reported yet. The updater reports its destinations a few seconds after its first call.");
      this.onList(destinations.map(({ destination }) => destination));
    } catch (error) {
      setText(this.#note, `These are the last known figures. ${error.message}`);
    }
    setAttribute(this.#note, "hidden", this.#note.textContent === "");
  }

  #write(row, destination) {
    const { count, milliseconds } = this.#formats;
    const cells = Object.fromEntries([...row.children].map((cell) => [cell.dataset.column, cell]));
    setText(cells.destination, destination.destination);
    setText(cells.state.firstElementChild, STATES[destination.state] ?? destination.state);
    setAttribute(cells.state.firstElementChild, "data-state", destination.state);
    for (const kind of CALLS) {
      setText(cells[kind], count(destination.calls?.[kind] ?? 0));
      setAttribute(cells[kind], "data-some", kind !== "done" && (destination.calls?.[kind] ?? 0) > 0);
    }
    for (const part of ["p50", "p95", "p99"]) {
      setText(cells[part], destination.latencyMs ? milliseconds(destination.latencyMs[part]) : "–");
    }
    setText(cells.inFlight, count(destination.inFlight ?? 0));
    setText(cells.lastDone, this.#ago(destination.lastDoneAt));
    setText(cells.lastFailure, this.#failure(destination.lastFailure));
    setText(cells.held, this.#held(destination.held));
    setAttribute(cells.held, "data-some", (destination.held?.count ?? 0) > 0);
    setText(cells.deadLetters, count(destination.deadLetters ?? 0));
  }

  #ago(time) {
    return time ? `${this.#formats.age(this.#now() - Date.parse(time))} ago` : "never";
  }

  #held(held) {
    const count = held?.count ?? 0;
    if (!count) return this.#formats.count(0);
    return `${this.#formats.count(count)}, since ${this.#formats.age(this.#now() - Date.parse(held.oldestAt))}`;
  }

  #failure(failure) {
    if (!failure) return "none";
    const note = failure.note ?? "";
    // The updater's notes name the status themselves.
    const status = failure.status && !note.includes(failure.status) ? `${failure.status}, ` : "";
    return `${this.#ago(failure.at)}: ${status}${note}`;
  }
}

const COLUMNS = [
  ["destination", "Destination"],
  ["state", "State"],
  ["done", "Done"],
  ["retry", "To retry"],
  ["setup", "Set-up broken"],
  ["reject", "Rejected"],
  ["unknown", "Unknown"],
  ["p50", "Median"],
  ["p95", "95th"],
  ["p99", "99th"],
  ["inFlight", "In flight"],
  ["lastDone", "Last done"],
  ["held", "Held"],
  ["deadLetters", "Dead letters"],
  ["lastFailure", "Last failure"],
];

/** The header row that belongs to the destinations' rows. */
export function destinationsHead() {
  const cells = COLUMNS.map(([id, title]) => element("th", { scope: "col", role: "columnheader", "data-column": id }, title));
  return element("tr", { role: "row" }, cells);
}

function makeRow() {
  const cells = COLUMNS.map(([id, title], index) => {
    const name = index === 0 ? "th" : "td";
    const role = index === 0 ? { scope: "row", role: "rowheader" } : { role: "cell" };
    const cell = element(name, { ...role, "data-column": id, "data-title": title });
    if (id === "state") cell.append(element("span", { class: "state" }));
    return cell;
  });
  return element("tr", { role: "row" }, cells);
}
