// Copyright 2026 the authors. MIT license.

// S-47 a list comes back over a queue.
//
// Python: q.put([42, None, 'hello']), print(q.get()).

import * as mp from "../../mod.ts";

export function f(q: mp.Queue<unknown[]>) {
  q.putSync([42, null, "hello"]);
}

if (import.meta.main) {
  const q = new mp.Queue<unknown[]>();
  const p = new mp.Process({ target: f, args: [q] });
  p.start();
  console.log(await q.get());
  await p.join();
}
