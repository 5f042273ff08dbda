// Copyright 2026 the authors. MIT license.

// The same, caught: the child goes on, since nothing was started in it.

import * as mp from "../../../mod.ts";

export function child() {
  console.log("the child ran");
}

const p = new mp.Process({ target: child });
try {
  p.start();
  await p.join();
  console.log("exit code", p.exitCode);
} catch (error) {
  console.log((error as Error).name, mp.activeChildren().length);
}
