// Copyright 2026 the authors. MIT license.

// S-55 across processes a global is not shared.
//
// Python: Process(target=task), global x; x = 2.
//
// The child changes the x of its own module; the parent's stays 1000.

import * as mp from "../../mod.ts";
import { sleep } from "./_seed.ts";

export let x = 1000;

export function task() {
  x = 2;
}

if (import.meta.main) {
  const p = new mp.Process({ target: task });
  p.start();
  await sleep(3);
  console.log(x);
}
