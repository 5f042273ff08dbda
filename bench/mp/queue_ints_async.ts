// Copyright 2026 the authors. MIT license.

// queue_ints with promises: the child and the main process await each item.

import * as mp from "../../mod.ts";
import { measureAsync } from "../lib.ts";

/** The child: puts as many items as it is told to, until told zero. */
export async function produce(
  queue: mp.Queue<number>,
  go: mp.Queue<number>,
): Promise<void> {
  for (let size = await go.get(); size > 0; size = await go.get()) {
    for (let i = 0; i < size; i++) await queue.put(i & 255);
  }
}

async function main(scenario: string): Promise<void> {
  const queue = new mp.Queue<number>();
  const go = new mp.Queue<number>();
  const child = new mp.Process({ target: produce, args: [queue, go] });
  child.start();
  await measureAsync(scenario, async function batch(size) {
    await go.put(size);
    for (let i = 0; i < size; i++) await queue.get();
  }, "items/s");
  await go.put(0);
  await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
