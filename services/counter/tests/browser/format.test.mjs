// The page's words and numbers, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { currenciesOf, decimalOf, difference, formatsOf, micros } from "../../src/page/format.js";
import { mergePoints } from "../../src/page/model.js";
import { labelled, marks, marksBetween } from "../../src/page/scale.js";
import { DEFAULTS, readState, writeState } from "../../src/page/state.js";

const plain = (text) => text.replaceAll(/[\u00a0\u202f]/g, " ");

test("money has its currency's digits in the reader's locale", () => {
  const cases = [
    ["en-GB", "184.50", "EUR", "€184.50"],
    ["de-DE", "1234567.5", "EUR", "1.234.567,50 €"],
    ["en-GB", "12900", "JPY", "¥12,900"],
    ["en-GB", "1.5", "KWD", "KWD 1.500"],
    ["en-GB", "-3", "GBP", "-£3.00"],
    ["en-GB", "5", "XXX", "5.00 (no currency)"],
  ];
  for (const [locale, amount, currency, shown] of cases) assert.equal(plain(formatsOf(locale).money(amount, currency)), shown);
});

test("an amount beyond a float's digits is shown to the last one", () => {
  assert.equal(formatsOf("en-GB").money("9223372036854.77", "EUR"), "€9,223,372,036,854.77");
  assert.equal(formatsOf("en-GB").money("90071992547409.93", "EUR"), "€90,071,992,547,409.93");
});

test("decimals are subtracted exactly", () => {
  const cases = [["0.3", "0.1", "0.2"], ["1", "0.000001", "0.999999"], ["9007199254740993.1", "9007199254740993", "0.1"], ["-1.5", "1", "-2.5"]];
  for (const [from, less, left] of cases) assert.equal(decimalOf(micros(from) - micros(less)), left);
});

test("a difference says its direction in words, and nothing in per cent of nothing", () => {
  const { signedCount, percent } = formatsOf("en-GB");
  const cases = [
    [12, 10, "more", "+2, 20% more"],
    [8, 10, "less", "-2, 20% less"],
    [10, 10, "same", "unchanged"],
    [3, 0, "first", "+3, none before"],
    [500, 2, "more", "+498 more"],
  ];
  for (const [now, before, direction, text] of cases) assert.deepEqual(difference(now, before, signedCount, percent), { direction, text });
});

test("the chosen currency comes first and no currency is lost", () => {
  assert.deepEqual(currenciesOf("JPY", { EUR: "1" }, { JPY: "2", GBP: "3" }, null), ["JPY", "EUR", "GBP"]);
});

test("choices survive the address, and nonsense is as it comes", () => {
  const state = { ...DEFAULTS, window: "today", category: "Tea & cake", sort: "name", descending: false, q: "煎茶/ü", limit: 200 };
  assert.deepEqual(readState(writeState(state)), state);
  assert.equal(writeState(DEFAULTS), "");
  assert.deepEqual(readState("?window=7d&sort=secret&view=x"), { ...DEFAULTS });
  assert.equal(readState("?limit=100000").limit, 2000);
});

test("a newer point replaces or extends a series, and points before the window are let go", () => {
  const at = (minute, orders) => ({ start: `2026-01-01T00:0${minute}:00Z`, orders });
  const window = (from, to) => ({ from: `2026-01-01T00:0${from}:00Z`, to: `2026-01-01T00:0${to}:00Z` });
  const series = { step: "minute", points: [at(0, 1), at(1, 1), at(2, 1)] };
  assert.deepEqual(mergePoints(series, [at(2, 5)], window(0, 3)).points, [at(0, 1), at(1, 1), at(2, 5)]);
  assert.deepEqual(mergePoints(series, [at(2, 5), at(3, 2)], window(1, 4)).points, [at(1, 1), at(2, 5), at(3, 2)]);
  assert.deepEqual(mergePoints(series, [], window(2, 5)).points, [at(2, 1)]);
});

test("past midnight today's series holds nothing of yesterday, and that of all time the last day", () => {
  const at = (start) => ({ start, orders: 1 });
  const yesterday = [at("2025-12-31T00:00:00Z"), at("2025-12-31T00:15:00Z"), at("2025-12-31T23:45:00Z")];
  const series = { step: "quarter", points: yesterday };
  const fresh = at("2026-01-01T00:00:00Z");
  const to = "2026-01-01T00:15:00Z";
  assert.deepEqual(mergePoints(series, [fresh], { from: fresh.start, to }).points, [fresh]);
  assert.deepEqual(mergePoints(series, [fresh], { from: null, to }).points, [...yesterday.slice(1), fresh]);
});

test("marks are round and reach the highest bar; counts get whole ones", () => {
  for (const most of [0.07, 1, 3, 99, 184.5, 12900, 7e9]) {
    const found = marks(most);
    assert.ok(found.at(-1) >= most && found.length <= 7 && found[0] === 0, `${most}: ${found}`);
  }
  assert.deepEqual(marks(2, 4, true), [0, 1, 2]);
  assert.deepEqual(marksBetween(-289.2, 800), [-400, -200, 0, 200, 400, 600, 800]);
  assert.deepEqual(marksBetween(-3, 0, 4, true), [-3, -2, -1, 0]);
  assert.deepEqual(marksBetween(0, 0), [0, 1]);
});

test("labels of the time axis fall on round times of the shop's zone", () => {
  const starts = Array.from({ length: 60 }, (_, minute) => new Date(Date.UTC(2026, 0, 1, 10, 7 + minute)).toISOString());
  assert.deepEqual(labelled(starts, 500, 64, "Asia/Kathmandu").map((index) => new Date(starts[index]).getUTCMinutes()), [15, 25, 35, 45, 55, 5]);
});
