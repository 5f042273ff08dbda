// Copyright 2026 the authors. MIT license.

// Classes whose instances cross as themselves. A class is registered where it
// is defined, by each process that loads its module; so it is found at once,
// also by a thread that blocks, and no message makes a process run what its
// program has not registered (docs/decisions/0025-registered-classes.md).

import { StateError } from "../errors.ts";
import { checkOptions, wrongKind } from "../memory/check.ts";
import {
  classBy,
  enter,
  fromState,
  getState,
  isNative,
  type Pair,
} from "./classes.ts";
import { forgetVerdict } from "./kinds.ts";
import { moduleOf } from "./target.ts";
import { me } from "../program/self.ts";
import { tokensOf } from "./tokens.ts";

/** Options of {@linkcode registerClass}. */
export interface RegisterOptions {
  /**
   * The URL of the module that registers the class when it is loaded, usually
   * `import.meta.url`.
   *
   * @default {the calling module, else the main one}
   */
  module?: string | URL;
  /**
   * The name of the class among those of its module.
   *
   * @default {the class's own name}
   */
  name?: string;
}

// deno-lint-ignore ban-types -- no signature has room for a private constructor
type AnyClass = Function & { readonly prototype: object };

/**
 * Makes the instances of `Class` cross as themselves, wherever values cross:
 * arguments, results, items of queues, messages, errors. To be called in a
 * static block of the class, at the top of its module, so that each process
 * that loads the module does so. It does not block.
 *
 * Python pickles the instances of every class that a module has, in one of two
 * ways, and so does this:
 *
 * - **by fields**: an instance arrives with the class's prototype and with its
 *   own enumerable fields. No constructor runs. It may contain itself;
 * - **by the pair** {@linkcode getState} and {@linkcode fromState}, two static
 *   methods, if the class or one that it extends has them. Classes with
 *   `#private` members need them, since no other code can set these.
 *
 * A class that extends a registered one is registered by itself. An error needs
 * no pair: it arrives with its message, stack, fields and causes, and
 * `instanceof` holds for the class.
 *
 * A process finds a class by its name and the URL of its module. One that has
 * not imported that module does so where it can wait: before a target or a task
 * that is given such an instance, and in `await q.get()` and `await
 * conn.recv()`. The blocking forms throw a StateError that names the module.
 *
 * Python: classes of a module are pickled by name; `copyreg.pickle()`.
 *
 * @throws {TypeError} If `Class` is no class of a program; if it has one of the
 * pair without the other; or if it has neither, and `#private` members, or
 * extends a class of the platform that is no error.
 * @throws {StateError} If its module has registered another class of that name.
 *
 * @example
 * ```ts
 * import { Queue, registerClass } from "../mod.ts";
 *
 * class Point {
 *   static {
 *     registerClass(this);
 *   }
 *   x = 0;
 *   y = 0;
 *   get length() {
 *     return Math.hypot(this.x, this.y);
 *   }
 * }
 *
 * const point = Object.assign(new Point(), { x: 3, y: 4 });
 * const q = new Queue<Map<string, Point>>();
 * q.putSync(new Map([["a", point]]));
 * console.log(q.getSync().get("a")?.length); // 5
 * ```
 */
export function registerClass(
  // deno-lint-ignore ban-types -- its constructor may be private
  Class: Function & { readonly prototype: object },
  options: RegisterOptions = {},
): void {
  checkOptions(ACTION, options, ["module", "name"]);
  checkClass(Class);
  const { prototype } = Class;
  const { name = Class.name } = options;
  const module = moduleOf(ACTION, options.module) ?? me().mainModule;
  if (typeof name !== "string" || name === "") {
    throw new TypeError(
      `Cannot ${ACTION}: it has no name: give it one in the options`,
    );
  }
  const key = `${name} ${module}`;
  const known = classBy(key);
  if (known !== undefined && known.prototype !== prototype) {
    throw new StateError(
      `Cannot ${ACTION} ${name}: ${module} has registered another class of that name: give one of them another \`name\``,
    );
  }
  enter({ key, prototype, pair: pairOf(Class) });
  forgetVerdict(prototype);
}

const ACTION = "register class";

function checkClass(value: AnyClass): void {
  if (typeof value !== "function" || typeof value.prototype !== "object") {
    throw wrongKind(ACTION, "Class", "a class", value);
  }
  if (!isNative(value)) return;
  throw new TypeError(
    `Cannot ${ACTION} ${value.name}: it is of the platform: register a class of the program`,
  );
}

/** A class that has the two methods. */
type Paired = AnyClass & {
  [getState](instance: object): unknown;
  [fromState](state: unknown): unknown;
};

/** The pair of a class; undefined if it goes by its fields. */
function pairOf(Class: AnyClass): Pair | undefined {
  const paired = Class as Paired;
  const has = [getState, fromState].map((key) =>
    typeof Reflect.get(paired, key) === "function"
  );
  if (!has.includes(true)) {
    checkFields(Class);
    return undefined;
  }
  if (has.includes(false)) {
    const [found, missing] = has[0]
      ? ["getState", "fromState"]
      : ["fromState", "getState"];
    throw new TypeError(
      `Cannot ${ACTION} ${Class.name}: it has static [${found}] and no static [${missing}]: give it both`,
    );
  }
  return {
    write(instance) {
      const state = paired[getState](instance);
      checkNoPromise("getState", state);
      return state;
    },
    read(state) {
      const made = paired[fromState](state);
      checkNoPromise("fromState", made);
      if (made instanceof Class) return made;
      throw new TypeError(
        `Cannot make ${Class.name}: its [fromState] returned ${
          Deno.inspect(made, { colors: false, depth: 0 })
        }: return new this(…)`,
      );
    },
  };
}

function checkNoPromise(method: string, value: unknown): void {
  if (typeof (value as { then?: unknown } | undefined)?.then === "function") {
    throw new TypeError(
      `Cannot use [${method}]: it returned a promise: it must not be async`,
    );
  }
}

/** Throws if the fields of an instance are not all of it. */
function checkFields(Class: AnyClass): void {
  const isError = Class.prototype instanceof Error;
  for (let base: unknown = Class; typeof base === "function";) {
    if (base === Function.prototype) return;
    const { name } = base;
    if (isNative(base)) {
      if (isError || base === Object) return;
      throw new TypeError(
        `Cannot ${ACTION} ${Class.name}: it extends ${name}, and a copy has its fields only: ${ADVICE}`,
      );
    }
    const hidden = hiddenIn(base);
    if (hidden !== undefined) {
      throw new TypeError(
        `Cannot ${ACTION} ${Class.name}: no copy can be given the ${hidden} of ${name}: ${ADVICE}`,
      );
    }
    base = Object.getPrototypeOf(base);
  }
}

const ADVICE = "give it static [getState] and [fromState]";

/** A private member of the instances of a class, as its source names it. */
// deno-lint-ignore ban-types
export function hiddenIn(base: Function): string | undefined {
  const source = Function.prototype.toString.call(base);
  if (!source.includes("#")) return undefined;
  const words = [...tokensOf(source)].map(({ text }) => text);
  const ofClass = new Set<string>();
  const used = new Set<string>();
  for (const [i, word] of words.entries()) {
    if (!word.startsWith("#")) continue;
    used.add(word);
    let before = i - 1;
    while (/^(?:async|get|set|\*)$/.test(words[before] ?? "")) before--;
    if (words[before] === "static") ofClass.add(word);
  }
  const [hidden] = used.difference(ofClass);
  return hidden;
}
