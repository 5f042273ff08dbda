// Copyright 2026 the authors. MIT license.

// Arrays of values that processes share, without a lock.

import { checkCount, printAs, shown } from "../memory/check.ts";
import type { InitOf, ValueOf, ValueType } from "./ctype.ts";
import {
  HANDLE,
  type Handle,
  revivedHandle,
  setReviver,
  type Shareable,
} from "../message/handle.ts";
import {
  createRegion,
  openRegion,
  type RegionHandle,
} from "../memory/region.ts";
import { checkpoint, made } from "../program/self.ts";
import { checkIndex, elementsOf, layoutOf, roundUp, Values } from "./layout.ts";
import {
  atomicAdd,
  atomicCompareExchange,
  atomicExchange,
  atomicLoad,
  atomicStore,
  type IntegerCells,
} from "../memory/word.ts";
import type { IntegerOf } from "./raw_value.ts";

/** The type of a slice: bytes of `"c"`, a string of `"u"`, else values. */
export type SliceOf<T extends ValueType> = T extends "c" | "bytes"
  ? Uint8Array<ArrayBuffer>
  : T extends "u" ? string
  : ValueOf<T>[];

/** The characters that an array holds up to its first NUL. */
export type TextOf<T extends ValueType> = T extends "c" | "bytes" | "u"
  ? SliceOf<T>
  : never;

/** All bytes of an array of `"c"`. */
export type RawOf<T extends ValueType> = T extends "c" | "bytes" ? SliceOf<T>
  : never;

/**
 * An array of fixed length in shared memory, without a lock. Writes of several
 * processes may be lost: use the atomic operations, or guard it yourself.
 *
 * Python: `multiprocessing.sharedctypes.RawArray`.
 *
 * All that is said of {@linkcode Array} but the lock is true of it.
 *
 * @typeParam T The type of the elements: a code, a name, or a struct.
 *
 * @example
 * ```ts
 * import { RawArray } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const squares = new RawArray("i", [1, 4, 9]);
 * squares.set(-1, 10);
 * assertEquals([...squares], [1, 4, 10]);
 * ```
 */
export class RawArray<const T extends ValueType = ValueType> {
  readonly #memory: ArrayMemory;
  readonly #values: Values;

  /**
   * Makes an array.
   *
   * @param type The type of the elements.
   * @param sizeOrInit How many zeroes, or the elements.
   * @throws {TypeError} If there is no such type, an element is of another, or
   * the size is not an integer.
   * @throws {RangeError} If the size is negative or too large.
   */
  constructor(type: T, sizeOrInit: number | Iterable<InitOf<T>>) {
    checkCount("create array", arguments, 2);
    made(this);
    const handle = revivedHandle<RawArrayHandle>();
    const init = handle === undefined && typeof sizeOrInit !== "number"
      ? elementsOf(sizeOrInit)
      : undefined;
    this.#memory = handle?.memory ??
      memoryFor(type, init?.length ?? sizeOrInit as number);
    const { region, length } = this.#memory;
    const { bytes } = openRegion(region);
    this.#values = new Values(layoutOf(this.#memory.type), bytes, length);
    if (init !== undefined) this.#values.setAll(0, init);
  }

  /** How many elements it has. */
  get length(): number {
    return this.#values.length;
  }

  /**
   * The bytes or characters before the first NUL. Setting it writes the new
   * ones and, if there is room, a NUL behind them. Only arrays of type `"c"`
   * and `"u"` have it.
   *
   * Python: `Array.value`.
   *
   * @throws {TypeError} If the elements are not characters, or it is set to
   * anything but bytes (`"c"`) or a string (`"u"`).
   * @throws {RangeError} If it is set to more than there is room for; nothing
   * changes.
   */
  get value(): TextOf<T> {
    this.#checkText();
    const cells = this.#values.cells as Uint8Array;
    const end = cells.subarray(0, this.length).indexOf(0);
    return this.#slice(0, end < 0 ? this.length : end) as TextOf<T>;
  }
  set value(text: TextOf<T>) {
    this.#checkText();
    const isString = !this.#isBytes();
    if (isString && typeof text !== "string") {
      throw notTaken("value", "a string", text);
    }
    if (!isString) checkIsBytes("value", text);
    const elements = elementsOf(text as Iterable<unknown>);
    this.#checkFit("value", elements.length);
    this.#values.setAll(0, elements);
    if (elements.length < this.length) {
      this.#values.cells[elements.length] = 0;
    }
  }

