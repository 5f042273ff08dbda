// Copyright 2026 the authors. MIT license.

// S-13 a daemon beside a process that is none.
//
// Python: p1.daemon = True; p1.start(); p2.start().
//
// The daemon ends with the main *code*, at once, although the program still
// waits three seconds for the other child: `end123` is never printed.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function foo() {
  console.log(123);
  sleepSync(1);
  console.log("end123");
}

export function bar() {
  console.log(456);
  sleepSync(3);
  console.log("end456");
}

if (import.meta.main) {
  const p1 = new mp.Process({ target: foo });
  const p2 = new mp.Process({ target: bar });
  p1.daemon = true;
  p1.start();
  p2.start();
  console.log("main-------");
}
