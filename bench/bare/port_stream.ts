// Copyright 2026 the authors. MIT license.

// `postMessage` from a worker to the main thread: ints, objects, bytes.

import { insideWorker, measureAsync, mebibyte, objects } from "../lib.ts";
import { onMessage, quit, reply, startWorker } from "./link.ts";

function items(kind: string): unknown[] {
  if (kind === "objects") return objects();
  if (kind === "bytes") return [mebibyte()];
  return Array.from({ length: 256 }, (_, i) => i);
}

function produce(order: { kind: string; size: number }): void {
  if (order.size < 0) return quit();
  const values = items(order.kind);
  for (let i = 0; i < order.size; i++) reply(values[i % values.length]);
}

async function main(scenario: string): Promise<void> {
  const kind = scenario.split("_")[1]!;
  const source = startWorker(import.meta.url, { kind, size: 0 });
  let missing = 0;
  let done: () => void = () => {};
  source.onmessage = function count(): void {
    if (--missing === 0) done();
  };
  await measureAsync(scenario, function batch(size) {
    missing = size;
    source.postMessage({ kind, size });
    return new Promise((resolve) => done = resolve);
  }, kind === "bytes" ? "MiB/s" : "items/s");
  source.postMessage({ kind, size: -1 });
}

if (insideWorker()) onMessage(produce);
else await main(Deno.args[0]!);
