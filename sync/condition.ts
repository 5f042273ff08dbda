// Copyright 2026 the authors. MIT license.

// A condition that processes wait for under a lock.

import { checkCount, checkInteger, printAs } from "../memory/check.ts";
import { deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import {
  checkCopy,
  HANDLE,
  revivedHandle,
  setReviver,
  type Sited,
} from "../message/handle.ts";
import {
  createRegion,
  openRegion,
  type RegionHandle,
} from "../memory/region.ts";
import { block, type EXPIRED, Line, type Steps } from "../memory/park.ts";
import { checkpoint, made, me } from "../program/self.ts";
import {
  notHeld,
  PlainSuspender,
  SUSPENDER,
  type Suspender,
} from "./suspend.ts";
import { GRANTED, MAX_TICKETS, Tickets, ticketWords } from "./tickets.ts";
import { Lock } from "./lock.ts";
import { RLock } from "./rlock.ts";

/**
 * A lock, and a place to wait for what others do under it.
 *
 * Python: `multiprocessing.Condition`.
 *
 * Give it to a process in its arguments; every process then has its own view of
 * the same condition and lock.
 *
 * - **Notify**: `notify(n)` wakes the n longest waiters, in all processes
 *   together, and no others. A later waiter cannot take the wake from them;
 *   waiters that have given up or died are passed over.
 * - **The lock**: `wait` gives it back wholly, an {@linkcode RLock} as often as
 *   it was taken, and has it again when it returns, also after a timeout.
 * - **Death**: when a process dies with the lock, one of those that wait for
 *   it, in `wait` included, is told as by a {@linkcode Lock}. It does not hold
 *   the lock then.
 *
 * Source of the algorithm: D. Lea, the condition queues of
 * `AbstractQueuedSynchronizer`.
 *
 * @example Waiting until there is enough
 * ```ts
 * import { Condition } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const changed = new Condition();
 * let water = 0;
 *
 * async function drink() {
 *   using _ = await changed.hold();
 *   await changed.waitFor(() => water >= 2);
 *   water -= 2;
 * }
 *
 * async function pour() {
 *   using _ = await changed.hold();
 *   water++;
 *   changed.notifyAll();
 * }
 *
 * await Promise.all([drink(), pour(), pour()]);
 * assertEquals(water, 0);
 * ```
 */
export class Condition {
  readonly #handle: RegionHandle;
  readonly #lock: Lock | RLock;
  readonly #suspender: Suspender;
  readonly #tickets: Tickets;

  /**
   * Makes a condition without waiters.
   *
   * @param lock The lock; several conditions may share one.
   * @default {new RLock()}
   * @throws {TypeError} If it is neither a Lock nor an RLock.
   */
  constructor(lock?: Lock | RLock) {
    checkCount("create condition", arguments, 1);
    made(this);
    const revived = revivedHandle<ConditionHandle>();
    const region = revived === undefined
      ? createRegion(ticketWords(MAX_TICKETS) * 4)
      : openRegion(revived.region);
    this.#handle = region.handle;
    this.#lock = revived?.lock ?? lock ?? new RLock();
    this.#suspender = suspenderOf(this.#lock);
    this.#tickets = new Tickets(region.words, 0, me().locker, MAX_TICKETS);
  }

  /**
   * Takes the lock: as {@linkcode Lock.acquire}.
   *
   * Python: `Condition.acquire(…)`.
   */
  acquire(options?: WaitOptions): Promise<boolean> {
    return this.#lock.acquire(options);
  }

  /**
   * As {@linkcode Condition.acquire}, blocking this thread.
   *
   * @throws {StateError} As {@linkcode Lock.acquireSync}.
   */
  acquireSync(options?: WaitOptions): boolean {
    return this.#lock.acquireSync(options);
  }

  /**
   * Gives the lock back: as {@linkcode Lock.release}.
   *
   * Python: `Condition.release()`.
   */
  release(): void {
    this.#lock.release();
  }

  /**
   * As {@linkcode Lock.hold}: `using _ = await condition.hold()`.
   *
   * Python: `with condition:`.
   */
  hold(options?: WaitOptions): Promise<Disposable> {
    // Its own promise: the claim of the caller rests on it.
    return this.#lock.hold(options);
  }

  /**
   * As {@linkcode Condition.hold}, blocking this thread.
   *
   * @throws {StateError} As {@linkcode Lock.acquireSync}.
   */
  holdSync(options?: WaitOptions): Disposable {
    return this.#lock.holdSync(options);
  }

  /**
   * Gives the lock back, waits until notified, and takes the lock again.
   *
   * Python: `Condition.wait(timeout)`.
   *
   * @param options `timeout` in milliseconds from the call, not counting the
   * time until the lock is free again; `signal` to give up.
   * @returns True if notified; false if `timeout` passed. The lock is held in
   * both cases, and also when the signal's reason is thrown.
   * @throws {StateError} If this process does not hold the lock; it has not
   * waited.
   * @throws {AbandonedLockError} If a process died with the lock. It is free
   * then, and a notify meant for this call is passed on.
   * @throws {RangeError} If `timeout` is negative.
   */
  wait(options?: WaitOptions): Promise<boolean> {
    try {
      const deadline = deadlineOf(options);
      return this.#handOver(this.#wait(deadline, options?.signal));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@linkcode Condition.wait}, blocking this thread. */
  waitSync(options?: WaitOptions): boolean {
    return this.#waitSync(deadlineOf(options));
  }

  /**
   * Waits until `predicate` returns something truthy: looks at once, and after
   * every notify. It runs under the lock.
   *
   * Python: `Condition.wait_for(predicate, timeout)`.
   *
   * @param predicate What is waited for; it may be async.
   * @param options As of {@linkcode Condition.wait}, for the whole.
   * @returns What `predicate` returned last: falsy if `timeout` passed.
   * @throws {StateError} If this process does not hold the lock.
   * @throws {AbandonedLockError} If a process died with the lock.
   * @throws {RangeError} If `timeout` is negative.
   */
  waitFor<T>(
    predicate: () => T | Promise<T>,
    options?: WaitOptions,
  ): Promise<T> {
    try {
      const deadline = deadlineOf(options);
      this.#checkHeld("wait for condition");
      return this.#handOver(
        this.#waitFor(predicate, deadline, options?.signal),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * As {@linkcode Condition.waitFor}, blocking this thread.
   *
   * @param predicate What is waited for; it cannot be async.
   */
  waitForSync<T>(predicate: () => T, options?: WaitOptions): T {
    const deadline = deadlineOf(options);
    this.#checkHeld("wait for condition");
    let result = predicate();
    while (!result && performance.now() < deadline) {
      this.#waitSync(deadline);
      result = predicate();
    }
    return result;
  }

  /**
   * Wakes the longest waiters. They go on when the lock is free.
   *
   * Python: `Condition.notify(n)`.
   *
   * @param count How many at most.
   * @throws {StateError} If this process does not hold the lock.
   * @throws {TypeError} If `count` is not a number.
   * @throws {RangeError} If `count` is neither an integer from 1 nor Infinity.
   */
  notify(count: number = 1): void {
    if (count !== Infinity) checkInteger("notify", "the count", count, 1);
    this.#checkHeld("notify");
    this.#tickets.give(count, GRANTED);
  }

  /**
   * Wakes all waiters.
   *
   * Python: `Condition.notify_all()`.
   *
   * @throws {StateError} If this process does not hold the lock.
   */
  notifyAll(): void {
    this.notify(Infinity);
  }

  /** @internal */
  [HANDLE](): ConditionHandle {
    return { kind: "Condition", region: this.#handle, lock: this.#lock };
  }

  static {
    printAs(this, (condition) => Deno.inspect(condition.#lock));
  }

  async #waitFor<T>(
    predicate: () => T | Promise<T>,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    let result = await predicate();
    while (!result && performance.now() < deadline) {
      // The predicate may take the lock again, so it is called as the holder.
      await this.#handOver(this.#wait(deadline, signal));
      result = await predicate();
    }
    return result;
  }

  async #wait(deadline: number, signal?: AbortSignal): Promise<boolean> {
    this.#checkHeld("wait");
    const ticket = this.#tickets.take();
    while (true) {
      const suspended = this.#suspender.suspend();
      const { result, reason } = await this.#sleep(ticket, deadline, signal);
      const outcome = await this.#suspender.resume(
        suspended,
        (isAbandoned) => this.#leave(ticket, result, isAbandoned),
      );
      if (result === ABORTED) throw reason;
      if (outcome !== undefined) return outcome;
    }
  }

  /** Sleeps until the wait is over in any way. */
  async #sleep(
    ticket: number,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<{ result: Awakening; reason?: unknown }> {
    try {
      // A line of its own: each wait sleeps on its own word, and one that is
      // notified must not stand behind one that is not.
      const line = new Line("Condition.wait()");
      const steps = this.#awaiting(ticket);
      return { result: await line.run(steps, deadline, signal) };
    } catch (reason) {
      return { result: ABORTED, reason };
    }
  }

  #waitSync(deadline: number): boolean {
    this.#checkHeld("wait");
    const ticket = this.#tickets.take();
    while (true) {
      const suspended = this.#suspender.suspend();
      const result = block(this.#awaiting(ticket), deadline);
      const outcome = this.#suspender.resumeSync(
        suspended,
        (isAbandoned) => this.#leave(ticket, result, isAbandoned),
      );
      if (outcome !== undefined) return outcome;
    }
  }

  /**
   * Waits to be notified; or for the death of a process that held the lock, or
   * of a waiter that was notified and cannot act on it any more.
   */
  *#awaiting(ticket: number): Steps<typeof NOTIFIED | typeof DEATH_SEEN> {
    while (this.#tickets.gift(ticket) === 0) {
      yield this.#tickets.park(ticket);
      const sawDeath = this.#suspender.isAbandoned() ||
        this.#tickets.hasLostGift();
      if (sawDeath) return DEATH_SEEN;
    }
    // The gift is taken under the lock: should this process die before it has
    // that, another finds the gift.
    return NOTIFIED;
  }

  /** Ends a wait, under the lock; undefined: it goes on. */
  #leave(
    ticket: number,
    result: Awakening,
    isAbandoned: boolean,
  ): boolean | undefined {
    if (result === DEATH_SEEN && !isAbandoned) {
      // If the lock was taken back, another was told; the dead one's notify may
      // be for this one. If not, it waits on.
      this.#tickets.passOn();
      if (this.#tickets.gift(ticket) === 0) return undefined;
    }
    const isNotified = this.#tickets.giveBack(ticket) !== 0;
    // A wait that throws does not act on the notify: the next one shall.
    if (isNotified && (isAbandoned || result === ABORTED)) {
      this.#tickets.give(1, GRANTED);
    }
    return isNotified;
  }

  /** Settles as `work` does, to the task that holds the lock. */
  #handOver<T>(work: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    work.then(
      (value) => this.#suspender.handOver(() => resolve(value)),
      (error) => this.#suspender.handOver(() => reject(error)),
    );
    return promise;
  }

  #checkHeld(action: string): void {
    checkpoint();
    if (!this.#suspender.isMine()) throw notHeld(action);
  }
}

interface ConditionHandle extends Sited {
  readonly lock: Lock | RLock;
}

/** A wait that was notified. */
const NOTIFIED: unique symbol = Symbol("notified");
/** A wait that found a process dead. */
const DEATH_SEEN: unique symbol = Symbol("death seen");
/** A wait that its signal ended. */
const ABORTED: unique symbol = Symbol("aborted");

/** How a sleep ended. */
type Awakening =
  | typeof NOTIFIED
  | typeof DEATH_SEEN
  | typeof ABORTED
  | typeof EXPIRED;

setReviver("Condition", Condition);

function suspenderOf(lock: Lock | RLock): Suspender {
  if (lock instanceof RLock) return lock[SUSPENDER]();
  if (lock instanceof Lock) {
    return new PlainSuspender(lock, lock[HANDLE]().region, 0);
  }
  checkCopy("create condition", lock);
  throw new TypeError("Cannot create condition: it needs a Lock or an RLock");
}
