// Copyright 2026 the authors. MIT license.

// Whole programs: a pool never keeps one from ending, and never lets one
// end while a caller waits.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { HUNG } from "../_support/delays.ts";
import { type Outcome, runProgram } from "../_support/programs.ts";

function run(file: string, ...args: string[]): Promise<Outcome> {
  const url = new URL(`../testdata/${file}.ts`, import.meta.url);
  return runProgram(url, { args, limit: HUNG });
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
    const { code, stdout, stderr } = await run("pool_program", program);
    assertEquals(stdout, expected, stderr);
    assertEquals(code, 0, stderr);
  });
}

Deno.test("an error in a callback ends a program only if the result is awaited", async () => {
  const awaited = await run("pool_program", "throwsInCallback");
  assertEquals([awaited.code, awaited.stdout], [1, ""]);
  assertStringIncludes(awaited.stderr, "from the callback");
  const others = await run("pool_program", "throwsInCallbacks");
  assertEquals([others.code, others.stdout], [0, "[ 2, 4, 6 ]\n"]);
});

Deno.test("a pool outside of `if (import.meta.main)` is refused in its workers", async () => {
  const { code, stdout } = await run("pool_without_guard");
  assertStringIncludes(stdout, "under `if (import.meta.main)`");
  assertEquals(code, 0);
});
