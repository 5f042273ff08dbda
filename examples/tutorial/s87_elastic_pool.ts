// Copyright 2026 the authors. MIT license.

// S-87 a pool that grows with demand up to a limit, and shrinks when idle.
//
// "python里面没有": Python has none. Here: min, max and idleTimeout.

import * as mp from "../../mod.ts";
import { SCALE, sleep, sleepSync } from "./_seed.ts";

export function work(n: number): number {
  sleepSync(1);
  return n;
}

if (import.meta.main) {
  const idleTimeout = SCALE * 1000;
  await using pool = new mp.Pool({ min: 1, max: 4, idleTimeout });
  console.log(`before: ${pool.stats().workers}`);
  const all = pool.map(work, Array.from({ length: 20 }, (_, i) => i), {
    chunkSize: 1,
    onProgress: ({ done }) => {
      console.log(`done: ${done}, workers: ${pool.stats().workers}`);
    },
  });
  console.log(`results: ${(await all).length}`);
  while (pool.stats().workers > 1) await sleep(0.1);
  console.log(`after: ${pool.stats().workers}`);
}
