// Copyright 2026 the authors. MIT license.

// Two children put and two children get on one queue: queue_2x2.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

/** A child that puts. */
export function produce(
  queue: mp.Queue<number>,
  go: mp.Queue<number>,
  done: mp.Queue<boolean>,
): void {
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    for (let i = 0; i < size; i++) queue.putSync(i);
    done.putSync(true);
  }
}

/** A child that gets. */
export function consume(
  queue: mp.Queue<number>,
  go: mp.Queue<number>,
  done: mp.Queue<boolean>,
): void {
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    for (let i = 0; i < size; i++) queue.getSync();
    done.putSync(true);
  }
}

async function main(scenario: string): Promise<void> {
  const queue = new mp.Queue<number>();
  const done = new mp.Queue<boolean>();
  const signals: mp.Queue<number>[] = [];
  const children: mp.Process[] = [];
  for (const target of [produce, produce, consume, consume]) {
    const go = new mp.Queue<number>();
    const child = new mp.Process({ target, args: [queue, go, done] });
    child.start();
    signals.push(go);
    children.push(child);
  }
  measure(scenario, function batch(size) {
    for (const go of signals) go.putSync(size / 2);
    for (const _ of signals) done.getSync();
  }, "items/s");
  for (const go of signals) go.putSync(0);
  for (const child of children) await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
