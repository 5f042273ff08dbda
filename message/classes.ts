// Copyright 2026 the authors. MIT license.

// The classes that values keep on the way. Of errors, those of the language,
// those of Deno and those of this module. Besides, those that the program has
// registered (message/register.ts), and its error classes where they are found
// (message/error_classes.ts): elsewhere an error of such a class arrives as the
// nearest of the others that it extends, with its own name.

import * as own from "../errors.ts";

/** A class that the program has registered. */
export interface Registered {
  /** What it goes by in messages: its name, a space, the URL of its module. */
  readonly key: string;
  readonly prototype: object;
  /** Undefined if its instances are their fields. */
  readonly pair: Pair | undefined;
}

/** The two functions of a class by which its instances cross. */
export interface Pair {
  /** A value that stands for an instance. */
  write(instance: object): unknown;
  /** The instance that a value stands for. */
  read(state: unknown): object;
}

/**
 * The name of the static method of a class that returns what stands for an
 * instance in messages: any value that can cross. The class is to be
 * registered by {@linkcode registerClass}, and to have {@linkcode fromState},
 * too. `this` is the class of the instance.
 *
 * It runs in the call that sends, once for each instance in a message. What it
 * throws, or a promise, makes that call throw a DataCloneError with the way to
 * the instance; nothing is sent then.
 *
 * Python: `__getstate__` and `__reduce__`.
 *
 * @example
 * ```ts
 * import { fromState, getState, Queue, registerClass } from "../mod.ts";
 *
 * class Account {
 *   static {
 *     registerClass(this);
 *   }
 *   static [getState](account: Account) {
 *     return account.#cents;
 *   }
 *   static [fromState](cents: number) {
 *     return new this(cents);
 *   }
 *   #cents: number;
 *   constructor(cents: number) {
 *     this.#cents = cents;
 *   }
 *   get euros() {
 *     return this.#cents / 100;
 *   }
 * }
 *
 * const q = new Queue<Account>();
 * q.putSync(new Account(250));
 * console.log(q.getSync().euros); // 2.5
 * ```
 */
export const getState: unique symbol = Symbol.for("multiprocessing.getState");

/**
 * The name of the static method of a class that makes an instance of what
 * {@linkcode getState} returned in the process that has sent it. `this` is the
 * class of the instance: `new this(…)` gives one of a subclass, too.
 *
 * It runs in the call that receives. If it throws, or returns a promise or
 * anything else than an instance of the class, then that call throws a
 * DataCloneError with the way to the instance, and that message is gone, as in
 * Python; the next ones are there.
 *
 * Python: `__setstate__`, and the callable of `__reduce__`.
 *
 * @example
 * ```ts
 * import { fromState, getState, Queue, registerClass } from "../mod.ts";
 *
 * class Range {
 *   static {
 *     registerClass(this);
 *   }
 *   static [getState](range: Range) {
 *     return [range.from, range.to];
 *   }
 *   static [fromState]([from, to]: [number, number]) {
 *     return new this(from, to);
 *   }
 *   readonly from: number;
 *   readonly to: number;
 *   readonly #numbers: number[];
 *   constructor(from: number, to: number) {
 *     this.from = from;
 *     this.to = to;
 *     this.#numbers = Array.from({ length: to - from }, (_, i) => from + i);
 *   }
 *   get numbers() {
 *     return this.#numbers;
 *   }
 * }
 *
 * const q = new Queue<Range>();
 * q.putSync(new Range(2, 5));
 * console.log(q.getSync().numbers); // [2, 3, 4]
 * ```
 */
export const fromState: unique symbol = Symbol.for("multiprocessing.fromState");

const byKey = new Map<string, Registered>();
const registered = new WeakMap<object, Registered>();

/** Enters a class. */
export function enter(entry: Registered): void {
  byKey.set(entry.key, entry);
  registered.set(entry.prototype, entry);
}

/** The registered class that goes by `key`. */
export function classBy(key: string): Registered | undefined {
  return byKey.get(key);
}

/** The registered class whose prototype this is. */
export function registeredAs(prototype: object): Registered | undefined {
  return registered.get(prototype);
}

/**
 * Whether the objects of a prototype cross by a registered class, or would if
 * theirs were registered: it has the pair, or extends one that is registered.
 */
export function goesByClass(prototype: object): boolean {
  const made = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof made === "function" && (getState in made || fromState in made)) {
    return true;
  }
  // Without the pair an error is one of the errors.
  if (prototype instanceof Error) return false;
  for (
    let link: object | null = prototype;
    link !== null;
    link = Object.getPrototypeOf(link)
  ) {
    if (registered.has(link)) return true;
  }
  return false;
}

/** Looked for at the first error: most programs send none. */
interface Classes {
  readonly byName: ReadonlyMap<string, object>;
  readonly byPrototype: ReadonlyMap<object, string>;
}

let classes: Classes | undefined;

