// Copyright 2026 the authors. MIT license.

// Values into bytes: the writing half of the structured clone algorithm
// (HTML, "StructuredSerializeInternal"), in the alphabet of message/wire.ts.
//
// Every property is read once, in the algorithm's order, so a getter runs as
// often as in a clone by the platform. (In an array of many elements all are
// read before the first is written, and twice if it has holes.)

import type { MemoryKind } from "../memory/method.ts";
import { Draft } from "./bytes.ts";
import {
  classOf,
  isNative,
  type Registered,
  registeredAs,
  stackOf,
} from "./classes.ts";
import { cargoFor, LOCAL, type Shareable } from "./handle.ts";
import * as kinds from "./kinds.ts";
import type { Cargo } from "./transit.ts";
import * as wire from "./wire.ts";

/**
 * The most objects that are looked for one by one: below it, that is cheaper
 * than a Map.
 */
const FEW_OBJECTS = 64;
/** After more objects than this, their list is given back. */
const MANY_OBJECTS = 1024;
/** The most elements whose keys are cheaper to list than the values. */
const SHORT_ARRAY = 8;

/** A list of objects that goes beside a message. */
export interface Companions {
  /** The place of `value` in it; undefined if it does not go there. */
  placeOf(value: object, kind: number): number | undefined;
}

/** A class instance in a value, which arrives without its class. */
export interface Stripped {
  /** Where it stands. */
  readonly path: string;
  /** The name of its class. */
  readonly name: string;
  /** What it arrives as: "object", "Array" … */
  readonly as: string;
}

/** The most that are noted of one value. */
const MOST_STRIPPED = 3;

/** How far a message goes that may have shared objects in it. */
export interface Road {
  /** Whether it may come to other OS processes. */
  readonly reach: MemoryKind;
  /** Whether it may be read by one receiver after the other. */
  readonly isForMany: boolean;
}

/** Writes one value at a time. */
export class Writer {
  readonly #out = new Draft();
  readonly #companions: Companions | undefined;

  /** The objects met, in order: an object's place is its number. */
  readonly #objects: (object | undefined)[] = [];
  #count = 0;
  /** The number of each object met, once they are many. */
  #numbers: Map<object, number> | undefined;

  /** The instances whose state is being written. */
  #open: Set<object> | undefined;

  /** The way from the root to what is being written, for the error's text. */
  readonly #holders: (object | undefined)[] = [];
  readonly #keys: unknown[] = [];
  #depth = 0;
  #root = "";
  #wayOut: string | undefined;
  #road: Road | undefined;
  #cargo: Cargo | undefined;
  #isPolluted = false;
  #stripped: Stripped[] | undefined;
  /** The error that is thrown now because a value was refused. */
  #refusal: DOMException | undefined;
  /** How many bytes are enough of a whole value that is an array. */
  #most = Infinity;
  #written = 0;

  constructor(companions?: Companions) {
    this.#companions = companions;
  }

  /**
   * Writes `value`. The result belongs to the writer: it is good until the next
   * call. An error names the way to its cause from `root`, or, if that is
   * empty, from a key of `value`; of what is shared it says the `wayOut`.
   * Shared objects can go by a `road` only. The first class instances that
   * arrive without their class are added to `stripped`. An array without holes
   * ends with the element that brings it over `most` bytes.
   */
  write(
    value: unknown,
    root: string,
    wayOut?: string,
    road?: Road,
    stripped?: Stripped[],
    most = Infinity,
  ): Uint8Array<ArrayBuffer> {
    const out = this.#out;
    this.#most = most;
    this.#root = root;
    this.#wayOut = wayOut;
    this.#stripped = stripped;
    this.#road = road;
    this.#cargo = undefined;
    this.#isPolluted = hasEnumerable(Object.prototype);
    out.at = 0;
    try {
      this.#value(value);
      return out.take();
    } catch (error) {
      this.takeCargo()?.end();
      throw error;
    } finally {
      this.#leave(0);
      this.#forget(0);
      this.#refusal = this.#stripped = undefined;
      out.shrink();
    }
  }

  /** How many elements of the array were written that was the whole value. */
  get written(): number {
    return this.#written;
  }

  /** The shared objects of the message that was written. */
  takeCargo(): Cargo | undefined {
    const cargo = this.#cargo;
    this.#cargo = undefined;
    return cargo;
  }

