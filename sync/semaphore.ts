// Copyright 2026 the authors. MIT license.

// Semaphores that processes share.

import { checkCount, checkInteger, printAs } from "../memory/check.ts";
import { StateError } from "../errors.ts";
import { Custody, custodyWords, formatCustody } from "./custody.ts";
import { deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import { Gate } from "./gate.ts";
import {
  HANDLE,
  LOCAL,
  revivedHandle,
  setReviver,
  type Sited,
} from "../message/handle.ts";
import {
  createRegion,
  openRegion,
  type Region,
  type RegionHandle,
} from "../memory/region.ts";
import { EXPIRED, Line, type Steps } from "../memory/park.ts";
import { Wait } from "../memory/wait.ts";
import { checkpoint, made, me } from "../program/self.ts";
import { MAX_PERMITS, SemaphoreWord } from "./semaphore_word.ts";
import { MAX_PROCESSES } from "../program/table.ts";

/**
 * A number of permits: `acquire` takes one and waits while there is none,
 * `release` gives one back.
 *
 * Python: `multiprocessing.Semaphore`.
 *
 * Give it to a process in its arguments; every process then has its own view of
 * the same semaphore.
 *
 * - **No owner**: any process may release, also one that has not acquired; so a
 *   semaphore can count things that one process makes and another takes.
 * - **Order**: that of a {@linkcode Lock}.
 * - **Death**: a permit that a dead process had taken does not come back, as in
 *   Python: nothing tells whether it was meant to. Where permits guard a
 *   section, take a {@linkcode BoundedSemaphore}, which brings them back.
 *
 * @example At most two at a time
 * ```ts
 * import { Semaphore } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const lanes = new Semaphore(2);
 * let inside = 0;
 * let most = 0;
 *
 * async function drive() {
 *   using _ = await lanes.hold();
 *   most = Math.max(most, ++inside);
 *   await Promise.resolve();
 *   inside--;
 * }
 *
 * await Promise.all([drive(), drive(), drive(), drive()]);
 * assertEquals(most, 2);
 * ```
 */
export class Semaphore {
  readonly #handle: RegionHandle;
  readonly #permits: Permits;
  readonly #gate: Gate;
  readonly #isBounded: boolean;
  readonly #taking = Wait.toTake<void, void>(
    new Line(`${this.constructor.name}.acquire()`),
    {
      now: () => this.#tryAcquire() ? undefined : EXPIRED,
      steps: () => this.#gate.through(this.#permits.acquiring()),
    },
  );

  /**
   * Makes a semaphore.
   *
   * @param value How many permits there are at first.
   * @throws {TypeError} If it is not a number.
   * @throws {RangeError} If it is not an integer from 0 to 2^29.
   */
  constructor(value: number = 1) {
    checkCount("create semaphore", arguments, 1);
    made(this);
    this.#isBounded = this instanceof BoundedSemaphore;
    const revived = revivedHandle<Sited>()?.region;
    if (revived === undefined) checkPermits("create", value, 0);
    const region = revived === undefined
      ? this.#create(value)
      : openRegion(revived);
    const { locker } = me();
    this.#handle = region.handle;
    this.#permits = this.#isBounded
      ? new Custody(region.words, locker, MAX_PROCESSES)
      : new SemaphoreWord(region.words, WORD);
    this.#gate = new Gate(region.words, GATE, locker);
  }

  /**
   * Takes a permit, waiting while there is none.
   *
   * Python: `Semaphore.acquire(block, timeout)`.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns True if a permit was taken; false if `timeout` passed or `block`
   * is false and there is none, or the next is due to one that has waited too
   * long.
   * @throws {RangeError} If `timeout` is negative.
   */
  acquire(options?: WaitOptions): Promise<boolean> {
    try {
      const deadline = deadlineOf(options);
      checkpoint();
      if (this.#taking.mayLook(deadline) && this.#tryAcquire()) {
        return Promise.resolve(true);
      }
      const taken = this.#taking.inLine(undefined, deadline, options?.signal);
      return taken instanceof Promise
        ? taken.then((result) => result !== EXPIRED)
        : Promise.resolve(taken !== EXPIRED);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@linkcode Semaphore.acquire}, blocking this thread. */
  acquireSync(options?: WaitOptions): boolean {
    const deadline = deadlineOf(options);
    checkpoint();
    return this.#tryAcquire() ||
      this.#taking.blocking(undefined, deadline) !== EXPIRED;
  }

  /**
   * Gives permits back and wakes as many waiters.
   *
   * Python: `Semaphore.release(n)`.
   *
   * @param count How many.
   * @throws {TypeError} If it is not a number.
   * @throws {RangeError} If it is not a positive integer.
   * @throws {StateError} If there would be more permits than there may be: for
   * a {@linkcode BoundedSemaphore} more than at first; else 2^29. Nothing
   * changes.
   */
  release(count: number = 1): void {
    checkpoint();
    checkPermits("release", count, 1);
    if (this.#permits.release(count)) return;
    throw new StateError(
      this.#isBounded
        ? "Cannot release semaphore: more releases than acquires"
        : `Cannot release semaphore: it has ${MAX_PERMITS} permits at most`,
    );
  }

  /**
   * Takes a permit and returns what gives it back:
   * `using _ = await semaphore.hold()`.
   *
   * Python: `with semaphore:`.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @throws {DOMException} `TimeoutError` if `timeout` passed.
   */
  async hold(options?: WaitOptions): Promise<Disposable> {
    if (!(await this.acquire(options))) throw expired();
    return new Holder(this);
  }

  /**
   * As {@linkcode Semaphore.hold}, blocking this thread:
   * `using _ = semaphore.holdSync()`.
   */
  holdSync(options?: WaitOptions): Disposable {
    if (!this.acquireSync(options)) throw expired();
    return new Holder(this);
  }

  /**
   * How many permits are left: a hint, it may change before the call returns.
   *
   * Python: `multiprocessing.Semaphore.get_value()`.
   */
  getValue(): number {
    return this.#permits.permits;
  }

  /** Whether no permit is left: a hint, as {@linkcode Semaphore.getValue}. */
  locked(): boolean {
    return this.#permits.permits === 0;
  }

  /** @internal */
  [HANDLE](): Sited {
    const kind = this.#isBounded ? "BoundedSemaphore" : "Semaphore";
    return { kind, region: this.#handle };
  }

  #tryAcquire(): boolean {
    return this.#gate.isOpen() && this.#permits.tryAcquire();
  }

  #create(value: number): Region {
    if (!this.#isBounded) {
      const region = createRegion(BYTES);
      new SemaphoreWord(region.words, WORD).release(value);
      return region;
    }
    const region = createRegion(custodyWords(MAX_PROCESSES) * 4);
    formatCustody(region.words, value);
    return region;
  }
}

/** Gives a permit back at the end of a block. */
class Holder implements Disposable {
  readonly #semaphore: Semaphore;
  #isOver = false;

  constructor(semaphore: Semaphore) {
    this.#semaphore = semaphore;
  }

  [Symbol.dispose](): void {
    // A second call would give back what another may have.
    if (this.#isOver) return;
    this.#isOver = true;
    this.#semaphore.release();
  }

  [LOCAL](): string {
    return "send its semaphore";
  }
}

/**
 * A {@linkcode Semaphore} that never has more permits than at first, and knows
 * which process has them.
 *
 * Python: `multiprocessing.BoundedSemaphore`.
 *
 * - **Bound**: releasing more than was acquired is a {@linkcode StateError}.
 * - **Death**: permits that a process had taken come back when it dies; those
 *   that wait get them within 600 ms: see {@linkcode Lock}.
 *
 * @example More releases than acquires
 * ```ts
 * import { BoundedSemaphore, StateError } from "../mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const lanes = new BoundedSemaphore(5);
 * lanes.acquireSync();
 * lanes.release();
 * assertThrows(() => lanes.release(), StateError);
 * ```
 */
export class BoundedSemaphore extends Semaphore {}

printAs(Semaphore, (semaphore) => String(semaphore.getValue()));

/** The machine under a semaphore. */
interface Permits {
  readonly permits: number;
  tryAcquire(): boolean;
  acquiring(): Steps<void>;
  release(count: number): boolean;
}

const BYTES = 64;
const WORD = 0;
// A word that is neither of those of SemaphoreWord nor of Custody.
const GATE = 8;

setReviver("Semaphore", Semaphore);
setReviver("BoundedSemaphore", BoundedSemaphore);

function checkPermits(action: string, count: number, least: number): void {
  checkInteger(`${action} semaphore`, "the count", count, least, MAX_PERMITS);
}

function expired(): DOMException {
  return new DOMException(
    "Cannot hold semaphore: the timeout passed before a permit was free",
    "TimeoutError",
  );
}
