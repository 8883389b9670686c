// Each seeded fault is seen, and the template without a fault passes what sees them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { examine, FAULTS, seeded, templateText } from "./faults.mjs";

test("the template without a fault passes both", async () => {
  const none = ["no fault", "const PATH = '/publish-event';", "const PATH = '/publish-event';"];
  assert.deepEqual(await examine(templateText(), none), { what: "no fault", scenarios: [], tests: false });
});

test("there are ten faults, and each changes the template", () => {
  assert.ok(FAULTS.length >= 10);
  assert.equal(new Set(FAULTS.map((fault) => seeded(templateText(), fault))).size, FAULTS.length);
});

for (const fault of FAULTS) {
  test(`seen: ${fault[0]}`, async () => {
    const { scenarios, tests } = await examine(templateText(), fault);
    assert.ok(tests, "the Node tests pass");
    assert.ok(scenarios.length > 0, "the template's own scenarios pass");
  });
}
