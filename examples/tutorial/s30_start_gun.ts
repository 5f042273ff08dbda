// Copyright 2026 the authors. MIT license.

// S-30 an event lets both children go at once.
//
// Python: Event(), e.wait(), e.set(), current_process().name.
//
// `ident` stands for the pid, which worker children share with their parent.

import * as mp from "../../mod.ts";
import { sleep } from "./_seed.ts";

export function work(e: mp.Event) {
  const { name } = mp.currentProcess();
  console.log(`${name}已开启`);
  e.waitSync();
  console.log(`${name}正式开始工作`);
}

if (import.meta.main) {
  const e = new mp.Event();
  const p1 = new mp.Process({ target: work, args: [e], name: "进程1" });
  const p2 = new mp.Process({ target: work, args: [e], name: "进程2" });
  p1.start();
  p2.start();
  for (let i = 0; i < 3; i++) {
    await sleep(1);
    console.log(i);
  }
  e.set();
  await p1.join();
  await p2.join();
  console.log(`${p1.name}|pid:${p1.ident}`);
  console.log(`${p2.name}|pid:${p2.ident}`);
}
