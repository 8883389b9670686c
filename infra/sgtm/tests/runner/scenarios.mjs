// Runs the scenarios of ___TESTS___ with Tag Manager's test API: runCode, mock, mockObject, assertApi, assertThat, fail.

import { isDeepStrictEqual } from "node:util";
import { Host } from "./apis.mjs";
import { Sandbox } from "./sandbox.mjs";
import { complaintsAbout } from "./syntax.mjs";

const TEST_API = ["runCode", "mock", "mockObject", "assertApi", "assertThat", "fail"];

/** @returns {Promise<{name: string, faults: string[]}[]>} one entry a scenario; without faults it passed. */
export async function runScenarios(template) {
  const results = [];
  for (const scenario of template.scenarios) results.push({ name: scenario.name, faults: await faultsOf(template, scenario) });
  return results;
}

async function faultsOf(template, scenario) {
  const code = `${template.setup}\n${scenario.code}`;
  const complaints = complaintsAbout(code, TEST_API);
  if (complaints.length > 0) return complaints;
  try {
    const unmocked = () => {
      throw new Error("sendHttpRequest was not mocked: a test reaches nobody");
    };
    const sandbox = new Sandbox(template, new Host({ network: unmocked }));
    const test = new Test(sandbox);
    test.run(code, scenario.name);
    await sandbox.settle();
    return [...test.faults, ...sandbox.errors.map((error) => error.message)];
  } catch (error) {
    return [error.message];
  }
}

class Test {
  faults = [];
  #assertions = 0;

  constructor(sandbox) {
    this.sandbox = sandbox;
  }

  run(code, name) {
    const { kit } = this.sandbox.realm;
    const api = {
      require: this.sandbox.require,
      runCode: (fields) => this.sandbox.start(fields),
      mock: (api, replacement) => this.sandbox.mock(api, replacement),
      mockObject: (api, methods) => this.sandbox.mock(api, methods),
      assertApi: (api) => this.#assertApi(api),
      assertThat: (actual, message) => this.#assertThat(actual, message),
      fail: (message) => this.#check(false, message ?? "fail()"),
    };
    try {
      this.sandbox.realm.run(code, Object.fromEntries(Object.entries(api).map(([key, call]) => [key, kit.copyIn(call)])), name);
    } catch (error) {
      this.faults.push(error.message);
    }
    if (this.#assertions === 0) this.faults.push("the scenario asserts nothing");
  }

  #check(holds, complaint) {
    this.#assertions += 1;
    if (!holds) this.faults.push(complaint);
  }

  #assertApi(api) {
    const calls = this.sandbox.calls.get(api) ?? [];
    const calledWith = (expected) => calls.some((args) => same(args, expected));
    return {
      wasCalled: () => this.#check(calls.length > 0, `${api} was not called`),
      wasNotCalled: () => this.#check(calls.length === 0, `${api} was called`),
      wasCalledWith: (...expected) => this.#check(calledWith(expected), `${api} was not called with ${show(expected)} but with ${show(calls)}`),
      wasNotCalledWith: (...expected) => this.#check(!calledWith(expected), `${api} was called with ${show(expected)}`),
    };
  }

  #assertThat(actual, message = "the value") {
    const check = (holds, what, expected) => this.#check(holds, `${message}: ${show(actual)} ${what}${expected === undefined ? "" : ` ${show(expected)}`}`);
    return {
      isUndefined: () => check(actual === undefined, "is not undefined"),
      isDefined: () => check(actual !== undefined, "is undefined"),
      isTrue: () => check(actual === true, "is not true"),
      isFalse: () => check(actual === false, "is not false"),
      isEqualTo: (expected) => check(same(actual, expected), "is not", expected),
      isNotEqualTo: (expected) => check(!same(actual, expected), "is", expected),
      isStrictlyEqualTo: (expected) => check(actual === expected, "is not", expected),
      isGreaterThan: (expected) => check(actual > expected, "is not greater than", expected),
      isLessThan: (expected) => check(actual < expected, "is not less than", expected),
      contains: (expected) => check(actual.includes(expected), "does not contain", expected),
      doesNotContain: (expected) => check(!actual.includes(expected), "contains", expected),
      hasLength: (expected) => check(actual.length === expected, "has not the length", expected),
    };
  }
}

/** Equal by value, whichever world the values are from. */
const same = (actual, expected) => isDeepStrictEqual(plain(actual), plain(expected));
const plain = (value) => (value === undefined ? value : JSON.parse(JSON.stringify(value) ?? '"a function"'));
const show = (value) => (value === undefined ? "undefined" : JSON.stringify(value));
