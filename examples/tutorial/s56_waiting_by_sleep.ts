// Copyright 2026 the authors. MIT license.

// S-56 waiting for a child by sleeping.
//
// Python: p.start(), time.sleep(5).
//
// It works, but two of the five seconds are wasted; S-57 does it right.

import * as mp from "../../mod.ts";
import { sleep, sleepSync } from "./_seed.ts";

export function task() {
  sleepSync(3);
  console.log("子进程结束....");
}

if (import.meta.main) {
  const p = new mp.Process({ target: task });
  p.start();
  await sleep(5);
  console.log("主进程开始运行....");
}
