// Copyright 2026 the authors. MIT license.

// S-14 a fast writer is held back by a bounded queue.
//
// Python: Queue(10000); q.put(i); print(q); i = q.get(); rp.join().
//
// Once 10,000 items wait to be read put() waits too, so the memory in use stays
// bounded. Deno.args[0] may give another bound, one that is reached sooner. It
// never ends by itself: stop it with Ctrl-C.

import * as mp from "../../mod.ts";

export function write(q: mp.Queue<number>) {
  for (let i = 0; i < 1_000_000_000; i++) {
    q.putSync(i);
    console.log(q);
  }
}

export function read(q: mp.Queue<number>) {
  while (true) {
    const i = q.getSync();
    console.log(`${i} read`);
  }
}

if (import.meta.main) {
  const q = new mp.Queue<number>(Number(Deno.args[0] ?? 10_000));
  const wp = new mp.Process({ target: write, args: [q] });
  const rp = new mp.Process({ target: read, args: [q] });
  wp.start();
  rp.start();
  await rp.join();
}
