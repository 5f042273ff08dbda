// Copyright 2026 the authors. MIT license.

// S-63 a list of children, joined by a loop.
//
// Python: p_l.append(p), for i in p_l: i.join().
//
// First every start, then every join: three seconds in all.

import * as mp from "../../mod.ts";
import { secondsSince, sleepSync } from "./_seed.ts";

export function task(n: number) {
  console.log(`${n} is running`);
  sleepSync(3);
  console.log(`${n} is done`);
}

if (import.meta.main) {
  const start = performance.now();
  const list: mp.Process[] = [];
  for (let i = 1; i < 4; i++) {
    const p = new mp.Process({ target: task, args: [i] });
    list.push(p);
    p.start();
  }
  for (const p of list) {
    await p.join();
  }
  console.log(secondsSince(start), "主进程开始运行....");
}
