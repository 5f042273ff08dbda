// Copyright 2026 the authors. MIT license.

// S-72 three producers, two consumers, and one end for each consumer.
//
// Python: p1.join(), p2.join(), p3.join(), q.put(None), q.put(None).
//
// The tutorial starts only the first of its two consumers; here both run, and
// both end. `undefined` stands for None.

import * as mp from "../../mod.ts";
import { randrange, sleepSync } from "./_seed.ts";

export function producer(name: string, q: mp.Queue<string | undefined>) {
  const { ident } = mp.currentProcess();
  for (let i = 0; i < 2; i++) {
    sleepSync(randrange(1, 4));
    console.log(`${ident} 生产了 ${name}${i}`);
    q.putSync(`${name}${i}`);
  }
}

export function consumer(q: mp.Queue<string | undefined>) {
  const { ident } = mp.currentProcess();
  while (true) {
    const food = q.getSync();
    if (food === undefined) break;
    sleepSync(randrange(1, 4));
    console.log(`${ident} 吃 ${food}`);
  }
}

if (import.meta.main) {
  const q = new mp.Queue<string | undefined>();
  const p1 = new mp.Process({ target: producer, args: ["包子", q] });
  const p2 = new mp.Process({ target: producer, args: ["骨头", q] });
  const p3 = new mp.Process({ target: producer, args: ["泔水", q] });
  const c1 = new mp.Process({ target: consumer, args: [q] });
  const c2 = new mp.Process({ target: consumer, args: [q] });

  p1.start();
  p2.start();
  p3.start();
  c1.start();
  c2.start();

  await p1.join();
  await p2.join();
  await p3.join();
  await q.put(undefined);
  await q.put(undefined);
  console.log("主");
}
