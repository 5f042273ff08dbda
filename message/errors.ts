// Copyright 2026 the authors. MIT license.

// The classes of errors that keep their class on the way: those of the
// language, those of Deno and those of this module. An error of a user's class
// arrives as the nearest of them that it extends, with its own name.

import * as own from "../errors.ts";

/** Looked for at the first error: most programs send none. */
interface Classes {
  readonly byName: ReadonlyMap<string, object>;
  readonly byPrototype: ReadonlyMap<object, string>;
}

let classes: Classes | undefined;

/** The class of an error on the wire. */
export interface ErrorClass {
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
  while (known === undefined) {
    prototype = Object.getPrototypeOf(prototype);
    known = knownBy(prototype, classes);
  }
  const name: unknown = error.name;
  if (typeof name !== "string") return { known, name: undefined };
  if (name !== (prototype as Error).name) return { known, name };
  // The class was given a name of its own, but its errors were not.
  const className = isUsers ? error.constructor?.name : undefined;
  return { known, name: className || undefined };
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
