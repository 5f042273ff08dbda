// Copyright 2026 the authors. MIT license.

// One child puts, the main process gets, both blocking: queue_ints,
// queue_objects, queue_bytes_1mib.

import * as mp from "../../mod.ts";
import { measure, mebibyte, objects } from "../lib.ts";

/** The child: puts as many items as it is told to, until told zero. */
export function produce(
  scenario: string,
  queue: mp.Queue<unknown>,
  go: mp.Queue<number>,
): void {
  const values = items(scenario);
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    for (let i = 0; i < size; i++) queue.putSync(values[i % values.length]);
  }
}

function items(scenario: string): unknown[] {
  if (scenario === "queue_objects") return objects();
  if (scenario === "queue_bytes_1mib") return [mebibyte()];
  return Array.from({ length: 256 }, (_, i) => i);
}

async function main(scenario: string): Promise<void> {
  const queue = new mp.Queue<unknown>();
  const go = new mp.Queue<number>();
  const child = new mp.Process({
    target: produce,
    args: [scenario, queue, go],
  });
  child.start();
  measure(scenario, function batch(size) {
    go.putSync(size);
    for (let i = 0; i < size; i++) queue.getSync();
  }, scenario.endsWith("1mib") ? "MiB/s" : "items/s");
  go.putSync(0);
  await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
