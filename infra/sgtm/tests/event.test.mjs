// What the event says: ids, time, consent, data.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventOf, fire, NOW_MS, PURCHASE, SUCCESS } from "./helpers.mjs";

const own = (rows, event = PURCHASE) => eventOf({ event, fields: { dataFrom: "none", fields: rows } }).then(({ data }) => data);

test("a value of a field is what its type says, or is left out", async () => {
  const LEFT_OUT = undefined;
  const cases = [
    ["number", "184.50", 184.5], ["number", " -3 ", -3], ["number", "+.5", 0.5], ["number", 0, 0], ["number", "0", 0], ["number", 12, 12],
    ["number", "", LEFT_OUT], ["number", "1,5", LEFT_OUT], ["number", "1.234,50", LEFT_OUT], ["number", "EUR 5", LEFT_OUT], ["number", "1e3", LEFT_OUT],
    ["number", "0x10", LEFT_OUT], ["number", "NaN", LEFT_OUT], ["number", "-", LEFT_OUT], ["number", ".", LEFT_OUT], ["number", "1.2.3", LEFT_OUT],
    ["number", NaN, LEFT_OUT], ["number", Infinity, LEFT_OUT], ["number", "9".repeat(400), LEFT_OUT], ["number", true, LEFT_OUT], ["number", [1], LEFT_OUT],
    ["integer", "12", 12], ["integer", "12.0", 12], ["integer", "12.5", LEFT_OUT], ["integer", "9007199254740993000", LEFT_OUT],
    ["boolean", "TRUE", true], ["boolean", 0, false], ["boolean", "1", true], ["boolean", "yes", LEFT_OUT], ["boolean", 2, LEFT_OUT],
    ["text", 1010, "1010"], ["text", "007", "007"], ["text", false, "false"], ["text", { a: 1 }, '{"a":1}'], ["text", NaN, LEFT_OUT],
    ["json", '{"a":[1,null]}', { a: [1] }], ["json", "{", LEFT_OUT], ["json", { a: 1 }, { a: 1 }],
    ["any", "5", "5"], ["any", 5, 5], ["any", NaN, LEFT_OUT], ["any", -Infinity, LEFT_OUT], ["any", { a: NaN, b: [NaN, 1, null], c: null }, { b: [1] }],
    [undefined, 5, 5],
  ];
  for (const [type, value, expected] of cases) {
    const data = await own([{ key: "k", value, type }]);
    assert.deepEqual(data, expected === LEFT_OUT ? {} : { k: expected }, `${type} of ${JSON.stringify(value)}`);
  }
});

test("a field that was left out is named in the log, an empty one is not", async () => {
  const rows = [{ key: "a", value: "x", type: "number" }, { key: "b", value: "", type: "number" }, { key: "c", value: undefined, type: "any" }, { key: "d", value: null, type: "text" }];
  const { logged } = await fire({ fields: { fields: rows } });
  assert.deepEqual(logged[0].leftOut, ["a"]);
});

test("a key with dots makes objects, and never destroys what is there", async () => {
  const rows = (...keys) => keys.map((key, index) => ({ key, value: index, type: "any" }));
  assert.deepEqual(await own(rows("a.b.c", "a.b.d", "a.e")), { a: { b: { c: 0, d: 1 }, e: 2 } });
  assert.deepEqual(await own(rows("a", "a.b", "a.b.c")), { a: 0 });
  assert.deepEqual(await own(rows("a..b", ".a", "a.", "__proto__.x", "a.constructor", "toString", " c ")), { c: 6 });
  const { data } = await eventOf({ fields: { fields: [{ key: "items.x", value: 1 }, { key: "value", value: "1", type: "number" }] } });
  assert.deepEqual([data.items, data.value], [PURCHASE.items, 1]);
});

test("no NaN and no null leave, at any depth, and whatever is too deep stays behind", async () => {
  let deep = 1;
  for (let level = 0; level < 60; level += 1) deep = level % 2 ? [deep] : { deep };
  const event = { ...PURCHASE, extra: { list: [NaN, { n: NaN, ok: 0 }], nothing: null, gone: undefined }, deep };
  const { requests, ended } = await fire({ event, fields: { dataFrom: "all", deniedKeys: "" } });
  assert.deepEqual(ended, SUCCESS);
  assert.ok(!/NaN|null|Infinity/.test(requests[0].body));
  assert.deepEqual(JSON.parse(requests[0].body).data.extra, { list: [{ ok: 0 }] });
  const depth = Math.max(...[...requests[0].body].map(((level) => (sign) => (level += "[{".includes(sign) ? 1 : "]}".includes(sign) ? -1 : 0))(0)));
  assert.ok(depth <= 32, `${depth} levels`);
});

