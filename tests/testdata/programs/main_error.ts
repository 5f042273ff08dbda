// Copyright 2026 the authors. MIT license.

// An uncaught error in the main program ends everything at once.

import * as mp from "../../../mod.ts";

export function child(running: mp.Queue) {
  running.putSync("running");
  new mp.Queue().getSync();
}

if (import.meta.main) {
  const running = new mp.Queue();
  new mp.Process({ target: child, args: [running] }).start();
  await running.get();
  throw new RangeError("main is wrong");
}
