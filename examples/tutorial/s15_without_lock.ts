// Copyright 2026 the authors. MIT license.

// S-15 three workers at once, without a lock.
//
// Python: Process(target=work) three times, os.getpid().
//
// Fast (about two seconds in all), and their lines mix. `ident` stands for the
// pid, which worker children share with their parent.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function work() {
  const { ident } = mp.currentProcess();
  console.log(`${ident} is running`);
  sleepSync(2);
  console.log(`${ident} is done`);
}

if (import.meta.main) {
  for (let i = 0; i < 3; i++) {
    new mp.Process({ target: work }).start();
  }
}