  /**
   * All of its bytes, NULs among them. Setting it writes the given bytes from
   * the start, and leaves those behind them as they are. Only arrays of type
   * `"c"` have it.
   *
   * Python: `Array.raw`.
   *
   * @throws {TypeError} If the elements are not bytes, or it is set to anything
   * else; nothing changes.
   * @throws {RangeError} If it is set to more than there is room for; nothing
   * changes.
   *
   * @example
   * ```ts
   * import { RawArray } from "../mod.ts";
   * import { assertEquals } from "@std/assert";
   *
   * const bytes = new RawArray("c", 4);
   * bytes.raw = Uint8Array.of(7, 0, 8);
   * assertEquals(bytes.raw, Uint8Array.of(7, 0, 8, 0));
   * assertEquals(bytes.value, Uint8Array.of(7));
   * ```
   */
  get raw(): RawOf<T> {
    this.#checkBytes();
    return this.#slice(0, this.length) as RawOf<T>;
  }
  set raw(bytes: RawOf<T>) {
    this.#checkBytes();
    checkIsBytes("raw", bytes);
    this.#checkFit("raw", bytes.length);
    this.#values.bytesOf(0, bytes.length).set(bytes);
  }

  /**
   * The element at `index`, undefined where there is none; -1 is the last. One
   * of a struct array is an object whose fields write through.
   *
   * Python: `array[index]`.
   *
   * @param index From the start or, if negative, from the end.
   * @throws {TypeError} If `index` is not an integer.
   */
  at(index: number): ValueOf<T> | undefined {
    checkpoint();
    checkIndex(index);
    const place = index < 0 ? index + this.length : index;
    if (place < 0 || place >= this.length) return undefined;
    return this.#values.get(place) as ValueOf<T>;
  }

  /**
   * As {@linkcode RawArray.at}, for an element that must be there.
   *
   * @throws {RangeError} If there is no such element.
   */
  get(index: number): ValueOf<T> {
    checkpoint();
    return this.#values.get(this.#place(index)) as ValueOf<T>;
  }

  /**
   * Writes the element at `index`; -1 is the last. Of a struct, it writes the
   * given fields.
   *
   * Python: `array[index] = value`.
   *
   * @param index From the start or, if negative, from the end.
   * @param value What to write; it wraps round as in C.
   * @throws {RangeError} If there is no such element.
   * @throws {TypeError} If `index` is not an integer, or `value` of another
   * kind; nothing changes.
   */
  set(index: number, value: InitOf<T>): void {
    checkpoint();
    this.#values.set(this.#place(index), value);
  }

  /**
   * A copy of the elements from `start` to before `end`, which are cut to the
   * array; negative ones count from the end. Objects of a struct array write
   * through.
   *
   * Python: `array[start:end]`.
   *
   * @param start The first element; 0 if not given.
   * @param end The first one that is left out; the length if not given.
   */
  slice(start = 0, end: number = this.length): SliceOf<T> {
    checkpoint();
    const from = cut(start, this.length);
    return this.#slice(from, Math.max(from, cut(end, this.length)));
  }

  /**
   * Writes as many elements from `start` as are given.
   *
   * Python: `array[start:end] = values`, where the lengths must agree.
   *
   * @param start The first element to write; -1 is the last.
   * @param values What to write.
   * @throws {RangeError} If they do not all fit; nothing changes.
   * @throws {TypeError} If one is of another kind; nothing changes.
   */
  setSlice(start: number, values: Iterable<InitOf<T>>): void {
    checkpoint();
    const elements = elementsOf(values);
    checkIndex(start);
    const from = start < 0 ? start + this.length : start;
    if (from < 0 || from + elements.length > this.length) {
      throw new RangeError(
        `Cannot store slice: ${elements.length} elements from ${start} do not fit in an array of ${this.length}`,
      );
    }
    this.#values.setAll(from, elements);
  }

