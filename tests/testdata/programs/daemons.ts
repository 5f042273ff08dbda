// Copyright 2026 the authors. MIT license.

// Main code, a daemon and a child that is none: S-13 of the tutorial, but with
// conditions instead of durations.

import * as mp from "../../../mod.ts";

export async function daemon(running: mp.Queue) {
  console.log("daemon");
  await running.put("running");
  await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
  console.log("the daemon ended by itself");
}

export async function child(daemonIdent: number) {
  // The daemon ends although this child still runs.
  console.log("child");
  const { isAlive } = await import("./_living.ts");
  while (isAlive(daemonIdent)) await new Promise((r) => setTimeout(r, 1));
  console.log("child ends");
}

if (import.meta.main) {
  const running = new mp.Queue();
  const p1 = new mp.Process({ target: daemon, args: [running] });
  p1.daemon = true;
  p1.start();
  await running.get();
  new mp.Process({ target: child, args: [p1.ident] }).start();
  console.log("main code ends");
}
