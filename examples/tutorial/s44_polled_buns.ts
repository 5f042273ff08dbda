// Copyright 2026 the authors. MIT license.

// S-44 a consumer that looks first, and goes away if there is no bun.
//
// Python: q.empty(), q.get(), q.put(count), random.randrange().
//
// It is the only consumer, so a bun that it has seen is still there when it
// gets it.

import * as mp from "../../mod.ts";
import { randrange, sleepSync } from "./_seed.ts";

export function producer(name: string, q: mp.Queue<number>) {
  for (let count = 0; count < 20; count++) {
    sleepSync(randrange(0, 3));
    console.log(`Producer ${name} has produced ${count} baozi..`);
    q.putSync(count);
  }
}

export function consumer(name: string, q: mp.Queue<number>) {
  for (let count = 0; count < 20; count++) {
    sleepSync(randrange(0, 4));
    if (q.empty()) {
      console.log("-----no baozi anymore----");
    } else {
      console.log(`Consumer ${name} has eat ${q.getSync()} baozi...`);
    }
  }
}

if (import.meta.main) {
  const q = new mp.Queue<number>();
  new mp.Process({ target: producer, args: ["A", q] }).start();
  new mp.Process({ target: consumer, args: ["B", q] }).start();
}
