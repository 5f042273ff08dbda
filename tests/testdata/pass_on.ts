// Copyright 2026 the authors. MIT license.

import type { Queue } from "../../mod.ts";

/** Passes items on from one queue to another, for ever. */
export async function passOn(
  from: Queue<number>,
  to: Queue<number>,
  blocking: boolean,
): Promise<void> {
  while (true) {
    if (blocking) to.putSync(from.getSync());
    else await to.put(await from.get());
  }
}
