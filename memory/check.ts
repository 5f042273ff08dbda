// Copyright 2026 the authors. MIT license.

// Checks of callers' arguments: the kind of an argument (TypeError), then its
// range (RangeError). `name` is what the error calls it: an option, or "the
// count". And what values and the module's own objects are called in texts.

const { getPrototypeOf } = Object;

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
 *
 * @param expected What it must be; it has an article.
 */
export function checkOptions(
  action: string,
  options: unknown,
  known: readonly string[],
  expected = "an object",
): asserts options is object {
  if (
    typeof options !== "object" || options === null || Array.isArray(options)
  ) {
    throw misplaced(action, "options", expected, options, known);
  }
  let isEmpty = true;
  for (const name in options) {
    if (known.includes(name)) {
      isEmpty = false;
      continue;
    }
    if (!Object.hasOwn(options, name)) continue;
    const others = known.length === 1
      ? `the one is ${known[0]}`
      : `there are ${known.join(", ")}`;
    throw new TypeError(
      `Cannot ${action}: there is no option ${name}: ${others}`,
    );
  }
  if (!isEmpty || getPrototypeOf(options) === Object.prototype) return;
  // A Lock or an AbortSignal has no names of its own, and is no set of options.
  if (/^[Oo]bject$/.test(shown(options))) return;
  if (known.some((name) => name in options)) return;
  throw misplaced(action, "options", expected, options, known);
}

/**
 * Throws if a call was given more arguments than `most`. Python takes them by
 * position, and JavaScript would ignore them without a word; `known` are the
 * options that they may be meant as.
 */
export function checkCount(
  action: string,
  given: ArrayLike<unknown>,
  most: number,
  known: readonly string[] = [],
): void {
  for (let i = most; i < given.length; i++) {
    const value = given[i];
    if (value === undefined) continue;
    if (meant(known, value) !== undefined) {
      const name = `argument ${i + 1}`;
      throw misplaced(action, name, "an option", value, known);
    }
    const count = most === 0
      ? "no arguments"
      : `${most} argument${most === 1 ? "" : "s"} at most${
        known.length > 0 ? ", with all options in one object" : ""
      }`;
    throw new TypeError(
      `Cannot ${action}: it takes ${count}: got ${given.length}`,
    );
  }
}

/** Throws unless the elements of `value` can be had. */
export function checkIterable(
  action: string,
  name: string,
  value: unknown,
): asserts value is Iterable<unknown> {
  const { [Symbol.iterator]: iterate } = (value ?? {}) as Partial<
    Iterable<unknown>
  >;
  if (typeof iterate === "function") return;
  throw new TypeError(
    `Cannot ${action}: ${name} must be iterable: got ${shown(value)}`,
  );
}

/**
 * The options that Python takes by position, by the kinds of their values; of
 * several that a call knows, the first is meant.
 */
const POSITIONAL: Readonly<Record<string, readonly string[]>> = {
  number: [
    "maxsize",
    "processes",
    "maxWorkers",
    "chunkSize",
    "timeout",
    "size",
  ],
  boolean: [
    "duplex",
    "block",
    "wait",
    "force",
    "allowNone",
    "lock",
    "create",
    "shell",
  ],
  string: ["name", "returnWhen"],
  function: ["target", "initializer", "action", "callback"],
  Array: ["args", "initargs"],
  Lock: ["lock"],
  RLock: ["lock"],
  AbortSignal: ["signal"],
};

/** The option that a value which stands by itself is meant as. */
function meant(known: readonly string[], value: unknown): string | undefined {
  const kind = typeof value === "number" ? "number" : shown(value);
  return POSITIONAL[kind]?.find((name) => known.includes(name));
}

/** The error for a value that should stand among the options. */
function misplaced(
  action: string,
  name: string,
  expected: string,
  value: unknown,
  known: readonly string[],
): TypeError {
  const option = meant(known, value);
  const unit = option === "timeout" ? " in milliseconds" : "";
  const isShort = typeof value === "number" || typeof value === "boolean";
  const form = option === undefined
    ? ""
    : isShort
    ? `, as { ${option}: ${value} }${unit}`
    : `, as { ${option} }`;
  const got = typeof value === "number" ? "number" : shown(value);
  return new TypeError(
    `Cannot ${action}: ${name} must be ${expected}${form}: got ${got}`,
  );
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
