// Copyright 2026 the authors. MIT license.

// S-23 a child that has ended while its parent does something else is a zombie.
//
// Python: p.start(), time.sleep(10), no join; `ps` shows <defunct> meanwhile.
//
// Deno fetches the status of an ended child in its event loop. So there is a
// zombie only while the parent blocks its thread, and none after it.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function task() {
  console.log("子进程结束");
}

/** The state letter of an OS process; undefined if it is gone. */
function stateOf(pid: number): string | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[0];
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const p = new mp.Process({ target: task, method: "spawn" });
  p.start();
  const pid = p.pid!;
  while (stateOf(pid) !== "Z") sleepSync(1);
  console.log(`父进程没有等待: ${stateOf(pid)}`);
  await p.join();
  console.log(`join之后: ${stateOf(pid)}`);
}
