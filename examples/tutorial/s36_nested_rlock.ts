// Copyright 2026 the authors. MIT license.

// S-36 a function that holds an RLock calls others that take it too.
//
// Python: threading.RLock(), lock.acquire(), lock.release(),
// threading.active_count().
//
// With a Lock in its place the first child would wait for itself. The numbers
// are printed before the lock is given back, so that a child's lines stay
// together.

import * as mp from "../../mod.ts";
import { sleep } from "./_seed.ts";

/** What the threads of the tutorial have as globals. */
interface Shared {
  num: mp.RawValue<"i">;
  num2: mp.RawValue<"i">;
  lock: mp.RLock;
}

function run1({ num, lock }: Shared): number {
  console.log("grab the first part data");
  lock.acquireSync();
  num.value += 1;
  lock.release();
  return num.value;
}

function run2({ num2, lock }: Shared): number {
  console.log("grab the second part data");
  lock.acquireSync();
  num2.value += 1;
  lock.release();
  return num2.value;
}

export function run3(shared: Shared) {
  shared.lock.acquireSync();
  const res = run1(shared);
  console.log("--------between run1 and run2-----");
  const res2 = run2(shared);
  console.log(res, res2);
  shared.lock.release();
}

if (import.meta.main) {
  const num = new mp.RawValue("i", 0);
  const num2 = new mp.RawValue("i", 0);
  const lock = new mp.RLock();
  for (let i = 0; i < 10; i++) {
    new mp.Process({ target: run3, args: [{ num, num2, lock }] }).start();
  }
  while (mp.activeChildren().length > 0) await sleep(1);
  console.log("----all threads done---");
  console.log(num.value, num2.value);
}
