// Copyright 2026 the authors. MIT license.

// S-85 no callback; the results are collected at the end.
//
// Python: Pool(); p.apply_async(work, args=(i,)); close(); join();
// nums.append(res.get()).
//
// The first argument is the number of workers.

import * as mp from "../../mod.ts";
import { secondsSince, sleepSync } from "./_seed.ts";

export function work(n: number): number {
  sleepSync(1);
  return n ** 2;
}

export function nothing() {}

if (import.meta.main) {
  const p = new mp.Pool(Number(Deno.args[0] ?? mp.cpuCount()));
  // So that the time is that of the tasks, not of the start.
  await p.runOnAll(nothing);
  const start = performance.now();
  const resL: mp.AsyncResult<number>[] = [];
  for (let i = 0; i < 10; i++) resL.push(p.applyAsync(work, [i]));
  p.close();
  await p.join();
  const nums: number[] = [];
  for (const res of resL) nums.push(await res.get());
  console.log(JSON.stringify(nums));
  console.log(secondsSince(start));
}
