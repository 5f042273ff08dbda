// Copyright 2026 the authors. MIT license.

// Checks of callers' arguments: the kind of an argument (TypeError), then its
// range (RangeError). `name` is what the error calls it: an option, or "the
// count". And what values and the module's own objects are called in texts.

/** The kind of a value, as errors tell it: a typeof, "null" or "array". */
export function typeName(value: unknown): string {
  // Null is what Python's None becomes first in a program that is translated.
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** A value, as errors tell it: a number itself, the class of an object. */
export function shown(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return typeName(value);
  return value.constructor?.name ?? "object";
}

/** The kind of a result, as its owner prints it: a typeof, or its class. */
export function className(value: unknown): string {
  return typeof value === "number" ? "number" : shown(value);
}

/**
 * Has the objects of a class print as its name and, in braces, what `describe`
 * tells of their state: as Python's `__repr__`. It must not wait. If it throws,
 * nothing is told.
 *
 * @param name The name that users know, if the class has another.
 */
export function printAs<T extends object>(
  Class: { readonly prototype: T; readonly name: string },
  describe: (it: T) => string,
  name: string = Class.name,
): void {
  function print(this: T): string {
    const { constructor } = this;
    const shown = constructor as unknown === Class ? name : constructor.name;
    try {
      return `${shown} { ${describe(this)} }`;
    } catch {
      // The prototype is none of its objects, for one.
      return `${shown} {}`;
    }
  }
  for (const by of ["Deno.customInspect", "nodejs.util.inspect.custom"]) {
    const key = Symbol.for(by);
    Object.defineProperty(Class.prototype, key, {
      value: print,
      configurable: true,
      writable: true,
    });
  }
}

/** The error for a value of the wrong kind; `expected` has its article. */
export function wrongKind(
  action: string,
  name: string,
  expected: string,
  value: unknown,
): TypeError {
  return new TypeError(
    `Cannot ${action}: ${name} must be ${expected}: got ${typeName(value)}`,
  );
}

export function checkObject(
  action: string,
  name: string,
  value: unknown,
): asserts value is object {
  if (typeof value === "object" && value !== null) return;
  throw wrongKind(action, name, "an object", value);
}

/**
 * Throws unless `options` is an object of known names: one that is written
 * wrongly would do without what is meant.
 */
export function checkOptions(
  action: string,
  options: unknown,
  known: readonly string[],
): asserts options is object {
  checkObject(action, "options", options);
  for (const name in options) {
    if (known.includes(name) || !Object.hasOwn(options, name)) continue;
    const others = known.length === 1
      ? `the one is ${known[0]}`
      : `there are ${known.join(", ")}`;
    throw new TypeError(
      `Cannot ${action}: there is no option ${name}: ${others}`,
    );
  }
}

/** Throws unless `signal` can end a wait. */
export function checkSignal(action: string, signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw wrongKind(action, "signal", "an AbortSignal", signal);
}

export const checkArray: Check<unknown[]> = checkFor("an array", Array.isArray);

export const checkFunction: Check<unknown> = checkFor(
  "a function",
  (value) => typeof value === "function",
);

export const checkBoolean: Check<boolean> = checkFor(
  "a boolean",
  (value) => typeof value === "boolean",
);

export const checkString: Check<string> = checkFor(
  "a string",
  (value) => typeof value === "string",
);

export const checkNumber: Check<number> = checkFor(
  "a number",
  (value) => typeof value === "number",
);

/** Checks for a whole number of `least` or more, and of `most` or less. */
export function checkInteger(
  action: string,
  name: string,
  value: unknown,
  least: number,
  most: number = Infinity,
): asserts value is number {
  checkNumber(action, name, value);
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Infinity
    ? `from ${least}`
    : `from ${least} to ${most}`;
  throw new RangeError(
    `Cannot ${action}: ${name} must be an integer ${range}: got ${value}`,
  );
}

/** Throws unless a value is of one kind. */
type Check<T> = (
  action: string,
  name: string,
  value: unknown,
) => asserts value is T;

function checkFor<T>(
  expected: string,
  isGood: (value: unknown) => boolean,
): Check<T> {
  return (action, name, value) => {
    if (!isGood(value)) throw wrongKind(action, name, expected, value);
  };
}
