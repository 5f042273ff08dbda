// Copyright 2026 the authors. MIT license.

// S-58 ten children by a loop, none joined.
//
// Python: for i in range(1, 11): Process(target=task, args=(i,)).start().
//
// start() is only a request: the parent's line may come before, between or
// after those of the children.

import * as mp from "../../mod.ts";

export function task(n: number) {
  console.log(`子进程${n}`);
}

if (import.meta.main) {
  for (let i = 1; i < 11; i++) {
    new mp.Process({ target: task, args: [i] }).start();
  }
  console.log("主进程");
}
