// Copyright 2026 the authors. MIT license.

// S-66 does a child that nobody joined stay behind as a zombie?
//
// Python: p.start(), time.sleep(1000); `ps aux | grep Z` shows <defunct> until
// the parent ends or joins.
//
// Here a child's end is noted as it happens, join() or not, and a worker is no
// process of the OS at all: there is no zombie to cure. What ps shows is read
// from /proc, so this one program needs Linux.

import * as mp from "../../mod.ts";
import { sleep } from "./_seed.ts";

export function task() {
  console.log("子进程结束");
}

/** How many children of this process are in state Z. */
function zombies(): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z" && Number(parent) === Deno.pid) count++;
    } catch {
      // It has ended since the directory was read.
    }
  }
  return count;
}

if (import.meta.main) {
  const p = new mp.Process({ target: task });
  p.start();
  while (p.isAlive()) {
    await sleep(1);
  }
  console.log(`僵尸进程 ${zombies()}`);
  await p.join();
  console.log(`僵尸进程 ${zombies()}`);
}
