// The sandbox's APIs as Google documents them, for those that this template may require. Time, network, keys and randomness
// come from the host, so nothing here waits or reaches out by itself.

import { createHash, createHmac } from "node:crypto";

const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"];

/**
 * What surrounds a run. `network` answers each request with `{statusCode, headers, body}` or `{reason: "failed"}`, either with
 * `afterMs`; later than the request's timeout means that it timed out. Storage lives as long as the host, as in a container.
 */
export class Host {
  constructor({ eventData = {}, headers = {}, preview = false, keys = {}, nowMs = 1764060134221, network, random } = {}) {
    Object.assign(this, { eventData, headers, preview, keys, nowMs, network, random: random ?? ((least) => least) });
    this.storage = new Map();
    this.requests = [];
    this.logged = [];
    this.later = [];
    this.underWay = new Set();
    this.faults = [];
  }
}

/** The APIs by the name they are required by: functions, and objects of functions. */
export function createApis(host, kit) {
  const authorizations = new Set();
  return {
    ...values(),
    JSON: { parse: (text) => attempt(() => JSON.parse(text)), stringify: (value) => attempt(() => JSON.stringify(value)) },
    Math: pick(Math, ["abs", "ceil", "floor", "max", "min", "pow", "round", "sqrt"]),
    Object: { ...pick(Object, ["entries", "freeze", "keys", "values"]), delete: (object, key) => delete object[key] },
    Promise: { create: (executor) => kit.promise(executor), all: (promises) => kit.all(promises) },
    callLater: (call) => void host.later.push(call),
    generateRandom: (least, most) => host.random(least, most),
    getAllEventData: () => host.eventData,
    getContainerVersion: () => ({ containerId: "GTM-TEST", version: "1", previewMode: host.preview, debugMode: host.preview }),
    getEventData: (path) => String(path).split(".").reduce((value, part) => value?.[part], host.eventData),
    getGoogleAuth({ scopes }) {
      const authorization = kit.opaque({ scopes });
      authorizations.add(authorization);
      return authorization;
    },
    getRequestHeader: (name) => host.headers[name.toLowerCase()],
    getTimestampMillis: () => host.nowMs,
    hmacSha256(text, keyId, { outputEncoding = "base64url" } = {}) {
      if (!Object.hasOwn(host.keys, keyId)) throw new Error(`the key file has no key ${keyId}`);
      return createHmac("sha256", Buffer.from(host.keys[keyId], "base64")).update(text, "utf8").digest(outputEncoding);
    },
    logToConsole: (...things) => void host.logged.push(things.map(String).join(" ")),
    sendHttpRequest(url, options = {}, body = undefined) {
      checkRequest(options, body, authorizations);
      return send(host, kit, { url, method: "GET", timeout: 15000, headers: {}, ...JSON.parse(JSON.stringify(options)), body });
    },
    templateDataStorage: storageOf(host),
  };
}

/** Those that only turn one value into another. */
function values() {
  return {
    decodeUriComponent: (text) => attempt(() => decodeURIComponent(text)),
    encodeUriComponent: (text) => encodeURIComponent(text),
    fromBase64: (text) => (/^[\w+/-]+={0,2}$/.test(text) ? Buffer.from(text, "base64").toString("utf8") : undefined),
    toBase64: (text, { urlEncoding = false } = {}) => Buffer.from(text, "utf8").toString(urlEncoding ? "base64url" : "base64"),
    getType: (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value),
    makeInteger: (value) => Math.trunc(Number(value)),
    makeNumber: (value) => Number(value),
    makeString: (value) => String(value),
    sha256Sync: (text, { outputEncoding = "base64" } = {}) => createHash("sha256").update(text, "utf8").digest(outputEncoding),
  };
}

function checkRequest(options, body, authorizations) {
  const complaint = [
    [!METHODS.includes(options.method ?? "GET"), `the method ${options.method}`],
    [options.timeout !== undefined && !(Number.isInteger(options.timeout) && options.timeout > 0), `the timeout ${options.timeout}`],
    [Object.values(options.headers ?? {}).some((value) => typeof value !== "string" || /[^\t\x20-\x7e]/.test(value)), "a header that is no plain text"],
    [options.authorization !== undefined && !authorizations.has(options.authorization), "an authorization that is not getGoogleAuth's"],
    [body !== undefined && typeof body !== "string", "a body that is no text"],
  ].find(([wrong]) => wrong);
  if (complaint) throw new Error(`sendHttpRequest does not take ${complaint[1]}`);
}

/** Moves the clock by the time that the answer takes, at most the request's timeout. */
function send(host, kit, request) {
  host.requests.push({ ...request, atMs: host.nowMs });
  const promise = kit.promise((resolve, reject) => {
    const answered = ({ afterMs = 0, reason, ...response }) => {
      host.nowMs += Math.min(afterMs, request.timeout);
      if (afterMs > request.timeout) reject(kit.copyIn({ reason: "timed_out" }));
      else if (reason) reject(kit.copyIn({ reason }));
      else resolve(kit.copyIn({ headers: {}, body: "", ...response }));
    };
    // A network that throws is a fault of the test, which must hear of it, and must not wait for ever.
    const broken = (error) => void host.faults.push(error);
    const asking = new Promise((answer) => answer(host.network(request))).then(answered, broken);
    const underWay = asking.finally(() => host.underWay.delete(underWay));
    host.underWay.add(underWay);
  });
  // What a handler throws, or a failure that has none, is kept for the test to see.
  const follow = (derived) => (derived.then(undefined, (error) => host.faults.push(error)), derived);
  return { then: (onAnswer, onError) => follow(promise.then(onAnswer, onError)), catch: (onError) => follow(promise.catch(onError)) };
}

function storageOf(host) {
  const copy = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
  return {
    getItemCopy: (key) => (host.storage.has(key) ? copy(host.storage.get(key)) : null),
    setItemCopy: (key, value) => void host.storage.set(key, copy(value)),
    removeItem: (key) => void host.storage.delete(key),
    clear: () => void host.storage.clear(),
  };
}

const pick = (object, names) => Object.fromEntries(names.map((name) => [name, object[name]]));

function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}
