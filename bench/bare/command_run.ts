// Copyright 2026 the authors. MIT license.

// `true` through `Deno.Command`: subprocess_run, subprocess_run_sync.

import { measure, measureAsync } from "../lib.ts";

async function main(scenario: string): Promise<void> {
  const command = new Deno.Command("true", { stdout: "inherit" });
  if (scenario === "subprocess_run_sync") {
    measure(
      scenario,
      function batch(size) {
        for (let i = 0; i < size; i++) command.outputSync();
      },
      "ms",
      { workload: "subprocess_run" },
    );
    return;
  }
  await measureAsync(
    scenario,
    async function batch(size) {
      for (let i = 0; i < size; i++) await command.spawn().status;
    },
    "ms",
    { workload: "subprocess_run" },
  );
}

await main(Deno.args[0]!);
