// The runner itself: what the sandbox has not must fail, what the template may not must fail, and a scenario must be able to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fire, PURCHASE, template } from "./helpers.mjs";
import { Host } from "./runner/apis.mjs";
import { Realm } from "./runner/realm.mjs";
import { runScenarios } from "./runner/scenarios.mjs";
import { complaintsAbout } from "./runner/syntax.mjs";
import { parseTemplate, SECTIONS } from "./runner/template.mjs";

test("the world of a template has no globals and only the standard library's methods", () => {
  const realm = new Realm();
  for (const name of ["fetch", "Date", "setTimeout", "process", "globalThis", "console", "Promise", "RegExp", "eval", "Symbol", "JSON", "Math", "Object", "Error"]) {
    assert.throws(() => realm.run(`return ${name};`, {}, "test"), /is not defined/, name);
  }
  for (const expression of ["[1].includes(1)", "[1].find((n) => n)", "[].flat()", "'a'.startsWith('a')", "'a'.padStart(2)", "'a'.charCodeAt(0)", "(1.5).toFixed(1)", "({}).hasOwnProperty('a')", "(() => 1).call()", "(() => 1).constructor('return 1')()"]) {
    assert.throws(() => realm.run(`return ${expression};`, {}, "test"), /is not a function/, expression);
  }
  assert.deepEqual([...realm.run("return [3, 1].concat('a,b'.split(',')).map((value) => value + '').sort();", {}, "test")], ["1", "3", "a", "b"]);
});

test("values that come into the world bring no other methods along, and no way out", async () => {
  const escape = "const getAllEventData = require('getAllEventData'); const list = getAllEventData().items; list.includes(1); data.gtmOnSuccess();";
  const { errors } = await fire({ from: { ...template(), code: escape.replace(".includes", "['includes']") }, throws: true });
  assert.match(errors[0].message, /is not a function/);
  const realm = new Realm();
  assert.equal(realm.run("return given.constructor;", { given: realm.kit.copyIn({ a: [1] }) }, "test"), undefined);
  assert.equal(realm.run("return given.constructor;", { given: realm.kit.copyIn(() => 1) }, "test"), undefined);
});

test("newer or forbidden syntax is refused", () => {
  const cases = [
    "const a = `b`;", "const a = /b/;", "return /b/;", "f(/b/g);", "const a = [...b];", "const {a} = b;", "const [a] = b;", "class A {}", "new a();", "this.a = 1;",
    "async () => 1;", "await a;", "try { a(); } catch (e) {}", "throw a;", "typeof a;", "delete a.b;", "a instanceof b;", "a?.b;", "a ?? b;", "a ** 2;", "a ??= 1;",
    "const f = (a = 1) => a;", "const f = ({a}) => a;", "const f = function* () {};", "const o = {a};", "const o = {a() {}};", "const o = {['a']: 1};", "10n;", "1_000;", "NaN;",
    "fetch('x');", "Date.now();", "setTimeout(a);", "console.log(1);", "window.a;", "import a from 'b';", "'a'.includes('b');", "[].find(a);",
  ];
  for (const code of cases) assert.notDeepEqual(complaintsAbout(code, ["a", "b", "f"]), [], code);
  for (const code of ["const o = {a: 1, 'b-c': [a / b, 2]}; let n = 0.5; for (const k of o.a) f(k, (x, y) => x % y);", "// new Date() in `here`\nconst s = 'class /x/ ...';", "function g(x) { return x ? {a: x} : [x]; }"]) {
    assert.deepEqual(complaintsAbout(code, ["a", "b", "f"]), [], code);
  }
});

test("without its permission an API ends the run, and nothing leaves", async () => {
  const uses = {
    send_http: {},
    read_event_data: {},
    read_request: {},
    read_container_data: {},
    logging: { fields: { logging: "always" } },
    access_template_storage: { fields: { auth: "google", serviceAccount: "a@b" } },
    use_google_credentials: { fields: { auth: "google", serviceAccount: "a@b" } },
    use_custom_private_keys: { fields: { auth: "hmac" }, keys: { talaria: "a2V5" } },
  };
  const granted = template().permissions.map(({ instance }) => instance.key.publicId);
  assert.deepEqual(granted.toSorted(), Object.keys(uses).toSorted(), "a permission too many, or one that is not tested");
  for (const [name, options] of Object.entries(uses)) {
    const from = { ...template(), permissions: template().permissions.filter(({ instance }) => instance.key.publicId !== name) };
    const { errors, ended } = await fire({ ...options, from, throws: true });
    assert.match(errors[0]?.message ?? "", new RegExp(`needs the permission ${name}`), name);
    assert.equal(ended.success, 0, name);
  }
});

test("requests go to the publisher's path and to Google's two addresses alone, over HTTPS", async () => {
  for (const [fields, allowed] of [
    [{ publisherUrl: "https://publisher.example.com" }, true],
    [{ publisherUrl: "https://example.com/a/b" }, true],
    [{ publisherUrl: "http://publisher.example.com" }, false],
    [{ publisherUrl: "https://user@example.com" }, false],
    [{ transport: "pubsub", topic: "projects/p/topics/t" }, true],
  ]) {
    const { errors, requests } = await fire({ fields, throws: true });
    assert.equal(requests.length > 0, allowed, JSON.stringify(fields));
    assert.equal(errors.length, allowed ? 0 : 1);
  }
});

test("a scenario fails when an assertion does, when it asserts nothing, and when it reaches out", async () => {
  const cases = { "assertThat(1).isEqualTo(2);": /1 is not 2/, "runCode({});": /asserts nothing/, "fail('so');": /so/, "assertApi('sendHttpRequest').wasCalled();": /was not called/, "require('fetch');": /no such API/, "assertThat(1).isEqualTo(1); Date;": /global Date/,
    "mock('getEventData', 'purchase'); runCode({publisherUrl: 'https://a', events: 'all'}); assertApi('sendHttpRequest').wasCalled();": /reaches nobody/ };
  for (const [code, complaint] of Object.entries(cases)) {
    const [{ faults }] = await runScenarios({ ...template(), setup: "", scenarios: [{ name: "a", code }] });
    assert.match(faults.join("; "), complaint, code);
  }
});

test("a file that is no template is refused", () => {
  const text = SECTIONS.map((name) => `___${name}___\n\n${{ TESTS: "scenarios: []", SERVER_PERMISSIONS: "[]", TEMPLATE_PARAMETERS: "[]" }[name] ?? "{}"}\n`).join("\n");
  assert.deepEqual(parseTemplate(`\uFEFF${text}`).scenarios, []);
  assert.throws(() => parseTemplate(text.replace("___INFO___", "")), /the sections are/);
  assert.throws(() => parseTemplate(text.replace("scenarios: []", "scenarios:\n- title: a")), /not understood/);
});

test("a run is told apart from another, and the host's clock moves only with it", async () => {
  const host = new Host({ nowMs: 5000 });
  const first = await fire({ host, network: () => ({ statusCode: 202, afterMs: 70 }) });
  const second = await fire({ host, event: { ...PURCHASE, event_id: "evt-2" } });
  assert.deepEqual([first.elapsedMs, second.requests[0].atMs, host.nowMs], [70, 5070, 5070]);
});
