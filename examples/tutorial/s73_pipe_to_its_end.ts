// Copyright 2026 the authors. MIT license.

// S-73 the consumer's loop ends when nobody can send any more.
//
// Python: left, right = Pipe(), right.recv() until EOFError, left.close(),
// right.close().
//
// Both ends go to both sides, and each closes the one that it does not use:
// otherwise the consumer itself would hold the sending end open for ever.

import * as mp from "../../mod.ts";

type Ends = [left: mp.Connection<number>, right: mp.Connection<number>];

export function consumer([left, right]: Ends, name: string) {
  left.close();
  while (true) {
    try {
      console.log(`${name} 收到包子:${right.recvSync()}`);
    } catch (error) {
      if (!(error instanceof mp.EOFError)) throw error;
      right.close();
      break;
    }
  }
}

async function producer(seq: Iterable<number>, [left, right]: Ends) {
  right.close();
  for (const i of seq) await left.send(i);
  left.close();
}

if (import.meta.main) {
  const [left, right] = mp.Pipe<number>();
  const c1 = new mp.Process({
    target: consumer,
    args: [[left, right], "c1"],
  });
  c1.start();

  await producer(Array(10).keys(), [left, right]);
  right.close();
  left.close();
  await c1.join();
  console.log("主进程");
}
