// Copyright 2026 the authors. MIT license.

// Single values that processes share, with a lock.

import { checkCount, printAs } from "../memory/check.ts";
import type { InitOf, ValueOf, ValueType } from "./ctype.ts";
import type { WaitOptions } from "../memory/deadline.ts";
import {
  HANDLE,
  peekHandle,
  revive,
  setReviver,
  type Shareable,
} from "../message/handle.ts";
import { ACCESS, ACCESSED } from "../sync/mutex.ts";
import {
  FIELD,
  type FieldsOf,
  type RawValue,
  UnlockedValue,
} from "./raw_value.ts";
import {
  type GuardOptions,
  hold,
  locked,
  lockOf,
  present,
  type ValueLock,
} from "./value_lock.ts";

/**
 * One value in shared memory, and the lock that each access takes: see
 * {@linkcode Value}, which makes it.
 *
 * @typeParam T The type: a code, a name, or a struct.
 */
export class LockedValue<T extends ValueType> extends UnlockedValue<T> {
  readonly #lock: ValueLock | undefined;
  #raw: RawValue<T> | undefined;

  /** See {@linkcode Value}, which is this constructor. */
  constructor(type: T, init?: InitOf<T>, options: GuardOptions = {}) {
    checkCount("create value", arguments, 3);
    const handle = peekHandle<ValueHandle>();
    super(type, init);
    this.#raw = handle?.raw as RawValue<T> | undefined;
    this.#lock = handle === undefined ? lockOf("value", options) : handle.lock;
  }

  /**
   * As {@linkcode UnlockedValue.value}, under the lock. While another process
   * holds that, this blocks the thread; a hold of this process is enough,
   * whichever of its tasks has it.
   *
   * `value.value += 1` is two accesses: hold the lock around it, or use
   * {@linkcode LockedValue.add}.
   *
   * Python: `Value.value`.
   *
   * @throws {AbandonedLockError} If the holder of the lock died. The lock is
   * free then.
   * @throws {StateError} If the lock is a plain {@linkcode Lock} that this
   * process holds: Python would block for ever.
   */
  override get value(): ValueOf<T> {
    const lock = this.#lock;
    const isEntered = lock?.[ACCESS]();
    try {
      return read.call(this) as ValueOf<T>;
    } finally {
      if (isEntered) lock![ACCESSED]();
    }
  }
  override set value(value: InitOf<T>) {
    const lock = this.#lock;
    const isEntered = lock?.[ACCESS]();
    try {
      write.call(this, value);
    } finally {
      if (isEntered) lock![ACCESSED]();
    }
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
    return this.#raw ??= revive(super[HANDLE]()) as unknown as RawValue<T>;
  }

  /**
   * Holds the lock: `using _ = await value.hold()`. Until the end of the block
   * no other process uses the value, and no other task of this one holds it.
   *
   * A task of this process that does not ask for the lock is not kept out.
   *
   * Python: `with value.get_lock():`.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @throws {StateError} If it was made with `lock: false`.
   * @throws {DOMException} `TimeoutError` if `timeout` passed.
   * @throws {AbandonedLockError} If the holder died. The lock is free then.
   */
  hold(options?: WaitOptions): Promise<Disposable> {
    return hold("value", this.#lock, options);
  }

  /** As {@linkcode LockedValue.hold}, blocking this thread. */
  holdSync(options?: WaitOptions): Disposable {
    return present("value", this.#lock).holdSync(options);
  }

  /**
   * As that of a {@linkcode RawValue}, under the lock.
   *
   * @internal
   */
  override [FIELD](name: string): ReturnType<UnlockedValue<T>[typeof FIELD]> {
    const { get, set } = super[FIELD](name);
    return {
      get: () => locked(this.#lock, get),
      set: (value) => locked(this.#lock, () => set(value)),
    };
  }

  /** @internal */
  override [HANDLE](): ValueHandle {
    return {
      ...super[HANDLE](),
      kind: "Value",
      raw: this.#raw,
      lock: this.#lock,
    };
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
  /** The members that all values inherit. */
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
 * - **Lock**: an RLock. An access waits for other processes; tasks of one
 *   process exclude each other by {@linkcode LockedValue.hold}, and what one
 *   reads, awaits and writes under it is whole.
 * - **Types**: Python's codes (`"i"`, `"d"` …), or names (`"int32"`,
 *   `"float64"`, `"bool"` …). Integers of 8 bytes are bigints. A `"bytes"` has
 *   as many bytes as its first value.
 * - **Kind**: a value of another kind is a TypeError, one out of range wraps
 *   round as in C: 2 ** 31 in an `"i"` is -2147483648.
 * - **Structs**: laid out as in C, `{ x: "d", y: "d" }`.
 * - **Atomic operations**: `load`, `store`, `add`, `exchange` and
 *   `compareExchange` on integers need no lock, take none and respect none:
 *   choose one of the two ways for a value. Python has none.
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
 * @example Reading, waiting and writing under the lock
 * ```ts
 * import { Value } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 * import { delay } from "@std/async";
 *
 * const counter = new Value("i", 0);
 *
 * async function count() {
 *   using _ = await counter.hold();
 *   const before = counter.value;
 *   await delay(1);
 *   counter.value = before + 1;
 * }
 *
 * await Promise.all([count(), count()]);
 * assertEquals(counter.value, 2);
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

type ValueHandle = ReturnType<UnlockedValue<ValueType>[typeof HANDLE]> & {
  /** Its view without the lock, if one was made: it may cross beside it. */
  readonly raw: Shareable | undefined;
  readonly lock: ValueLock | undefined;
};

// A getter of `super` costs 30 ns, and a setter 60.
const { get: read, set: write } = Object.getOwnPropertyDescriptor(
  UnlockedValue.prototype,
  "value",
) as { get(): unknown; set(value: unknown): void };

// Without the lock: what a person looks at must not wait.
printAs(LockedValue, (value) => Deno.inspect(read.call(value)), "Value");

setReviver("Value", LockedValue as unknown as new () => Shareable);
