// How the tag delivers: the bytes, success and failure, time, retries.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answering, FAILURE, fire, PUBLISHER, SUCCESS } from "./helpers.mjs";

test("these bytes leave, and no others", async () => {
  const { requests, ended } = await fire({ headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } });
  const body =
    '{"eventType":"purchase","eventId":"evt-1","clientId":"1203948571.1763981200","userId":"cust-48120","eventTimestampMs":1764060134221,' +
    '"data":{"transactionId":"ORD-70311","value":184.5,"currency":"EUR","items":[{"item_id":"TEA-煎茶","item_name":"煎茶 200g","price":129.5,"quantity":1},' +
    '{"item_id":"BULB-E14","price":5.5,"quantity":10}]}}';
  assert.deepEqual(requests, [
    {
      url: PUBLISHER,
      method: "POST",
      timeout: 3000,
      headers: { "Content-Type": "application/json", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
      body,
      atMs: 1764060134221,
    },
  ]);
  assert.deepEqual(ended, SUCCESS);
});

test("the publisher's address may be given with or without path, slash and scheme", async () => {
  const cases = {
    "https://publisher.example.com": PUBLISHER,
    " https://publisher.example.com/ ": PUBLISHER,
    "publisher.example.com": PUBLISHER,
    "https://publisher.example.com/publish-event": PUBLISHER,
    "https://publisher.example.com/publish-event//": PUBLISHER,
    "https://publisher.example.com/publish-event?x=1#y": PUBLISHER,
    "https://example.com/talaria": "https://example.com/talaria/publish-event",
  };
  for (const [publisherUrl, expected] of Object.entries(cases)) {
    const { requests } = await fire({ fields: { publisherUrl } });
    assert.equal(requests[0].url, expected, publisherUrl);
  }
});

test("only 202 is success, whatever else comes is one failure", async () => {
  for (let statusCode = 100; statusCode < 600; statusCode += 1) {
    const { ended } = await fire({ network: answering({ statusCode }), fields: { retries: "0" } });
    assert.deepEqual(ended, statusCode === 202 ? SUCCESS : FAILURE, `at ${statusCode}`);
  }
});

test("it ends once, however often and late it was answered", async () => {
  for (const network of [answering({ statusCode: 503 }), answering({ reason: "failed" }), answering({ statusCode: 202, afterMs: 20000 }), answering({ statusCode: 503 }, { statusCode: 202 })]) {
    const { ended } = await fire({ network, fields: { retries: "5" } });
    assert.equal(ended.success + ended.failure, 1);
  }
});

test("only what may pass is tried again, with the same bytes", async () => {
  for (const statusCode of [200, 204, 301, 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 501, 502, 503, 504]) {
    const { requests } = await fire({ network: answering({ statusCode }, { statusCode: 202 }) });
    assert.equal(requests.length, [429, 502, 503, 504].includes(statusCode) ? 2 : 1, `at ${statusCode}`);
    assert.equal(requests.at(-1).body, requests[0].body);
  }
  for (const first of [{ reason: "failed" }, { statusCode: 202, afterMs: 3001 }]) {
    const { requests, ended } = await fire({ network: answering(first, { statusCode: 202 }) });
    assert.deepEqual([requests.length, ended], [2, SUCCESS]);
  }
});

test("as many further attempts as set, and not one more", async () => {
  for (const [retries, attempts] of [["0", 1], ["1", 2], ["3", 4], ["99", 6], ["", 2], ["-1", 1]]) {
    const { requests, ended } = await fire({ network: answering({ statusCode: 503 }), fields: { retries, budgetMs: "30000" } });
    assert.deepEqual([requests.length, ended], [attempts, FAILURE], `retries: ${retries}`);
  }
});

test("it never takes longer than its time", async () => {
  const slow = { statusCode: 202, afterMs: 60000 };
  for (const [network, budgetMs] of [[answering(slow), 5000], [answering({ statusCode: 503, afterMs: 1900, headers: { "retry-after": "1" } }), 5000], [answering({ reason: "failed", afterMs: 2990 }), 3000]]) {
    const { elapsedMs, ended, requests } = await fire({ network, fields: { retries: "5", budgetMs: String(budgetMs) } });
    assert.ok(elapsedMs <= budgetMs, `${elapsedMs} ms of ${budgetMs}`);
    assert.deepEqual(ended, FAILURE);
    for (const { timeout } of requests) assert.ok(timeout <= 3000, `an attempt of ${timeout} ms`);
  }
});

