// Copyright 2026 the authors. MIT license.

/**
 * Single values that processes share, with a lock.
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
import {
  type FieldsOf,
  type IntegerOf,
  type RawValue,
  UnlockedValue,
} from "./raw_value.ts";

export type { WaitOptions } from "../memory/deadline.ts";
export type { GuardOptions, ValueLock } from "./guard.ts";

/**
 * One value in shared memory, and the lock that each access takes: see
 * {@linkcode Value}, which makes it.
 *
 * @typeParam T The type: a code, a name, or a struct.
 */
export class LockedValue<T extends ValueType> {
  readonly #raw: UnlockedValue<T>;
  readonly #lock: ValueLock | undefined;

  /**
   * Makes a value.
   *
   * @param type The type.
   * @param init Its first value; zero if not given.
   * @param options The lock.
   * @throws {TypeError} If there is no such type, `init` is of another, or
   * `lock` is not a lock.
   */
  constructor(type: T, init?: InitOf<T>, options: GuardOptions = {}) {
    const handle = revivedHandle<ValueHandle>();
    this.#raw = (handle?.raw as UnlockedValue<T> | undefined) ??
      new UnlockedValue(type, init);
    this.#lock = handle === undefined ? lockOf("value", options) : handle.lock;
    const raw = this.#raw as unknown as Record<string, unknown>;
    for (const name of Object.keys(raw)) {
      Object.defineProperty(this, name, {
        enumerable: true,
        get: () => this.#locked(() => raw[name]),
        set: (value) => this.#locked(() => raw[name] = value),
      });
    }
  }

  /**
   * The value, read and written under the lock, for which this waits by
   * blocking the thread. Integers wrap round as in C; a struct is read as a copy
   * that cannot be changed, and written as a whole or in part.
   *
   * `value.value += 1` is two accesses: hold the lock around it, or use
   * {@linkcode LockedValue.add}.
   *
   * Python: `Value.value`.
   *
   * @throws {TypeError} If it is set to a value of another kind; nothing
   * changes.
   * @throws {RangeError} If it is set to more bytes than it has; nothing changes.
   * @throws {AbandonedLockError} If the holder of the lock died. The lock is
   * free then.
   * @throws {StateError} If another task of this process holds the lock, or if it
   * is a plain Lock that this process holds: it could never be released while
   * the thread is blocked.
   */
  get value(): ValueOf<T> {
    const lock = this.#lock;
    if (lock === undefined) return this.#raw.value;
    lock.acquireSync();
    try {
      return this.#raw.value;
    } finally {
      lock.release();
    }
  }
  set value(value: InitOf<T>) {
    const lock = this.#lock;
    if (lock === undefined) {
      this.#raw.value = value;
      return;
    }
    lock.acquireSync();
    try {
      this.#raw.value = value;
    } finally {
      lock.release();
    }
  }

  /**
   * Reads an integer atomically. Neither this nor the operations below take the
   * lock or respect it: choose one of the two ways for a value.
   *
   * @throws {TypeError} If the type is not an integer.
   */
  load(): IntegerOf<T> {
    return this.#raw.load();
  }

  /**
   * Writes an integer atomically, without the lock.
   *
   * @param value What to write; it wraps round as in C.
   * @throws {TypeError} If the type is not an integer, or `value` of another
   * kind; nothing changes.
   */
  store(value: IntegerOf<T>): void {
    this.#raw.store(value);
  }

  /**
   * Adds to an integer atomically, without the lock.
   *
   * @param delta What to add; the sum wraps round as in C.
   * @returns The value before.
   * @throws {TypeError} If the type is not an integer, or `delta` of another
   * kind; nothing changes.
   *
   * @example Counting without a lock
   * ```ts
   * import { Value } from "../mod.ts";
   * import { assertEquals } from "@std/assert";
   *
   * const counter = new Value("i", 5);
   * assertEquals(counter.add(1), 5);
   * assertEquals(counter.value, 6);
   * ```
   */
  add(delta: IntegerOf<T>): IntegerOf<T> {
    return this.#raw.add(delta);
  }

  /**
   * Writes an integer and tells what it was, atomically, without the lock.
   *
   * @param value What to write; it wraps round as in C.
   * @returns The value before.
   * @throws {TypeError} If the type is not an integer, or `value` of another
   * kind; nothing changes.
   */
  exchange(value: IntegerOf<T>): IntegerOf<T> {
    return this.#raw.exchange(value);
  }

  /**
   * Writes an integer if it is what the caller expects, atomically, without the
   * lock.
   *
   * @param expected What it must be.
   * @param replacement What to write then.
   * @returns The value before: `expected`, if it was written.
   * @throws {TypeError} If the type is not an integer, or an argument of another
   * kind; nothing changes.
   */
  compareExchange(
    expected: IntegerOf<T>,
    replacement: IntegerOf<T>,
  ): IntegerOf<T> {
    return this.#raw.compareExchange(expected, replacement);
  }

