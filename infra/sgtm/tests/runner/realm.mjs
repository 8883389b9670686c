// A world with nothing in it: the language's values with the methods that Google's standard library lists, and no global at
// all. What a template gets beyond that it has required.

import vm from "node:vm";

const KEPT = {
  Array: "concat every filter forEach indexOf join lastIndexOf map pop push reduce reduceRight reverse shift slice some sort splice toString unshift",
  String:
    "charAt concat indexOf lastIndexOf match replace search slice split substring toLowerCase toLocaleLowerCase toString toUpperCase toLocaleUpperCase trim",
  Object: "toString",
  Boolean: "toString",
  Number: "toString",
  Function: "",
  Promise: "then catch finally",
};

/** Runs inside of the world, before it is emptied. */
const PREPARATION = `(kept) => {
  const { Promise, Reflect, WeakSet } = globalThis;
  const whole = new WeakSet();
  const apply = Reflect.apply;
  const list = globalThis.Array.isArray;
  const keys = globalThis.Object.keys;
  const ownPromise = (value) => value !== null && typeof value === "object" && value instanceof Promise;
  const copyIn = (value) => {
    if (typeof value === "function") return function () { return copyIn(apply(value, undefined, arguments)); };
    if (value === null || typeof value !== "object" || ownPromise(value) || whole.has(value)) return value;
    if (list(value)) { const copy = []; for (let i = 0; i < value.length; i += 1) copy[i] = copyIn(value[i]); return copy; }
    const copy = {};
    for (const key of keys(value)) copy[key] = copyIn(value[key]);
    return copy;
  };
  const opaque = (value) => { const copy = copyIn(value); whole.add(copy); return copy; };
  const promise = (executor) => new Promise(executor);
  const all = (promises) => Promise.all(promises);
  for (const name of keys(kept)) {
    const prototype = globalThis[name].prototype;
    for (const key of Reflect.ownKeys(prototype)) {
      if (typeof key === "string" && !kept[name].includes(key)) Reflect.deleteProperty(prototype, key);
    }
  }
  const world = globalThis;
  for (const key of Reflect.ownKeys(world)) Reflect.deleteProperty(world, key);
  return { copyIn, opaque, promise, all };
}`;

export class Realm {
  #context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });

  constructor() {
    const kept = Object.fromEntries(Object.entries(KEPT).map(([name, methods]) => [name, methods.split(" ")]));
    /** Makes values of this world; those of the runner's own would bring their methods along. */
    this.kit = vm.runInContext(PREPARATION, this.#context)(kept);
  }

  /** Runs code as the body of a function whose parameters are the names of `given`. */
  run(code, given, filename) {
    const names = Object.keys(given);
    const compiled = vm.runInContext(`(function (${names.join(", ")}) { "use strict";\n${code}\n})`, this.#context, { filename, lineOffset: -1 });
    return compiled(...names.map((name) => given[name]));
  }
}
