// Copyright 2026 the authors. MIT license.

// A thousand tasks wait for one lock in process memory. Prints, as JSON, by how
// many threads that made the program grow, and the order of the tasks.

import * as mp from "../../../mod.ts";
import { SHORT } from "../../_support/delays.ts";

const { Event, Lock, Process } = mp.getContext("spawn");
type Ended = InstanceType<typeof Event>;

export function waitFor(ended: Ended) {
  ended.waitSync();
}

function countThreads(): number {
  return [...Deno.readDirSync("/proc/self/task")].length;
}

if (import.meta.main) {
  // A process that could end the wait: so it is a wait of the system.
  const ended = new Event();
  const p = new Process({ target: waitFor, args: [ended] });
  p.start();
  const lock = new Lock();
  lock.acquireSync();
  const before = countThreads();
  const order: number[] = [];
  const all = Array.from({ length: 1000 }, async (_, i) => {
    await lock.acquire();
    order.push(i);
    lock.release();
  });
  await new Promise((resolve) => setTimeout(resolve, SHORT));
  const threads = countThreads() - before;
  lock.release();
  await Promise.all(all);
  console.log(JSON.stringify({ threads, order }));
  ended.set();
  await p.join();
}
