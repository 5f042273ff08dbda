// Copyright 2026 the authors. MIT license.

// A lock that its holder can take again.

import { checkCount, printAs } from "../memory/check.ts";
import { StateError } from "../errors.ts";
import { Claim, LongWait } from "./claim.ts";
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
import { EXPIRED, Line, runSync, type Steps } from "../memory/park.ts";
import { Wait } from "../memory/wait.ts";
import { checkpoint, made, me } from "../program/self.ts";
import {
  isDead,
  lockState,
  type Settle,
  SUSPENDER,
  type Suspender,
  tellAbandoned,
} from "./suspend.ts";

/**
 * A lock that one process at a time can hold, and take again while it holds it.
 *
 * Python: `multiprocessing.RLock`, `threading.RLock`.
 *
 * Give it to a process in its arguments; every process then has its own view of
 * the same lock. It is free again after as many releases as acquires.
 *
 * - **Owner**: the process, and within it the task that acquired it. Another
 *   task of the same process waits as another process does.
 * - **Taking it again** succeeds at once where the lock can tell that its
 *   holder asks. Synchronous code that holds it is known. So is an async task
 *   straight after its `await` of the lock, with all that it calls and starts
 *   there.
 * - **Not known again** is a task that has awaited something else since: it
 *   waits as a stranger does, for ever if it has no `timeout`, and after three
 *   seconds a line on stderr says so. It should take the lock by the
 *   {@linkcode RLockHolder} that {@linkcode RLock.hold} gave, which works
 *   anywhere.
 * - **Order**: that of a {@linkcode Lock}.
 * - **Death**: that of a {@linkcode Lock}, however often it had been taken.
 *
 * @example Functions that lock and call each other
 * ```ts
 * import { RLock } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = new RLock();
 * let balance = 0;
 *
 * function deposit(amount: number) {
 *   using _ = lock.holdSync();
 *   balance += amount;
 * }
 *
 * function depositTwice(amount: number) {
 *   using _ = lock.holdSync();
 *   deposit(amount);
 *   deposit(amount);
 * }
 *
 * depositTwice(5);
 * assertEquals(balance, 10);
 * assertEquals(lock.locked(), false);
 * ```
 */
