// Copyright 2026 the authors. MIT license.

// One item there and back between two processes: queue_pingpong.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

/** The child: sends back what comes, until a number below zero. */
export function echo(there: mp.Queue<number>, back: mp.Queue<number>): void {
  for (let item = there.getSync(); item >= 0; item = there.getSync()) {
    back.putSync(item);
  }
}

async function main(scenario: string): Promise<void> {
  const there = new mp.Queue<number>();
  const back = new mp.Queue<number>();
  const child = new mp.Process({ target: echo, args: [there, back] });
  child.start();
  measure(scenario, function batch(size) {
    for (let i = 0; i < size; i++) {
      there.putSync(i);
      back.getSync();
    }
  }, "µs");
  there.putSync(-1);
  await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
