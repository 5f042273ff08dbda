// Copyright 2026 the authors. MIT license.

// S-65 a child whose parent ends first is adopted.
//
// Python: os.fork(); the parent exits, the child prints its parent's pid after
// a second: 1, or that of another process that adopts orphans.
//
// There is no fork here: the child is a process of its own, and the parent ends
// without waiting for it.

import * as mp from "../../mod.ts";
import { sleep } from "./_seed.ts";

export async function child(began: mp.Event) {
  const parent = Deno.ppid;
  console.log(`im child ${Deno.pid} of ${parent}`);
  began.set();
  while (Deno.ppid === parent) await sleep(1);
  console.log(`im child ${Deno.pid} of ${Deno.ppid}`);
}

if (import.meta.main) {
  const spawn = mp.getContext("spawn");
  const began = new spawn.Event();
  const p = new spawn.Process({ target: child, args: [began] });
  p.start();
  await began.wait();
  console.log(`parent ${Deno.pid} ends`);
  // Otherwise it would wait for its child.
  Deno.exit(0);
}
