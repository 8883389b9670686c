// Dead letters: what was given up, why, and what it was worth; trying a replay, and replaying. A replay is as idempotent as
// any delivery, but it calls other companies' APIs: it is asked about once more before it is done.

import { get, post } from "./api.js";
import { arrange, element, setAttribute, setText } from "./dom.js";

const LIMIT = 200;
const OUTCOMES = {
  replayed: "replayed",
  "would-replay": "would be replayed",
  "not-replayable": "cannot be replayed",
  "needs-accept-duplicates": "may be counted twice: replay it from the command line with --accept-duplicates",
};

/** The list in `panel`; `onEvent(eventId)` is called when an event's journey is asked for. */
export class DeadLetters {
  #parts;
  #formats;
  #onEvent;
  #letters = [];
  #chosen = new Set();
  #outcomes = new Map();

  constructor(parts, formats, onEvent) {
    this.#parts = parts;
    this.#formats = formats;
    this.#onEvent = onEvent;
    parts.reason.addEventListener("change", () => this.load());
    parts.destination.addEventListener("change", () => this.load());
    parts.reload.addEventListener("click", () => this.load());
    parts.dryRun.addEventListener("click", () => this.#replay(true));
    parts.replay.addEventListener("click", () => this.#ask());
    parts.dialog.addEventListener("close", () => parts.dialog.returnValue === "replay" && this.#replay(false));
    parts.all.addEventListener("change", () => this.#chooseAll(parts.all.checked));
  }

  /** Offers these destinations as filters. */
  offer(destinations) {
    const select = this.#parts.destination;
    const known = new Set([...select.options].map((option) => option.value));
    for (const id of destinations) if (!known.has(id)) select.append(element("option", { value: id }, id));
  }

  /** Asks for the list that the filters describe. */
  async load() {
    const { reason, destination, note } = this.#parts;
    const query = new URLSearchParams({ limit: LIMIT });
    if (reason.value) query.set("reason", reason.value);
    if (destination.value) query.set("destination", destination.value);
    try {
      const { deadLetters } = await get(`/api/dead-letters?${query}`);
      this.#letters = deadLetters;
      this.#chosen = new Set([...this.#chosen].filter((id) => deadLetters.some((letter) => letter.id === id)));
      setText(note, this.#found(deadLetters.length));
    } catch (error) {
      setText(note, error.message);
    }
    this.#draw();
  }

  #found(count) {
    const filtered = this.#parts.reason.value || this.#parts.destination.value;
    if (count === 0) return filtered ? "No dead letter matches." : "No dead letters: nothing was given up.";
    if (count === LIMIT) return `The ${this.#formats.count(LIMIT)} newest are shown.`;
    return count === 1 ? "1 dead letter." : `${this.#formats.count(count)} dead letters.`;
  }

  #draw() {
    arrange(this.#parts.list, this.#letters.map((letter) => this.#entry(letter)));
    this.#count();
  }

  #entry(letter) {
    const box = element("input", { type: "checkbox", "aria-label": `Choose ${letter.id}` });
    box.checked = this.#chosen.has(letter.id);
    box.addEventListener("change", () => {
      if (box.checked) this.#chosen.add(letter.id);
      else this.#chosen.delete(letter.id);
      this.#count();
    });
    const facts = [
      letter.identity ?? letter.eventId ?? (letter.messageId && `message ${letter.messageId}`),
      letter.eventType,
      letter.destination && `to ${letter.destination}`,
      letter.route && `route ${letter.route}`,
      letter.attempts === 1 ? "1 call" : `${this.#formats.count(letter.attempts ?? 0)} calls`,
      letter.replayed && `replayed ${this.#formats.moment(letter.replayed)}`,
    ];
    const head = element("p", { class: "letter-head" },
      element("strong", {}, letter.reason),
      element("span", { class: "worth" }, worth(letter.value, this.#formats)),
      element("time", { datetime: letter.at }, this.#formats.moment(letter.at)));
    const actions = element("p", { class: "actions" }, this.#showButton(letter), letter.eventId ? this.#eventButton(letter) : null);
    return element("li", { "data-letter": letter.id }, box,
      element("div", {}, head, element("p", {}, letter.detail ?? ""),
        element("p", { class: "about" }, facts.filter(Boolean).join(" · ")), this.#outcome(letter.id), actions));
  }

  #outcome(id) {
    const outcome = this.#outcomes.get(id);
    if (!outcome) return null;
    const words = OUTCOMES[outcome.outcome] ?? outcome.outcome;
    return element("p", { class: "outcome", "data-outcome": outcome.outcome }, `This letter ${words}${outcome.detail ? `: ${outcome.detail}` : "."}`);
  }

  #showButton({ id }) {
    const button = element("button", { type: "button", class: "quiet" }, "Show it whole (this is logged)");
    button.addEventListener("click", async () => {
      const text = await get(`/api/dead-letters/${encodeURIComponent(id)}`).then((letter) => JSON.stringify(letter, null, 2), (error) => error.message);
      button.replaceWith(element("pre", { tabindex: 0, "aria-label": "The dead letter" }, text));
    });
    return button;
  }

  #eventButton({ eventId }) {
    const button = element("button", { type: "button", class: "quiet" }, "Its journey");
    button.addEventListener("click", () => this.#onEvent(eventId));
    return button;
  }

  #chooseAll(chosen) {
    this.#chosen = new Set(chosen ? this.#letters.map(({ id }) => id) : []);
    for (const box of this.#parts.list.querySelectorAll("input")) box.checked = chosen;
    this.#count();
  }

  #count() {
    const { dryRun, replay, all } = this.#parts;
    const size = this.#chosen.size;
    for (const button of [dryRun, replay]) button.disabled = size === 0;
    setText(replay, size ? `Replay ${this.#formats.count(size)}…` : "Replay…");
    all.checked = size > 0 && size === this.#letters.length;
    all.indeterminate = size > 0 && size < this.#letters.length;
    setAttribute(all, "disabled", this.#letters.length === 0);
  }

  #ask() {
    const size = this.#chosen.size;
    setText(this.#parts.question, size === 1 ? "Replay this dead letter?" : `Replay ${this.#formats.count(size)} dead letters?`);
    this.#parts.dialog.returnValue = "";
    this.#parts.dialog.showModal();
  }

  async #replay(dryRun) {
    // The list may have been loaded anew, without what was chosen, while the question stood.
    if (this.#chosen.size === 0) return;
    try {
      const { replayed } = await post("/api/dead-letters/replay", { ids: [...this.#chosen], dryRun });
      this.#outcomes = new Map(replayed.map((outcome) => [outcome.id, outcome]));
      const done = replayed.filter(({ outcome }) => outcome === (dryRun ? "would-replay" : "replayed")).length;
      const words = dryRun ? "would be replayed; nothing was called" : "replayed";
      if (!dryRun) await this.load();
      setText(this.#parts.note, `${this.#formats.count(done)} of ${this.#formats.count(replayed.length)} ${words}.`);
    } catch (error) {
      setText(this.#parts.note, error.message);
    }
    this.#draw();
  }
}

/** What an event is worth, in words: amounts by currency. */
function worth(value, formats) {
  const amounts = Object.entries(value ?? {}).filter(([currency, amount]) => /^[A-Z]{3}$/.test(currency) && typeof amount === "string");
  return amounts.map(([currency, amount]) => formats.money(amount, currency)).join(", ");
}
