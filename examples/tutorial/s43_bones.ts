// Copyright 2026 the authors. MIT license.

// S-43 the producer waits until all its bones have been taken.
//
// Python: q.join(), q.task_done(), while q.qsize() > 0.
//
// A thread of Python has put its bones before the main one looks. A process has
// not, so an event says when they are all there.

import * as mp from "../../mod.ts";

export function producer(q: mp.JoinableQueue<string>, ready: mp.Event) {
  for (let i = 0; i < 10; i++) q.putSync(`骨头 ${i}`);
  console.log("开始等待所有的骨头被取走...");
  ready.set();
  q.joinSync();
  console.log("所有的骨头被取完了...");
}

async function consumer(name: string, q: mp.JoinableQueue<string>) {
  while (q.qsize() > 0) {
    console.log(`${name} 取到`, await q.get());
    q.taskDone();
  }
}

if (import.meta.main) {
  const q = new mp.JoinableQueue<string>();
  const ready = new mp.Event();
  new mp.Process({ target: producer, args: [q, ready] }).start();
  await ready.wait();
  await consumer("李闯", q);
}
