// Copyright 2026 the authors. MIT license.

// S-68 a queue for three, full and empty.
//
// Python: Queue(3), q.put(3), q.full(), q.get(), q.empty().
//
// Python's `True` reads `true`.

import * as mp from "../../mod.ts";

if (import.meta.main) {
  const q = new mp.Queue<number>(3);
  await q.put(3);
  await q.put(3);
  await q.put(3);
  console.log(q.full());
  console.log(await q.get());
  console.log(await q.get());
  console.log(await q.get());
  console.log(q.empty());
}
