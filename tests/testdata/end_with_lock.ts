// Copyright 2026 the authors. MIT license.

import type { Lock, Queue } from "../../mod.ts";

/** Takes the lock and ends without releasing it. */
export function endWithLock(
  lock: Lock,
  code: number,
  said?: Queue<string>,
): void {
  lock.acquireSync();
  said?.putSync("held");
  if (code !== 0) Deno.exit(code);
}
