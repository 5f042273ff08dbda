// Copyright 2026 the authors. MIT license.

// Claims: how a process knows again the async task that holds one of its locks.
// JavaScript has no name for a task, so a claim is honoured only where it is
// certain; docs/decisions/0007-rlock-owner.md tells what was tried.
//
// Certain is, first, the stretch: what runs without a break from the moment the
// lock was got. After `acquireSync` that is the code up to the next microtask;
// after `await acquire()` it is the microtask that goes on with the caller. A
// microtask of ours before it opens the stretch and one behind it closes it;
// nothing can come between them but the code that awaited that very promise.
//
// Second, the async context, entered only inside of such a microtask. There the
// claimant stands alone on the stack, so the context reaches what it calls and
// awaits from there on. Entered in `acquire()` itself, it would also reach the
// caller's caller, which goes on at the caller's first await.

import { builtinModule } from "../memory/builtin.ts";
import { Alarm } from "../memory/timers.ts";
import { me } from "../program/self.ts";

/** How long one and the same hold may be waited for in silence. */
const PATIENCE = 3_000;

/** Code that runs without a break. */
interface Stretch {
  isOpen: boolean;
  /**
   * Whether a microtask began it, so that only one task stands on the stack.
   */
  readonly isResumed: boolean;
}

/**
 * An async context: the claim for which it was entered, and the context around.
 */
interface Mark {
  readonly claim: Claim;
  readonly outer: Mark | undefined;
}

/** The part of `AsyncLocalStorage` that is used here. */
interface Storage {
  getStore(): Mark | undefined;
  enterWith(mark: Mark): void;
}

let present: Stretch | undefined;
let storage: Storage | undefined;

/** The claim of one task on one lock, for as long as it holds it. */
export class Claim {
  #stretch: Stretch | undefined;
  #isOver = false;

  /** Whether the code that runs now is certainly the claimant's. */
  isPresent(): boolean {
    if (this.#isOver) return false;
    const stretch = this.#stretch;
    if (stretch !== undefined && stretch === present && stretch.isOpen) {
      return true;
    }
    for (let mark = storage?.getStore(); mark; mark = mark.outer) {
      if (mark.claim === this) return true;
    }
    return false;
  }

  /** Claims for the code that runs now, up to the next microtask. */
  claimNow(): void {
    if (present === undefined || !present.isOpen) {
      const stretch = { isOpen: true, isResumed: false };
      present = stretch;
      queueMicrotask(() => close(stretch));
    }
    this.#stretch = present;
  }

  /** Resolves a promise, and claims for the code that goes on because of it. */
  claimResumed(resolve: () => void): void {
    const stretch = { isOpen: false, isResumed: true };
    this.#stretch = stretch;
    // A promise that nobody awaits yet would be too early: its caller awaits it
    // in the code that runs now.
    queueMicrotask(() => {
      queueMicrotask(() => {
        stretch.isOpen = true;
        present = stretch;
      });
      resolve();
      queueMicrotask(() => close(stretch));
    });
  }

  /** Makes what the claimant calls from here on known, if it stands alone. */
  mark(): void {
    if (!this.#stretch?.isResumed || this.#stretch !== present) return;
    storage ??= loadStorage();
    let outer = storage.getStore();
    while (outer !== undefined && outer.claim.#isOver) outer = outer.outer;
    if (outer?.claim !== this) storage.enterWith({ claim: this, outer });
  }

  /** The lock is given back. */
  end(): void {
    this.#isOver = true;
  }
}

/**
 * The promises of this process that wait for one lock. A task that takes an
 * RLock again after another await is not known, and waits for itself; nothing
 * tells that from a wait for another task that takes its time. So it is no
 * error, but after a while it is told on stderr.
 */
export class LongWait {
  readonly #hold: () => object | undefined;
  #waiting = 0;
  #alarm: Alarm | undefined;
  #isTold = false;

  /** `hold` gives what tells a hold of this process from the next. */
  constructor(hold: () => object | undefined) {
    this.#hold = hold;
  }

  /** A promise waits. */
  begin(): void {
    if (++this.#waiting > 1 || this.#isTold) return;
    // The first timer of a program loads the platform's, which runs microtasks:
    // not in the middle of what the caller is doing.
    queueMicrotask(() => this.#listen());
  }

  /** A promise has ended its wait. */
  end(): void {
    if (--this.#waiting > 0) return;
    this.#alarm?.end();
    this.#alarm = undefined;
  }

  #listen(): void {
    if (this.#waiting === 0 || this.#alarm !== undefined) return;
    const seen = this.#hold();
    this.#alarm = new Alarm(performance.now() + PATIENCE, () => {
      this.#alarm = undefined;
      if (seen === undefined || this.#hold() !== seen) return this.#listen();
      this.#isTold = true;
      tell();
    });
    this.#alarm.unref();
  }
}

function close(stretch: Stretch): void {
  stretch.isOpen = false;
  if (present === stretch) present = undefined;
}

// Loaded by the first task that takes a lock again across an await.
function loadStorage(): Storage {
  const { AsyncLocalStorage } = builtinModule<{
    AsyncLocalStorage: new () => Storage;
  }>("node:async_hooks");
  return new AsyncLocalStorage();
}

function tell(): void {
  const { token, table } = me();
  const line =
    `RLock: a task of ${table.nameOf(token)} has waited for ${
      PATIENCE / 1000
    } seconds for an rlock that a task of the same process holds. ` +
    "If it is the holder, which has awaited something else since, it waits " +
    "for ever: take it again by what hold() gave, " +
    "`using held = await lock.hold()` and then `using _ = held.hold()`\n";
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(line));
  } catch {
    // A closed stderr is no fault of the task.
  }
}
