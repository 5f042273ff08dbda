// Copyright 2026 the authors. MIT license.

import type { Lock, Queue } from "../../mod.ts";

/** Takes the lock, says so, and gives it back when it is told to. */
export function holdUntilTold(
  lock: Lock,
  said: Queue<string>,
  told: Queue<string>,
): void {
  using _ = lock.holdSync();
  said.putSync("held");
  told.getSync();
}
