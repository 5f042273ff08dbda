// Copyright 2026 the authors. MIT license.

// Chooses the start method after much that does not use one, and starts a
// process that was made before.

import * as mp from "../../../mod.ts";

export function tell(): void {
  console.log(mp.getStartMethod({ allowNone: true }));
}

if (import.meta.main) {
  const p = new mp.Process({ target: tell });
  p.name = p.name.toUpperCase();
  p.daemon = p.isAlive();
  console.log(mp.getStartMethod({ allowNone: true }));
  mp.currentProcess().name = "Main";
  mp.parentProcess();
  mp.activeChildren();
  mp.cpuCount();
  mp.getAllStartMethods();
  new mp.Process({ target: tell, method: "spawn" }).close();
  new (mp.getContext("spawn").Lock)();
  mp.getContext("worker").Pipe();
  using shm = new mp.SharedMemory({ create: true, size: 1 });
  shm.unlink();
  await using pool = new mp.ThreadPool(1);
  pool.close();
  console.log(mp.getStartMethod({ allowNone: true }));
  const method = Deno.args[0] as mp.StartMethod;
  mp.setStartMethod(method);
  p.start();
  await p.join();
  console.log((p.ident === p.pid) === (method === "spawn"));
}
