// Copyright 2026 the authors. MIT license.

// A `deno run` of an empty module through `Deno.Command`, to its end.

import { measureAsync } from "../lib.ts";

async function main(scenario: string): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", new URL("empty.ts", import.meta.url).href],
    stdout: "null",
  });
  await measureAsync(
    scenario,
    async function batch(size) {
      for (let i = 0; i < size; i++) await command.spawn().status;
    },
    "ms",
    { workload: "process_start_join" },
  );
}

await main(Deno.args[0]!);
