// Copyright 2026 the authors. MIT license.

// S-45 hello bob, the first program of the Python documentation.
//
// Python: Process(target=f, args=('bob',)), start(), join().

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function f(name: string) {
  sleepSync(2);
  console.log(`hello ${name}`);
}

if (import.meta.main) {
  const p = new mp.Process({ target: f, args: ["bob"] });
  p.start();
  await p.join();
}