test("the built-in data of each event, absent where the event has none", async () => {
  const cases = [
    [{ event_name: "purchase", value: 0, items: [] }, { value: 0, items: [] }],
    [{ event_name: "purchase", transaction_id: 90210, value: "12900", currency: "JPY" }, { transactionId: "90210", value: 12900, currency: "JPY" }],
    [{ event_name: "purchase", value: "free", user_data: { user_loyalty_tier: "gold" } }, { loyaltyTier: "gold" }],
    [{ event_name: "refund", transaction_id: "A", items: [{ item_id: "x", quantity: 1 }] }, { transactionId: "A", items: [{ item_id: "x", quantity: 1 }] }],
    [{ event_name: "view_item", items: [{ item_id: "x" }], page_title: "p" }, { items: [{ item_id: "x" }] }],
    [{ event_name: "generate_lead", source: "(direct)", medium: "(none)", form_id: "f" }, { leadSource: "(direct)", leadMedium: "(none)", leadFormId: "f" }],
    [{ event_name: "generate_lead", user_data: { sha256_email_address: "ab" } }, { emailHashed: "ab" }],
    [{ event_name: "user_login", login_method: "apple", is_first_login: false, last_login_timestamp: "2025-11-20T08:14:55Z" }, { loginMethod: "apple", isFirstLogin: false, lastLoginTimestamp: "2025-11-20T08:14:55Z" }],
    [{ event_name: "login", method: "google" }, { loginMethod: "google" }],
  ];
  for (const [event, data] of cases) assert.deepEqual((await eventOf({ event, fields: { events: "all" } })).data, data, JSON.stringify(event));
});

test("allow and deny lists go as deep as their dots", async () => {
  const event = { event_name: "purchase", event_id: "e", value: 1, "x-ga-gcs": "G111", user_data: { email: "a", tier: "b" }, user_agent: "u", tags: [1, 2], items: [{ item_id: "i", item_cost: 2 }, {}] };
  const cases = [
    [{}, { event_name: "purchase", event_id: "e", value: 1, tags: [1, 2], items: [{ item_id: "i", item_cost: 2 }, {}] }],
    [{ allowedKeys: "value", deniedKeys: "" }, { value: 1 }],
    [{ allowedKeys: "user_data.tier\nitems.item_id", deniedKeys: "" }, { user_data: { tier: "b" }, items: [{ item_id: "i" }] }],
    [{ allowedKeys: "user_*", deniedKeys: "user_data.email" }, { user_data: { tier: "b" }, user_agent: "u" }],
    [{ allowedKeys: "items.*", deniedKeys: "items.item_c*" }, { items: [{ item_id: "i" }] }],
    [{ allowedKeys: "tags.x", deniedKeys: "" }, { tags: [] }],
    [{ allowedKeys: "value", deniedKeys: "value" }, {}],
    [{ allowedKeys: "nothing", deniedKeys: "" }, {}],
    [{ deniedKeys: "*" }, {}],
  ];
  for (const [lists, expected] of cases) {
    const { data } = await eventOf({ event, fields: { dataFrom: "all", ...lists } });
    assert.deepEqual(data, expected, JSON.stringify(lists));
  }
});

test("the user is the event's, a field's, or nobody", async () => {
  for (const [fields, event, expected] of [
    [{}, PURCHASE, "cust-48120"],
    [{}, { ...PURCHASE, user_id: undefined }, undefined],
    [{}, { ...PURCHASE, user_id: 42 }, "42"],
    [{}, { ...PURCHASE, user_id: "", _resolved: { user_id: "r" } }, "r"],
    [{ userIdFrom: "field", userId: " mine " }, PURCHASE, "mine"],
    [{ userIdFrom: "field", userId: undefined }, PURCHASE, undefined],
    [{ userIdFrom: "none", userId: "mine" }, PURCHASE, undefined],
  ]) {
    const sent = await eventOf({ fields, event });
    assert.equal(sent.userId, expected);
    assert.equal("userId" in sent, expected !== undefined);
  }
});

