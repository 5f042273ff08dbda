// Copyright 2026 the authors. MIT license.

// Starts a process without `if (import.meta.main)`, as a beginner does.

import * as mp from "../../../mod.ts";

export function child() {
  console.log("the child ran");
}

const p = new mp.Process({ target: child });
p.start();
await p.join();
console.log("exit code", p.exitCode);
