// Copyright 2026 the authors. MIT license.

// S-24 a queue within one process.
//
// Python: Queue(), q.put(), q.get(), print(q).

import * as mp from "../../mod.ts";

if (import.meta.main) {
  const q = new mp.Queue<number>();
  console.log(q);
  for (let i = 0; i < 5; i++) {
    await q.put(i);
  }
  for (let i = 0; i < 5; i++) {
    console.log(await q.get());
  }
}
