// Copyright 2026 the authors. MIT license.

// Nothing leaks. Measured in programs of their own, since in a test run others
// share the memory and the threads.

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { METHODS } from "../_support/contract.ts";
import { LONG, many } from "../_support/delays.ts";
import { runProgram } from "../_support/programs.ts";

const COUNT = many(40, 5_000);
const FEW = many(20, 1_000);

interface Usage {
  rss: number;
  tasks: number;
  living: number;
}

// A worker takes 7 MB and a heap keeps some slack: a hundredth of what the
// processes would take if they stayed, but no less than the slack.
function allowed(count: number): number {
  return Math.max(30e6, count * 7e6 / 100);
}

const CASES = [
  ["join", "started and joined", 60, COUNT],
  ["joinSync", "started and joined by joinSync()", 30, FEW],
  ["terminate", "terminated", 30, FEW],
  ["refused", "refused at the start", 30, FEW],
] as const;

for (const [how, what, warmUp, count] of CASES) {
  Deno.test(`processes that were ${what} leave nothing behind`, async () => {
    const { code, lines, stderr } = await runProgram("leaks", {
      flags: ["-A", "--v8-flags=--expose-gc"],
      args: [how, String(warmUp), String(count)],
      limit: count * LONG,
    });
    assertEquals(stderr, "");
    assertEquals(code, 0);
    const { before, after } = JSON.parse(lines[0]!) as {
      before: Usage;
      after: Usage;
    };
    assertEquals(after.living, 1, "a slot of the table is still taken");
    // The platform's own pool of threads comes and goes.
    assertLessOrEqual(after.tasks, before.tasks + 8, "threads are left");
    const grown = after.rss - before.rss;
    assert(grown < allowed(count), `${grown} bytes more after ${count}`);
  });
}

Deno.test("a wait that was given up keeps no queue in memory", async () => {
  const { lines, stderr } = await runProgram("given_up_waits", {
    flags: ["-A", "--v8-flags=--expose-gc"],
  });
  const [made, left] = (lines[0] ?? "").split(" ").map(Number);
  assertEquals(made, 20, stderr);
  assertLessOrEqual(left!, 1);
});

for (const method of METHODS) {
  Deno.test(`a process that was started keeps no arguments in its parent (${method})`, async () => {
    const { lines, stderr } = await runProgram("let_go_of_arguments", {
      flags: ["-A", "--v8-flags=--expose-gc"],
      args: [method],
    });
    assertEquals(stderr, "");
    assertEquals(lines, ["6 0"]);
  });
}
