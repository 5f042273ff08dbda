// Copyright 2026 the authors. MIT license.

// Nothing but daemons: the program ends with its main code.

import * as mp from "../../../mod.ts";

export function busy(running: mp.Queue) {
  running.putSync("running");
  while (true);
}

export function idle(running: mp.Queue) {
  running.putSync("running");
  return new Promise(() => {});
}

if (import.meta.main) {
  const running = new mp.Queue();
  for (const target of [busy, idle, busy]) {
    new mp.Process({ target, args: [running], daemon: true }).start();
    await running.get();
  }
  console.log("main code ends");
}
