// The engineer's view: destinations, a journey, dead letters, a dry run and a replay that is asked about first.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, onPage, withBrowser } from "./page.mjs";

withBrowser();

const view = { query: "?view=deliveries" };

test("each destination shows its state in words, its calls and its latency", () =>
  onPage({ items: 1 }, async (page) => {
    await eventually(() => page.locator("#destinations .state").allTextContents(), ["working", "failing", "not heard of"]);
    const failing = page.locator("#destinations tr").nth(1);
    assert.equal(await failing.locator("[data-column=retry]").textContent(), "41");
    assert.equal(await failing.locator("[data-column=p99]").textContent(), "4.9 secs");
    assert.match(await failing.locator("[data-column=lastFailure]").textContent(), /503, the API answered/);
    assert.match(await failing.locator("[data-column=held]").textContent(), /^1,204, since 9[01] mins$/);
  }, view));

test("an event's journey is found by id, and so is that nothing is known", () =>
  onPage({ items: 1 }, async (page) => {
    await page.fill("#journey-id", "evt-dl-1");
    await page.keyboard.press("Enter");
    await eventually(() => page.locator("#journey .state").allTextContents(), ["done", "dead"]);
    assert.match(page.url(), /event=evt-dl-1/);
    assert.equal(await page.locator("#journey ol li").count(), 3);
    await page.fill("#journey-id", "evt/none?");
    await page.keyboard.press("Enter");
    await eventually(() => page.locator("#journey-note").textContent().then((text) => text.startsWith("Nothing is known")), true);
  }, { ...view, expected: /404/ }));

test("an event's journey says whether it was counted, if its kind is", () =>
  onPage({ items: 1 }, async (page) => {
    const lines = () => page.locator("#journey [data-tallied]").allTextContents();
    for (const [id, expected, summary] of [
      ["evt-dl-1", ["Not counted: purchase:dl-1"], "evt-dl-1: 1 of 2 effects done; 1 dead."],
      ["evt-held", [], "evt-held: 0 of 1 effects done; held for erp."],
      ["evt-view", ["Counted in the tallies: view_item:evt-view"], "evt-view: no call is on record."],
    ]) {
      await page.fill("#journey-id", id);
      await page.keyboard.press("Enter");
      await eventually(lines, expected);
      await eventually(() => page.locator("#journey-note").textContent(), summary);
    }
  }, view));

test("a dry run says what would happen, and a replay asks before it calls anyone", () =>
  onPage({ items: 1 }, async (page, stub) => {
    await page.locator("#letters li").first().waitFor();
    assert.equal(await page.locator("#letters-replay").isDisabled(), true);
    await page.locator("#letters-all").check();
    await page.locator("#letters-dry-run").click();
    await eventually(() => page.locator("#letters-note").textContent(), "2 of 3 would be replayed; nothing was called.");
    assert.deepEqual(stub.replays, [{ ids: ["dl-1", "dl-2", "dl-3"], dryRun: true }]);
    await page.locator("#letters-replay").click();
    await page.getByRole("button", { name: "Leave them" }).click();
    assert.equal(stub.replays.length, 1);
    await page.locator("#letters-replay").click();
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await eventually(() => stub.replays.at(-1), { ids: ["dl-1", "dl-2", "dl-3"], dryRun: false });
    await eventually(() => page.locator("#letters-note").textContent(), "2 of 3 replayed.");
  }, view));

test("letters are told apart by what they are about, and a replay of none is not asked for", () =>
  onPage({ items: 1 }, async (page, stub) => {
    await page.locator("#letters li").first().waitFor();
    const about = await page.locator("#letters .about").allTextContents();
    assert.deepEqual(about.map((text) => text.split(" · ")[0]), ["purchase:dl-1", "purchase:dl-2", "purchase:dl-3"]);
    await page.locator("#letters-all").check();
    await page.locator("#letters-replay").click();
    await page.locator("#letters input").evaluateAll((boxes) => boxes.forEach((box) => box.click()));
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.locator("#letters-reload").click();
    await eventually(() => stub.requests.filter((request) => request.includes("/api/dead-letters?")).length, 2);
    assert.deepEqual(stub.replays, []);
  }, view));

test("a payload is fetched only when it is asked for", () =>
  onPage({ items: 1 }, async (page, stub) => {
    await page.locator("#letters li").first().waitFor();
    const whole = () => stub.requests.filter((request) => request.includes("/api/dead-letters/dl-"));
    assert.deepEqual(whole(), []);
    await page.getByRole("button", { name: /Show it whole/ }).first().click();
    await page.locator("#letters pre").waitFor();
    assert.deepEqual(whole(), ["GET /api/dead-letters/dl-1"]);
  }, view));

test("the shop's view asks nothing of the engineer's", () =>
  onPage({ items: 1 }, async (page, stub) => {
    assert.deepEqual(stub.requests.filter((request) => /destinations|dead-letters|events/.test(request)), []);
    await page.getByRole("link", { name: "Deliveries" }).click();
    await page.locator("#destinations tr").first().waitFor();
  }));
