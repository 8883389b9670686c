// axe on every state of the page, in both colours; no sideways scrolling from a phone to a wall; the choice of colours.

import assert from "node:assert/strict";
import { test } from "node:test";
import { violations } from "./browser.mjs";
import { eventually, onPage, withBrowser } from "./page.mjs";

withBrowser();

const WIDTHS = [360, 768, 1024, 1920, 3840];
const STATES = [
  { name: "empty", options: { items: 0 } },
  { name: "60 items in three currencies", options: { items: 60, currencies: ["EUR", "JPY", "KWD"] } },
  { name: "cut off", options: { items: 60 }, cut: true },
  { name: "deliveries", options: { items: 1 }, query: "?view=deliveries&event=evt-dl-1" },
];

for (const { name, options, query, cut } of STATES) {
  for (const colorScheme of ["light", "dark"]) {
    test(`${name}, ${colorScheme}: axe finds nothing and nothing scrolls sideways`, () =>
      onPage(options, async (page, stub) => {
        if (query) await page.locator("#letters li").first().waitFor();
        if (options.items > 1) await page.locator("#chart-table summary").click();
        if (cut) {
          stub.cut();
          await page.locator("#banner").waitFor();
        }
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `sideways at ${width}`);
          if (width === 360 || width === 1920) assert.deepEqual(await violations(page), []);
        }
      }, { query, context: { colorScheme }, expected: /Failed to load resource|404/ }));
  }
}

test("the colours follow the system until the reader chooses, and the choice is remembered", () =>
  onPage({ items: 1 }, async (page) => {
    const theme = () => page.locator("html").getAttribute("data-theme");
    assert.equal(await theme(), "light");
    await page.emulateMedia({ colorScheme: "dark" });
    await eventually(theme, "dark");
    await page.getByRole("button", { name: "Use light colours" }).click();
    assert.equal(await theme(), "light");
    await page.reload();
    assert.equal(await theme(), "light");
  }));

test("all that can be done can be reached by keyboard, the skip link first", () =>
  onPage({ items: 3 }, async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    const reached = new Set();
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.textContent));
    }
    for (const id of ["view-deliveries", "theme", "category", "currency", "measure", "chart", "search", "csv"]) assert.ok(reached.has(id), `${id} of ${[...reached]}`);
  }));

test("live figures are no live region: only changes of the line are spoken", () =>
  onPage({ items: 3 }, async (page) => {
    assert.equal(await page.locator("#board :is([aria-live], [role=status], [role=alert], [role=log])").count(), 0);
  }));