/** The class of an error on the wire. */
export interface ErrorClass {
  /**
   * What the program's classes go by, of which the error is an instance; the
   * first is its own. A process that finds none takes the known one.
   */
  readonly keys: readonly string[];
  /** The nearest class that the other side has too. */
  readonly known: string;
  /** The name that the error goes by, if it is not that class's. */
  readonly name: string | undefined;
}

/** The class of `error`, whose prototype chain holds `Error.prototype`. */
export function classOf(error: Error): ErrorClass {
  classes ??= gather();
  let prototype: object = Object.getPrototypeOf(error);
  let known = knownBy(prototype, classes);
  const isUsers = known === undefined;
  const keys: string[] = [];
  while (known === undefined) {
    const key = keyOf(prototype);
    if (key !== undefined) keys.push(key);
    prototype = Object.getPrototypeOf(prototype);
    known = knownBy(prototype, classes);
  }
  const name: unknown = error.name;
  if (typeof name !== "string") return { known, keys, name: undefined };
  if (name !== (prototype as Error).name) return { known, keys, name };
  // The class was given a name of its own, but its errors were not.
  const className = isUsers ? error.constructor?.name : undefined;
  return { known, keys, name: className || undefined };
}

const keys = new WeakMap<object, string>();

/** What the class of a prototype goes by: as registered, or by its source. */
function keyOf(prototype: object): string | undefined {
  const known = registered.get(prototype)?.key ?? keys.get(prototype);
  if (known !== undefined) return known;
  const made = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof made !== "function") return undefined;
  const key = `${made.name} ${stampOf(made)}`;
  keys.set(prototype, key);
  return key;
}

/**
 * What tells a class that is not registered from others of its name: a hash of
 * its source, after a question mark, which no URL begins with.
 */
export function stampOf(made: unknown): string {
  const source = Function.prototype.toString.call(made);
  let hash = source.length;
  for (let i = 0; i < source.length; i++) {
    hash = Math.imul(hash, 31) + source.charCodeAt(i) | 0;
  }
  return `?${(hash >>> 0).toString(36)}`;
}

const located = new Map<string, object>();

/** Enters an error class of the program that was found for a key. */
export function locate(key: string, prototype: object): void {
  located.set(key, prototype);
}

/** The prototype of an error class of the program, if it is known here. */
export function prototypeBy(key: string): object | undefined {
  return byKey.get(key)?.prototype ?? located.get(key);
}

/** The class of a prototype, which may be that of another realm. */
function knownBy(
  prototype: object,
  { byName, byPrototype }: Classes,
): string | undefined {
  const known = byPrototype.get(prototype);
  if (known !== undefined) return known;
  const name = nativeName(prototype);
  return name !== undefined && byName.has(name) ? name : undefined;
}

/** A new error of the class of that name, without message and stack. */
export function makeError(known: string): Error {
  classes ??= gather();
  const error = withoutStack(() => new Error());
  const prototype = classes.byName.get(known);
  // Errors have a slot that no other object has, and it makes them print and
  // clone as errors; constructors of classes may want more than a message.
  if (prototype !== undefined) Object.setPrototypeOf(error, prototype);
  return error;
}

/** A new DOMException, without stack. */
export function makeException(message: string, name: string): DOMException {
  return withoutStack(() => new DOMException(message, name));
}

/**
 * The stack as text; undefined if the program's own `Error.prepareStackTrace`
 * makes something else of it, or throws.
 */
export function stackOf(error: Error): string | undefined {
  try {
    const stack: unknown = error.stack;
    return typeof stack === "string" ? stack : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The name of the class of the engine that a prototype belongs to, in this
 * realm or another (`node:vm`). No class of a program is taken for one: those
 * show their source.
 */
export function nativeName(prototype: object): string | undefined {
  const made = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return isNative(made) ? made.name : undefined;
}

/** Whether a value is a function of the engine. */
export function isNative(value: unknown): value is { readonly name: string } {
  return typeof value === "function" &&
    Function.prototype.toString.call(value).endsWith("{ [native code] }");
}

// The stack comes from the other side: do not pay for one of this side.
function withoutStack<T>(make: () => T): T {
  const limit: unknown = Reflect.get(Error, "stackTraceLimit");
  try {
    // A frozen `Error` refuses; then it is paid for.
    Reflect.set(Error, "stackTraceLimit", 0);
    return make();
  } finally {
    Reflect.set(Error, "stackTraceLimit", limit);
  }
}

function gather(): Classes {
  const byName = new Map<string, object>();
  const builtin = [
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
    AggregateError,
    globalThis.SuppressedError,
    ...Object.values(Deno.errors),
    ...Object.values(own),
  ];
  for (const constructor of builtin) {
    if (constructor !== undefined) {
      byName.set(constructor.name, constructor.prototype);
    }
  }
  const byPrototype = new Map<object, string>();
  for (const [name, prototype] of byName) byPrototype.set(prototype, name);
  return { byName, byPrototype };
}