  #value(value: unknown): void {
    this.#out.head();
    switch (typeof value) {
      case "string":
        return this.#out.string(value);
      case "number":
        return this.#out.number(value);
      case "boolean":
        return this.#out.byte(value ? wire.TRUE : wire.FALSE);
      case "undefined":
        return this.#out.byte(wire.UNDEFINED);
      case "bigint":
        return this.#out.bigint(value);
      case "object":
        if (value === null) return this.#out.byte(wire.NULL);
        return this.#object(value);
      default:
        throw this.#refuse(
          typeof value === "function"
            ? ofFunction(value as Named)
            : `it is a ${typeof value}`,
        );
    }
  }

  #object(value: object): void {
    const number = this.#numberOf(value);
    if (number >= 0) {
      if (this.#open?.has(value)) throw this.#refuse(holdsItself(value));
      this.#out.byte(wire.REFERENCE);
      return this.#out.uint32(number);
    }
    this.#remember(value);
    const kind = kinds.kindOf(value);
    const stripped = this.#stripped;
    if (
      stripped !== undefined && kind !== kinds.LITERAL &&
      Object.getPrototypeOf(value) !== Array.prototype
    ) this.#note(stripped, value, kind);
    if (kind === kinds.IS_ARRAY) return this.#array(value as unknown[]);
    switch (kind) {
      case kinds.LITERAL:
      case kinds.PLAIN:
        this.#out.byte(wire.OBJECT);
        return this.#entries(value as Record<string, unknown>, kind);
      case kinds.IS_VIEW:
        return this.#viewOf(value as ArrayBufferView);
      case kinds.IS_MAP:
        return this.#map(value as Map<unknown, unknown>);
      case kinds.IS_SET:
        return this.#set(value as Set<unknown>);
      case kinds.IS_DATE:
        this.#out.byte(wire.DATE);
        return this.#out.float64(Date.prototype.getTime.call(value));
      case kinds.IS_REGEXP:
        this.#out.byte(wire.REGEXP);
        this.#value((value as RegExp).source);
        return this.#value((value as RegExp).flags);
      case kinds.IS_BOXED:
        this.#out.byte(wire.BOXED);
        return this.#value(kinds.unbox(value));
      case kinds.IS_BUFFER:
        return this.#buffer(value as ArrayBuffer);
      case kinds.IS_ERROR:
      case kinds.IS_EXCEPTION:
        return this.#error(value as Error, kind);
      case kinds.IS_INSTANCE:
        return this.#instance(value);
      default:
        if (!this.#beside(value, kind) && !this.#shared(value, kind)) {
          throw this.#refuse(reason(value, kind, this.#wayOut));
        }
    }
  }

  /** Whether an object goes beside the message; then its place is written. */
  #beside(value: object, kind: number): boolean {
    const place = kind === kinds.IS_LOCAL
      ? undefined
      : this.#companions?.placeOf(value, kind);
    if (place === undefined) return false;
    this.#out.byte(wire.BESIDE);
    this.#out.uint32(place);
    return true;
  }

  /** Whether a shared object can go by the road; then its form is written. */
  #shared(value: object, kind: number): boolean {
    if (kind !== kinds.IS_SHAREABLE || this.#road === undefined) return false;
    this.#cargo ??= cargoFor(this.#road);
    const form = this.#cargo.add(value as Shareable);
    if (typeof form === "string") {
      throw this.#refuse(`it is ${kinds.describe(value)}: ${form}`);
    }
    this.#out.byte(wire.SHARED);
    this.#value(form);
    return true;
  }

  #entries(value: Record<string, unknown>, kind: number): void {
    // `for … in` has the keys at hand where Object.keys() makes an array, but
    // it goes on to the prototype, which must have nothing to enumerate.
    const letter = this.#out.at - 1;
    let count = 0;
    if (kind === kinds.LITERAL && !this.#isPolluted) {
      const depth = this.#enter(value);
      for (const key in value) {
        this.#keys[depth] = key;
        this.#out.key(key);
        this.#value(value[key]);
        count++;
      }
      this.#leave(depth);
      this.#out.lastKey();
    } else {
      count = this.#listed(value, Object.keys(value));
    }
    if (count > wire.MANY_KEYS) this.#out.replace(letter, wire.WIDE);
  }

  /** Writes entries; returns how many. */
  #listed(value: Record<string, unknown>, keys: readonly string[]): number {
    const depth = this.#enter(value);
    let count = 0;
    for (const key of keys) {
      const item = value[key];
      // A getter of another property may have deleted it.
      if (item === undefined && !Object.hasOwn(value, key)) continue;
      this.#keys[depth] = key;
      this.#out.key(key);
      this.#value(item);
      count++;
    }
    this.#leave(depth);
    this.#out.lastKey();
    return count;
  }

  #array(value: unknown[]): void {
    // Holes make the lists shorter than the array, and what is no element makes
    // them longer, at their end. So with no holes, the length tells.
    const { length } = value;
    const isShort = length <= SHORT_ARRAY;
    const list = isShort ? Object.keys(value) : Object.values(value);
    const isDense = list.length === length &&
      (isShort
        ? length === 0 || list[length - 1] === String(length - 1)
        : !hasHoles(value));
    this.#out.byte(isDense ? wire.ARRAY : wire.SPARSE);
    const lengthAt = this.#out.at;
    this.#out.uint32(length);
    if (this.#depth === 0) this.#written = length;
    if (!isDense) {
      const record = value as unknown as Record<string, unknown>;
      this.#listed(record, Object.keys(value));
      return;
    }
    const items = isShort ? value : list;
    const isWhole = this.#depth === 0 && this.#most === Infinity;
    // With companions, buffers may go beside the bytes.
    if (isWhole && this.#companions === undefined) {
      this.#out.makeRoom(bytesOf(items));
    }
    const depth = this.#enter(value);
    for (let i = 0; i < length; i++) {
      const item = items[i];
      // At once: a number that is handed on is put in a box first.
      if (typeof item === "number") {
        this.#out.head();
        this.#out.number(item);
        continue;
      }
      this.#keys[depth] = i;
      this.#value(item);
      if (this.#out.at > this.#most && depth === 0) {
        this.#out.uint32At(lengthAt, this.#written = i + 1);
        break;
      }
    }
    this.#leave(depth);
  }

  #map(value: Map<unknown, unknown>): void {
    // A snapshot, since getters may change the map under the iteration.
    const items: unknown[] = [];
    Map.prototype.forEach.call(
      value,
      (v: unknown, k: unknown) => items.push(k, v),
    );
    this.#out.byte(wire.MAP);
    this.#out.uint32(items.length / 2);
    this.#items(value, items);
  }

  #set(value: Set<unknown>): void {
    const items: unknown[] = [];
    Set.prototype.forEach.call(value, (item: unknown) => items.push(item));
    this.#out.byte(wire.SET);
    this.#out.uint32(items.length);
    this.#items(value, items);
  }

  #items(value: object, items: readonly unknown[]): void {
    const depth = this.#enter(value);
    for (let i = 0; i < items.length; i++) {
      this.#keys[depth] = i;
      this.#value(items[i]);
    }
    this.#leave(depth);
  }

  #buffer(value: ArrayBuffer): void {
    if (value.detached) throw this.#refuse("it is a detached ArrayBuffer");
    if (this.#beside(value, kinds.IS_BUFFER)) return;
    if (value.resizable) {
      this.#out.byte(wire.RESIZABLE);
      this.#out.float64(value.maxByteLength);
    } else {
      this.#out.byte(wire.BUFFER);
    }
    this.#out.float64(value.byteLength);
    this.#out.raw(new Uint8Array(value));
  }

  #viewOf(value: ArrayBufferView): void {
    const { buffer } = value;
    if (
      this.#companions === undefined && kinds.kindOf(buffer) === kinds.IS_SHARED
    ) {
      const what = "a view of a SharedArrayBuffer";
      throw this.#refuse(sharedMemory(what, this.#wayOut));
    }
    if (kinds.isOutOfBounds(value)) {
      throw this.#refuse("its ArrayBuffer has become too short for it");
    }
    const kind = kinds.viewKind(value);
    this.#out.byte(wire.VIEW);
    this.#out.byte(kind);
    this.#out.float64(value.byteOffset);
    this.#out.float64(kinds.viewLength(value, kind));
    this.#value(buffer);
  }

  #error(value: Error, kind: number): void {
    let name: string | undefined;
    if (kind === kinds.IS_EXCEPTION) {
      this.#out.byte(wire.EXCEPTION);
      this.#value(value.message);
      this.#value(value.name);
    } else {
      const errorClass = classOf(value);
      name = errorClass.name;
      if (errorClass.keys.length === 0) {
        this.#out.byte(wire.ERROR);
      } else {
        const isOwn = Object.hasOwn(value, "name");
        this.#ownError(errorClass.keys, isOwn ? undefined : name);
        name = undefined;
      }
      this.#value(errorClass.known);
    }
    const depth = this.#enter(value);
    const record = value as unknown as Record<string, unknown>;
    for (const key of Object.getOwnPropertyNames(value)) {
      if (key === "name") name = undefined;
      const isEnumerable = Object.prototype.propertyIsEnumerable.call(
        value,
        key,
      );
      let field: unknown;
      try {
        field = key === "stack" ? stackOf(value) : record[key];
      } catch (error) {
        if (isNeeded(key)) throw error;
        continue;
      }
      if (field === undefined && key === "stack") continue;
      this.#field(depth, key, isEnumerable, field);
    }
    if (name !== undefined) this.#field(depth, "name", false, name);
    this.#leave(depth);
    this.#out.lastKey();
  }

  /** The classes of the program that an error is an instance of. */
  #ownError(keys: readonly string[], name: string | undefined): void {
    const count = Math.min(keys.length, 255);
    this.#out.byte(wire.OWN_ERROR);
    this.#out.byte(count);
    for (let i = 0; i < count; i++) this.#out.key(keys[i]!);
    this.#value(name);
    this.#out.head();
  }

  // A clone by the platform drops an error's own fields, all but a few. So one
  // that cannot be read or cloned is no reason to lose the error: it alone is
  // dropped.
  #field(depth: number, key: string, isEnumerable: boolean, value: unknown) {
    const { at } = this.#out;
    const count = this.#count;
    this.#keys[depth] = key;
    try {
      this.#out.key(key);
      this.#out.head();
      this.#out.byte(isEnumerable ? 1 : 0);
      this.#value(value);
    } catch (error) {
      const isOurs = error !== undefined && error === this.#refusal;
      if (!isOurs || isNeeded(key)) throw error;
      this.#leave(depth + 1);
      this.#forget(count);
      this.#out.at = at;
    }
  }

  #instance(value: object): void {
    const registered = registeredAs(Object.getPrototypeOf(value));
    if (registered === undefined) throw this.#refuse(unregistered(value));
    const { pair } = registered;
    this.#out.byte(wire.INSTANCE);
    this.#class(registered);
    if (pair === undefined) {
      this.#listed(value as Record<string, unknown>, Object.keys(value));
      return;
    }
    let state: unknown;
    try {
      state = pair.write(value);
    } catch (error) {
      throw this.#refuse(stateless(value, error), error);
    }
    const depth = this.#enter(value);
    this.#keys[depth] = wire.STATE;
    const open = this.#open ??= new Set();
    open.add(value);
    try {
      this.#value(state);
    } finally {
      open.delete(value);
    }
    this.#leave(depth);
  }

  #class(registered: Registered): void {
    const number = this.#numberOf(registered);
    if (number >= 0) {
      this.#out.byte(wire.REFERENCE);
      return this.#out.uint32(number);
    }
    this.#remember(registered);
    this.#out.byte(wire.CLASS);
    this.#out.key(registered.key);
  }

  // --- Identity

  #numberOf(value: object): number {
    if (this.#numbers !== undefined) return this.#numbers.get(value) ?? -1;
    for (let i = 0; i < this.#count; i++) {
      if (this.#objects[i] === value) return i;
    }
    return -1;
  }

  #remember(value: object): void {
    this.#numbers?.set(value, this.#count);
    this.#objects[this.#count++] = value;
    if (this.#count !== FEW_OBJECTS) return;
    this.#numbers = new Map();
    for (let i = 0; i < this.#count; i++) {
      this.#numbers.set(this.#objects[i]!, i);
    }
  }

  /** Forgets the objects from number `count` on. */
  #forget(count: number): void {
    for (let i = count; i < this.#count; i++) {
      if (count > 0) this.#numbers?.delete(this.#objects[i]!);
      this.#objects[i] = undefined;
    }
    if (count < FEW_OBJECTS) this.#numbers = undefined;
    if (count === 0 && this.#count > MANY_OBJECTS) this.#objects.length = 0;
    this.#count = count;
  }

  // --- The way here

  #enter(holder: object): number {
    this.#holders[this.#depth] = holder;
    return this.#depth++;
  }

  #leave(depth: number): void {
    while (this.#depth > depth) this.#holders[--this.#depth] = undefined;
  }

  #refuse(reason: string, cause?: unknown): DOMException {
    return this.#refusal = refusal(this.#path(), reason, cause);
  }

  /** Notes an object that is an instance of a class of the program. */
  #note(stripped: Stripped[], value: object, kind: number): void {
    if (stripped.length === MOST_STRIPPED) return;
    const name = kinds.strippedClass(value, kind);
    if (name === undefined) return;
    const as = kinds.tagOf(value);
    stripped.push({ path: this.#path(), name, as });
  }

  #path(): string {
    let path = this.#root;
    for (let i = 0; i < this.#depth; i++) {
      path += wire.step(this.#holders[i]!, this.#keys[i]);
    }
    return this.#root === "" && path.startsWith(".") ? path.slice(1) : path;
  }
}

