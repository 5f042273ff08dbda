// Copyright 2026 the authors. MIT license.

// Two children on one lock: lock_contended.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

/** A child: acquires and releases as often as it is told to. */
export function pairs(
  lock: mp.Lock,
  go: mp.Queue<number>,
  done: mp.Queue<boolean>,
): void {
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    for (let i = 0; i < size; i++) {
      lock.acquireSync();
      lock.release();
    }
    done.putSync(true);
  }
}

async function main(scenario: string): Promise<void> {
  const lock = new mp.Lock();
  const done = new mp.Queue<boolean>();
  const signals = [new mp.Queue<number>(), new mp.Queue<number>()];
  const children: mp.Process[] = [];
  for (const go of signals) {
    const child = new mp.Process({ target: pairs, args: [lock, go, done] });
    child.start();
    children.push(child);
  }
  measure(scenario, function batch(size) {
    for (const go of signals) go.putSync(size / 2);
    for (const _ of signals) done.getSync();
  }, "ns");
  for (const go of signals) go.putSync(0);
  for (const child of children) await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
