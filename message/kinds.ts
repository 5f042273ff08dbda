// Copyright 2026 the authors. MIT license.

// What an object is to a structured clone. The algorithm asks for internal
// slots, which a program sees only through methods that throw without them. So
// the prototype chain says what an object may be, once for every prototype, and
// one such method says whether it is.
//
// Two kinds of object cannot be told from plain ones at a bearable price: a
// Proxy and an `arguments` object. The platform's clone refuses them; here they
// are sent as the plain objects that they show.

import { goesByClass, isNative, nativeName } from "./classes.ts";
import { HANDLE, LOCAL } from "./handle.ts";
import { DATA_VIEW, ELEMENT_BYTES, TRACKING, VIEWS } from "./wire.ts";

/** An object with keys and values, of any class. */
export const PLAIN = 0;
/** A PLAIN object whose prototype is `Object.prototype`. */
export const LITERAL = 1;
export const IS_ARRAY = 2;
export const IS_VIEW = 3;
export const IS_MAP = 4;
export const IS_SET = 5;
export const IS_DATE = 6;
export const IS_REGEXP = 7;
export const IS_BOXED = 8;
export const IS_BUFFER = 9;
export const IS_ERROR = 10;
export const IS_EXCEPTION = 11;
/** Shared memory, which is given to a process at its start. */
export const IS_SHARED = 12;
/** An object of the platform that has no letter: a Promise, a URL … */
export const FOREIGN = 13;
/** A Lock, a Queue …: a handle crosses in its place. */
export const IS_SHAREABLE = 14;
/** An object of this module that one process alone has: a Pool, a Future … */
export const IS_LOCAL = 15;
/** An instance of a class that is registered, or would have to be. */
export const IS_INSTANCE = 16;

const objectPrototype = Object.prototype;
const getPrototypeOf = Object.getPrototypeOf;

/**
 * The classes that a prototype chain may name, with a slot to prove each by.
 */
const CHAINS: ReadonlyArray<
  readonly [prototype: object, kind: number, slot: (value: object) => unknown]
> = [
  [Map.prototype, IS_MAP, getter(Map.prototype, "size")],
  [Set.prototype, IS_SET, getter(Set.prototype, "size")],
  [Date.prototype, IS_DATE, method(Date.prototype.getTime)],
  [RegExp.prototype, IS_REGEXP, getter(RegExp.prototype, "source")],
  [Number.prototype, IS_BOXED, method(Number.prototype.valueOf)],
  [String.prototype, IS_BOXED, method(String.prototype.valueOf)],
  [Boolean.prototype, IS_BOXED, method(Boolean.prototype.valueOf)],
  [BigInt.prototype, IS_BOXED, method(BigInt.prototype.valueOf)],
  [
    ArrayBuffer.prototype,
    IS_BUFFER,
    getter(ArrayBuffer.prototype, "byteLength"),
  ],
  [
    SharedArrayBuffer.prototype,
    IS_SHARED,
    getter(SharedArrayBuffer.prototype, "byteLength"),
  ],
  // Before Error, on whose chain it stands.
  [
    DOMException.prototype,
    IS_EXCEPTION,
    getter(DOMException.prototype, "code"),
  ],
  [Error.prototype, IS_ERROR, requireError],
];

const BOXES: ReadonlyArray<(value: object) => unknown> = CHAINS
  .filter(([, kind]) => kind === IS_BOXED).map(([, , slot]) => slot);

const viewTag = getter(
  getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
);
const viewKinds = new Map<unknown, number>(
  VIEWS.map((view, kind) => [view?.name, kind]),
);
// The only view without a tag in its slots.
viewKinds.set(undefined, DATA_VIEW);

/**
 * The verdict of each prototype met so far: an index of CHAINS, or one of
 * these.
 */
const verdicts = new WeakMap<object, number>();
const SAYS_PLAIN = -1;
const SAYS_FOREIGN = -2;
const SAYS_SHAREABLE = -3;
const SAYS_LOCAL = -4;
const SAYS_INSTANCE = -5;
const SAYINGS: readonly number[] = [
  PLAIN,
  FOREIGN,
  IS_SHAREABLE,
  IS_LOCAL,
  IS_INSTANCE,
];

const iteratorPrototypes = [
  getPrototypeOf(getPrototypeOf([][Symbol.iterator]())),
  getPrototypeOf(getPrototypeOf(getPrototypeOf(
    (async function* () {})(),
  ))),
];

/** The kind of `value`: one of the constants of this file. */
export function kindOf(value: object): number {
  const prototype = getPrototypeOf(value);
  if (prototype === objectPrototype) return LITERAL;
  if (Array.isArray(value)) return IS_ARRAY;
  if (ArrayBuffer.isView(value)) return IS_VIEW;
  if (prototype === null) return PLAIN;
  let verdict = verdicts.get(prototype);
  if (verdict === undefined) {
    verdict = judge(prototype, value);
    verdicts.set(prototype, verdict);
  }
  if (verdict < 0) return SAYINGS[-1 - verdict]!;
  const [, kind, slot] = CHAINS[verdict]!;
  try {
    slot(value);
  } catch {
    return PLAIN;
  }
  return kind;
}

/** Judges the objects of a prototype anew: its class was registered. */
export function forgetVerdict(prototype: object): void {
  verdicts.delete(prototype);
}

/** The primitive in a boxed one. */
export function unbox(value: object): unknown {
  for (const slot of BOXES) {
    try {
      return slot(value);
    } catch {
      // It is one of the others.
    }
  }
  return undefined;
}

/** The kind of `value`: its place in {@linkcode VIEWS}. */
export function viewKind(value: ArrayBufferView): number {
  return viewKinds.get(viewTag(value))!;
}

