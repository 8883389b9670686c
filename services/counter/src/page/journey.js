// What became of one event: each destination, each effect, each call.

import { get } from "./api.js";
import { arrange, element, setText } from "./dom.js";

/** Looks events up from a form and shows them below it. */
export class Journey {
  #parts;
  #formats;
  #onChange;

  /** `parts` has form, input, note and result; `onChange(eventId)` is called when another event is looked at. */
  constructor(parts, formats, onChange) {
    this.#parts = parts;
    this.#formats = formats;
    this.#onChange = onChange;
    parts.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.look(parts.input.value.trim());
    });
  }

  /** Shows this event; an empty id clears the view. */
  async look(eventId) {
    const { input, note, result } = this.#parts;
    if (input.value !== eventId) input.value = eventId;
    this.#onChange(eventId);
    arrange(result, []);
    if (!eventId) return setText(note, "");
    setText(note, "Looking…");
    try {
      const journey = await get(`/api/events/${encodeURIComponent(eventId)}`);
      arrange(result, [...tallied(journey), ...(journey.records ?? []).map((record) => this.#record(record)), ...(journey.held ?? []).map((held) => this.#held(held)), ...(journey.deadLetters ?? []).map((letter) => this.#letter(letter))]);
      return setText(note, this.#summary(journey));
    } catch (error) {
      const unknown = "Nothing is known of this event. It may not have arrived yet, be older than the ledger keeps, or be of a kind that is not counted and that no destination wants.";
      return setText(note, error.status === 404 ? unknown : error.message);
    }
  }

  #summary({ eventId, records = [], held = [], deadLetters = [] }) {
    const effects = records.flatMap((record) => effectsOf(record));
    const done = effects.filter(({ state }) => stateName(state) === "done").length;
    const dead = deadLetters.length ? `; ${deadLetters.length} dead` : "";
    const calls = effects.length ? `${done} of ${effects.length} effects done` : "no call is on record";
    const waits = held.length ? `; held for ${held.map(({ destination }) => destination).join(", ")}` : "";
    return `${eventId}: ${calls}${waits}${dead}.`;
  }

  #record(record) {
    const title = element("h3", {}, record.destination, element("small", {}, ` ${record.identity ?? ""}`));
    const effects = effectsOf(record).map((effect) => this.#effect(effect));
    return element("section", { class: "record" }, title, element("ul", {}, effects));
  }

  #effect({ route, element: part, state, dueAt, attempts }) {
    const name = stateName(state);
    const due = dueAt ? `, due at ${this.#formats.moment(dueAt)}` : "";
    const head = element("p", {}, element("span", { class: "state", "data-state": name }, name), ` ${route}${part ? `, ${part}` : ""}${due}`);
    const calls = (Array.isArray(attempts) ? attempts : []).map((attempt) => {
      const answer = [attempt.outcome, attempt.status && `status ${attempt.status}`, attempt.note].filter(Boolean).join(", ");
      const when = `${this.#formats.moment(attempt.at)}, took ${this.#formats.milliseconds(attempt.tookMs ?? 0)}: `;
      return element("li", {}, when, answer);
    });
    return element("li", {}, head, element("ol", {}, calls));
  }

  #held({ destination, reason, since, dueAt, tries }) {
    const head = element("h3", {}, `Held for ${destination}: ${reason}`);
    const moment = (time) => this.#formats.moment(time);
    return element("section", { class: "record" }, head, element("p", {}, `Since ${moment(since)}, tried ${tries} times, due at ${moment(dueAt)}.`));
  }

  #letter({ reason, detail, at }) {
    const head = element("h3", {}, `Dead: ${reason}`);
    return element("section", { class: "record" }, head, element("p", {}, `${this.#formats.moment(at)}. ${detail ?? ""}`));
  }
}

/** A line for each identity whose kind of event is counted. */
const tallied = ({ identities = [] }) =>
  identities
    .filter((known) => typeof known.tallied === "boolean")
    .map((known) => element("p", { class: "about", "data-tallied": String(known.tallied) }, `${known.tallied ? "Counted in the tallies" : "Not counted"}: ${known.identity}`));

const effectsOf = ({ effects }) => (Array.isArray(effects) ? effects : Object.values(effects ?? {}));

/** The ledger writes a state that carries something as `{"done": {…}}`. */
const stateName = (state) => (typeof state === "string" ? state : (Object.keys(state ?? {})[0] ?? "unknown"));
