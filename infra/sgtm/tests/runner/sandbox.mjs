// Runs a template's code in a world of its own, and keeps account of every API call.

import { createApis } from "./apis.mjs";
import { Permissions } from "./permissions.mjs";
import { Realm } from "./realm.mjs";
import { complaintsAbout } from "./syntax.mjs";

/** More than a template can wait for within its time, at a millisecond a turn. */
const MOST_TURNS = 100000;

const known = new Map();

/** The same code runs in hundreds of worlds. */
function complaintsOnce(code) {
  if (!known.has(code)) known.set(code, complaintsAbout(code, ["data"]));
  return known.get(code);
}

/** One world with one host; the template may run in it several times, as in a container. */
export class Sandbox {
  #mocks = new Map();
  #apis;
  #permissions;

  constructor(template, host) {
    Object.assign(this, { template, host, realm: new Realm(), calls: new Map(), errors: [] });
    const complaints = complaintsOnce(template.code);
    if (complaints.length > 0) throw new Error(`the sandbox does not take this code: ${complaints.join("; ")}`);
    this.#apis = createApis(host, this.realm.kit);
    this.#permissions = new Permissions(template.permissions);
  }

  /** What scenarios do to an API: a function stands in for it, anything else is its answer; objects replace methods by name. */
  mock(name, replacement) {
    if (!Object.hasOwn(this.#apis, name)) throw new Error(`there is no API ${name} to mock`);
    this.#mocks.set(name, replacement);
  }

  require = (name) => {
    const api = Object.hasOwn(this.#apis, name) ? this.#apis[name] : undefined;
    if (api === undefined) throw new Error(`require('${name}'): there is no such API`);
    if (typeof api === "function") return this.#recorded(name, this.#mocked(name, api));
    const methods = Object.entries({ ...api, ...this.#mocks.get(name) });
    return this.realm.kit.copyIn(Object.fromEntries(methods.map(([method, call]) => [method, this.#checked(name, call)])));
  };

  /** Starts the code with these fields' values. An error ends the run, as it does in Tag Manager. */
  start(fields) {
    const data = this.realm.kit.copyIn(fields);
    for (const callback of ["gtmOnSuccess", "gtmOnFailure"]) data[callback] = this.#recorded(callback, () => undefined);
    try {
      this.realm.run(this.template.code, { require: this.realm.kit.copyIn(this.require), data }, "template.tpl");
    } catch (error) {
      this.errors.push(error);
    }
  }

  /** Lets everything that was started come to its end. */
  async settle() {
    let turns = 0;
    for (let quiet = 0; quiet < 3; ) {
      if ((turns += 1) > MOST_TURNS) throw new Error("the template does not come to an end");
      await new Promise((resume) => setImmediate(resume));
      const due = this.host.later.splice(0);
      // A real network takes its time, and until it answers no code of the template runs.
      if (due.length === 0 && this.host.underWay.size > 0) await Promise.race(this.host.underWay);
      // Nothing else moves the clock while the template waits.
      if (due.length > 0) this.host.nowMs += 1;
      for (const call of due) this.#call(call);
      quiet = due.length === 0 && this.host.underWay.size === 0 ? quiet + 1 : 0;
    }
    this.errors.push(...this.host.faults.splice(0));
  }

  #call(call) {
    try {
      call();
    } catch (error) {
      this.errors.push(error);
    }
  }

  #recorded(name, api) {
    const checked = this.#checked(name, api);
    return this.realm.kit.copyIn((...args) => {
      this.calls.set(name, [...(this.calls.get(name) ?? []), args]);
      return checked(...args);
    });
  }

  /** A mock needs the permission that the API needs; only the answer is replaced. */
  #checked(name, api) {
    return (...args) => {
      this.#permissions.check(name, args);
      return api(...args);
    };
  }

  #mocked(name, api) {
    if (!this.#mocks.has(name)) return api;
    const replacement = this.#mocks.get(name);
    return typeof replacement === "function" ? replacement : () => replacement;
  }
}
