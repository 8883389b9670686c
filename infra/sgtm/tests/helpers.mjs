// What the tests share: a purchase as the container has it, a tag that is set up, and one firing of it.

import assert from "node:assert/strict";
import { Host } from "./runner/apis.mjs";
import { Sandbox } from "./runner/sandbox.mjs";
import { readTemplate } from "./runner/template.mjs";

export const NOW_MS = 1764060134221;
export const PUBLISHER = "https://publisher.example.com/publish-event";

export const PURCHASE = {
  event_name: "purchase",
  event_id: "evt-1",
  client_id: "1203948571.1763981200",
  user_id: "cust-48120",
  transaction_id: "ORD-70311",
  value: 184.5,
  currency: "EUR",
  items: [
    { item_id: "TEA-煎茶", item_name: "煎茶 200g", price: 129.5, quantity: 1 },
    { item_id: "BULB-E14", price: 5.5, quantity: 10 },
  ],
};

/** The template's own defaults, and the least that must be set. */
export function settings(changes = {}) {
  const defaults = { ...defaultsOf(template().parameters), publisherUrl: "https://publisher.example.com", auth: "none" };
  return { ...defaults, ...changes };
}

let parsed;
export function template() {
  parsed ??= readTemplate();
  return parsed;
}

function defaultsOf(parameters) {
  return Object.assign({}, ...parameters.map((field) => ({ ...(field.defaultValue === undefined ? {} : { [field.name]: field.defaultValue }), ...defaultsOf(field.subParams ?? []) })));
}

/** Answers each request with the next of these; the last one serves for all further requests. */
export function answering(...answers) {
  let next = 0;
  return () => answers[Math.min(next++, answers.length - 1)];
}

/**
 * Fires the tag once and waits until nothing more can happen. `host` may be that of an earlier firing: same container, same
 * storage. What the template throws is a failure of the test, unless `throws` says so.
 */
export async function fire({ fields, event = PURCHASE, network = answering({ statusCode: 202 }), host, throws = false, from = template(), ...options } = {}) {
  const surroundings = host ?? new Host(options);
  Object.assign(surroundings, { eventData: event, network, requests: [], logged: [] });
  const sandbox = new Sandbox(from, surroundings);
  const startedMs = surroundings.nowMs;
  sandbox.start(settings(fields));
  await sandbox.settle();
  if (!throws) assert.deepEqual(sandbox.errors, []);
  const count = (name) => (sandbox.calls.get(name) ?? []).length;
  return {
    ended: { success: count("gtmOnSuccess"), failure: count("gtmOnFailure") },
    requests: surroundings.requests,
    bodies: surroundings.requests.map(({ body }) => body),
    logged: surroundings.logged.map((line) => (line.startsWith("{") ? JSON.parse(line) : line)),
    errors: sandbox.errors,
    elapsedMs: surroundings.nowMs - startedMs,
    host: surroundings,
  };
}

/** The event of the only request, read back. */
export async function eventOf(options) {
  const { requests, ended } = await fire(options);
  assert.deepEqual(ended, SUCCESS);
  assert.equal(requests.length, 1);
  return JSON.parse(requests[0].body);
}

export const SUCCESS = { success: 1, failure: 0 };
export const FAILURE = { success: 0, failure: 1 };
