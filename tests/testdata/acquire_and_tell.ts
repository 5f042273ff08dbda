// Copyright 2026 the authors. MIT license.

import { AbandonedLockError, type Lock, type Queue } from "../../mod.ts";

/** Says when it begins, and whether it was told of a death before it got it. */
export async function acquireAndTell(
  lock: Lock,
  said: Queue<string>,
  blocking: boolean,
): Promise<void> {
  said.putSync("begins");
  let text = "acquired";
  try {
    if (blocking) lock.acquireSync();
    else await lock.acquire();
  } catch (error) {
    if (!(error instanceof AbandonedLockError)) throw error;
    text = "told";
    lock.acquireSync();
  }
  lock.release();
  said.putSync(text);
}