/** Whether the buffer of `value` has become too short for it. */
export function isOutOfBounds(value: ArrayBufferView): boolean {
  const { resizable, detached } = value.buffer as ArrayBuffer;
  if (!resizable || detached) return false;
  try {
    // Of typed arrays the numbers are 0 then; this throws, as do a DataView's.
    if (viewKind(value) === DATA_VIEW) void value.byteLength;
    else Uint8Array.prototype.keys.call(value as Uint8Array);
    return false;
  } catch {
    return true;
  }
}

/**
 * How many elements `value` has, or {@linkcode TRACKING}. Nothing but a resize
 * tells whether a view follows its buffer; here it does if it could, that is,
 * if it reaches to the end of a resizable one.
 */
export function viewLength(value: ArrayBufferView, kind: number): number {
  const { byteOffset, byteLength } = value;
  const buffer = value.buffer as ArrayBuffer;
  const rest = buffer.byteLength - byteOffset - byteLength;
  const canGrow = buffer.resizable ||
    (value.buffer as unknown as SharedArrayBuffer).growable;
  if (canGrow && rest < ELEMENT_BYTES[kind]!) return TRACKING;
  return byteLength / ELEMENT_BYTES[kind]!;
}

/** The class of `value` with its article: "a Promise", "an AbortSignal". */
export function describe(value: object): string {
  const { constructor } = value;
  const name = typeof constructor === "function" && constructor.name !== ""
    ? constructor.name
    : tagOf(value);
  // By sound: an Event, an RLock, but a URL.
  return `${/^[AEIO]|^[FLMNRSX][A-Z]/.test(name) ? "an" : "a"} ${name}`;
}

/**
 * The name of the class that `value` arrives without: undefined if it has none,
 * or if that is one of the platform's; "" if it has no name.
 */
export function strippedClass(value: object, kind: number): string | undefined {
  // Errors keep their class, as far as it can be had.
  if (kind > IS_BUFFER) return undefined;
  const prototype = getPrototypeOf(value);
  if (prototype === null) return undefined;
  let name = classNames.get(prototype);
  if (name === undefined) {
    name = nativeName(prototype) === undefined ? ownClass(prototype) : NATIVE;
    classNames.set(prototype, name);
  }
  return name === NATIVE ? undefined : name;
}

/** The names of the classes of the prototypes met so far. */
const classNames = new WeakMap<object, string>();

/** In place of the name of a class of the engine: no class has it. */
const NATIVE = "[native code]";

function ownClass(prototype: object): string {
  const made = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof made === "function" ? String(made.name) : "";
}

/** The class that the language gives to a value: "Object", "Map" … */
export function tagOf(value: object): string {
  return objectPrototype.toString.call(value).slice(8, -1);
}

/** The verdict of the prototype of `value`, which is the first that has it. */
function judge(prototype: object, value: object): number {
  if (HANDLE in prototype) return SAYS_SHAREABLE;
  if (LOCAL in prototype) return SAYS_LOCAL;
  if (goesByClass(prototype)) return SAYS_INSTANCE;
  const chain: object[] = [];
  let link: object | null = prototype;
  while (link !== null && link !== objectPrototype) {
    chain.push(link);
    link = getPrototypeOf(link);
  }
  const known = CHAINS.findIndex(([of]) => chain.some((link) => is(link, of)));
  if (known >= 0) return known;
  const isForeign = chain.some(isPlatforms) ||
    [value, ...chain].some(hasResource);
  return isForeign ? SAYS_FOREIGN : SAYS_PLAIN;
}

/**
 * Whether a prototype is that of a class of the language, here or in another
 * realm (`node:vm`), whose class of the same name is another object.
 */
function is(prototype: object, of: object): boolean {
  return prototype === of ||
    nativeName(prototype) === (of.constructor as { name: string }).name;
}

// Classes of the engine show no source. Those of the runtime do, but are found
// in the global object, where what a program puts by assignment is enumerable.
function isPlatforms(prototype: object): boolean {
  if (iteratorPrototypes.includes(prototype)) return true;
  // The iterators of another realm.
  const next = Object.getOwnPropertyDescriptor(prototype, "next")?.value;
  if (isNative(next)) return true;
  const made = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof made !== "function") return false;
  const native = nativeName(prototype);
  if (native !== undefined) return native !== "Array" && native !== "Object";
  for (const place of [globalThis, Deno]) {
    const found = Object.getOwnPropertyDescriptor(place, made.name);
    if (found === undefined) continue;
    if (place !== Deno && found.enumerable) continue;
    // Those that the runtime loads late stand behind an accessor.
    if ((found.value ?? found.get?.call(place)) === made) return true;
  }
  return false;
}

// Objects of classes that no name leads to. A Listener, a Conn and a KeyObject
// keep what they stand for under symbols of the runtime's own.
function hasResource(object: object): boolean {
  const { stdin, stdout, stderr } = Deno;
  if (object === stdin || object === stdout || object === stderr) return true;
  return Object.getOwnPropertySymbols(object).some(({ description }) =>
    /^Deno\.(?:internal|core)\./.test(description ?? "")
  );
}

function getter(
  prototype: object,
  key: string | symbol,
): (value: object) => unknown {
  return method(Object.getOwnPropertyDescriptor(prototype, key)!.get!);
}

// deno-lint-ignore no-explicit-any
function method(own: (this: any) => unknown): (value: object) => unknown {
  return (value) => own.call(value);
}

function requireError(value: object): void {
  const { isError } = Error as { isError?: (value: unknown) => boolean };
  if (isError?.(value) === false) {
    throw new TypeError("Cannot clone an error: it is none");
  }
}
