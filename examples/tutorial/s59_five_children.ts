// Copyright 2026 the authors. MIT license.

// S-59 five children written out, none joined.
//
// Python: p1 … p5 = Process(target=task, args=(1,)) …, start().
//
// start() is only a request: the parent's line may come before, between or
// after those of the children.

import * as mp from "../../mod.ts";

export function task(n: number) {
  console.log(`子进程${n}`);
}

if (import.meta.main) {
  const p1 = new mp.Process({ target: task, args: [1] });
  const p2 = new mp.Process({ target: task, args: [2] });
  const p3 = new mp.Process({ target: task, args: [3] });
  const p4 = new mp.Process({ target: task, args: [4] });
  const p5 = new mp.Process({ target: task, args: [5] });

  p1.start();
  p2.start();
  p3.start();
  p4.start();
  p5.start();
  console.log("主进程");
}
