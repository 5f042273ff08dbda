// Copyright 2026 the authors. MIT license.

// S-69 buns (包子), and a consumer that waits for ever.
//
// Python: q.put() ten times, while True: q.get().
//
// Nothing tells the consumer that the last bun was made, so it stays in get()
// and the program never ends: stop it with Ctrl-C. S-70 to S-72 mend it.

import * as mp from "../../mod.ts";
import { randrange, sleepSync } from "./_seed.ts";

export function producer(q: mp.Queue<string>) {
  const { ident } = mp.currentProcess();
  for (let i = 0; i < 10; i++) {
    sleepSync(randrange(1, 4));
    console.log(`${ident} 生产了 包子${i}`);
    q.putSync(`包子${i}`);
  }
}

export function consumer(q: mp.Queue<string>) {
  const { ident } = mp.currentProcess();
  while (true) {
    const bun = q.getSync();
    sleepSync(randrange(1, 4));
    console.log(`${ident} 吃 ${bun}`);
  }
}

if (import.meta.main) {
  const q = new mp.Queue<string>();
  const p1 = new mp.Process({ target: producer, args: [q] });
  const c1 = new mp.Process({ target: consumer, args: [q] });
  p1.start();
  c1.start();
  console.log("主");
}
