// Copyright 2026 the authors. MIT license.

// S-03 one child process.
//
// Python: Process(target=run_child, args=('test',)), start(), join(),
// os.getpid().
//
// A worker child lives in its parent's OS process and so has its pid; the
// number of its own is `ident`, and that is printed where Python prints the
// pid.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function runChild(name: string) {
  sleepSync(1);
  console.log(
    `Run child name ${name}, pid is ${mp.currentProcess().ident}`,
  );
}

if (import.meta.main) {
  console.log(`Parent process ${mp.currentProcess().ident}.`);
  const p = new mp.Process({ target: runChild, args: ["test"] });
  console.log("start child process");
  p.start();
  await p.join();
  console.log("Child process end");
}
