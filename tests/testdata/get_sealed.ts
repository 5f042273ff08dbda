// Copyright 2026 the authors. MIT license.

import { type Queue, ShutDown } from "../../mod.ts";
import { isWhole, type Sealed } from "./put_sealed.ts";

/** Gets until the shutdown and tells what it got: `[who, n]` of each. */
export async function getSealed(
  q: Queue<Sealed>,
  told: Queue<[number, number][]>,
  blocking: boolean,
): Promise<void> {
  const got: [number, number][] = [];
  try {
    while (true) {
      const item = blocking ? q.getSync() : await q.get();
      if (!isWhole(item)) throw new TypeError(`torn: ${item.who}, ${item.n}`);
      got.push([item.who, item.n]);
    }
  } catch (error) {
    if (!(error instanceof ShutDown)) throw error;
  }
  told.putSync(got);
}
