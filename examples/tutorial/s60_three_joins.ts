// Copyright 2026 the authors. MIT license.

// S-60 three children of three seconds, three joins.
//
// Python: p1.join(), p2.join(), p3.join(), time.time() - start.
//
// Three seconds in all, not nine: while the parent waits for the first child
// the others go on.

import * as mp from "../../mod.ts";
import { secondsSince, sleepSync } from "./_seed.ts";

export function task(n: number) {
  console.log(`${n} is running`);
  sleepSync(3);
  console.log(`${n} is done`);
}

if (import.meta.main) {
  const start = performance.now();
  const p1 = new mp.Process({ target: task, args: [1] });
  const p2 = new mp.Process({ target: task, args: [2] });
  const p3 = new mp.Process({ target: task, args: [3] });
  p1.start();
  p2.start();
  p3.start();
  await p1.join();
  await p2.join();
  await p3.join();
  console.log(secondsSince(start), "主进程开始运行....");
}
