// Copyright 2026 the authors. MIT license.

// S-16 three workers one after another, with a lock.
//
// Python: Lock(), args=(lock,), lock.acquire(), lock.release(), os.getpid().
//
// Slow (about six seconds in all), and their lines never mix. `ident` stands
// for the pid, which worker children share with their parent.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function work(lock: mp.Lock) {
  const { ident } = mp.currentProcess();
  lock.acquireSync();
  console.log(`${ident} is running`);
  sleepSync(2);
  console.log(`${ident} is done`);
  lock.release();
}

if (import.meta.main) {
  const lock = new mp.Lock();
  for (let i = 0; i < 3; i++) {
    new mp.Process({ target: work, args: [lock] }).start();
  }
}
