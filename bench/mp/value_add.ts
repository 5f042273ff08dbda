// Copyright 2026 the authors. MIT license.

// Two children that count in one number: value_add, under its lock as Python
// does, and value_atomic_add, without.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

type Counter = mp.Value<"i">;

/** A child: adds under the lock, as often as it is told to. */
export function locked(
  counter: Counter,
  go: mp.Queue<number>,
  done: mp.Queue<boolean>,
): void {
  const raw = counter.getObj();
  const lock = counter.getLock();
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    for (let i = 0; i < size; i++) {
      lock.acquireSync();
      raw.value += 1;
      lock.release();
    }
    done.putSync(true);
  }
}

/** A child: adds atomically, as often as it is told to. */
export function atomic(
  counter: Counter,
  go: mp.Queue<number>,
  done: mp.Queue<boolean>,
): void {
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    for (let i = 0; i < size; i++) counter.add(1);
    done.putSync(true);
  }
}

async function main(scenario: string): Promise<void> {
  const counter = new mp.Value("i", 0);
  const done = new mp.Queue<boolean>();
  const signals = [new mp.Queue<number>(), new mp.Queue<number>()];
  const target = scenario === "value_add" ? locked : atomic;
  const children: mp.Process[] = [];
  for (const go of signals) {
    const child = new mp.Process({ target, args: [counter, go, done] });
    child.start();
    children.push(child);
  }
  measure(scenario, function batch(size) {
    for (const go of signals) go.putSync(size / 2);
    for (const _ of signals) done.getSync();
  }, "adds/s");
  for (const go of signals) go.putSync(0);
  for (const child of children) await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
