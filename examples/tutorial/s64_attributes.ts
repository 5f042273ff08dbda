// Copyright 2026 the authors. MIT license.

// S-64 what a process object tells about itself.
//
// Python: Process(target=task, args=(1,), name='任务1'), p1.name, p1.pid,
// p1.terminate(), p1.is_alive(), os.getpid(), os.getppid().
//
// In the lines of the children `ident` stands for the pid, which worker
// children share with their parent. Python's `False` reads `false`.

import * as mp from "../../mod.ts";
import { sleep, sleepSync } from "./_seed.ts";

export function task(n: number) {
  const { ident } = mp.currentProcess();
  console.log(`任务${n}: 子进程 ${ident} 父进程 ${mp.parentProcess()?.ident}`);
  sleepSync(3);
  console.log(`任务${n} 结束`);
}

if (import.meta.main) {
  console.log(`主进程 ${mp.currentProcess().ident}`);
  const p2 = new mp.Process({ target: task, args: [2] });
  const p3 = new mp.Process({ target: task, args: [3] });
  const p1 = new mp.Process({ target: task, args: [1], name: "任务1" });
  console.log(p1.name);
  console.log(p2.name);
  console.log(p3.name);

  p1.start();
  p2.start();
  p3.start();
  console.log(`pid ${p1.pid}`);
  p1.terminate();
  await sleep(2);
  console.log(p1.isAlive());
}
