// Copyright 2026 the authors. MIT license.

// Acquire and release without contention: lock_uncontended, rlock, semaphore,
// bounded_semaphore.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

function main(scenario: string): void {
  const lock = create(scenario);
  measure(scenario, function batch(size) {
    for (let i = 0; i < size; i++) {
      lock.acquireSync();
      lock.release();
    }
  }, "ns");
}

function create(scenario: string): mp.Lock | mp.RLock | mp.Semaphore {
  switch (scenario) {
    case "rlock":
      return new mp.RLock();
    case "semaphore":
      return new mp.Semaphore(1);
    case "bounded_semaphore":
      return new mp.BoundedSemaphore(1);
    default:
      return new mp.Lock();
  }
}

if (import.meta.main) main(Deno.args[0]!);
