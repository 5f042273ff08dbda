// Copyright 2026 the authors. MIT license.

// The same arithmetic twice in one process, then once in each of two:
// cpu_bound_speedup.

import * as mp from "../../mod.ts";
import { batchSize, report } from "../lib.ts";

function work(rounds: number): number {
  let state = 1;
  for (let i = 0; i < rounds; i++) state = (state * 1103 + 12345) & 0xfffff;
  return state;
}

/** The child. */
export function compute(go: mp.Queue<number>, done: mp.Queue<number>): void {
  for (let rounds = go.getSync(); rounds > 0; rounds = go.getSync()) {
    done.putSync(work(rounds));
  }
}

async function main(scenario: "cpu_bound_speedup"): Promise<void> {
  // As long as Python takes for its own: this loop is many times faster.
  const rounds = batchSize(scenario) * 30;
  const done = new mp.Queue<number>();
  const signals = [new mp.Queue<number>(), new mp.Queue<number>()];
  const children = signals.map((go) =>
    new mp.Process({ target: compute, args: [go, done] })
  );
  for (const child of children) child.start();
  const run = (count: number) => {
    const start = performance.now();
    for (const go of signals.slice(0, count)) go.putSync(rounds);
    for (let i = 0; i < count; i++) done.getSync();
    return performance.now() - start;
  };
  run(2);
  const ratios = [1, 2, 3].map(() => 2 * run(1) / run(2));
  ratios.sort((a, b) => a - b);
  const value = ratios[1]!;
  report({ scenario, metric: "median of 3", value, unit: "×" });
  for (const go of signals) go.putSync(0);
  for (const child of children) await child.join();
}

if (import.meta.main) await main("cpu_bound_speedup");
