// Copyright 2026 the authors. MIT license.

// Bytes into values: the other half of message/writer.ts.

import { StateError } from "../errors.ts";
import {
  classBy,
  makeError,
  makeException,
  type Pair,
  prototypeBy,
  type Registered,
} from "./classes.ts";
import { importModule } from "./target.ts";
import * as wire from "./wire.ts";

/**
 * The longest text that is put together here, in bytes: below it, that is
 * cheaper than a TextDecoder.
 */
const SHORT_TEXT = 48;
/** How many keys are remembered; a power of two. */
const KEYS = 4096;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const fromCharCode = String.fromCharCode;
const NO_BYTES = new Uint8Array(0);
const NOTHING: readonly object[] = [];

/**
 * Keys met before, each in the place that its bytes hash to. A key found here
 * is not made again, and the engine knows it already as a property's name.
 */
const keys: string[] = new Array(KEYS).fill("");

// Reading runs code of a user only to make an instance of a registered class.
// Such code may read another message, so this state is put aside for it.
let bytes: Uint8Array = NO_BYTES;
let view: DataView | undefined;
let at = 0;
let objects: object[] = [];
let beside: readonly object[] = NOTHING;
/** Whether `bytes` are a copy, which no other message overwrites. */
let isOwn = false;
// A prototype that a program has frozen forbids to assign what it has too.
let isFrozen = false;
let strangers: Stranger[] | undefined;
/** The shared objects of the message, if it has any. */
let arrival: Arrival | undefined;

/** An error whose class was not found here. */
export interface Stranger {
  readonly error: Error;
  readonly keys: readonly string[];
  /** Whether it was given the name of its class as its own. */
  readonly isNamed: boolean;
}

/** By the values that they are in. */
let met: WeakMap<object, readonly Stranger[]> | undefined;

/** The shared objects of one message: see message/transit.ts. */
export interface Arrival {
  /** The view of one, which stands in the message as `form`. */
  add(form: unknown): object | undefined;
  /** All have come; throws if one is lost. */
  settle(value: unknown): void;
  /** The message cannot be read. */
  drop(): void;
}

let makeArrival: () => Arrival;

/** Sets what makes them. */
export function setArrival(make: () => Arrival): void {
  makeArrival = make;
}

/**
 * The value that `source` holds, and the list beside it. The result keeps
 * nothing of `source`.
 *
 * @throws {DOMException} DataCloneError, with the way to it, if an instance of
 * a registered class cannot be made.
 * @throws {StateError} If a class is not registered here: {@linkcode reread}
 * may help.
 */
export function read(
  source: Uint8Array,
  others: readonly object[] = NOTHING,
): unknown {
  bytes = source;
  beside = others;
  at = 0;
  isOwn = false;
  strangers = undefined;
  isFrozen = !Object.isExtensible(Object.prototype);
  arrival = undefined;
  let result: unknown;
  try {
    result = value();
    if (strangers !== undefined) {
      (met ??= new WeakMap()).set(result as object, strangers);
    }
  } catch (error) {
    arrived()?.drop();
    if (error instanceof Unknown) throw error.tell(source, others);
    throw error instanceof Unmade ? error.tell() : error;
  } finally {
    bytes = NO_BYTES;
    view = undefined;
    objects = [];
    beside = NOTHING;
  }
  arrived()?.settle(result);
  return result;
}

function arrived(): Arrival | undefined {
  return arrival;
}

/**
 * The value of a message that {@linkcode read} could not read for want of a
 * class, which the import of its module may register; throws `error` if it is
 * about anything else.
 */
export async function reread(error: unknown): Promise<unknown> {
  const imported = new Set<string>();
  while (true) {
    const rest = unread.get(error as object);
    if (rest === undefined || imported.has(rest.module)) throw error;
    imported.add(rest.module);
    try {
      await importModule(rest.module);
    } catch (cause) {
      throw new StateError((error as Error).message, { cause });
    }
    try {
      return read(rest.source, rest.others);
    } catch (next) {
      error = next;
    }
  }
}

/** Whether there are errors in a value whose classes were not found here. */
export function hasStrangers(value: unknown): boolean {
  return met !== undefined && met.has(value as object);
}

/**
 * A value that was read, when the classes of its errors have been looked for in
 * the modules of the program.
 */
