// Copyright 2026 the authors. MIT license.

// Deno.exit() in the main program ends everything at once.

import * as mp from "../../../mod.ts";

export function child(running: mp.Queue) {
  running.putSync("running");
  new mp.Queue().getSync();
  console.log("the child went on");
}

if (import.meta.main) {
  const running = new mp.Queue();
  new mp.Process({ target: child, args: [running] }).start();
  await running.get();
  addEventListener("unload", () => console.log("unload"));
  Deno.exit(7);
}
