// Copyright 2026 the authors. MIT license.

// What processes do with a primitive until they are terminated: a light module,
// since hundreds of processes import it.

import {
  AbandonedLockError,
  type Barrier,
  BrokenBarrierError,
  type Condition,
  Event,
  type RawArray,
  type RLock,
  type Semaphore,
} from "../../mod.ts";

/** Where the number of items is. */
export const ITEMS = 0;

/** For ever: takes it up to three times and gives it back. */
export function nest(lock: RLock, begun: Semaphore): void {
  begun.release();
  for (let depth = 1;; depth = depth % 3 + 1) {
    try {
      for (let i = 0; i < depth; i++) lock.acquireSync();
    } catch (error) {
      if (!(error instanceof AbandonedLockError)) throw error;
      continue;
    }
    for (let i = 0; i < depth; i++) lock.release();
  }
}

/** For ever: takes a permit and gives it back. */
export function borrow(semaphore: Semaphore, begun: Semaphore): void {
  begun.release();
  while (true) {
    using _ = semaphore.holdSync();
  }
}

/** For ever: takes what others make. */
export function take(semaphore: Semaphore, begun: Semaphore): void {
  begun.release();
  while (true) semaphore.acquireSync();
}

/** For ever: takes an item as soon as there is one. */
export function consume(
  condition: Condition,
  cells: RawArray<"i">,
  begun: Semaphore,
): void {
  begun.release();
  while (true) {
    try {
      using _ = condition.holdSync();
      condition.waitForSync(() => cells.get(ITEMS) > 0);
      cells.set(ITEMS, cells.get(ITEMS) - 1);
    } catch (error) {
      if (!(error instanceof AbandonedLockError)) throw error;
    }
  }
}

/** For ever: sets, clears, and waits a little. */
export function flash(event: Event, begun: Semaphore): void {
  begun.release();
  while (true) {
    event.set();
    event.clear();
    event.waitSync({ timeout: 1 });
  }
}

/** For ever, unless it is broken: waits for the others. */
export function walk(barrier: Barrier, begun: Semaphore): void {
  // Its death breaks the barrier only after it has taken part in a round.
  barrier.waitSync();
  begun.release();
  try {
    while (true) barrier.waitSync();
  } catch (error) {
    if (!(error instanceof BrokenBarrierError)) throw error;
    new Event().waitSync();
  }
}
