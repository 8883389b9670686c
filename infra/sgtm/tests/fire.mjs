// Fires the tag with a real network at a real publisher, or at what stands in for Google: node tests/fire.mjs < firings.json
//
//   {"reach": {"https://publisher.example.com": "http://127.0.0.1:8080"},   where each address of the tag's leads
//    "keys": {"talaria": "BASE64"},                                        the container's key file
//    "accessToken": "…",                                                   what the container's own account sends to Google
//    "firings": [{"event": {…}, "fields": {…}, "headers": {…}}]}           one after the other, in one container
//
// Prints, for each firing, how it ended, what each request was answered, and what was logged.

import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { fire } from "./helpers.mjs";
import { Host } from "./runner/apis.mjs";

const { reach, keys = {}, accessToken = "", firings } = JSON.parse(await text(process.stdin));
const host = new Host({ keys });
let answers;

const fired = [];
for (const { event, fields, headers = {} } of firings) {
  answers = [];
  host.nowMs = Math.max(host.nowMs, Date.now());
  host.headers = headers;
  const { ended, logged } = await fire({ host, event, fields, network });
  fired.push({ ended, answers, logged });
}
console.log(JSON.stringify(fired));

async function network({ url, method, headers, body, timeout, authorization }) {
  const { origin } = new URL(url);
  if (!Object.hasOwn(reach, origin)) throw new Error(`nothing is said of where ${origin} leads`);
  // The sandbox's clock runs ahead while the tag waits.
  await wait(Math.max(0, host.nowMs - Date.now()));
  const ofContainer = authorization === undefined ? {} : { Authorization: `Bearer ${accessToken}` };
  const startedMs = performance.now();
  const afterMs = () => Math.min(timeout, Math.ceil(performance.now() - startedMs));
  try {
    const options = { method, headers: { ...headers, ...ofContainer }, body, redirect: "manual", signal: AbortSignal.timeout(timeout) };
    const answer = await fetch(reach[origin] + url.slice(origin.length), options);
    const answered = { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    answers.push({ url, statusCode: answered.statusCode, body: answered.body });
    return { ...answered, afterMs: afterMs() };
  } catch (error) {
    answers.push({ url, error: error.name });
    return error.name === "TimeoutError" ? { afterMs: timeout + 1 } : { reason: "failed", afterMs: afterMs() };
  }
}