export function acquainted<T>(value: T): T | Promise<T> {
  return hasStrangers(value) ? acquaint(value) : value;
}

/** As {@linkcode acquainted}, of a value that has strangers. */
export async function acquaint<T>(value: T): Promise<T> {
  try {
    const { adopt } = await import("./error_classes.ts");
    await adopt(met!.get(value as object)!);
  } catch {
    // The value is worth more than the classes of its errors.
  }
  return value;
}

/** Whether {@linkcode reread} may help after `error`. */
export function isUnread(error: unknown): boolean {
  return unread.has(error as object);
}

/** A message of which a class is not registered here. */
interface Unread {
  /** The module of that class. */
  readonly module: string;
  readonly source: Uint8Array;
  readonly others: readonly object[];
}

/** By the errors that tell of them. */
const unread = new WeakMap<object, Unread>();

/** Thrown through the reader: there is no class of this key. */
class Unknown {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  tell(source: Uint8Array, others: readonly object[]): StateError {
    const end = this.#key.lastIndexOf(" ");
    const module = this.#key.slice(end + 1);
    const error = new StateError(
      `Cannot read value: this process has not registered class ${
        this.#key.slice(0, end)
      } of ${module}: import that module first`,
    );
    unread.set(error, { module, source: source.slice(), others });
    return error;
  }
}

/** Thrown through the reader: an instance could not be made. */
class Unmade {
  readonly #reason: string;
  readonly #cause: unknown;
  /** The way to it, from its end. */
  #path = "";

  constructor(reason: string, cause: unknown) {
    this.#reason = reason;
    this.#cause = cause;
  }

  /** It is in `holder` under `key`. */
  in(holder: object, key: unknown): void {
    this.#path = wire.step(holder, key) + this.#path;
  }

