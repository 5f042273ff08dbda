// Copyright 2026 the authors. MIT license.

// Run `true` to its end: subprocess_run, subprocess_run_sync.

import { subprocess } from "../../mod.ts";
import { measure, measureAsync } from "../lib.ts";

async function main(scenario: string): Promise<void> {
  if (scenario === "subprocess_run_sync") {
    measure(
      scenario,
      function batch(size) {
        for (let i = 0; i < size; i++) subprocess.runSync(["true"]);
      },
      "ms",
      { workload: "subprocess_run" },
    );
    return;
  }
  await measureAsync(
    scenario,
    async function batch(size) {
      for (let i = 0; i < size; i++) await subprocess.run(["true"]);
    },
    "ms",
    { workload: "subprocess_run" },
  );
}

await main(Deno.args[0]!);
