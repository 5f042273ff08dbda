// Copyright 2026 the authors. MIT license.

// What a spare loads while it has no work: all that a process of the program
// may need of this library.

import { ownModule } from "../message/target.ts";

/** Loads it. */
export async function loadAhead(): Promise<void> {
  await import("./every_home.ts");
  await import("./process.ts");
  await import("./pool_link.ts");
  // It stands on a floor above, and is found as by the workers of a pool. If it
  // may not be read, that is told to the pool that needs it.
  await import(ownModule("pool/worker.ts")).catch(() => {});
}