/** Anything that can be called. */
interface Named {
  readonly name: string;
}

/** The error for what stands at `path` and cannot be cloned. */
export function refusal(
  path: string,
  reason: string,
  cause?: unknown,
): DOMException {
  const text = `Cannot clone ${path}: ${reason}`;
  const error = new DOMException(text, "DataCloneError");
  if (cause !== undefined) wire.blame(error, cause);
  return error;
}

/** Why shared memory cannot be in a message, and what to do. */
export function sharedMemory(what: string, wayOut: string | undefined): string {
  return wayOut === undefined ? `it is ${what}` : `it is ${what}: ${wayOut}`;
}

/** Why a function cannot be in a message, and what to do. */
function ofFunction(func: Named): string {
  if (isNative(func)) {
    return func.name.startsWith("bound ")
      ? "it is a bound function: export one that takes its object, and import it where it is used"
      : "it is a function of the platform, which every process has: use it there, or send its name";
  }
  const what = /^class\b/.test(Function.prototype.toString.call(func))
    ? "class"
    : "function";
  return `it is a ${what}: export it and import it where it is used, or send its name`;
}

/** Why an object cannot be in a message. */
function reason(
  value: object,
  kind: number,
  wayOut: string | undefined,
): string {
  const what = kinds.describe(value);
  switch (kind) {
    case kinds.IS_SHAREABLE:
      if (wayOut !== undefined) return `it is ${what}: ${wayOut}`;
      return `it is ${what}: it is given to a process at its start, or sent ` +
        "through a queue, a pipe or a pool";
    case kinds.IS_SHARED:
      return sharedMemory(what, wayOut);
    case kinds.IS_LOCAL:
      return `it is ${what}: ${(value as { [LOCAL](): string })[LOCAL]()}`;
    default:
      return `it is ${what}`;
  }
}

