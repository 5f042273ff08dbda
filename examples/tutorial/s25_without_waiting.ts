// Copyright 2026 the authors. MIT license.

// S-25 neither side waits: full is Full at once, empty is Empty at once.
//
// Python: Queue(5), q.put(var, block=False), q.get(block=False), queue.Full,
// queue.Empty.
//
// Python starts both children together and is lucky when the producer comes
// first; otherwise the consumer dies of Empty. Here the producer is joined
// first, and each side tries once more than there is room or items.

import * as mp from "../../mod.ts";

export function producer(q: mp.Queue<number>) {
  for (let i = 0; i < 5; i++) {
    q.putSync(i, { block: false });
  }
  try {
    q.putSync(5, { block: false });
  } catch (error) {
    if (!(error instanceof mp.Full)) throw error;
    console.log("Full");
  }
}

export function consumer(q: mp.Queue<number>) {
  for (let i = 0; i < 5; i++) {
    console.log(q.getSync({ block: false }));
  }
  try {
    q.getSync({ block: false });
  } catch (error) {
    if (!(error instanceof mp.Empty)) throw error;
    console.log("Empty");
  }
}

if (import.meta.main) {
  const q = new mp.Queue<number>(5);
  const p1 = new mp.Process({ target: producer, args: [q] });
  const p2 = new mp.Process({ target: consumer, args: [q] });
  p1.start();
  await p1.join();
  p2.start();
  await p2.join();
}
