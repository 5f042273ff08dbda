// Copyright 2026 the authors. MIT license.

// S-05 a writer, and a reader that never returns, over a queue.
//
// Python: Queue(), q.put(), q.get(True), pw.join(), pr.terminate().

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function write(q: mp.Queue<string>) {
  for (const letter of ["A", "B", "C"]) {
    console.log(`Put ${letter} in queue`);
    q.putSync(letter);
    sleepSync(Math.random() * 3);
  }
}

export function read(q: mp.Queue<string>) {
  while (true) {
    const letter = q.getSync();
    console.log(`Get ${letter} from queue`);
  }
}

if (import.meta.main) {
  const q = new mp.Queue<string>();
  const pw = new mp.Process({ target: write, args: [q] });
  const pr = new mp.Process({ target: read, args: [q] });
  pw.start();
  pr.start();
  await pw.join();
  // The reader waits for a fourth letter and would do so for ever.
  pr.terminate();
}