/** Why an instance is not in a message: its class has thrown `error`. */
function stateless(value: object, error: unknown): string {
  return `[getState] of ${kinds.describe(value)} failed: ${wire.told(error)}`;
}

/** Why an instance of a class that is not registered cannot be in a message. */
function unregistered(value: object): string {
  return `it is ${
    kinds.describe(value)
  }, whose class is not registered: call registerClass(this) in a static block of that class`;
}

/** Why an instance cannot be in a message that its own state leads back to. */
function holdsItself(value: object): string {
  return `it is ${
    kinds.describe(value)
  } that stands in its own state: leave it out, and set it in [fromState]`;
}

function hasEnumerable(object: object): boolean {
  for (const _ in object) return true;
  return false;
}

/**
 * How many bytes the buffers of an array take that begins with bytes. A draft
 * that grows to them step by step is copied, and zeroed, twice as often.
 */
function bytesOf(items: readonly unknown[]): number {
  if (!ArrayBuffer.isView(items[0])) return 0;
  let sum = 0;
  const counted = new Set<ArrayBufferLike>();
  for (const item of items) {
    // A DataView that has lost its bytes throws.
    if (!ArrayBuffer.isView(item) || !("length" in item)) continue;
    if (counted.has(item.buffer)) continue;
    counted.add(item.buffer);
    sum += item.byteLength;
  }
  return sum;
}

function hasHoles(array: readonly unknown[]): boolean {
  for (let i = 0; i < array.length; i++) if (!(i in array)) return true;
  return false;
}

/** Whether an error is not the same without its own field of that name. */
function isNeeded(field: string): boolean {
  return field === "cause" || field === "errors";
}
