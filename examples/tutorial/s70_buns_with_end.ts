// Copyright 2026 the authors. MIT license.

// S-70 the producer says when the last bun is made.
//
// Python: q.put(None) after the last bun, if res is None: break.
//
// `undefined` stands for None.

import * as mp from "../../mod.ts";
import { randrange, sleepSync } from "./_seed.ts";

export function producer(q: mp.Queue<string | undefined>) {
  const { ident } = mp.currentProcess();
  for (let i = 0; i < 10; i++) {
    sleepSync(randrange(1, 4));
    console.log(`${ident} 生产了 包子${i}`);
    q.putSync(`包子${i}`);
  }
  q.putSync(undefined);
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
  console.log("主");
}