  tell(): DOMException {
    const text = `Cannot read value${this.#path}: ${this.#reason}`;
    const error = new DOMException(text, "DataCloneError");
    wire.blame(error, this.#cause);
    return error;
  }
}

/** Notes the way to an instance that could not be made. */
function on(error: unknown, holder: object, key: unknown): unknown {
  if (error instanceof Unmade) error.in(holder, key);
  return error;
}

/** The string whose UTF-8 form is `source`. */
export function readText(source: Uint8Array): string {
  if (source.length > SHORT_TEXT) return decoder.decode(source);
  for (let i = 0; i < source.length; i++) {
    if (source[i]! > 127) return decoder.decode(source);
  }
  bytes = source;
  at = 0;
  const text = ascii(source.length);
  bytes = NO_BYTES;
  return text;
}

function value(): unknown {
  const byte = bytes[at++]!;
  if (byte >= wire.SMALL) return byte - wire.SMALL;
  switch (byte) {
    case wire.UNDEFINED:
      return undefined;
    case wire.NULL:
      // A user gets the very value that was put, null included.
      return null;
    case wire.TRUE:
      return true;
    case wire.FALSE:
      return false;
    case wire.INT32:
      return uint32() | 0;
    case wire.FLOAT64:
      return float64();
    case wire.INT64:
      at += 8;
      return numbers().getBigInt64(at - 8, true);
    case wire.BIGINT:
      return bigint();
    case wire.SHORT:
      return ascii(bytes[at++]!);
    case wire.TEXT:
      return decoder.decode(span(uint32()));
    case wire.UNITS:
      return units(uint32());
    case wire.OBJECT:
      return entries(remember({}));
    case wire.WIDE:
      return wide();
    case wire.ARRAY:
      return array(uint32());
    case wire.SPARSE:
      return entries(remember(new Array(uint32())));
    case wire.MAP:
      return map(uint32());
    case wire.SET:
      return set(uint32());
    case wire.DATE:
      return remember(new Date(float64()));
    case wire.REGEXP:
      return regexp();
    case wire.BOXED:
      return remember(Object(value()));
    case wire.BUFFER:
      return buffer(undefined);
    case wire.RESIZABLE:
      return buffer({ maxByteLength: float64() });
    case wire.VIEW:
      return viewOf();
    case wire.ERROR:
      return error();
    case wire.OWN_ERROR:
      return ownError();
    case wire.EXCEPTION:
      return exception();
    case wire.REFERENCE:
      return objects[uint32()];
    case wire.INSTANCE:
      return instance();
    case wire.BESIDE:
      return remember(beside[uint32()]!);
    case wire.SHARED:
      return shared();
  }
  throw new TypeError(`Cannot decode a message: byte ${at - 1} is ${byte}`);
}

/** Numbers what both sides must number at the same moment. */
function remember<T extends object>(object: T): T {
  objects.push(object);
  return object;
}

function shared(): object | undefined {
  // The writer meets the object before its form, the reader makes it after.
  const place = objects.length;
  remember(NO_BYTES);
  const form = value();
  arrival ??= makeArrival();
  // Its class may be loaded now, and a host does what others ask meanwhile.
  const own = aside();
  try {
    return own.objects[place] = arrival.add(form)!;
  } finally {
    goOn(own);
  }
}

function entries(object: object): object {
  const record = object as Record<string, unknown>;
  let key: string | undefined;
  try {
    for (key = nextKey(); key !== undefined; key = nextKey()) {
      // The one name that does not make a property when it is assigned.
      if (key === "__proto__" || isFrozen) define(object, key, value(), true);
      else record[key] = value();
    }
  } catch (error) {
    throw on(error, object, key);
  }
  return object;
}

/**
 * An object of many keys. To the engine, keys that are added one by one are the
 * fields of a class, whose copies take the square of their number; those of an
 * object without a prototype go to a hash table.
 */
function wide(): object {
  if (isFrozen) return entries(remember({}));
  const object = entries(remember(Object.create(null)));
  return Object.setPrototypeOf(object, Object.prototype);
}

function array(length: number): unknown[] {
  const items: unknown[] = remember([]);
  try {
    for (let i = 0; i < length; i++) items.push(value());
  } catch (error) {
    throw on(error, items, items.length);
  }
  return items;
}

function map(size: number): Map<unknown, unknown> {
  const result = remember(new Map());
  let place = 0;
  try {
    while (place < 2 * size) {
      const key = value();
      place++;
      result.set(key, value());
      place++;
    }
  } catch (error) {
    throw on(error, result, place);
  }
  return result;
}

function set(size: number): Set<unknown> {
  const result = remember(new Set());
  let place = 0;
  try {
    for (; place < size; place++) result.add(value());
  } catch (error) {
    throw on(error, result, place);
  }
  return result;
}

function instance(): object {
  const place = objects.length;
  remember(NO_BYTES);
  const { prototype, pair } = registered();
  if (pair === undefined) {
    const made = objects[place] = Object.create(prototype);
    return members(made);
  }
  // What the class does may take another message, into the same bytes.
  if (!isOwn) {
    bytes = bytes.slice();
    view = undefined;
    isOwn = true;
  }
  let state: unknown;
  try {
    state = value();
  } catch (error) {
    throw on(error, NO_BYTES, wire.STATE);
  }
  return objects[place] = make(pair, state);
}

/** The class that follows. */
function registered(): Registered {
  if (bytes[at++] === wire.REFERENCE) return objects[uint32()] as Registered;
  const key = nextKey()!;
  const found = classBy(key);
  if (found === undefined) throw new Unknown(key);
  return remember(found);
}

/** Own properties, as fields make them: no setter of a class hears of them. */
function members(object: object): object {
  const record = object as Record<string, unknown>;
  let key: string | undefined;
  try {
    for (key = nextKey(); key !== undefined; key = nextKey()) {
      if (key in record) define(object, key, value(), true);
      else record[key] = value();
    }
  } catch (error) {
    throw on(error, object, key);
  }
  return object;
}

function make(pair: Pair, state: unknown): object {
  const own = aside();
  try {
    return pair.read(state);
  } catch (error) {
    throw new Unmade(wire.told(error), error);
  } finally {
    goOn(own);
    isOwn = true;
  }
}

/** The state of this reading, while another may take place. */
function aside() {
  return { bytes, view, at, objects, beside, isFrozen, strangers, arrival };
}

function goOn(own: ReturnType<typeof aside>): void {
  ({ bytes, view, at, objects, beside, isFrozen, strangers, arrival } = own);
}

function regexp(): RegExp {
  const source = value() as string;
  return remember(new RegExp(source, value() as string));
}

function buffer(options: { maxByteLength: number } | undefined): ArrayBuffer {
  const source = span(float64());
  const result = remember(new ArrayBuffer(source.length, options));
  new Uint8Array(result).set(source);
  return result;
}

function viewOf(): ArrayBufferView {
  // The writer meets the view before its buffer, the reader makes it after.
  const place = objects.length;
  remember(NO_BYTES);
  const View = wire.VIEWS[bytes[at++]!];
  const offset = float64();
  const length = float64();
  const memory = value() as ArrayBuffer;
  if (View === undefined) {
    throw new TypeError("Cannot decode a message: no such typed array here");
  }
  return objects[place] = length === wire.TRACKING
    ? new View(memory, offset)
    : new View(memory, offset, length);
}

function error(): Error {
  return fields(remember(makeError(value() as string)));
}

/** An error of a class of the program. */
function ownError(): Error {
  const names = Array.from({ length: bytes[at++]! }, () => nextKey()!);
  const name = value() as string | undefined;
  const target = remember(makeError(value() as string));
  const place = names.findIndex((key) => prototypeBy(key) !== undefined);
  if (place >= 0) Object.setPrototypeOf(target, prototypeBy(names[place]!)!);
  // The class itself says how its errors are called.
  const isNamed = place !== 0 && name !== undefined;
  if (isNamed) define(target, "name", name, false);
  if (place !== 0) {
    (strangers ??= []).push({ error: target, keys: names, isNamed });
  }
  return fields(target);
}

function exception(): DOMException {
  const message = value() as string;
  return fields(remember(makeException(message, value() as string)));
}

function fields<T extends Error>(target: T): T {
  let key: string | undefined;
  try {
    for (key = nextKey(); key !== undefined; key = nextKey()) {
      const isEnumerable = bytes[at++] === 1;
      define(target, key, value(), isEnumerable);
    }
  } catch (error) {
    throw on(error, target, key);
  }
  return target;
}

function define(
  target: object,
  key: string,
  value: unknown,
  enumerable: boolean,
): void {
  Object.defineProperty(target, key, {
    value,
    enumerable,
    configurable: true,
    writable: true,
  });
}

/** The next key; undefined after the last. */
function nextKey(): string | undefined {
  const length = bytes[at++]!;
  if (length === wire.LAST_KEY) return undefined;
  if (length === wire.LONG_KEY) return value() as string;
  const end = at + length;
  let hash = length;
  for (let i = at; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  const place = (hash ^ (hash >>> 10)) & (KEYS - 1);
  const known = keys[place]!;
  if (known.length === length) {
    let i = 0;
    while (i < length && known.charCodeAt(i) === bytes[at + i]) i++;
    if (i === length) {
      at = end;
      return known;
    }
  }
  return keys[place] = ascii(length);
}

function ascii(length: number): string {
  let text = "";
  const b = bytes;
  let i = at;
  at += length;
  // Eight at a time: a call costs more than a character.
  for (; length >= 8; length -= 8, i += 8) {
    text += fromCharCode(
      b[i]!,
      b[i + 1]!,
      b[i + 2]!,
      b[i + 3]!,
      b[i + 4]!,
      b[i + 5]!,
      b[i + 6]!,
      b[i + 7]!,
    );
  }
  if (length >= 4) {
    text += fromCharCode(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!);
    length -= 4;
    i += 4;
  }
  if (length === 3) return text + fromCharCode(b[i]!, b[i + 1]!, b[i + 2]!);
  if (length === 2) return text + fromCharCode(b[i]!, b[i + 1]!);
  if (length === 1) return text + fromCharCode(b[i]!);
  return text;
}

function units(length: number): string {
  let text = "";
  for (let i = 0; i < length; i++, at += 2) {
    text += fromCharCode(numbers().getUint16(at, true));
  }
  return text;
}

function bigint(): bigint {
  const isNegative = bytes[at++] === 1;
  const size = BigInt(`0x${value()}`);
  return isNegative ? -size : size;
}

function uint32(): number {
  const i = at;
  at += 4;
  return (bytes[i]! | bytes[i + 1]! << 8 | bytes[i + 2]! << 16 |
    bytes[i + 3]! << 24) >>> 0;
}

function float64(): number {
  at += 8;
  return numbers().getFloat64(at - 8, true);
}

/** The bytes as a DataView, which most messages need not make. */
function numbers(): DataView {
  return view ??= new DataView(
    bytes.buffer,
    bytes.byteOffset,
    bytes.byteLength,
  );
}

function span(length: number): Uint8Array {
  const start = at;
  at += length;
  return bytes.subarray(start, at);
}
