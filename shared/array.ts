// Copyright 2026 the authors. MIT license.

// Arrays of values that processes share, with a lock.

import { checkCount } from "../memory/check.ts";
import type { InitOf, ValueOf, ValueType } from "./ctype.ts";
import type { WaitOptions } from "../memory/deadline.ts";
import {
  HANDLE,
  peekHandle,
  revive,
  setReviver,
  type Shareable,
} from "../message/handle.ts";
import { elementsOf } from "./layout.ts";
import {
  RawArray,
  type RawOf,
  type SliceOf,
  type TextOf,
} from "./raw_array.ts";
import {
  type GuardOptions,
  hold,
  locked,
  lockOf,
  present,
  type ValueLock,
} from "./value_lock.ts";

/**
 * An array of fixed length in shared memory, with a lock that each access
 * takes.
 *
 * Python: `multiprocessing.Array`.
 *
 * Give it to a process in its arguments; every process then has its own view of
 * the same array.
 *
 * - **Lock**: an RLock. An access waits for other processes; tasks of one
 *   process exclude each other by {@linkcode Array.hold}, and what one reads,
 *   awaits and writes under it is whole.
 * - **Types**: as those of {@linkcode Value}. Elements of another kind are a
 *   TypeError, integers out of range wrap round as in C.
 * - **Structs**: laid out as in C; an element is an object whose fields write
 *   through, without the lock, as in Python.
 * - **Characters**: arrays of `"c"` and `"u"` have a `value`: what is before
 *   the first NUL. Those of `"c"` have all their bytes as `raw`.
 * - **Atomic operations**: `load`, `store`, `add`, `exchange` and
 *   `compareExchange` on integers need no lock, take none and respect none:
 *   choose one of the two ways for an array. Python has none.
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
export class Array<const T extends ValueType = ValueType> extends RawArray<T> {
  readonly #lock: ValueLock | undefined;
  #raw: RawArray<T> | undefined;

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
    checkCount("create array", arguments, 3);
    const handle = peekHandle<ArrayHandle>();
    super(type, sizeOrInit);
    this.#raw = handle?.raw as RawArray<T> | undefined;
    this.#lock = handle === undefined ? lockOf("array", options) : handle.lock;
  }

  /** As {@linkcode RawArray.value}, under the lock. */
  override get value(): TextOf<T> {
    return locked(this.#lock, () => super.value);
  }
  override set value(text: TextOf<T>) {
    locked(this.#lock, () => super.value = text);
  }

  /** As {@linkcode RawArray.raw}, under the lock. */
  override get raw(): RawOf<T> {
    return locked(this.#lock, () => super.raw);
  }
  override set raw(bytes: RawOf<T>) {
    locked(this.#lock, () => super.raw = bytes);
  }

  /** As {@linkcode RawArray.at}, under the lock. */
  override at(index: number): ValueOf<T> | undefined {
    return locked(this.#lock, () => super.at(index));
  }

  /** As {@linkcode RawArray.get}, under the lock. */
  override get(index: number): ValueOf<T> {
    return locked(this.#lock, () => super.get(index));
  }

  /** As {@linkcode RawArray.set}, under the lock. */
  override set(index: number, value: InitOf<T>): void {
    locked(this.#lock, () => super.set(index, value));
  }

  /** As {@linkcode RawArray.slice}, in one hold of the lock. */
  override slice(start?: number, end?: number): SliceOf<T> {
    return locked(this.#lock, () => super.slice(start, end));
  }

  /** As {@linkcode RawArray.setSlice}, in one hold of the lock. */
  override setSlice(start: number, values: Iterable<InitOf<T>>): void {
    // Before the lock: an iterator may run anything, and take its time.
    const elements = elementsOf(values);
    locked(this.#lock, () => super.setSlice(start, elements));
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
    return this.#raw ??= revive(super[HANDLE]()) as RawArray<T>;
  }

  /**
   * As {@linkcode LockedValue.hold}: `using _ = await array.hold()`.
   *
   * Python: `with array.get_lock():`.
   */
  hold(options?: WaitOptions): Promise<Disposable> {
    return hold("array", this.#lock, options);
  }

  /** As {@linkcode Array.hold}, blocking this thread. */
  holdSync(options?: WaitOptions): Disposable {
    return present("array", this.#lock).holdSync(options);
  }

  /** @internal */
  override [HANDLE](): ArrayHandle {
    return {
      ...super[HANDLE](),
      kind: "Array",
      raw: this.#raw,
      lock: this.#lock,
    };
  }
}

type ArrayHandle = ReturnType<RawArray[typeof HANDLE]> & {
  /** Its view without the lock, if one was made: it may cross beside it. */
  readonly raw: Shareable | undefined;
  readonly lock: ValueLock | undefined;
};

setReviver("Array", Array as unknown as new () => Shareable);
