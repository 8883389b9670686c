// Debian's Chromium, started once a test file, with a user data directory of its own; pages that fail on what they must not do.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Starts the browser; `CHROMIUM` names another executable. */
export function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) throw new Error(`${executablePath} is missing: apt-get install chromium, or name another with CHROMIUM`);
  return chromium.launch({ executablePath, headless: true, args: ARGUMENTS });
}

/**
 * Opens an address in a fresh context. `page.complaints` collects errors of the console, of scripts and of the content
 * security policy, and requests to other hosts; a test ends by checking that there are none.
 */
export async function openPage(browser, address, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Paris", viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => message.type() === "error" && page.complaints.push(message.text()));
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  const own = new URL(address).host;
  page.on("request", (request) => new URL(request.url()).host !== own && page.complaints.push(`asked ${request.url()}`));
  await page.goto(address, { waitUntil: "domcontentloaded" });
  return page;
}

/** What axe finds wrong, each with where. The script is evaluated from outside, so the page's own policy stays as it is. */
export async function violations(page) {
  await page.evaluate(await readFile(AXE, "utf8"));
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return found.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`);
}
