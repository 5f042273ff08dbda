// Copyright 2026 the authors. MIT license.

// S-21 two children with names of their own (创建多进程1).
//
// Python: Process(target=work, name='子进程一号'); name, pid, is_alive(),
// exitcode, ident.
//
// Python's `True None` reads `true undefined`, and ident is not the pid: worker
// children share the pid of their parent, and each has an ident of its own. The
// child takes a second before it speaks, so that it is surely alive when asked.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function work() {
  sleepSync(1);
  const { name, pid, ident } = mp.currentProcess();
  console.log(`${name} ${pid} ${ident}`);
}

if (import.meta.main) {
  const { name, pid, ident } = mp.currentProcess();
  console.log(`主进程 ${name} ${pid} ${ident}`);
  const p1 = new mp.Process({ target: work, name: "子进程一号" });
  const p2 = new mp.Process({ target: work, name: "子进程二号" });
  p1.start();
  p2.start();
  console.log(p1.name, p1.pid, p1.isAlive(), p1.exitCode, p1.ident);
  console.log(p2.name, p2.pid, p2.isAlive(), p2.exitCode, p2.ident);
  await p1.join();
  await p2.join();
}
