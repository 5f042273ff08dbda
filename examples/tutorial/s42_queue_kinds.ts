// Copyright 2026 the authors. MIT license.

// S-42 the kinds of queues, and what they have in common.
//
// Python: queue.Queue(maxsize=0), LifoQueue, PriorityQueue, Empty, Full, qsize,
// empty, full, put(item, block, timeout), get_nowait, task_done, join.
//
// Of Python's queues Queue and JoinableQueue are those of multiprocessing; the
// other two are threading's, and here cross to processes too.

import * as mp from "../../mod.ts";
import { SCALE, sleepSync } from "./_seed.ts";

async function inOut(q: mp.BaseQueue<number>) {
  for (const n of [3, 1, 2]) await q.put(n);
  console.log(q.constructor.name, await q.get(), await q.get(), await q.get());
}

export function worker(q: mp.JoinableQueue<string>) {
  while (true) {
    const item = q.getSync();
    sleepSync(1);
    console.log("done", item);
    q.taskDone();
  }
}

if (import.meta.main) {
  await inOut(new mp.Queue<number>(0));
  await inOut(new mp.LifoQueue<number>());
  await inOut(new mp.PriorityQueue<number>());

  const people = new mp.PriorityQueue<[number, string]>();
  people.putNowait([10, "alex"]);
  people.putNowait([-1, "egon"]);
  people.putNowait([3, "yuanhao"]);
  while (!people.empty()) console.log(people.getNowait());

  const q = new mp.Queue<string>(1);
  const timeout = SCALE * 1000;
  console.log(q.qsize(), q.empty(), q.full());
  await q.put("A");
  console.log(q.qsize(), q.empty(), q.full());
  for (const options of [{ block: false }, { timeout }]) {
    try {
      await q.put("B", options);
    } catch (error) {
      if (!(error instanceof mp.Full)) throw error;
      console.log("Full");
    }
  }
  console.log(await q.get());
  try {
    q.getNowait();
  } catch (error) {
    if (!(error instanceof mp.Empty)) throw error;
    console.log("Empty");
  }

  const tasks = new mp.JoinableQueue<string>();
  new mp.Process({ target: worker, args: [tasks], daemon: true }).start();
  for (const item of ["A", "B", "C"]) await tasks.put(item);
  await tasks.join();
  console.log("all done");
}
