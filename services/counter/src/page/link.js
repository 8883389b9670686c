// Whether the page is live: the lamp in the head, and the banner when it is cut off or the store can't be read. Screen
// readers hear a change once; the seconds that pass are shown and not spoken.

import { byId, setAttribute, setText } from "./dom.js";

const QUIET_AFTER_MS = 120_000;

/** The sign of the line's state. */
export class LinkSign {
  #formats;
  #link = "connecting";
  #store = "ok";
  #said = "connecting ok";

  constructor(formats, onReconnect) {
    this.#formats = formats;
    byId("reconnect").addEventListener("click", onReconnect);
  }

  /** Takes "connecting", "live" or "cut". */
  link(link) {
    this.#link = link;
  }

  /** Shows ages as of now. */
  tick(model, lastHeardAt) {
    this.#store = model.store ?? "ok";
    const sign = this.#link === "live" && this.#store !== "ok" ? "stale" : this.#link;
    setAttribute(document.documentElement, "data-link", sign);
    this.#lamp(sign, model);
    this.#banner(sign, lastHeardAt);
    this.#speak(sign);
  }

  #lamp(sign, model) {
    const words = byId("link-words");
    if (sign === "connecting") return setText(words, "Connecting…");
    if (sign === "cut") return setText(words, "Cut off");
    if (sign === "stale") return setText(words, "Store unavailable");
    if (!model.lastEventAt) return setText(words, "Live, no event yet");
    const age = model.serverNow() - Date.parse(model.lastEventAt);
    setAttribute(byId("link"), "data-quiet", age > QUIET_AFTER_MS);
    return setText(words, age < 2_000 ? "Live, last event just now" : `Live, last event ${this.#formats.age(age)} ago`);
  }

  #banner(sign, lastHeardAt) {
    const shown = sign === "cut" || sign === "stale";
    setAttribute(byId("banner"), "hidden", !shown);
    if (!shown) return;
    setText(byId("banner-title"), sign === "cut" ? "Cut off from the counter." : "The counter can't read its store.");
    setText(byId("banner-words"), sign === "cut" ? this.#lastSeen(lastHeardAt) : "The figures below stand still until it can. Nothing is lost: messages wait.");
    setAttribute(byId("reconnect"), "hidden", sign !== "cut");
  }

  #lastSeen(lastHeardAt) {
    if (lastHeardAt === 0) return "It has not answered yet. This page keeps trying by itself.";
    return `Last seen ${this.#formats.age(Date.now() - lastHeardAt)} ago. The figures below are from then. This page keeps trying by itself.`;
  }

  #speak(sign) {
    const known = this.#said;
    this.#said = sign;
    if (known === sign || (known === "connecting ok" && sign !== "cut")) return;
    const words = { cut: "Cut off from the counter. The figures stand still.", stale: "The counter can't read its store. The figures stand still.", live: "Live again." };
    if (words[sign] && !(known === "connecting" && sign === "live")) setText(byId("announcement"), words[sign]);
  }
}