export class RLock {
  readonly #handle: RegionHandle;
  readonly #mutex: Mutex;
  readonly #gate: Gate;
  readonly #line = new Line("RLock.acquire()");
  readonly #longWait = new LongWait(() => this.#hold);
  readonly #waiting = Wait.toTake<void, Hold | number>(this.#line, {
    now: () => this.#tryTake(),
    steps: () => this.#taking(),
  });
  /** The hold of the task of this process that holds it. */
  #hold: Hold | undefined;
  /** Whether this process has the mutex for one access of what it guards. */
  #isEntered = false;

  /** What the holders of this lock do with it. */
  readonly #keeper: Keeper = {
    again: (hold) => {
      if (this.#hold !== hold) throw this.#notHeld("hold rlock");
      hold.depth++;
      return this.#holderOf(hold);
    },
    release: (hold) => {
      checkpoint();
      if (hold.isLost) return;
      if (this.#hold !== hold) throw this.#notHeld("release rlock");
      this.#drop(hold);
    },
  };

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
   * Takes the lock, at once if this task holds it, waiting while another does.
   *
   * Python: `RLock.acquire(block, timeout)`.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns True if this task holds it now; false if `timeout` passed or
   * `block` is false and another holds it, or has waited for it too long.
   * @throws {AbandonedLockError} If the holder died. The lock is free then.
   * @throws {RangeError} If `timeout` is negative.
   */
  acquire(options?: WaitOptions): Promise<boolean> {
    return this.#take(options, (hold) => hold !== undefined);
  }

  /**
   * As {@linkcode RLock.acquire}, blocking this thread.
   *
   * @throws {StateError} If another task of this process holds it and there is
   * no `timeout`: it could never release it while the thread is blocked.
   */
  acquireSync(options?: WaitOptions): boolean {
    return this.#takeSync(options) !== undefined;
  }

  /**
   * Gives the lock back once; the last release wakes one waiter.
   *
   * Python: `RLock.release()`.
   *
   * @throws {StateError} If this process does not hold it; nothing changes.
   */
  release(): void {
    checkpoint();
    const hold = this.#hold;
    if (hold === undefined) throw this.#notHeld("release rlock");
    this.#drop(hold);
  }

  /**
   * As {@linkcode Lock.hold}: `using held = await lock.hold()`.
   *
   * Python: `with lock:`.
   *
   * @returns The holder, by which the lock can be taken again at any time.
   *
   * @example Taking it again after something else was awaited
   * ```ts
   * import { RLock, type RLockHolder } from "../mod.ts";
   *
   * const lock = new RLock();
   *
   * async function outer() {
   *   using held = await lock.hold();
   *   await fetchSomething();
   *   inner(held);
   * }
   *
   * function inner(held: RLockHolder) {
   *   using _ = held.hold();
   * }
   *
   * async function fetchSomething() {}
   *
   * await outer();
   * ```
   */
  hold(options?: WaitOptions): Promise<RLockHolder> {
    return this.#take(options, (hold) => this.#holderOf(hold));
  }

  /**
   * As {@linkcode RLock.hold}, blocking this thread:
   * `using _ = lock.holdSync()`.
   *
   * @throws {StateError} As {@linkcode RLock.acquireSync}.
   */
  holdSync(options?: WaitOptions): RLockHolder {
    return this.#holderOf(this.#takeSync(options));
  }

  /**
   * Whether anybody holds it: a hint, it may change before the call returns.
   *
   * Python: `RLock.locked()` (3.14).
   */
  locked(): boolean {
    return this.#mutex.holder() !== 0;
  }

  /** @internal */
  [HANDLE](): Sited {
    return { kind: "RLock", region: this.#handle };
  }

  // An access takes the mutex alone. It needs no claim: what runs before it is
  // over has been called by it.

  /** @internal */
  [ACCESS](): boolean {
    checkpoint();
    if (this.#hold !== undefined || this.#isEntered) return false;
    if (!this.#gate.isOpen() || !this.#mutex.tryAcquire()) {
      // A task is about to tell of a death, and has the mutex until then.
      if (this.#isOurs()) return false;
      const steps = this.#gate.through(this.#mutex.acquiring());
      const dead = runSync(steps, Infinity) as number;
      if (dead !== 0) tellAbandoned(this.#mutex, "rlock", dead);
    }
    return this.#isEntered = true;
  }

  /** @internal */
  [ACCESSED](): void {
    this.#isEntered = false;
    // A setter of the user may have taken the lock in it, to keep it.
    if (this.#hold === undefined) this.#mutex.release();
  }

  /** @internal */
  [SUSPENDER](): Suspender {
    return {
      isMine: () => this.#hold !== undefined,
      isAbandoned: () => isDead(this.#mutex.holder()),
      suspend: () => this.#suspend(),
      resume: (hold, settle) =>
        this.#line.run(this.#taking(hold as Hold), Infinity)
          .then((taken) => this.#resumed(taken, hold as Hold, settle)),
      resumeSync: (hold, settle) => {
        const taken = runSync(this.#taking(hold as Hold), Infinity);
        const result = this.#resumed(taken, hold as Hold, settle);
        (hold as Hold).claim.claimNow();
        return result;
      },
      handOver: (settle) => {
        const hold = this.#hold;
        if (hold === undefined) settle();
        else hold.claim.claimResumed(settle);
      },
    };
  }

  static {
    printAs(this, (lock) => {
      const state = lockState(lock.#mutex.holder());
      const depth = lock.#hold?.depth ?? 0;
      return depth > 1 ? `${state}, ${depth} times` : state;
    });
  }

  #suspend(): Hold {
    const hold = this.#hold!;
    this.#hold = undefined;
    this.#mutex.release();
    return hold;
  }

  #resumed<T>(
    taken: Taken,
    hold: Hold,
    settle: Settle<T>,
  ): T {
    const isAbandoned = typeof taken === "number";
    const result = settle(isAbandoned);
    if (isAbandoned) {
      hold.isLost = true;
      hold.claim.end();
    }
    this.#taken(taken);
    return result;
  }

  #take<T>(
    options: WaitOptions | undefined,
    make: (hold: Hold | undefined) => T,
  ): Promise<T> {
    try {
      const deadline = deadlineOf(options);
      checkpoint();
      const again = this.#again();
      again?.claim.mark();
      const taken = again ??
        this.#waiting.inLine(undefined, deadline, options?.signal);
      if (taken instanceof Promise) return this.#deliverLater(taken, make);
      const hold = this.#taken(taken);
      return hold === undefined
        ? Promise.resolve(make(undefined))
        : deliver(hold, make(hold));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #deliverLater<T>(
    wait: Promise<Taken>,
    make: (hold: Hold | undefined) => T,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const over = () => this.#longWait.end();
    this.#longWait.begin();
    wait.then(over, over);
    wait
      .then((taken) => {
        const hold = this.#taken(taken);
        const value = make(hold);
        // This very promise is what the caller awaits: one that follows it
        // would be settled when the claim's stretch is over.
        if (hold === undefined) resolve(value);
        else hold.claim.claimResumed(() => resolve(value));
      })
      .catch(reject);
    return promise;
  }

  #takeSync(options: WaitOptions | undefined): Hold | undefined {
    const deadline = deadlineOf(options);
    checkpoint();
    const again = this.#again();
    again?.claim.claimNow();
    if (again !== undefined) return again;
    let taken: Taken = this.#tryTake();
    if (taken === EXPIRED) {
      if (deadline === Infinity && this.#isOurs()) {
        throw new StateError(
          "Cannot acquire rlock: a task of this process holds it, and would " +
            "block for ever: ask its holder, or await acquire()",
        );
      }
      taken = this.#waiting.blocking(undefined, deadline);
    }
    const hold = this.#taken(taken);
    hold?.claim.claimNow();
    return hold;
  }

  /** Whether this process has the mutex, in any of its tasks. */
  #isOurs(): boolean {
    return this.#mutex.holder() === me().token;
  }

  /** One level more, if the holder asks. */
  #again(): Hold | undefined {
    const hold = this.#hold;
    if (hold === undefined || !hold.claim.isPresent()) return undefined;
    hold.depth++;
    return hold;
  }

  #tryTake(): Hold | typeof EXPIRED {
    if (this.#isEntered) return this.#begin(newHold());
    if (!this.#gate.isOpen() || !this.#mutex.tryAcquire()) return EXPIRED;
    return this.#begin(newHold());
  }

  /** Waits; the hold begins in the step that takes the lock. */
  *#taking(hold = newHold()): Steps<Hold | number> {
    const dead = yield* this.#gate.through(this.#mutex.acquiring());
    return dead === 0 ? this.#begin(hold) : dead;
  }

  #begin(hold: Hold): Hold {
    return this.#hold = hold;
  }

  #taken(taken: Taken): Hold | undefined {
    if (typeof taken === "object") return taken;
    // One that would not wait has not looked at the holder yet.
    const token = taken === EXPIRED ? this.#mutex.tryTakeBack() : taken;
    if (token !== 0) tellAbandoned(this.#mutex, "rlock", token);
    return undefined;
  }

  #drop(hold: Hold): void {
    if (--hold.depth > 0) return;
    hold.claim.end();
    // Before the lock is free: the next holder may be of this process.
    this.#hold = undefined;
    if (!this.#isEntered) this.#mutex.release();
  }

  #holderOf(hold: Hold | undefined): RLockHolder {
    if (hold === undefined) {
      throw new DOMException(
        "Cannot hold rlock: the timeout passed while another held it",
        "TimeoutError",
      );
    }
    return new Holder(this.#keeper, hold);
  }

  #notHeld(action: string): StateError {
    const holder = this.#mutex.holder();
    const { token, table } = me();
    return new StateError(
      holder === 0 || holder === token
        ? `Cannot ${action}: it is not held`
        : `Cannot ${action}: it is held by ${table.nameOf(holder)}`,
    );
  }
}

/**
 * One level of a held {@linkcode RLock}: releases it when it is disposed, and
 * takes it again for any code that has this object.
 */
export interface RLockHolder extends Disposable {
  /**
   * Takes the lock once more, at once and from any task.
   *
   * @throws {StateError} If this level was released.
   */
  hold(): RLockHolder;
  /**
   * Gives this level back; the second time does nothing.
   *
   * @throws {StateError} If the lock was released by other means.
   */
  [Symbol.dispose](): void;
}

/** How the holders of a lock take it again and release it. */
interface Keeper {
  again(hold: Hold): RLockHolder;
  release(hold: Hold): void;
}

class Holder implements RLockHolder {
  readonly #keeper: Keeper;
  readonly #hold: Hold;
  #isOver = false;

  constructor(keeper: Keeper, hold: Hold) {
    this.#keeper = keeper;
    this.#hold = hold;
  }

  hold(): RLockHolder {
    if (this.#isOver) {
      throw new StateError("Cannot hold rlock: this holder has released it");
    }
    return this.#keeper.again(this.#hold);
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#keeper.release(this.#hold);
  }

  [LOCAL](): string {
    return "send its lock";
  }
}

/** A lock while this process holds it. */
interface Hold {
  depth: number;
  /** Whether a wait for a condition ended without it. */
  isLost: boolean;
  readonly claim: Claim;
}

/** How a wait for a lock ended: with it, or with the token of a dead holder. */
type Taken = Hold | number | typeof EXPIRED;

const BYTES = 64;
const WORD = 0;
const GATE = 1;

setReviver("RLock", RLock);

function newHold(): Hold {
  return { depth: 1, isLost: false, claim: new Claim() };
}

/** Resolves so that the code that awaits it is known as the holder. */
function deliver<T>({ claim }: Hold, value: T): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  claim.claimResumed(() => resolve(value));
  return promise;
}
