// Copyright 2026 the authors. MIT license.

// S-27 the end is announced over a second queue.
//
// Python: sig.put(True) before each item, for … else: sig.put(False); consumers
// ask sig first.
//
// There is one `false` for two consumers, so the consumer that sees it passes
// it on.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function producer(q: mp.Queue<number>, sig: mp.Queue<boolean>) {
  for (let i = 0; i < 8; i++) {
    sleepSync(1);
    console.log(`生产者:生产数据|${i}`);
    sig.putSync(true);
    q.putSync(i);
  }
  sig.putSync(false);
}

export function consumer(q: mp.Queue<number>, sig: mp.Queue<boolean>) {
  const { name } = mp.currentProcess();
  while (sig.getSync()) {
    console.log(`${name}:消费数据|${q.getSync()}`);
  }
  console.log(`${name}:子进程结束,数据生产完毕`);
  sig.putSync(false);
}

if (import.meta.main) {
  const q = new mp.Queue<number>();
  const sig = new mp.Queue<boolean>();
  const args: [mp.Queue<number>, mp.Queue<boolean>] = [q, sig];
  const p = new mp.Process({ target: producer, args });
  const c1 = new mp.Process({ target: consumer, args, name: "消费者1" });
  const c2 = new mp.Process({ target: consumer, args, name: "消费者2" });
  p.start();
  c1.start();
  c2.start();
  await p.join();
  await c1.join();
  await c2.join();
  console.log("------------");
}
