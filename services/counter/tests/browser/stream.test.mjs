// The line to the server: cut, silent, refused, store gone; and the page's recovery without a hand being lifted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, figure, onPage, withBrowser } from "./page.mjs";

withBrowser();

const refused = { expected: /Failed to load resource/ };

test("a cut shows a banner, stills the figures, and mends itself with what was missed", () =>
  onPage({ items: 0 }, async (page, stub) => {
    stub.shop.purchase({ itemId: "A", price: 10 });
    stub.push();
    await eventually(() => figure(page, "order-revenue"), { EUR: "10.00" });
    stub.cut();
    await page.locator("#banner").waitFor();
    assert.match(await page.locator("#banner").textContent(), /Cut off from the counter\.\s+Last seen \d+ secs? ago/);
    assert.match(await page.locator("#announcement").textContent(), /^Cut off/);
    await eventually(() => page.locator("#banner-words").textContent().then((text) => /Last seen [2-9] secs/.test(text)), true);
    stub.shop.purchase({ itemId: "A", price: 5 });
    stub.mend();
    await eventually(() => figure(page, "order-revenue"), { EUR: "15.00" }, 10_000);
    await eventually(() => page.locator("#banner").isHidden(), true);
    assert.equal(await page.locator("#announcement").textContent(), "Live again.");
    assert.equal(stub.streams, 1);
  }, refused));

test("a line that goes silent is noticed and opened again", () =>
  onPage({ items: 3 }, async (page, stub) => {
    const opened = () => stub.requests.filter((request) => request.includes("/api/stream")).length;
    const before = opened();
    await page.clock.install();
    await page.reload();
    await page.locator("[data-link=live]").waitFor();
    await page.clock.runFor(5_000);
    assert.equal(await page.locator("#banner").isHidden(), true);
    const atFirst = opened();
    assert.equal(atFirst, before + 1);
    await page.clock.runFor(9_000);
    await eventually(() => opened() > atFirst, true);
    await eventually(() => page.locator("html").getAttribute("data-link"), "live");
  }));

test("a store that can't be read is told apart from a cut", () =>
  onPage({ items: 3 }, async (page, stub) => {
    stub.status("unavailable");
    await page.locator("[data-link=stale]").waitFor();
    assert.match(await page.locator("#banner").textContent(), /can't read its store/);
    stub.status("ok");
    await page.locator("[data-link=live]").waitFor();
    assert.equal(await page.locator("#banner").isHidden(), true);
  }));

test("the age of the data is the server's, even where the browser's clock is wrong", () =>
  onPage({ items: 3 }, async (page, stub) => {
    stub.shop.lastEventAt = new Date(Date.now() - 600_000).toISOString();
    await page.clock.install({ time: Date.now() + 86_400_000 });
    await page.reload();
    await eventually(() => page.locator("#link-words").textContent(), "Live, last event 10 mins ago");
  }));

test("another window is asked of the server, and the stream before is let go", () =>
  onPage({ items: 3 }, async (page, stub) => {
    const asked = () => stub.requests.filter((request) => request.includes("/api/stream")).at(-1);
    await page.locator("label", { hasText: "60 min" }).click();
    await eventually(() => asked().includes("window=60m"), true);
    await eventually(() => stub.streams, 1);
    assert.match(page.url(), /window=60m/);
    await page.goBack();
    await eventually(() => asked().includes("window=30m"), true);
    assert.equal(await page.locator("input[value='30m']").isChecked(), true);
  }));

test("all time has no span before, and claims none", () =>
  onPage({ items: 3 }, async (page) => {
    await eventually(() => page.locator("[data-figure=orders] .comparison").isHidden(), true);
    assert.equal(await page.locator(".movement[data-movement=none]").count(), 3);
  }, { query: "?window=all" }));
