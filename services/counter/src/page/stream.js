// The line to the server: Server-Sent Events that mend themselves. The browser reconnects by itself after a cut, but gives
// up on an answer such as 503 and never notices a line that has gone silent; both are made good here.

const SILENT_AFTER_MS = 12_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

/**
 * Follows one address of `/api/stream`. `on` has `snapshot`, `delta` and `status`, called with the data, and `link`, called
 * with "connecting", "live" or "cut" when that changes.
 */
export class LiveStream {
  #on;
  #address = "";
  #source = null;
  #retry = null;
  #failures = 0;
  #link = "connecting";
  /** When something was last heard, by this browser's clock; 0 is never. */
  lastHeardAt = 0;

  constructor(on) {
    this.#on = on;
    setInterval(() => this.#watch(), 1_000);
    window.addEventListener("online", () => this.reopen());
  }

  /** Leaves the address that is followed now and follows this one. */
  follow(address) {
    this.#address = address;
    this.#failures = 0;
    this.reopen();
  }

  /** Asks for a fresh snapshot of the same address. */
  reopen() {
    clearTimeout(this.#retry);
    this.#retry = null;
    this.#source?.close();
    const source = new EventSource(this.#address);
    this.#source = source;
    this.openedAt = Date.now();
    for (const name of ["snapshot", "delta", "status"]) {
      source.addEventListener(name, (event) => this.#hear(source, name, event));
    }
    source.onerror = () => this.#fail(source);
  }

  #hear(source, name, event) {
    if (source !== this.#source) return;
    const data = parse(event.data);
    if (data === null) return;
    this.lastHeardAt = Date.now();
    this.#failures = 0;
    this.#set("live");
    this.#on[name](data);
  }

  #fail(source) {
    if (source !== this.#source) return;
    this.#lose();
    if (source.readyState === EventSource.CLOSED) this.#later();
  }

  #later() {
    if (this.#retry) return;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.reopen(), wait);
  }

  #watch() {
    const quietSince = Math.max(this.lastHeardAt, this.openedAt ?? Date.now());
    if (this.#retry || Date.now() - quietSince < SILENT_AFTER_MS) return;
    this.#lose();
    this.reopen();
  }

  #lose() {
    this.#set("cut");
  }

  #set(link) {
    if (link === this.#link) return;
    this.#link = link;
    this.#on.link(link);
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    console.error("the stream sent something that is not JSON", error);
    return null;
  }
}
