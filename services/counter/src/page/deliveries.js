// The engineer's view: destinations, an event's journey, dead letters.

import { byId } from "./dom.js";
import { DeadLetters } from "./deadletters.js";
import { Journey } from "./journey.js";
import { Destinations, destinationsHead } from "./operators.js";

/** Wires the view's three parts; nothing is asked for until it is shown. */
export class Deliveries {
  #destinations;
  #journey;
  #letters;
  #shown = false;

  /** `now()` is the server's time in milliseconds; `choose` takes the event that is looked at into the address. */
  constructor(formats, now, choose) {
    document.querySelector(".destinations thead").append(destinationsHead());
    this.#destinations = new Destinations(byId("destinations"), byId("destinations-note"), formats, now);
    const journey = { form: byId("journey-form"), input: byId("journey-id"), note: byId("journey-note"), result: byId("journey") };
    this.#journey = new Journey(journey, formats, (event) => choose({ event }));
    const letters = {
      list: byId("letters"), note: byId("letters-note"), reason: byId("letters-reason"), destination: byId("letters-destination"),
      reload: byId("letters-reload"), dryRun: byId("letters-dry-run"), replay: byId("letters-replay"), all: byId("letters-all"),
      dialog: byId("letters-dialog"), question: byId("letters-question"),
    };
    this.#letters = new DeadLetters(letters, formats, (eventId) => this.#follow(eventId));
    this.#destinations.onList = (ids) => this.#letters.offer(ids);
  }

  /** Starts or stops the view. */
  show(shown, state) {
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#destinations.show(shown);
    if (!shown) return;
    this.#letters.load();
    if (state.event) this.#journey.look(state.event);
  }

  #follow(eventId) {
    this.#journey.look(eventId);
    byId("journey-id").focus();
  }
}
