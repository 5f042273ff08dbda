// Copyright 2026 the authors. MIT license.

// Two processes take turns under one condition: condition_pingpong.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

type Turn = mp.RawValue<"i">;

function play(
  condition: mp.Condition,
  turn: Turn,
  mine: number,
  rounds: number,
): void {
  for (let i = 0; i < rounds; i++) {
    condition.acquireSync();
    while (turn.value !== mine) condition.waitSync();
    turn.value = 1 - mine;
    condition.notify();
    condition.release();
  }
}

/** The child. */
export function opponent(
  condition: mp.Condition,
  turn: Turn,
  go: mp.Queue<number>,
): void {
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    play(condition, turn, 1, size);
  }
}

async function main(scenario: string): Promise<void> {
  const condition = new mp.Condition();
  const turn = new mp.RawValue("i", 0);
  const go = new mp.Queue<number>();
  const args = [condition, turn, go];
  const child = new mp.Process({ target: opponent, args });
  child.start();
  measure(scenario, function batch(size) {
    go.putSync(size);
    play(condition, turn, 0, size);
  }, "µs");
  go.putSync(0);
  await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
