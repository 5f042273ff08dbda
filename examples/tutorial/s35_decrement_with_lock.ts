// Copyright 2026 the authors. MIT license.

// S-35 a hundred children take one off a number, with a lock.
//
// Python: lock.acquire(), num -= 1, lock.release() in a hundred threads.
//
// They sleep all at once, and only the subtraction is one at a time.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function addNum(num: mp.RawValue<"i">, lock: mp.Lock) {
  console.log("--get num:", num.value);
  sleepSync(1);
  lock.acquireSync();
  num.value -= 1;
  lock.release();
}

if (import.meta.main) {
  const num = new mp.RawValue("i", 100);
  const lock = new mp.Lock();
  const children: mp.Process[] = [];
  for (let i = 0; i < 100; i++) {
    const t = new mp.Process({ target: addNum, args: [num, lock] });
    t.start();
    children.push(t);
  }
  for (const t of children) await t.join();
  console.log("final num:", num.value);
}
