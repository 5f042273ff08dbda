// Copyright 2026 the authors. MIT license.

// Acquire and release with nobody else about: lock_uncontended, rlock,
// semaphore, bounded_semaphore.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

const LOCKS: Record<string, () => mp.Lock | mp.RLock | mp.Semaphore> = {
  lock_uncontended: () => new mp.Lock(),
  rlock: () => new mp.RLock(),
  semaphore: () => new mp.Semaphore(1),
  bounded_semaphore: () => new mp.BoundedSemaphore(1),
};

function main(scenario: string): void {
  const lock = LOCKS[scenario]!();
  measure(scenario, function batch(size) {
    for (let i = 0; i < size; i++) {
      lock.acquireSync();
      lock.release();
    }
  }, "ns");
}

if (import.meta.main) main(Deno.args[0]!);
