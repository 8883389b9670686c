// What the merchandiser sees at a glance: figures, differences, chart, funnel, and what is said when there is nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, figure, onPage, withBrowser } from "./page.mjs";
import { Shop } from "./stub_shop.mjs";

withBrowser();

test("a purchase shows at once, in the figures and in the title", () =>
  onPage({ items: 0 }, async (page, stub) => {
    await page.locator("#empty").waitFor();
    assert.match(await page.locator("#command").textContent(), /curl -i http:\/\/127.0.0.1:8080\/publish-event .*"eventType":"purchase"/);
    stub.shop.purchase({ itemId: "LAMP-07", name: "Brass Desk Lamp", price: 184.5, quantity: 2, profit: 20 });
    stub.push();
    await eventually(() => figure(page, "order-revenue"), { EUR: "369.00" });
    assert.equal(await page.locator("#empty").isHidden(), true);
    assert.deepEqual(await figure(page, "profit"), { EUR: "40.00" });
    assert.deepEqual(await figure(page, "orders"), { "": "1" });
    assert.match(await page.title(), /^€369\.00 – Talaria$/);
  }));

test("currencies stand side by side and are never added", () =>
  onPage({ items: 0 }, async (page, stub) => {
    stub.shop.purchase({ itemId: "A", price: 10, currency: "EUR" });
    stub.shop.purchase({ itemId: "A", price: 12900, currency: "JPY" });
    stub.shop.purchase({ itemId: "A", price: 1.5, currency: "KWD" });
    stub.push();
    await eventually(() => figure(page, "order-revenue"), { EUR: "10.00", JPY: "12900.00", KWD: "1.50" });
    const shown = await page.locator("[data-figure=order-revenue] data").allTextContents();
    assert.deepEqual(shown.map((text) => text.replaceAll("\u00a0", " ")), ["€10.00", "¥12,900", "KWD 1.500"]);
    assert.deepEqual(await page.locator("#items tbody [data-column=revenue] data").allTextContents(), shown);
    assert.equal(await page.locator("#measure option").count(), 7);
  }));

test("counts are said to be of all currencies while one is chosen", () =>
  onPage({ items: 0 }, async (page, stub) => {
    stub.shop.purchase({ itemId: "A", price: 10, currency: "EUR", profit: 2 });
    stub.shop.purchase({ itemId: "A", price: 12900, currency: "JPY" });
    stub.push();
    const note = (figure) => page.locator(`[data-figure=${figure}] .note`).textContent();
    await eventually(() => note("profit"), "known for 1 of 2 units");
    assert.equal(await note("orders"), "and 0 refunds");
    await page.selectOption("#currency", "EUR");
    await eventually(() => note("profit"), "known for 1 unit");
    await eventually(() => note("orders"), "and 0 refunds, in all currencies");
    assert.equal(await note("units"), "none refunded, in all currencies");
    assert.doesNotMatch(await note("order-revenue"), /all currencies/);
    assert.match(await page.locator("#funnel-total").textContent(), /; counts are in all currencies$/);
    assert.match(await page.locator("#items-count").textContent(), /^1 item, counts in all currencies$/);
    const measures = await page.locator("#measure option").allTextContents();
    assert.deepEqual(measures.slice(-4), ["Orders, all currencies", "Units sold, all currencies", "Views, all currencies", "Added to cart, all currencies"]);
  }));

test("each figure is compared in sign and words, not by colour alone", () => {
  const shop = new Shop();
  shop.purchase({ itemId: "A", price: 10 }, "before");
  shop.purchase({ itemId: "A", price: 12 });
  return onPage({ shop }, async (page) => {
    assert.equal(await page.locator("[data-figure=order-revenue] .comparison").textContent(), "▲+€2.00, 20% more than the 30 min before");
    assert.equal(await page.locator("[data-figure=orders] .comparison").textContent(), "■unchanged against the 30 min before");
  });
});

test("profit that is not known is not shown as nought", () =>
  onPage({ items: 0 }, async (page, stub) => {
    stub.shop.purchase({ itemId: "A", price: 10, quantity: 3 });
    stub.push();
    await eventually(() => figure(page, "profit"), { "": "" });
    assert.equal(await page.locator("[data-figure=profit] .note").textContent(), "known for 0 of 3 units");
    assert.equal(await page.locator("#items [data-column=profit] small").textContent(), "unknown");
  }));

test("refunds of unknown orders are said only when there are some", () =>
  onPage({ items: 3 }, async (page, stub) => {
    assert.equal(await page.locator("#unallocated").isHidden(), true);
    stub.shop.now.unallocatedRefunds = { count: 2, value: { EUR: 30_000_000n } };
    stub.push();
    await page.locator("#unallocated").waitFor();
    assert.match(await page.locator("#unallocated").textContent(), /^2 refunds, €30\.00, are in no figure above/);
  }));

test("the funnel gives each step's share of the one before", () =>
  onPage({ items: 0 }, async (page, stub) => {
    stub.shop.look("A", "views", 200);
    stub.shop.look("A", "carts", 50);
    stub.shop.look("A", "checkouts", 20);
    for (let order = 0; order < 5; order += 1) stub.shop.purchase({ itemId: "A" });
    stub.push();
    await eventually(() => page.locator("#funnel .rate").allTextContents(), ["", "25% of views", "40% of carts", "25% of checkouts"]);
    assert.equal(await page.locator("#funnel-total").textContent(), "2.5% of views became purchases");
  }));

test("the chart tells its points to mouse, keyboard and screen reader alike", () => {
  const shop = new Shop();
  shop.purchase({ itemId: "A", price: 42, point: 28 });
  shop.purchase({ itemId: "A", price: 7, point: 29 });
  return onPage({ shop }, async (page) => {
    const chart = page.locator("#chart");
    await chart.focus();
    assert.match(await chart.getAttribute("aria-valuetext"), /, so far: €7\.00$/);
    await page.keyboard.press("ArrowLeft");
    assert.match(await chart.getAttribute("aria-valuetext"), /^\d\d:\d\d: €42\.00$/);
    assert.equal(await page.locator(".tip strong").textContent(), "€42.00");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".tip").isHidden(), true);
    const box = await chart.boundingBox();
    await page.mouse.move(box.x + box.width - 12, box.y + 60);
    assert.equal(await page.locator(".tip strong").textContent(), "€7.00");
    await page.locator("#chart-table summary").click();
    // The browser tells the page of the opened table when it comes to it.
    const rows = page.locator("#chart-table tbody tr");
    await eventually(() => rows.count(), 30);
    assert.match(await rows.nth(1).textContent(), /€42\.00/);
  });
});

test("with a category, orders are left out and said to be", () =>
  onPage({ items: 12 }, async (page) => {
    await page.selectOption("#category", "Tea");
    await eventually(() => figure(page, "order-revenue"), { "": "" });
    assert.equal(await page.locator("[data-figure=item-revenue][data-leading]").count(), 1);
    assert.equal(await page.locator("#chart-note").isVisible(), true);
    assert.match(page.url(), /category=Tea/);
  }));

test("numbers are written as the reader's locale writes them", () =>
  onPage({ items: 0 }, async (page, stub) => {
    stub.shop.purchase({ itemId: "A", price: 12345.6 });
    stub.push();
    await eventually(async () => (await page.locator("[data-figure=order-revenue] data").textContent()).replaceAll("\u00a0", " "), "12.345,60 €");
  }, { context: { locale: "de-DE" } }));
