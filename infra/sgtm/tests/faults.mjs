// Ten faults, seeded into the template one at a time: `node tests/faults.mjs` says which tests see each. A test suite that
// lets one of them pass proves nothing about the template.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runScenarios } from "./runner/scenarios.mjs";
import { parseTemplate } from "./runner/template.mjs";

const BEHAVIOUR = ["delivery", "event", "proof", "sandbox"].map((name) => fileURLToPath(new URL(`${name}.test.mjs`, import.meta.url)));

/** Each: what is wrong, the text that is replaced, and what stands there instead. */
export const FAULTS = [
  ["the status test is turned round", "if (answer.statusCode === 202) return", "if (answer.statusCode !== 202) return"],
  ["the address is wrong", "const PATH = '/publish-event';", "const PATH = '/publish-events';"],
  ["the permission to send is removed", '"publicId": "send_http"', '"publicId": "send_pixel_from_browser"'],
  ["NaN is let through", "return value - value === 0 ? value : undefined;", "return value;"],
  ["the signature is lost", "  if (data.auth === 'hmac') sign(headers, body);\n", ""],
  ["the tag ends twice", "  if (finished) return;\n", "  data.gtmOnFailure();\n"],
  ["there is no timeout", "  options.timeout = Math.min(timeoutMs, left);\n", ""],
  ["consent is ignored", "if (data.consent !== 'required') return true;", "return true;"],
  ["a number becomes a text", "  return sendable(makeNumber(value.trim()), 0);", "  return value.trim();"],
  ["the event id is another each time", "return 'sgtm-' + sha256Sync(JSON.stringify(parts),", "return 'sgtm-' + sha256Sync(JSON.stringify(parts) + generateRandom(0, 9) + getTimestampMillis(),"],
];

/** Seeds a fault. The text must be there exactly once, or the fault would not be the one that it says. */
export function seeded(text, [what, original, replacement]) {
  if (text.split(original).length !== 2) throw new Error(`${what}: the text to replace is not there exactly once`);
  return text.replace(original, () => replacement);
}

/** @returns {Promise<{what: string, scenarios: string[], tests: boolean}>} the scenarios that fail, and whether the Node tests do. */
export async function examine(text, fault) {
  const faulty = seeded(text, fault);
  const results = await runScenarios(parseTemplate(faulty));
  const scenarios = results.filter(({ faults }) => faults.length > 0).map(({ name }) => name);
  return { what: fault[0], scenarios, tests: await nodeTestsFail(faulty) };
}

async function nodeTestsFail(text) {
  const folder = mkdtempSync(join(tmpdir(), "talaria-template-"));
  try {
    const path = join(folder, "template.tpl");
    writeFileSync(path, text);
    // Without the outer run's context, which would make the inner one report to it.
    const { NODE_TEST_CONTEXT, ...environment } = process.env;
    const child = spawn(process.execPath, ["--test", ...BEHAVIOUR], { env: { ...environment, TALARIA_TEMPLATE: path }, stdio: "ignore" });
    return (await new Promise((resolve) => child.on("exit", (code) => resolve(code)))) !== 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const templateText = () => readFileSync(new URL("../template.tpl", import.meta.url), "utf8");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const fault of FAULTS) {
    const { what, scenarios, tests } = await examine(templateText(), fault);
    if (scenarios.length === 0 && !tests) process.exitCode = 1;
    console.log(`${what}: ${scenarios.length} scenarios fail, the Node tests ${tests ? "fail" : "pass"}`);
  }
}
