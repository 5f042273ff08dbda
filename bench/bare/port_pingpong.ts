// Copyright 2026 the authors. MIT license.

// One `postMessage` there and back between the main thread and a worker.

import { insideWorker, measureAsync } from "../lib.ts";
import { onMessage, quit, reply, startWorker } from "./link.ts";

function echo(value: number): void {
  if (value < 0) quit();
  else reply(value);
}

async function main(scenario: string): Promise<void> {
  const partner = startWorker(import.meta.url, 0);
  let resume: () => void = () => {};
  partner.onmessage = function answered(): void {
    resume();
  };
  await measureAsync(scenario, async function batch(size) {
    for (let i = 0; i < size; i++) {
      partner.postMessage(i);
      await new Promise<void>((resolve) => resume = resolve);
    }
  }, "µs");
  partner.postMessage(-1);
}

if (insideWorker()) onMessage(echo);
else await main(Deno.args[0]!);
