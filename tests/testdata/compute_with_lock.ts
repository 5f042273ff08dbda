// Copyright 2026 the authors. MIT license.

import type { Lock, Queue } from "../../mod.ts";

/**
 * Takes the lock, says so, and is too busy to stop for `ms` milliseconds.
 */
export function computeWithLock(
  lock: Lock,
  said: Queue<string>,
  ms: number,
): void {
  lock.acquireSync();
  said.putSync("held");
  const end = performance.now() + ms;
  while (performance.now() < end);
  lock.release();
}
