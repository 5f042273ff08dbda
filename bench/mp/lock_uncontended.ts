// Copyright 2026 the authors. MIT license.

// Acquire and release with nobody else about: lock_uncontended.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

function main(scenario: string): void {
  const lock = new mp.Lock();
  measure(scenario, function batch(size) {
    for (let i = 0; i < size; i++) {
      lock.acquireSync();
      lock.release();
    }
  }, "ns");
}

if (import.meta.main) main(Deno.args[0]!);
