// Copyright 2026 the authors. MIT license.

import type { Queue } from "../../mod.ts";

/** Says when it begins, puts one item and tells so, or the error's name. */
export async function putAndTell(
  q: Queue<unknown>,
  told: Queue<unknown>,
  blocking: boolean,
): Promise<void> {
  told.putSync("begins");
  try {
    if (blocking) q.putSync("item");
    else await q.put("item");
    told.putSync("put");
  } catch (error) {
    told.putSync((error as Error).name);
  }
}
