// Copyright 2026 the authors. MIT license.

// S-57 waiting for a child by join().
//
// Python: p.start(), p.join().

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function task() {
  sleepSync(3);
  console.log("子进程结束....");
}

if (import.meta.main) {
  const p = new mp.Process({ target: task });
  p.start();
  await p.join();
  console.log("主进程开始运行....");
}
