// Copyright 2026 the authors. MIT license.

// A lock that processes share.

import { checkCount, printAs } from "../memory/check.ts";
import { StateError } from "../errors.ts";
import { deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import { Gate } from "./gate.ts";
import {
  HANDLE,
  LOCAL,
  ownRegion,
  setReviver,
  type Sited,
} from "../message/handle.ts";
import type { RegionHandle } from "../memory/region.ts";
import { ACCESS, ACCESSED, Mutex } from "./mutex.ts";
import { EXPIRED, Line } from "../memory/park.ts";
import { Wait } from "../memory/wait.ts";
import { checkpoint, made, me } from "../program/self.ts";
import { HOLD, type Hold, lockState, tellAbandoned } from "./suspend.ts";

/**
 * A lock that one process at a time can hold.
 *
 * Python: `multiprocessing.Lock`.
 *
 * Give it to a process in its arguments, or send it through a queue or a pipe;
 * every process then has its own view of the same lock.
 *
 * - **Owner**: the process, not the promise chain: only the process that
 *   acquired it may release it, from any of its async tasks. (Python lets
 *   anybody release; here that is a {@linkcode StateError}.)
 * - **Order**: the promises of one process get it in the order of their calls;
 *   a call that blocks does not stand behind them. Between processes the
 *   longest waiter is woken first, but a call that comes at that very moment
 *   may be faster. Not for ever: once a waiter was overtaken after 1 ms, each
 *   other process may come before it once more, and from then on once in 50 ms.
 *   Several such waiters are helped one after the other.
 * - **Death**: when the holder dies, one waiter is told by
 *   {@linkcode AbandonedLockError} within 600 ms, and the lock is free again.
 *   Of these, 500 are for a worker that was told to stop and has not ended; a
 *   waiter looks every 100 ms, or every 20 if it blocks its thread.
 * - **Not re-entrant**: taking it twice blocks, as in Python; where that could
 *   never end, `acquireSync` says so instead.
 *
 * Source of the algorithm: U. Drepper, "Futexes Are Tricky" (2011), third
 * mutex.
 *
 * @example A lock round a counter
 * ```ts
 * import { Lock } from "../mod.ts";
 * import { assert } from "@std/assert";
 *
 * const lock = new Lock();
 * {
 *   using _ = await lock.hold();
 *   assert(lock.locked());
 * }
 * assert(!lock.locked());
 * ```
 */
export class Lock {
  readonly #handle: RegionHandle;
  readonly #mutex: Mutex;
  readonly #gate: Gate;
  readonly #taking = Wait.toTake<void, number>(new Line("Lock.acquire()"), {
    now: () => this.#tryAcquire() ? 0 : EXPIRED,
    steps: () => this.#gate.through(this.#mutex.acquiring()),
  });
  #hold: Hold | undefined;

  /** Makes a lock that is free. */
  constructor() {
    checkCount("create lock", arguments, 0);
    made(this);
    const { words, handle } = ownRegion(BYTES);
    const { locker } = me();
    this.#handle = handle;
    this.#mutex = new Mutex(words, WORD, locker);
    this.#gate = new Gate(words, GATE, locker);
  }

  /**
   * Takes the lock, waiting while another holds it.
   *
   * Python: `Lock.acquire(block, timeout)`.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns True if this process holds it now; false if `timeout` passed or
   * `block` is false and it is held, or due to one that has waited too long.
   * @throws {AbandonedLockError} If the holder died. The lock is free then.
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
        ? taken.then((dead) => this.#has(dead))
        : Promise.resolve(this.#has(taken));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * As {@linkcode Lock.acquire}, blocking this thread.
   *
   * @throws {StateError} If this process holds it already and there is no
   * `timeout`: nobody could ever release it while the thread is blocked.
   */
  acquireSync(options?: WaitOptions): boolean {
    const deadline = deadlineOf(options);
    checkpoint();
    if (this.#tryAcquire()) return true;
    if (deadline === Infinity && this.#mutex.holder() === me().token) {
      throw new StateError(
        "Cannot acquire lock: this process holds it, and would block for ever",
      );
    }
    return this.#has(this.#taking.blocking(undefined, deadline));
  }

  /**
   * Gives the lock back and wakes one waiter.
   *
   * Python: `Lock.release()`.
   *
   * @throws {StateError} If this process does not hold it; nothing changes.
   */
  release(): void {
    checkpoint();
    if (this.#mutex.release()) {
      this.#hold = undefined;
      return;
    }
    const holder = this.#mutex.holder();
    throw new StateError(
      holder === 0
        ? "Cannot release lock: it is not held"
        : `Cannot release lock: it is held by ${me().table.nameOf(holder)}`,
    );
  }

  /**
   * Takes the lock and returns what releases it: `using _ = await lock.hold()`.
   *
   * Python: `with lock:`.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @throws {DOMException} `TimeoutError` if `timeout` passed.
   * @throws {AbandonedLockError} If the holder died. The lock is free then.
   */
  async hold(options?: WaitOptions): Promise<Disposable> {
    if (!(await this.acquire(options))) throw expired();
    return this.#releaser();
  }

  /**
   * As {@linkcode Lock.hold}, blocking this thread:
   * `using _ = lock.holdSync()`.
   *
   * @throws {StateError} As {@linkcode Lock.acquireSync}.
   */
  holdSync(options?: WaitOptions): Disposable {
    if (!this.acquireSync(options)) throw expired();
    return this.#releaser();
  }

  /**
   * Whether anybody holds it: a hint, it may change before the call returns.
   *
   * Python: `Lock.locked()`.
   */
  locked(): boolean {
    checkpoint();
    return this.#mutex.holder() !== 0;
  }

  /** @internal */
  [HANDLE](): Sited {
    return { kind: "Lock", region: this.#handle };
  }

  /** @internal */
  [ACCESS](): boolean {
    return this.acquireSync();
  }

  /** @internal */
  [ACCESSED](): void {
    this.release();
  }

  /** @internal */
  get [HOLD](): Hold | undefined {
    return this.#hold;
  }
  set [HOLD](hold: Hold | undefined) {
    this.#hold = hold;
  }

  static {
    printAs(this, (lock) => lockState(lock.#mutex.holder()));
  }

  #tryAcquire(): boolean {
    return this.#gate.isOpen() && this.#mutex.tryAcquire();
  }

  /** Whether a call that took the lock, or did not, may say that it has it. */
  #has(dead: number | typeof EXPIRED): boolean {
    if (dead === 0) return true;
    // One that would not wait has not looked at the holder yet.
    const token = dead === EXPIRED ? this.#mutex.tryTakeBack() : dead;
    return token !== 0 && tellAbandoned(this.#mutex, "lock", token);
  }

  #releaser(): Disposable {
    const hold: Hold = { isOver: false };
    this.#hold = hold;
    return new Holder(this, hold);
  }
}

/** Releases a lock at the end of a block. */
class Holder implements Disposable {
  readonly #lock: Lock;
  readonly #hold: Hold;

  constructor(lock: Lock, hold: Hold) {
    this.#lock = lock;
    this.#hold = hold;
  }

  [Symbol.dispose](): void {
    // A second call, or one after a wait that has lost the lock, would release
    // what this process may have taken anew.
    if (this.#hold.isOver) return;
    this.#hold.isOver = true;
    this.#lock.release();
  }

  [LOCAL](): string {
    return "send its lock";
  }
}

const BYTES = 64;
const WORD = 0;
const GATE = 1;

setReviver("Lock", Lock);

function expired(): DOMException {
  return new DOMException(
    "Cannot hold lock: the timeout passed while another held it",
    "TimeoutError",
  );
}