test("times that make no sense are replaced by sound ones", async () => {
  for (const [timeoutMs, expected] of [["abc", 3000], ["", 3000], ["0", 100], ["999999", 5000], ["2500", 2500]]) {
    const { requests } = await fire({ fields: { timeoutMs } });
    assert.equal(requests[0].timeout, expected, `timeoutMs: ${timeoutMs}`);
  }
});

test("Retry-After is never undercut, whatever its header's case", async () => {
  for (const [name, value, leastMs] of [["retry-after", "1", 1000], ["Retry-After", "2", 2000], ["retry-after", 0, 0]]) {
    const { requests, ended } = await fire({ network: answering({ statusCode: 429, headers: { [name]: value } }, { statusCode: 202 }) });
    const waited = requests[1].atMs - requests[0].atMs;
    assert.ok(waited >= leastMs && waited < leastMs + 150, `${value} s, waited ${waited} ms`);
    assert.deepEqual(ended, SUCCESS);
  }
});

test("a Retry-After that does not fit, or can't be read, is a failure at once", async () => {
  for (const value of ["5", "3600", "Fri, 21 Nov 2025 07:28:00 GMT", "soon"]) {
    const { requests, ended, elapsedMs } = await fire({ network: answering({ statusCode: 503, headers: { "retry-after": value } }) });
    assert.deepEqual([requests.length, ended, elapsedMs], [1, FAILURE, 0], value);
  }
});

test("at most eight events of a container wait at once, and a place comes free by itself", async () => {
  const network = answering({ statusCode: 503, headers: { "retry-after": "1" } }, { statusCode: 202 });
  const { host } = await fire();
  host.storage.set("waiting", Array(8).fill(host.nowMs + 500));
  const refused = await fire({ host, network });
  assert.deepEqual([refused.ended, refused.requests.length], [FAILURE, 1]);
  host.nowMs += 501;
  const waited = await fire({ host, network: answering({ statusCode: 503, headers: { "retry-after": "1" } }, { statusCode: 202 }) });
  assert.deepEqual(waited.ended, SUCCESS);
});

test("events that are not listed succeed without a request", async () => {
  for (const [fields, event_name, requests] of [
    [{}, "page_view", 0],
    [{}, undefined, 0],
    [{ eventNames: " refund ,\n page_view" }, "page_view", 1],
    [{ eventNames: ["refund", "page_view"] }, "page_view", 1],
    [{ eventNames: "page" }, "page_view", 0],
    [{ events: "all" }, "page_view", 1],
  ]) {
    const fired = await fire({ fields, event: { event_name, event_id: "e" } });
    assert.deepEqual([fired.requests.length, fired.ended], [requests, SUCCESS], `${event_name} with ${JSON.stringify(fields)}`);
  }
});

test("an event without a name, and the gallery's preview, send nothing", async () => {
  const nameless = await fire({ fields: { events: "all" }, event: { event_id: "e" } });
  assert.deepEqual([nameless.requests.length, nameless.ended], [0, FAILURE]);
  const gallery = await fire({ event: { event_name: "purchase", page_location: "https://gtm-msr.appspot.com/render" } });
  assert.deepEqual([gallery.requests.length, gallery.ended], [0, SUCCESS]);
});

test("a log has what an operator needs and no value of the event", async () => {
  const personal = ["cust-48120", "ORD-70311", "184.5", "1203948571", "煎茶"];
  for (const [logging, preview, statusCode, lines] of [["failures", false, 202, 0], ["failures", false, 422, 1], ["failures", true, 202, 1], ["preview", false, 422, 0], ["preview", true, 202, 1], ["always", false, 202, 1], ["off", true, 422, 0]]) {
    const { logged } = await fire({ fields: { logging }, preview, network: answering({ statusCode }) });
    assert.equal(logged.length, lines, `${logging}, preview ${preview}, ${statusCode}`);
    for (const line of logged) {
      assert.deepEqual([line.eventName, line.eventId, line.attempts], ["purchase", "evt-1", 1]);
      for (const value of personal) assert.ok(!JSON.stringify(line).includes(value), value);
    }
  }
});