  /**
   * Its lock.
   *
   * Python: `Value.get_lock()`.
   *
   * @throws {StateError} If it was made with `lock: false`.
   */
  getLock(): ValueLock {
    return present("value", this.#lock);
  }

  /**
   * The same value without the lock: for use while one holds it.
   *
   * Python: `Value.get_obj()`.
   */
  getObj(): RawValue<T> {
    return this.#raw as RawValue<T>;
  }

  /**
   * Holds the lock: `using _ = await value.hold()`. While one holds it, use
   * {@linkcode LockedValue.getObj}, which need not ask whether one does.
   *
   * Python: `with value.get_lock():`.
   *
   * @param options `timeout` in milliseconds from the call; `signal` to give up.
   * @throws {StateError} If it was made with `lock: false`.
   * @throws {DOMException} `TimeoutError` if `timeout` passed.
   * @throws {AbandonedLockError} If the holder died. The lock is free then.
   */
  hold(options?: WaitOptions): Promise<Disposable> {
    return hold("value", this.#lock, options);
  }

  /**
   * As {@linkcode LockedValue.hold}, blocking this thread.
   *
   * Python: `with value.get_lock():`.
   *
   * @param options `timeout` in milliseconds from the call.
   * @throws {StateError} If it was made with `lock: false`.
   * @throws {DOMException} `TimeoutError` if `timeout` passed.
   * @throws {AbandonedLockError} If the holder died. The lock is free then.
   */
  holdSync(options?: WaitOptions): Disposable {
    return present("value", this.#lock).holdSync(options);
  }

  /**
   * What crosses to a child in its place.
   *
   * @internal
   */
  [HANDLE](): ValueHandle {
    return { kind: "Value", raw: this.#raw, lock: this.#lock };
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

/** Makes a {@linkcode Value}. */
export interface ValueConstructor {
  /**
   * Makes a value.
   *
   * @param type A code, a name, or a struct: its fields in order, and the type
   * of each.
   * @param init Its first value, some fields of a struct; zero if not given.
   * @param options The lock: a new one, one of your own, or none.
   * @throws {TypeError} If there is no such type, `init` is of another, or
   * `lock` is not a lock.
   */
  new <const T extends ValueType>(
    type: T,
    init?: InitOf<T>,
    options?: GuardOptions,
  ): Value<T>;
  /** What all of them inherit. */
  readonly prototype: LockedValue<ValueType>;
}

/**
 * One value in shared memory, with a lock that each access takes; the fields of
 * a struct are properties of it.
 *
 * Python: `multiprocessing.Value`.
 *
 * Give it to a process in its arguments; every process then has its own view of
 * the same value.
 *
 * - **Lock**: an RLock, so that who holds it can use the value. In an async task
 *   that has awaited something else since, use `getObj()`.
 * - **Types**: Python's codes (`"i"`, `"d"` …), or names (`"int32"`,
 *   `"float64"`, `"bool"` …). Integers of 8 bytes are bigints. A `"bytes"` has as
 *   many bytes as its first value.
 * - **Kind**: a value of another kind is a TypeError, one out of range wraps
 *   round as in C: 2 ** 31 in an `"i"` is -2147483648.
 * - **Structs**: laid out as in C, `{ x: "d", y: "d" }`.
 * - **Atomic operations**: `add`, `compareExchange` … on integers need no lock,
 *   take none and respect none. Python has none.
 * - **Death**: what a process that died with the lock has written stays; the
 *   next to access it is told by {@linkcode AbandonedLockError}.
 *
 * @typeParam T The type: a code, a name, or a struct.
 *
 * @example Counting under the lock
 * ```ts
 * import { Value } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const counter = new Value("i", 0);
 * {
 *   using _ = counter.holdSync();
 *   counter.value += 1;
 * }
 * assertEquals(counter.value, 1);
 * ```
 *
 * @example A struct
 * ```ts
 * import { Value } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const point = new Value({ x: "d", y: "d" }, { x: 1.5 });
 * point.y = 2.5;
 * assertEquals(point.value, { x: 1.5, y: 2.5 });
 * ```
 */
export type Value<T extends ValueType = ValueType> =
  & LockedValue<T>
  & FieldsOf<T>;

/** Makes values with a lock: see the type of the same name. */
export const Value: ValueConstructor =
  LockedValue as unknown as ValueConstructor;

interface ValueHandle extends Handle {
  readonly kind: "Value";
  readonly raw: Shareable;
  readonly lock: ValueLock | undefined;
}

setReviver("Value", LockedValue as unknown as new () => Shareable);