test("an event id is the given one, else the event's, else the same for the same inputs", async () => {
  const idOf = async (event, fields, nowMs = NOW_MS) => (await eventOf({ event: { event_name: "purchase", client_id: "c", ...event }, fields, nowMs })).eventId;
  assert.equal(await idOf({ event_id: "e" }, { eventId: "given" }), "given");
  assert.equal(await idOf({ event_id: "e" }), "e");
  assert.equal(await idOf({ _processed_event_id: 7 }), "7");
  assert.match(await idOf({ event_id: "x".repeat(300) }), /^sgtm-[0-9a-f]{64}$/);
  assert.equal(await idOf({ transaction_id: "A" }), await idOf({ transaction_id: "A", value: 5 }, {}, NOW_MS + 86400000));
  assert.equal(await idOf({ transaction_id: "A" }), "sgtm-d1b7f5e55b45502936ac0a6c6c0045676930d15971f494bdc0f3b5b9bab38e55");
  const time = { event_timestamp_ms: 1764060000000 };
  const lead = await idOf({ event_name: "generate_lead", ...time });
  assert.equal(await idOf({ event_name: "generate_lead", ...time }, {}, NOW_MS + 5000), lead);
  const others = [{ event_name: "generate_lead", event_timestamp_ms: 1764060000001 }, { event_name: "user_login", ...time }, { event_name: "generate_lead", client_id: "d", ...time }, { event_name: "generate_lead" }];
  const ids = await Promise.all([...others.map((event) => idOf(event)), idOf({ transaction_id: "A" }), idOf({ transaction_id: "B" }), idOf({ transaction_id: "A", client_id: "d" })]);
  assert.equal(new Set([lead, ...ids]).size, 8);
  const refunds = [NOW_MS, NOW_MS + 1].map((nowMs) => idOf({ event_name: "refund", transaction_id: "A" }, { events: "all" }, nowMs));
  assert.notEqual(await refunds[0], await refunds[1]);
});

test("the event's own time counts, in whatever unit, else now", async () => {
  for (const [fields, event, expected] of [
    [{}, {}, NOW_MS],
    [{ eventTime: "1764060000" }, {}, 1764060000000],
    [{ eventTime: 1764060000123 }, {}, 1764060000123],
    [{ eventTime: "yesterday" }, { timestamp_micros: 1764060000123456 }, 1764060000123],
    [{}, { event_timestamp_ms: "1764060000123" }, 1764060000123],
    [{}, { gtm: { start: 1764060000123 } }, 1764060000123],
    [{}, { event_timestamp_ms: -5 }, NOW_MS],
  ]) {
    assert.equal((await eventOf({ fields, event: { event_name: "purchase", ...event } })).eventTimestampMs, expected, JSON.stringify([fields, event]));
  }
});

test("another name may be sent than the event's", async () => {
  assert.equal((await eventOf({ fields: { eventType: " order " } })).eventType, "order");
});

test("consent: sent, waited for, passed on", async () => {
  const required = { consent: "required", consentTypes: "ad_storage, analytics_storage" };
  const cases = [
    [{}, {}, 1, undefined],
    [{}, { "x-ga-gcs": "G110" }, 1, { ad_storage: "granted", analytics_storage: "denied" }],
    [{ passConsent: false }, { "x-ga-gcs": "G110" }, 1, undefined],
    [required, {}, 0],
    [required, { "x-ga-gcs": "G110" }, 0],
    [required, { "x-ga-gcs": "G1--" }, 0],
    [required, { "x-ga-gcs": "G111" }, 1, { ad_storage: "granted", analytics_storage: "granted" }],
    [required, { consent_state: { ad_storage: true, analytics_storage: false }, "x-ga-gcs": "G111" }, 0],
    [required, { consent_state: { ad_storage: "granted", analytics_storage: "granted", ad_user_data: "denied" } }, 1, { ad_storage: "granted", analytics_storage: "granted", ad_user_data: "denied" }],
    [required, { consent_state: { ad_storage: "maybe" }, "x-ga-gcs": "G1-1" }, 0],
    [{ consent: "required", consentTypes: "" }, { "x-ga-gcs": "G111" }, 0],
    [{ consent: "required" }, { "x-ga-gcs": "G101" }, 1, { ad_storage: "denied", analytics_storage: "granted" }],
  ];
  for (const [fields, signals, requests, consent] of cases) {
    const fired = await fire({ fields, event: { ...PURCHASE, ...signals } });
    assert.deepEqual([fired.requests.length, fired.ended], [requests, SUCCESS], JSON.stringify([fields, signals]));
    if (requests) assert.deepEqual(JSON.parse(fired.bodies[0]).consent, consent, JSON.stringify([fields, signals]));
  }
});

test("test mode sends nothing, and shows the event in preview alone", async () => {
  for (const preview of [false, true]) {
    const { requests, ended, logged } = await fire({ fields: { testMode: true, logging: "off" }, preview });
    assert.deepEqual([requests.length, ended], [0, SUCCESS]);
    assert.equal(logged.filter((line) => line.includes('"eventId":"evt-1"')).length, preview ? 1 : 0);
  }
});
