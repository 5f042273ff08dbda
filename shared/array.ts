// Copyright 2026 the authors. MIT license.

/**
 * Arrays of values that processes share, with a lock.
 *
 * @module
 */

import type { InitOf, ValueOf, ValueType } from "./ctype.ts";
import type { WaitOptions } from "../memory/deadline.ts";
import {
  type GuardOptions,
  hold,
  lockOf,
  present,
  type ValueLock,
} from "./guard.ts";
import {
  HANDLE,
  type Handle,
  revivedHandle,
  setReviver,
  type Shareable,
} from "../message/handle.ts";
import { elementsOf } from "./layout.ts";
import { RawArray, type SliceOf, type TextOf } from "./raw_array.ts";
import type { IntegerOf } from "./raw_value.ts";

/**
 * An array of fixed length in shared memory, with a lock that each access takes.
 *
 * Python: `multiprocessing.Array`.
 *
 * Give it to a process in its arguments; every process then has its own view of
 * the same array.
 *
 * - **Lock**: an RLock, so that who holds it can use the array; an access while
 *   another task of this process holds it is a {@linkcode StateError}.
 * - **Types**: as those of {@linkcode Value}. Elements of another kind are a
 *   TypeError, integers out of range wrap round as in C.
 * - **Structs**: laid out as in C; an element is an object whose fields write
 *   through, without the lock, as in Python.
 * - **Characters**: arrays of `"c"` and `"u"` have a `value`: what is before the
 *   first NUL.
 * - **Atomic operations**: `add`, `compareExchange` … on integers need no lock,
 *   take none and respect none. Python has none.
 * - **Death**: what a process that died with the lock has written stays; the
 *   next to access it is told by {@linkcode AbandonedLockError}.
 *
 * @typeParam T The type of the elements: a code, a name, or a struct.
 *
 * @example
 * ```ts
 * import { Array } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const counts = new Array("i", 3);
 * counts.set(0, 5);
 * counts.add(-1, 1);
 * assertEquals([...counts], [5, 0, 1]);
 * ```
 *
 * @example Structs
 * ```ts
 * import { Array } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const points = new Array({ x: "d", y: "d" }, [{ x: 1, y: 2 }, { x: 3 }]);
 * points.get(1).y = 4;
 * assertEquals(points.slice(), [{ x: 1, y: 2 }, { x: 3, y: 4 }]);
 * ```
 */
export class Array<const T extends ValueType = ValueType> {
  readonly #raw: RawArray<T>;
  readonly #lock: ValueLock | undefined;

  /**
   * Makes an array.
   *
   * @param type The type of the elements.
   * @param sizeOrInit How many zeroes, or the elements.
   * @param options The lock: a new one, one of your own, or none.
   * @throws {TypeError} If there is no such type, an element is of another, the
   * size is not an integer, or `lock` is not a lock.
   * @throws {RangeError} If the size is negative or too large.
   */
  constructor(
    type: T,
    sizeOrInit: number | Iterable<InitOf<T>>,
    options: GuardOptions = {},
  ) {
    const handle = revivedHandle<ArrayHandle>();
    this.#raw = (handle?.raw as RawArray<T> | undefined) ??
      new RawArray(type, sizeOrInit);
    this.#lock = handle === undefined ? lockOf("array", options) : handle.lock;
  }

  /** How many elements it has. */
  get length(): number {
    return this.#raw.length;
  }

  /**
   * The bytes or characters before the first NUL, as {@linkcode RawArray.value}.
   *
   * Python: `Array.value`.
   *
   * @throws {TypeError} If the elements are not characters, or it is set to
   * anything but bytes (`"c"`) or a string (`"u"`).
   * @throws {RangeError} If it is set to more than there is room for; nothing
   * changes.
   * @throws {AbandonedLockError} If the holder of the lock died. The lock is
   * free then.
   */
  get value(): TextOf<T> {
    return this.#locked(() => this.#raw.value);
  }
  set value(text: TextOf<T>) {
    this.#locked(() => this.#raw.value = text);
  }

  /**
   * The element at `index`, undefined where there is none, as
   * {@linkcode RawArray.at}.
   *
   * Python: `array[index]`.
   *
   * @param index From the start or, if negative, from the end.
   * @throws {TypeError} If `index` is not an integer.
   * @throws {AbandonedLockError} If the holder of the lock died. The lock is
   * free then.
   */
  at(index: number): ValueOf<T> | undefined {
    return this.#locked(() => this.#raw.at(index));
  }

  /**
   * The element at `index`, as {@linkcode RawArray.get}.
   *
   * Python: `array[index]`.
   *
   * @param index From the start or, if negative, from the end.
   * @throws {RangeError} If there is no such element.
   * @throws {TypeError} If `index` is not an integer.
   * @throws {AbandonedLockError} If the holder of the lock died. The lock is
   * free then.
   */
  get(index: number): ValueOf<T> {
    return this.#locked(() => this.#raw.get(index));
  }

  /**
   * Writes the element at `index`, as {@linkcode RawArray.set}.
   *
   * Python: `array[index] = value`.
   *
   * @param index From the start or, if negative, from the end.
   * @param value What to write; it wraps round as in C.
   * @throws {RangeError} If there is no such element.
   * @throws {TypeError} If `index` is not an integer, or `value` of another kind;
   * nothing changes.
   * @throws {AbandonedLockError} If the holder of the lock died. The lock is
   * free then.
   */
  set(index: number, value: InitOf<T>): void {
    this.#locked(() => this.#raw.set(index, value));
  }

