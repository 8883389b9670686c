// Runs a template's own tests outside of Tag Manager: node tests/run.mjs [template.tpl]

import { runScenarios } from "./runner/scenarios.mjs";
import { readTemplate } from "./runner/template.mjs";

const results = await runScenarios(readTemplate(process.argv[2]));
for (const { name, faults } of results) {
  console.log(`${faults.length === 0 ? "ok    " : "FAILED"} ${name}`);
  for (const fault of faults) console.log(`       ${fault}`);
}
const failed = results.filter(({ faults }) => faults.length > 0).length;
console.log(`${results.length} scenarios, ${failed} failed`);
process.exitCode = failed > 0 || results.length === 0 ? 1 : 0;
