// Copyright 2026 the authors. MIT license.

// S-62 join right after each start.
//
// Python: p1.start(), p1.join(), p2.start(), p2.join(), p3.start(), p3.join().
//
// Three children of one second take three: none starts before the one before it
// has ended.

import * as mp from "../../mod.ts";
import { secondsSince, sleepSync } from "./_seed.ts";

export function task(n: number) {
  console.log(`${n} is running`);
  sleepSync(1);
  console.log(`${n} is done`);
}

if (import.meta.main) {
  const start = performance.now();
  const p1 = new mp.Process({ target: task, args: [1] });
  const p2 = new mp.Process({ target: task, args: [2] });
  const p3 = new mp.Process({ target: task, args: [3] });
  p1.start();
  await p1.join();
  p2.start();
  await p2.join();
  p3.start();
  await p3.join();
  console.log(secondsSince(start), "主进程开始运行....");
}
