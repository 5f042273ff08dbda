// Copyright 2026 the authors. MIT license.
// deno-lint-ignore-file no-import-prefix -- this file alone depends on it.

// Acquire and release without contention, with the only locks on npm that work
// between Web Workers: lock_uncontended, semaphore.

import { Mutex, Semaphore } from "npm:multithreading@0.3.52";
import { measure } from "../lib.ts";

function main(scenario: string): void {
  const mutex = new Mutex();
  const semaphore = new Semaphore(1);
  const take = scenario === "semaphore"
    ? () => semaphore.blockingAcquire()
    : () => mutex.blockingLock();
  measure(scenario, function batch(size) {
    for (let i = 0; i < size; i++) take().dispose();
  }, "ns");
}

main(Deno.args[0]!);
