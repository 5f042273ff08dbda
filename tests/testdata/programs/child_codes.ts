// Copyright 2026 the authors. MIT license.

// Exit codes of children are theirs alone: the program's stays 0.

import * as mp from "../../../mod.ts";

export function exit() {
  Deno.exit(3);
}

if (import.meta.main) {
  const p = new mp.Process({ target: exit });
  p.start();
  await p.join();
  console.log(p.exitCode);
}
