// Copyright 2026 the authors. MIT license.

import type { Queue } from "../../mod.ts";

/** Puts 0, 1, 2 … until it has put `count` or is ended. */
export function putIntegers(q: Queue<number>, count: number): void {
  for (let i = 0; i < count; i++) q.putSync(i);
}
