// Copyright 2026 the authors. MIT license.

// S-28 one producer, one consumer, a pipe between them.
//
// Python: a, b = Pipe(), kwargs={'p': a}, p.send(pickle.dumps(var)),
// pickle.loads(p.recv()).
//
// send() encodes by itself, so there is nothing to pickle.

import * as mp from "../../mod.ts";

export function producer({ p }: { p: mp.Connection<number> }) {
  for (let i = 0; i < 5; i++) {
    console.log(`生产者:生产数据|${i}`);
    p.sendSync(i);
  }
}

export function consumer({ p }: { p: mp.Connection<number> }) {
  for (let n = 0; n < 5; n++) {
    console.log(`消费者:消费数据|${p.recvSync()}`);
  }
}

if (import.meta.main) {
  const [a, b] = mp.Pipe<number>();
  const p = new mp.Process({ target: producer, kwargs: { p: a } });
  const c = new mp.Process({ target: consumer, kwargs: { p: b } });
  p.start();
  c.start();
  await p.join();
  await c.join();
}
