// The real thing: publishes events to a running Talaria and compares what the page shows, live and without a reload, with what
// was sent. Works on a store that holds other figures already: sums are compared by what they grew. TALARIA_PAGE_URL and
// TALARIA_PUBLISHER_URL say where; TALARIA_PUBLISHER_KEY is the shared secret, if one is asked for.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { openPage, startBrowser, violations } from "./browser.mjs";
import { eventually, figure } from "./page.mjs";

const { TALARIA_PAGE_URL: pageUrl, TALARIA_PUBLISHER_URL: publisherUrl, TALARIA_PUBLISHER_KEY: key } = process.env;
const WITHIN_MS = 20_000;
const run = `page-test-${randomUUID().slice(0, 8)}`;
const item = (id, price, quantity = 1) => ({ item_id: `${run}/${id}`, item_name: `${run} ${id}`, item_category: run, price, quantity });
const event = (eventType, id, data) => ({ eventType, eventId: `${run}-${id}`, data });
const purchase = (id, currency, value, ...items) => event("purchase", id, { transactionId: `${run}-${id}`, currency, value, items });

/** What is sent: two currencies for one item, yen without and dinars with three digits, a refund, ids with a slash and an emoji. */
const EVENTS = [
  event("view_item", "view", { currency: "EUR", items: [item("lamp", 129.5)] }),
  event("add_to_cart", "cart", { currency: "EUR", items: [item("lamp", 129.5)] }),
  event("begin_checkout", "checkout", { currency: "EUR", items: [item("lamp", 129.5)] }),
  purchase("order-1", "EUR", 184.5, item("lamp", 129.5), item("bulb 🎉", 5.5, 10)),
  purchase("order-2", "JPY", 12900, item("lamp", 4300, 3)),
  purchase("order-3", "KWD", 1.234, item("tea", 1.234)),
  purchase("order-4", "EUR", 11, item("bulb 🎉", 5.5, 2)),
  event("refund", "refund", { transactionId: `${run}-order-4`, currency: "EUR", value: 5.5, items: [item("bulb 🎉", 5.5, 1)] }),
];
/** In thousandths, so that no float is added up: 184.5 + 11 − 5.5 euro, and so on. */
const GROWTH = { EUR: 190_000n, JPY: 12_900_000n, KWD: 1_234n };
const ROWS = {
  "bulb 🎉": { units: "12", revenue: { EUR: 60_500n } },
  lamp: { units: "4", revenue: { EUR: 129_500n, JPY: 12_900_000n } },
  tea: { units: "1", revenue: { KWD: 1_234n } },
};

test("what the page shows is what was sent, live, each event delivered twice", { timeout: 120_000 }, async () => {
  assert.ok(pageUrl && publisherUrl, "set TALARIA_PAGE_URL and TALARIA_PUBLISHER_URL to a running Talaria");
  const browser = await startBrowser();
  try {
    const all = await openPage(browser, `${pageUrl}/?window=all`);
    const mine = await openPage(browser, `${pageUrl}/?window=all&q=${run}`);
    for (const page of [all, mine]) await page.locator("[data-link=live]").waitFor();
    const before = await sums(all);
    for (const sent of [...EVENTS, ...EVENTS]) await publish(sent);
    await eventually(() => rows(mine), ROWS, WITHIN_MS);
    await eventually(() => sums(all).then((now) => grown(before, now)), { orders: 4n, units: 17n, ...GROWTH }, WITHIN_MS);
    assert.match(await all.title(), / – Talaria$/);
    await look(mine);
    for (const page of [all, mine]) assert.deepEqual(page.complaints, []);
  } finally {
    await browser.close();
  }
});

test("the engineer's view of the real thing opens, and axe finds nothing", { timeout: 60_000 }, async () => {
  assert.ok(pageUrl && publisherUrl, "set TALARIA_PAGE_URL and TALARIA_PUBLISHER_URL to a running Talaria");
  const browser = await startBrowser();
  try {
    const page = await openPage(browser, `${pageUrl}/?view=deliveries&event=${run}-order-1`);
    await page.locator("#letters-note:not(:empty)").waitFor();
    await page.locator("#destinations tr, #destinations-note:not([hidden])").first().waitFor();
    await eventually(() => page.locator("#journey-note").textContent().then((text) => text !== "" && text !== "Looking…"), true);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.complaints.filter((complaint) => !complaint.includes("404")), []);
  } finally {
    await browser.close();
  }
});

async function publish(body) {
  const headers = { "content-type": "application/json", ...(key && { "x-talaria-key": key }) };
  const response = await fetch(`${publisherUrl}/publish-event`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(response.status, 202, `${body.eventId}: ${await response.text()}`);
}

/** Thousandths of an amount's text. */
function thousandths(text) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  return BigInt(`${sign}${whole}${fraction.padEnd(3, "0").slice(0, 3)}`);
}

const amounts = (exact) => Object.fromEntries(Object.entries(exact).filter(([currency]) => currency !== "").map(([currency, text]) => [currency, thousandths(text)]));

/** The strip's sums; nothing is counted yet on an empty store. */
async function sums(page) {
  const [revenue, orders, units] = await Promise.all(["order-revenue", "orders", "units"].map((id) => figure(page, id)));
  return { orders: BigInt(orders[""] || 0), units: BigInt(units[""] || 0), ...amounts(revenue) };
}

function grown(before, now) {
  const all = Object.entries(now).map(([name, value]) => [name, value - (before[name] ?? 0n)]);
  return Object.fromEntries(all.filter(([, value]) => value !== 0n));
}

/** The rows of this run's items, by the end of their name. */
function rows(page) {
  const read = (nodes) => nodes.map((row) => {
    const cells = (column) => [...row.querySelectorAll(`[data-column=${column}] data`)];
    return [row.querySelector(".name").textContent, cells("units")[0].textContent, cells("revenue").map((cell) => [cell.dataset.currency, cell.getAttribute("value")])];
  });
  return page.locator("#items tbody tr").evaluateAll(read).then((found) => {
    const entries = found.map(([name, units, revenue]) => [name.replace(`${run} `, ""), { units, revenue: amounts(Object.fromEntries(revenue)) }]);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** axe, in both colours, at a phone's and a wall's width. */
async function look(page) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const width of [360, 1920]) {
      await page.setViewportSize({ width, height: 1080 });
      assert.deepEqual(await violations(page), [], `${colorScheme}, ${width}`);
    }
  }
}
