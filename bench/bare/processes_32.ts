// Copyright 2026 the authors. MIT license.

// 32 workers, or runs of an empty module, at once: `processes_32.ts worker` or
// `processes_32.ts run`.

import { batchSize, insideWorker, measureFirst, measureHold } from "../lib.ts";
import { reply } from "./link.ts";

const SCENARIO = "processes_32";

async function main(kind: string): Promise<void> {
  const each = kind === "worker" ? worker : run;
  const all = Array.from({ length: batchSize(SCENARIO) });
  await measureHold(
    SCENARIO,
    () => measureFirst(SCENARIO, () => Promise.all(all.map(each))),
  );
}

async function worker(): Promise<void> {
  const child = new Worker(import.meta.url, { type: "module" });
  await new Promise((resolve) => child.onmessage = resolve);
  child.terminate();
}

async function run(): Promise<void> {
  const empty = new URL("empty.ts", import.meta.url).href;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", empty],
    stdout: "null",
  });
  await command.spawn().status;
}

if (insideWorker()) reply("up");
else await main(Deno.args[0]!);
