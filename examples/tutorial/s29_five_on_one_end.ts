// Copyright 2026 the authors. MIT license.

// S-29 five consumers hold the same end of a pipe.
//
// Python: five Process(target=consumer, kwargs={'p': b}), p.recv() once in
// each.
//
// Python warns that this may damage the data. Here each message goes whole to
// exactly one of them.

import * as mp from "../../mod.ts";

export function producer({ p }: { p: mp.Connection<number> }) {
  for (let i = 0; i < 5; i++) {
    console.log(`生产者:生产数据|${i}`);
    p.sendSync(i);
  }
}

export function consumer({ p }: { p: mp.Connection<number> }) {
  const i = p.recvSync();
  console.log(`${mp.currentProcess().name}:消费数据|${i}`);
}

if (import.meta.main) {
  const [a, b] = mp.Pipe<number>();
  const p = new mp.Process({ target: producer, kwargs: { p: a } });
  const consumers = [1, 2, 3, 4, 5].map((n) =>
    new mp.Process({ target: consumer, kwargs: { p: b }, name: `消费者${n}` })
  );
  p.start();
  for (const c of consumers) c.start();
  await p.join();
  for (const c of consumers) await c.join();
}
