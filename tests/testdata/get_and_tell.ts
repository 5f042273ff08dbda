// Copyright 2026 the authors. MIT license.

import type { Queue } from "../../mod.ts";

/** Says when it begins, gets one item and tells it, or the error's name. */
export async function getAndTell(
  q: Queue<unknown>,
  told: Queue<unknown>,
  blocking: boolean,
): Promise<void> {
  told.putSync("begins");
  try {
    told.putSync(blocking ? q.getSync() : await q.get());
  } catch (error) {
    told.putSync((error as Error).name);
  }
}
