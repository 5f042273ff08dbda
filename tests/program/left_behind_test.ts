// Copyright 2026 the authors. MIT license.

// Whole programs that come to their end while code waits, or asks for a result.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { contract } from "../_support/contract.ts";
import { HUNG } from "../_support/delays.ts";
import {
  inFolder,
  runDeno,
  runProgram,
  runText,
} from "../_support/programs.ts";

const WAIT = "Cannot end wait: no process is left that could: ";
const RESULT = "Cannot finish task: the program has ended, and no code " +
  "awaited its result: ";

const PENDING: readonly [program: string, code: number, words: string][] = [
  ["getsOfTheDead", 1, `${WAIT}Queue.get()`],
  ["waitsForMany", 1, `${WAIT}Queue.get(), 2 × Event.wait()`],
  ["waitsForItself", 1, `${WAIT}Lock.acquire()`],
  ["waitsForNotify", 1, `${WAIT}Condition.wait()`],
  ["receives", 1, `${WAIT}Connection.recv()`],
  ["keepsItsCode", 5, `${WAIT}Queue.get()`],
  ["callsBack", 0, `${RESULT}neverEnds`],
  ["mapsAsync", 0, `${RESULT}double, 2 × neverEnds`],
  ["dropsResults", 0, `${RESULT}neverEnds`],
  ["closesPool", 0, `${RESULT}neverEnds`],
];

for (const [program, exitCode, words] of PENDING) {
  contract.test(`a program that ${program} says what was pending`, async (method) => {
    const args = [program, method];
    const outcome = await runProgram("left_behind", { args, limit: HUNG });
    assertEquals(outcome.stderr, `Process MainProcess: ${words}\n`);
    assertEquals(outcome.lines, []);
    assertEquals(outcome.code, exitCode);
  });
}

const QUIET: readonly [program: string, lines: string[]][] = [
  ["awaitsAll", ["1", "[ 2, 4 ]"]],
  ["getsLate", ["1"]],
  ["joinsLate", ["true"]],
  ["waitsInTime", ["Empty"]],
  ["exits", []],
  ["terminatesPool", ["ended"]],
  ["leavesImap", ["2"]],
  ["failsInMap", ["RangeError"]],
  ["goesOnAtTheEnd", ["4"]],
];

for (const [program, expected] of QUIET) {
  contract.test(`a program that ${program} says nothing at its end`, async (method) => {
    const args = [program, method];
    const outcome = await runProgram("left_behind", { args, limit: HUNG });
    assertEquals(outcome.stderr, "");
    assertEquals(outcome.lines, expected);
    assertEquals(outcome.code, 0);
  });
}

const MOD = JSON.stringify(new URL("../../mod.ts", import.meta.url).href);
const IMPORT = `import { Pool, Queue } from ${MOD};\n`;

Deno.test("a test module that leaves a wait says nothing at its end", async () => {
  const text = `${IMPORT}Deno.test("x", () => {
    new Queue().get();
    const pool = new Pool(1);
    pool.applyAsync(() => new Promise(() => {}));
  });`;
  const { code, stdout, stderr } = await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/wait_test.ts`, text);
    return await runDeno(["test", "-A", "--no-check"], { cwd: folder });
  });
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "1 passed");
  assertEquals(`${stdout}${stderr}`.includes("Cannot"), false, stderr);
});

Deno.test("a top-level await of such a wait is told by Deno", async () => {
  const text = `${IMPORT}await new Queue().get();`;
  const { code, stderr } = await runText(text);
  assertStringIncludes(stderr, "Top-level await promise never resolved");
  assertEquals(stderr.includes("Cannot end wait"), false, stderr);
  assertEquals(code, 1);
});
