// Copyright 2026 the authors. MIT license.

// S-34 a hundred children take one off a number, without a lock.
//
// Python: global num, time.sleep(1), num -= 1 in a hundred threads.
//
// Python's threads hardly ever lose a count, by luck: there is no time between
// reading and writing. Here the second's sleep stands there, so the loss that
// is always possible is certain.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function addNum(num: mp.RawValue<"i">) {
  const seen = num.value;
  console.log("--get num:", seen);
  sleepSync(1);
  num.value = seen - 1;
}

if (import.meta.main) {
  const num = new mp.RawValue("i", 100);
  const children: mp.Process[] = [];
  for (let i = 0; i < 100; i++) {
    const t = new mp.Process({ target: addNum, args: [num] });
    t.start();
    children.push(t);
  }
  for (const t of children) await t.join();
  console.log("final num:", num.value);
}
