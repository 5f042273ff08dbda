// Copyright 2026 the authors. MIT license.

// S-26 one producer, two consumers.
//
// Python: Queue(), q.put(), q.get(), current_process().name.
//
// The consumer that asks first gets the next item, and no other gets it.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function producer(q: mp.Queue<number>) {
  for (let i = 0; i < 10; i++) {
    sleepSync(1);
    console.log(`生产者:生产数据|${i}`);
    q.putSync(i);
  }
}

export function consumer(q: mp.Queue<number>) {
  for (let n = 0; n < 5; n++) {
    const i = q.getSync();
    console.log(`${mp.currentProcess().name}:消费数据|${i}`);
  }
}

if (import.meta.main) {
  const q = new mp.Queue<number>();
  const p = new mp.Process({ target: producer, args: [q] });
  const c1 = new mp.Process({ target: consumer, args: [q], name: "消费者1" });
  const c2 = new mp.Process({ target: consumer, args: [q], name: "消费者2" });
  p.start();
  c1.start();
  c2.start();
  await p.join();
  await c1.join();
  await c2.join();
  console.log("------------");
}
