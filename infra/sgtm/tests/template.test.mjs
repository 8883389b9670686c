// The file as the gallery and the editor want it, and the template's own scenarios.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runScenarios } from "./runner/scenarios.mjs";
import { fieldsOf } from "./runner/template.mjs";
import { template } from "./helpers.mjs";

const file = (name) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");

test("the template's own scenarios pass", async (context) => {
  const { scenarios } = template();
  assert.ok(scenarios.length >= 20);
  assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length);
  for (const { name, faults } of await runScenarios(template())) await context.test(name, () => assert.deepEqual(faults, []));
});

test("it is a tag of a server container, with the gallery's terms", () => {
  const { info, terms } = template();
  assert.deepEqual([info.type, info.id, info.containerContexts], ["TAG", "cvt_temp_public_id", ["SERVER"]]);
  assert.ok(info.displayName && info.description && info.brand.displayName && info.categories.length > 0);
  assert.match(terms, /developers\.google\.com\/tag-manager\/gallery-tos/);
});

test("each field is used by the code and explained on the page, and the code uses no other", () => {
  const fields = fieldsOf(template().parameters).filter(({ type }) => type !== "GROUP");
  const used = new Set([...template().code.matchAll(/\bdata\.(\w+)/g)].map(([, name]) => name));
  for (const callback of ["gtmOnSuccess", "gtmOnFailure"]) assert.ok(used.delete(callback));
  assert.deepEqual([...used].toSorted(), fields.map(({ name }) => name).toSorted());
  const page = file("README.md");
  for (const { displayName, checkboxText } of fields) assert.ok(page.includes(`**${displayName ?? checkboxText}**`), `README.md does not explain “${displayName ?? checkboxText}”`);
});

test("a choice's default is one of its choices, and conditions name fields that are there", () => {
  const fields = fieldsOf(template().parameters);
  const names = fields.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const field of fields) {
    const choices = field.radioItems ?? field.selectItems;
    if (choices) assert.ok(choices.some(({ value }) => value === field.defaultValue), field.name);
    for (const { paramName, paramValue } of field.enablingConditions ?? []) {
      const other = fields.find(({ name }) => name === paramName);
      assert.ok((other.radioItems ?? other.selectItems).some(({ value }) => value === paramValue), `${field.name} depends on ${paramName}=${paramValue}`);
    }
  }
});

test("the code requires what it uses, once, and nothing else", () => {
  const required = [...template().code.matchAll(/^const (\w+) = require\('(\w+)'\);$/gm)];
  assert.deepEqual(required.map(([, name]) => name), required.map(([, , api]) => api));
  for (const [, name] of required) assert.ok(template().code.match(new RegExp(`\\b${name}\\b`, "g")).length > 2, `${name} is required and not used`);
});

test("the folder can become a repository of the gallery", () => {
  assert.match(file("LICENSE"), /Apache License\s+Version 2\.0, January 2004/);
  const metadata = file("metadata.yaml");
  for (const key of [/^homepage: "https:\/\/.+"$/m, /^documentation: "https:\/\/.+"$/m, /^versions:$/m, /^ {2}- sha: [0-9a-f]{40}$/m, /^ {4}changeNotes: .+$/m]) assert.match(metadata, key);
});
