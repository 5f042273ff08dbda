// Copyright 2026 the authors. MIT license.

// S-37 twenty children, at most five of them inside.
//
// Python: threading.BoundedSemaphore(5), semaphore.acquire(),
// semaphore.release(), threading.active_count().
//
// The tutorial prints a `num` at the end that nothing has changed. Here it
// counts the children inside, and is 0 again at the end.

import * as mp from "../../mod.ts";
import { sleep, sleepSync } from "./_seed.ts";

export function run(
  n: number,
  semaphore: mp.BoundedSemaphore,
  num: mp.RawValue<"i">,
) {
  semaphore.acquireSync();
  const inside = num.add(1) + 1;
  sleepSync(1);
  console.log(`run the thread: ${n}, inside: ${inside}`);
  num.add(-1);
  semaphore.release();
}

if (import.meta.main) {
  const num = new mp.RawValue("i", 0);
  const semaphore = new mp.BoundedSemaphore(5);
  for (let i = 0; i < 20; i++) {
    new mp.Process({ target: run, args: [i, semaphore, num] }).start();
  }
  while (mp.activeChildren().length > 0) await sleep(0.1);
  console.log("----all threads done---");
  console.log(num.value);
}
