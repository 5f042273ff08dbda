// Copyright 2026 the authors. MIT license.

// S-75 apply runs one task after the other.
//
// Python: Pool(3); res = p.apply(work, args=(i,)).
//
// At most three idents: here the idle worker that ran last is asked again.

import * as mp from "../../mod.ts";
import { secondsSince, sleepSync } from "./_seed.ts";

export function work(n: number): number {
  console.log(`${mp.currentProcess().ident} run`);
  sleepSync(1);
  return n ** 2;
}

if (import.meta.main) {
  const p = new mp.Pool(3);
  const resList: number[] = [];
  const start = performance.now();
  for (let i = 0; i < 10; i++) resList.push(await p.apply(work, [i]));
  console.log(JSON.stringify(resList));
  console.log(secondsSince(start));
  p.close();
  await p.join();
}
