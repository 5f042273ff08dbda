// Copyright 2026 the authors. MIT license.

import type { Lock, Queue } from "../../mod.ts";

/** Adds to the one number in `cell`, which is empty meanwhile. */
export async function countUnderLock(
  lock: Lock,
  cell: Queue<number>,
  times: number,
  blocking: boolean,
): Promise<void> {
  for (let i = 0; i < times; i++) {
    using _ = blocking ? lock.holdSync() : await lock.hold();
    cell.putNowait(cell.getNowait() + 1);
  }
}
