// The busiest items: order, movement, sorting, search, many rows, patching in place, and text that is not markup.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, names, onPage, withBrowser } from "./page.mjs";
import { Shop } from "./stub_shop.mjs";

withBrowser();

const threeItems = () => {
  const shop = new Shop();
  shop.purchase({ itemId: "A", name: "Apple", price: 30 });
  shop.purchase({ itemId: "B", name: "Bread", price: 20 });
  shop.look("C", "views", 90, { name: "Cheese" });
  for (const [id, rank] of [["A", 3], ["B", 2]]) shop.items.get(id).rankBefore = rank;
  return shop;
};

test("rows move to their rank, and say how far in words", () =>
  onPage({ shop: threeItems() }, async (page, stub) => {
    assert.deepEqual(await names(page), ["Apple", "Bread", "Cheese"]);
    assert.deepEqual(await page.locator(".movement .spoken").allTextContents(), ["up 2, from 3", "same rank as before", "new, had no rank before"]);
    const apple = await page.locator("#items tbody tr").first().elementHandle();
    stub.shop.purchase({ itemId: "B", price: 20 });
    stub.push();
    await eventually(() => names(page), ["Bread", "Apple", "Cheese"]);
    assert.equal(await apple.evaluate((row) => row.isConnected && row.rowIndex), 2);
  }));

test("a header sorts, by mouse and by keyboard, and the address remembers it", () =>
  onPage({ shop: threeItems() }, async (page) => {
    await page.getByRole("button", { name: "Views" }).click();
    await eventually(() => names(page), ["Cheese", "Apple", "Bread"]);
    await page.getByRole("button", { name: "Item", exact: true }).focus();
    await page.keyboard.press("Enter");
    await eventually(() => names(page), ["Apple", "Bread", "Cheese"]);
    assert.equal(await page.locator("th[aria-sort=ascending]").count(), 1);
    await page.keyboard.press("Enter");
    await eventually(() => names(page), ["Cheese", "Bread", "Apple"]);
    assert.match(page.url(), /\?sort=name$/);
    await page.reload();
    await eventually(() => names(page), ["Cheese", "Bread", "Apple"]);
  }));

test("a search narrows the list, and its way out widens it", () =>
  onPage({ shop: threeItems() }, async (page) => {
    await page.fill("#search", "brea");
    await eventually(() => names(page), ["Bread"]);
    const file = await page.locator("#csv").getAttribute("href");
    assert.match(file, /^\/api\/export\.csv\?.*q=brea/);
    assert.doesNotMatch(file, /limit/, "the file has all rows");
    await page.fill("#search", "nothing like it");
    await page.locator("#no-match").waitFor();
    await page.locator("#clear").click();
    await eventually(() => names(page).then((found) => found.length), 3);
    assert.equal(await page.locator("#search").inputValue(), "");
  }));

test("of 2,000 items 50 come first and all can be had, fast enough to be used", () =>
  onPage({ items: 2000 }, async (page, stub) => {
    assert.equal(await page.locator("#items tbody tr").count(), 50);
    assert.equal(await page.locator("#items-count").textContent(), "50 of 2,000 items");
    for (const rows of [200, 800, 2000]) {
      await page.locator("#more").click();
      await eventually(() => page.locator("#items tbody tr").count(), rows, 15_000);
    }
    assert.equal(await page.locator("#more").isHidden(), true);
    await page.evaluate(() => {
      globalThis.changes = 0;
      const count = (records) => (globalThis.changes += records.length);
      new MutationObserver(count).observe(document.querySelector("#items tbody"), { childList: true, subtree: true, characterData: true, attributes: true });
    });
    const last = await page.locator("#items tbody tr").nth(1500).locator(".about").textContent();
    stub.shop.look(last.split(" · ")[0], "views");
    stub.push();
    await eventually(() => page.evaluate(() => globalThis.changes > 0), true);
    assert.ok((await page.evaluate(() => globalThis.changes)) < 12, "one item's view touches that item's row alone");
  }));

test("what an event says is text, whatever it looks like", () => {
  const shop = new Shop();
  const id = "a/b?c#d%20 🎉 <img src=x onerror=alert(1)>";
  shop.purchase({ itemId: id, name: "<script>document.title='x'</script>", category: "<b>", price: 1 });
  shop.purchase({ itemId: "x".repeat(1500), price: 2 });
  return onPage({ shop }, async (page) => {
    assert.deepEqual(await names(page), ["x".repeat(1500), "<script>document.title='x'</script>"]);
    assert.equal(await page.locator("#items img, #items script").count(), 0);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling");
  });
});
