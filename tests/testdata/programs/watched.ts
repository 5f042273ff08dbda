// Copyright 2026 the authors. MIT license.

// Starts OS processes of every kind, prints their pids and waits for ever.

import * as mp from "../../../mod.ts";

export function waitForEver(): Promise<void> {
  return new Promise(() => {});
}

export function computeForEver(): void {
  for (;;);
}

export function catchSignals(): Promise<void> {
  Deno.addSignalListener("SIGTERM", () => {});
  return waitForEver();
}

export function startOne(pids: mp.Queue<number>): Promise<void> {
  const process = new mp.Process({ target: waitForEver });
  process.start();
  pids.putSync(process.pid!);
  return waitForEver();
}

export function nothing(): void {}

if (import.meta.main) {
  mp.setStartMethod("spawn");
  const pids = new mp.Queue<number>();
  for (const target of [waitForEver, computeForEver, catchSignals, startOne]) {
    for (const daemon of [false, true]) {
      if (daemon && target === startOne) continue;
      const process = new mp.Process({ target, args: [pids], daemon });
      process.start();
      pids.putSync(process.pid!);
    }
  }
  const worker = new mp.Process({
    target: startOne,
    args: [pids],
    method: "worker",
  });
  worker.start();
  const pool = new mp.Pool(2);
  await pool.runOnAll(nothing);
  for (const { pid } of mp.activeChildren()) {
    if (pid !== Deno.pid) pids.putSync(pid!);
  }
  const all = new Set<number>();
  while (all.size < 11) all.add(await pids.get());
  console.log(JSON.stringify([...all]));
  await waitForEver();
}