  /** Goes through the elements as they are when it comes to them. */
  *[Symbol.iterator](): IterableIterator<ValueOf<T>> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  /**
   * As {@linkcode UnlockedValue.load}, for one element.
   *
   * @param index Which element; -1 is the last.
   * @throws {RangeError} If there is no such element.
   */
  load(index: number): IntegerOf<T> {
    return atomicLoad(this.#integers(), this.#place(index)) as IntegerOf<T>;
  }

  /**
   * As {@linkcode UnlockedValue.store}, for one element.
   *
   * @param index Which element; -1 is the last.
   * @throws {RangeError} If there is no such element.
   */
  store(index: number, value: IntegerOf<T>): void {
    atomicStore(this.#integers(), this.#place(index), this.#cell(value));
  }

  /**
   * As {@linkcode UnlockedValue.add}, for one element.
   *
   * @param index Which element; -1 is the last.
   * @throws {RangeError} If there is no such element.
   */
  add(index: number, delta: IntegerOf<T>): IntegerOf<T> {
    return atomicAdd(
      this.#integers(),
      this.#place(index),
      this.#cell(delta),
    ) as IntegerOf<T>;
  }

  /**
   * As {@linkcode UnlockedValue.exchange}, for one element.
   *
   * @param index Which element; -1 is the last.
   * @throws {RangeError} If there is no such element.
   */
  exchange(index: number, value: IntegerOf<T>): IntegerOf<T> {
    return atomicExchange(
      this.#integers(),
      this.#place(index),
      this.#cell(value),
    ) as IntegerOf<T>;
  }

  /**
   * As {@linkcode UnlockedValue.compareExchange}, for one element.
   *
   * @param index Which element; -1 is the last.
   * @throws {RangeError} If there is no such element.
   */
  compareExchange(
    index: number,
    expected: IntegerOf<T>,
    replacement: IntegerOf<T>,
  ): IntegerOf<T> {
    return atomicCompareExchange(
      this.#integers(),
      this.#place(index),
      this.#cell(expected),
      this.#cell(replacement),
    ) as IntegerOf<T>;
  }

  /** @internal */
  [HANDLE](): RawArrayHandle {
    return { kind: "RawArray", memory: this.#memory };
  }

  static {
    printAs(this, (array) => {
      const { length } = array;
      const first = array.#slice(0, Math.min(length, PRINTED));
      const more = length - PRINTED;
      const rest = more > 0 ? `, ${more} more` : "";
      return Deno.inspect(copied(first), { iterableLimit: PRINTED }) + rest;
    });
  }

  #slice(start: number, end: number): SliceOf<T> {
    if (this.#isBytes()) {
      return this.#values.bytesOf(start, end).slice() as SliceOf<T>;
    }
    const elements = elementsFrom(
      end - start,
      (i) => this.#values.get(start + i),
    );
    const isString = this.#values.layout.scalar?.name === "u";
    return (isString ? elements.join("") : elements) as SliceOf<T>;
  }

  #place(index: number): number {
    checkIndex(index);
    const place = index < 0 ? index + this.length : index;
    if (place >= 0 && place < this.length) return place;
    throw new RangeError(
      `Cannot use element ${index}: the array has ${this.length}`,
    );
  }

  #integers(): IntegerCells {
    checkpoint();
    return this.#values.integers("element");
  }

  #cell(value: unknown): number | bigint {
    return this.#values.layout.scalar!.toCell(value);
  }

  #isBytes(): boolean {
    return this.#values.layout.scalar?.name === "bytes";
  }

  #checkText(): void {
    checkpoint();
    const name = this.#values.layout.scalar?.name;
    if (name === "bytes" || name === "u") return;
    throw this.#hasNot("value", "characters");
  }

  #checkBytes(): void {
    checkpoint();
    if (!this.#isBytes()) throw this.#hasNot("raw", "bytes");
  }

  #hasNot(property: string, elements: string): TypeError {
    const name = this.#values.layout.scalar?.name ?? "structs";
    return new TypeError(
      `Cannot use ${property} of array: its elements are ${name}, not ${elements}`,
    );
  }

  #checkFit(property: string, length: number): void {
    if (length <= this.length) return;
    throw new RangeError(
      `Cannot store ${property}: the array has ${this.length} elements: got ${length}`,
    );
  }
}

function checkIsBytes(
  property: string,
  value: unknown,
): asserts value is Uint8Array {
  if (value instanceof Uint8Array) return;
  throw notTaken(property, "a Uint8Array", value);
}

function notTaken(property: string, takes: string, value: unknown): TypeError {
  return new TypeError(
    `Cannot store ${property}: the array takes ${takes}: got ${shown(value)}`,
  );
}

/** Where an array is. */
interface ArrayMemory {
  readonly region: RegionHandle;
  readonly type: ValueType;
  readonly length: number;
}

interface RawArrayHandle extends Handle {
  readonly memory: ArrayMemory;
}

setReviver("RawArray", RawArray as unknown as new () => Shareable);

/** How many elements an array prints at most. */
const PRINTED = 100;

/** More than any platform gives at once. */
const MOST_BYTES = 2 ** 33;

function memoryFor(type: ValueType, length: number): ArrayMemory {
  const { size } = layoutOf(type);
  if (!Number.isInteger(length)) {
    throw new TypeError(
      `Cannot create array: its size must be an integer: got ${shown(length)}`,
    );
  }
  const bytes = roundUp(size * length, 8) || 8;
  if (length < 0 || bytes > MOST_BYTES) {
    throw new RangeError(
      `Cannot create array: its size must be from 0 to ${
        MOST_BYTES / size
      }: got ${length}`,
    );
  }
  return { region: createRegion(bytes).handle, type, length };
}

/** What has the fields of the structs in a slice, and not their getters. */
function copied(slice: Iterable<unknown>): unknown {
  if (!Array.isArray(slice)) return slice;
  return slice.map((one) => typeof one === "object" ? { ...one } : one);
}

function elementsFrom<V>(length: number, make: (i: number) => V): V[] {
  return Array.from({ length }, (_, i) => make(i));
}

/** An end of a slice: negative from the end, cut to the array. */
function cut(end: number, length: number): number {
  checkIndex(end);
  return end < 0 ? Math.max(0, end + length) : Math.min(end, length);
}
