// Copyright 2026 the authors. MIT license.

// A `Worker` from its constructor to its first message, then terminate.

import { insideWorker, measureAsync } from "../lib.ts";
import { reply } from "./link.ts";

async function main(scenario: string): Promise<void> {
  await measureAsync(
    scenario,
    async function batch(size) {
      for (let i = 0; i < size; i++) {
        const child = new Worker(import.meta.url, { type: "module" });
        await new Promise((resolve) => child.onmessage = resolve);
        child.terminate();
      }
    },
    "ms",
    { workload: "process_start_join" },
  );
}

if (insideWorker()) reply("up");
else await main(Deno.args[0]!);