  /**
   * A copy of some elements, taken in one hold of the lock, as
   * {@linkcode RawArray.slice}.
   *
   * Python: `array[start:end]`.
   *
   * @param start The first element; 0 if not given.
   * @param end The first one that is left out; the length if not given.
   * @throws {AbandonedLockError} If the holder of the lock died. The lock is
   * free then.
   */
  slice(start?: number, end?: number): SliceOf<T> {
    return this.#locked(() => this.#raw.slice(start, end));
  }

  /**
   * Writes some elements in one hold of the lock, as
   * {@linkcode RawArray.setSlice}.
   *
   * Python: `array[start:end] = values`, where the lengths must agree.
   *
   * @param start The first element to write; -1 is the last.
   * @param values What to write.
   * @throws {RangeError} If they do not all fit; nothing changes.
   * @throws {TypeError} If one is of another kind; nothing changes.
   * @throws {AbandonedLockError} If the holder of the lock died. The lock is
   * free then.
   */
  setSlice(start: number, values: Iterable<InitOf<T>>): void {
    // Before the lock: an iterator may run anything, and take its time.
    const elements = elementsOf(values);
    this.#locked(() => this.#raw.setSlice(start, elements));
  }

  /**
   * Goes through the elements as they are when it comes to them: each is read
   * under the lock, not all in one hold, as in Python. `slice()` is.
   */
  *[Symbol.iterator](): IterableIterator<ValueOf<T>> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  /**
   * Reads an integer atomically. Neither this nor the operations below take the
   * lock or respect it: choose one of the two ways for an array.
   *
   * @param index Which element; -1 is the last.
   * @throws {TypeError} If the elements are not integers.
   * @throws {RangeError} If there is no such element.
   */
  load(index: number): IntegerOf<T> {
    return this.#raw.load(index);
  }

  /**
   * Writes an integer atomically, without the lock.
   *
   * @param index Which element; -1 is the last.
   * @param value What to write; it wraps round as in C.
   * @throws {TypeError} If the elements are not integers, or `value` is of
   * another kind; nothing changes.
   * @throws {RangeError} If there is no such element.
   */
  store(index: number, value: IntegerOf<T>): void {
    this.#raw.store(index, value);
  }

  /**
   * Adds to an integer atomically, without the lock.
   *
   * @param index Which element; -1 is the last.
   * @param delta What to add; the sum wraps round as in C.
   * @returns The element before.
   * @throws {TypeError} If the elements are not integers, or `delta` is of
   * another kind; nothing changes.
   * @throws {RangeError} If there is no such element.
   */
  add(index: number, delta: IntegerOf<T>): IntegerOf<T> {
    return this.#raw.add(index, delta);
  }

  /**
   * Writes an integer and tells what it was, atomically, without the lock.
   *
   * @param index Which element; -1 is the last.
   * @param value What to write; it wraps round as in C.
   * @returns The element before.
   * @throws {TypeError} If the elements are not integers, or `value` is of
   * another kind; nothing changes.
   * @throws {RangeError} If there is no such element.
   */
  exchange(index: number, value: IntegerOf<T>): IntegerOf<T> {
    return this.#raw.exchange(index, value);
  }

  /**
   * Writes an integer if it is what the caller expects, atomically, without the
   * lock.
   *
   * @param index Which element; -1 is the last.
   * @param expected What it must be.
   * @param replacement What to write then.
   * @returns The element before: `expected`, if it was written.
   * @throws {TypeError} If the elements are not integers, or an argument is of
   * another kind; nothing changes.
   * @throws {RangeError} If there is no such element.
   */
  compareExchange(
    index: number,
    expected: IntegerOf<T>,
    replacement: IntegerOf<T>,
  ): IntegerOf<T> {
    return this.#raw.compareExchange(index, expected, replacement);
  }

  /**
   * Its lock.
   *
   * Python: `Array.get_lock()`.
   *
   * @throws {StateError} If it was made with `lock: false`.
   */
  getLock(): ValueLock {
    return present("array", this.#lock);
  }

  /**
   * The same array without the lock: for use while one holds it.
   *
   * Python: `Array.get_obj()`.
   */
  getObj(): RawArray<T> {
    return this.#raw;
  }

  /**
   * Holds the lock: `using _ = await array.hold()`. While one holds it, use
   * {@linkcode Array.getObj}, which need not ask whether one does.
   *
   * Python: `with array.get_lock():`.
   *
   * @param options `timeout` in milliseconds from the call; `signal` to give up.
   * @throws {StateError} If it was made with `lock: false`.
   * @throws {DOMException} `TimeoutError` if `timeout` passed.
   * @throws {AbandonedLockError} If the holder died. The lock is free then.
   */
  hold(options?: WaitOptions): Promise<Disposable> {
    return hold("array", this.#lock, options);
  }

  /**
   * As {@linkcode Array.hold}, blocking this thread.
   *
   * Python: `with array.get_lock():`.
   *
   * @param options `timeout` in milliseconds from the call.
   * @throws {StateError} If it was made with `lock: false`.
   * @throws {DOMException} `TimeoutError` if `timeout` passed.
   * @throws {AbandonedLockError} If the holder died. The lock is free then.
   */
  holdSync(options?: WaitOptions): Disposable {
    return present("array", this.#lock).holdSync(options);
  }

  /**
   * What crosses to a child in its place.
   *
   * @internal
   */
  [HANDLE](): ArrayHandle {
    return { kind: "Array", raw: this.#raw, lock: this.#lock };
  }

  #locked<R>(access: () => R): R {
    if (this.#lock === undefined) return access();
    this.#lock.acquireSync();
    try {
      return access();
    } finally {
      this.#lock.release();
    }
  }
}

interface ArrayHandle extends Handle {
  readonly kind: "Array";
  readonly raw: Shareable;
  readonly lock: ValueLock | undefined;
}

setReviver("Array", Array as unknown as new () => Shareable);
