// Copyright 2026 the authors. MIT license.

// Two processes meet at a barrier again and again: barrier_round.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

function meet(barrier: mp.Barrier, rounds: number): void {
  for (let i = 0; i < rounds; i++) barrier.waitSync();
}

/** The child. */
export function partner(barrier: mp.Barrier, go: mp.Queue<number>): void {
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    meet(barrier, size);
  }
}

async function main(scenario: string): Promise<void> {
  const barrier = new mp.Barrier(2);
  const go = new mp.Queue<number>();
  const child = new mp.Process({ target: partner, args: [barrier, go] });
  child.start();
  measure(scenario, function batch(size) {
    go.putSync(size);
    meet(barrier, size);
  }, "µs");
  go.putSync(0);
  await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
