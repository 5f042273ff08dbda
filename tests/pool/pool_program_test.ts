// Copyright 2026 the authors. MIT license.

// Whole programs: a pool never keeps one from ending, and never lets one
// end while somebody waits.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { inTime } from "../_support/pools.ts";

interface Output {
  code: number;
  out: string;
  err: string;
}

async function run(file: string, ...args: string[]): Promise<Output> {
  const path = new URL(`../testdata/${file}.ts`, import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", path, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  try {
    const { code, stdout, stderr } = await inTime(child.output());
    const decoder = new TextDecoder();
    return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

const ENDS = [
  ["forgetsToClose", "[ 2, 4, 6 ]\n"],
  ["dropsResults", "end\n"],
  ["dropsTimedResults", "end\n"],
  ["cannotGrow", "[ 2, 4, 6 ]\n"],
  ["cannotStart", "BrokenPoolError NotCapable 0\n".repeat(2)],
  ["callsBackOnly", "end\n"],
  ["closesAndJoins", "end\nslept\ncalled slept\n"],
  ["givesUpWaiting", "false\n"],
  ["leavesPoolToChild", "42\n0\n"],
] as const;

for (const [program, expected] of ENDS) {
  Deno.test(`a program that ${program} ends by itself`, async () => {
    const { code, out, err } = await run("pool_program", program);
    assertEquals(out, expected, err);
    assertEquals(code, 0, err);
  });
}

Deno.test("an error in a callback is the program's uncaught error", async () => {
  const { code, out, err } = await run("pool_program", "throwsInCallback");
  assertEquals([code, out], [1, ""]);
  assertStringIncludes(err, "from the callback");
});

Deno.test("a pool outside of `if (import.meta.main)` is refused in its workers", async () => {
  const { code, out } = await run("pool_without_guard");
  assertStringIncludes(out, "under `if (import.meta.main)`");
  assertEquals(code, 0);
});
