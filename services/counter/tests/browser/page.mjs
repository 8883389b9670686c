// What the browser tests share: a stub with a page open on it, and what they read off the page.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { openPage, startBrowser } from "./browser.mjs";
import { startStub } from "./stub.mjs";

let browser = null;

/** Starts one browser for the file; call it at the top of a test file. */
export function withBrowser() {
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser?.close());
}

/** Opens the page on a stub made with these options, runs the test, and checks that the page had nothing to complain of. */
export async function onPage(options, work, { query = "", context = {}, expected = /^$/ } = {}) {
  const stub = await startStub(options);
  const page = await openPage(browser, `${stub.url}/${query}`, context);
  try {
    await page.locator("[data-link=live]").waitFor();
    await page.locator(":is(#board, #empty, #quiet, #deliveries):visible").first().waitFor();
    await work(page, stub);
    assert.deepEqual(page.complaints.filter((complaint) => !expected.test(complaint)), []);
  } finally {
    await page.context().close();
    await stub.close();
  }
}

/** What a figure of the strip holds: exact values by currency (or under "" where there is none). */
export function figure(page, id) {
  return page.locator(`[data-figure=${id}] data`).evaluateAll((nodes) => Object.fromEntries(nodes.map((node) => [node.dataset.currency ?? "", node.getAttribute("value")])));
}

/** Waits until `read` gives what is expected; the last thing that it gave is in the failure. */
export async function eventually(read, expected, within = 5_000) {
  const end = Date.now() + within;
  for (;;) {
    const found = await read();
    try {
      assert.deepEqual(found, expected);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/** The items' names in the order in which they stand. */
export const names = (page) => page.locator("#items tbody .name").allTextContents();
