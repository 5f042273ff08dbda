// Copyright 2026 the authors. MIT license.

// S-04 ten tasks for as many workers as there are cores.
//
// Python: Pool(cpu_count()); apply_async(); close(); join(); get().
//
// The first argument is the number of workers, for a run that is to be the same
// on every machine. A worker tells its ident, for all share one pid.

import * as mp from "../../mod.ts";
import { secondsSince, sleepSync } from "./_seed.ts";

export function longTimeWait(i: number): string {
  const { ident } = mp.currentProcess();
  console.log(`task ${i} run in ${ident}`);
  const start = performance.now();
  sleepSync(2);
  console.log(`task ${i} end in ${ident} after ${secondsSince(start)}`);
  return `hello ${i}`;
}

if (import.meta.main) {
  console.log(`Parent pid ${mp.currentProcess().pid}`);
  const p = new mp.Pool(Number(Deno.args[0] ?? mp.cpuCount()));
  const jobs: mp.AsyncResult<string>[] = [];
  console.log("subprocess Start");
  for (let i = 0; i < 10; i++) {
    // await p.apply(longTimeWait, [i]) would be one after the other.
    jobs.push(p.applyAsync(longTimeWait, [i]));
  }
  console.log("before close");
  p.close();
  await p.join();
  console.log("All subprocess done");
  for (const job of jobs) console.log(await job.get());
}
