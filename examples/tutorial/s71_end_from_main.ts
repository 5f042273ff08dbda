// Copyright 2026 the authors. MIT license.

// S-71 the main process says when the last bun is made.
//
// Python: p1.join(), q.put(None).
//
// It must join the producer first, or the end would overtake the buns.
// `undefined` stands for None.

import * as mp from "../../mod.ts";
import { randrange, sleepSync } from "./_seed.ts";

export function producer(q: mp.Queue<string | undefined>) {
  const { ident } = mp.currentProcess();
  for (let i = 0; i < 2; i++) {
    sleepSync(randrange(1, 4));
    console.log(`${ident} 生产了 包子${i}`);
    q.putSync(`包子${i}`);
  }
}

export function consumer(q: mp.Queue<string | undefined>) {
  const { ident } = mp.currentProcess();
  while (true) {
    const bun = q.getSync();
    if (bun === undefined) break;
    sleepSync(randrange(1, 4));
    console.log(`${ident} 吃 ${bun}`);
  }
}

if (import.meta.main) {
  const q = new mp.Queue<string | undefined>();
  const p1 = new mp.Process({ target: producer, args: [q] });
  const c1 = new mp.Process({ target: consumer, args: [q] });
  p1.start();
  c1.start();
  await p1.join();
  await q.put(undefined);
  console.log("主");
}
