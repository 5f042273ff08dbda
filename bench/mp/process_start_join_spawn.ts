// Copyright 2026 the authors. MIT license.

// Start an OS process that does nothing and join it:
// process_start_join_spawn.

import * as mp from "../../mod.ts";
import { measureAsync } from "../lib.ts";

/** The child. */
export function nothing(): void {}

async function main(scenario: string): Promise<void> {
  await measureAsync(
    scenario,
    async function batch(size) {
      for (let i = 0; i < size; i++) {
        const child = new mp.Process({ target: nothing, method: "spawn" });
        child.start();
        await child.join();
      }
    },
    "ms",
    { workload: "process_start_join" },
  );
}

if (import.meta.main) await main(Deno.args[0]!);
