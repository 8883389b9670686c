// Reads a template file: its sections, its permissions, its scenarios. What it does not understand is a fault, never skipped.

import { readFileSync } from "node:fs";

/** The sections that a server container's tag template has, in the order in which Tag Manager writes them. */
export const SECTIONS = [
  "TERMS_OF_SERVICE",
  "INFO",
  "TEMPLATE_PARAMETERS",
  "SANDBOXED_JS_FOR_SERVER",
  "SERVER_PERMISSIONS",
  "TESTS",
  "NOTES",
];

/** The template beside this folder, or the one that TALARIA_TEMPLATE names (the seeded faults are tested so). */
export function readTemplate(path = process.env.TALARIA_TEMPLATE ?? new URL("../../template.tpl", import.meta.url)) {
  return parseTemplate(readFileSync(path, "utf8"));
}

/** @returns {{info: object, parameters: object[], code: string, permissions: object[], scenarios: {name: string, code: string}[], setup: string}} */
export function parseTemplate(text) {
  const parts = text.replace(/^\uFEFF/, "").split(/^___([A-Z_]+)___$/m);
  const names = parts.filter((_, index) => index % 2 === 1);
  if (names.join() !== SECTIONS.join()) throw new Error(`the sections are ${names.join(", ")}; they must be ${SECTIONS.join(", ")}`);
  const section = (name) => parts[parts.indexOf(name) + 1].trim();
  return {
    info: JSON.parse(section("INFO")),
    parameters: JSON.parse(section("TEMPLATE_PARAMETERS")),
    code: section("SANDBOXED_JS_FOR_SERVER"),
    permissions: JSON.parse(section("SERVER_PERMISSIONS")),
    notes: section("NOTES"),
    terms: section("TERMS_OF_SERVICE"),
    ...parseTests(section("TESTS")),
  };
}

/** Each field of the template by name, those in groups and columns of tables among them. */
export function fieldsOf(parameters) {
  return parameters.flatMap((field) => [field, ...fieldsOf(field.subParams ?? [])]);
}

/** The part of YAML that Tag Manager writes here: a list of names and blocks of code, and a block for the set-up. */
function parseTests(text) {
  const scenarios = [];
  let setup = "";
  const lines = text.split("\n");
  const block = (from, indentation) => {
    let end = from;
    while (end < lines.length && (lines[end].trim() === "" || lines[end].startsWith(indentation))) end += 1;
    return [lines.slice(from, end).map((line) => line.slice(indentation.length)).join("\n"), end];
  };
  for (let index = 0; index < lines.length; ) {
    const line = lines[index];
    const name = line.match(/^- name: (.+)$/);
    if (/^scenarios:( \[\])?$/.test(line) || line.trim() === "") index += 1;
    else if (name) {
      scenarios.push({ name: name[1].replace(/^(['"])(.*)\1$/, "$2"), code: "" });
      index += 1;
    } else if (/^ {2}code: \|-?$/.test(line)) [scenarios.at(-1).code, index] = block(index + 1, "    ");
    else if (/^setup: \|-?$/.test(line)) [setup, index] = block(index + 1, "  ");
    else throw new Error(`this line of ___TESTS___ is not understood: ${line}`);
  }
  return { scenarios, setup };
}
