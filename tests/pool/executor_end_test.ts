// Copyright 2026 the authors. MIT license.

// Whole programs: what was submitted to an executor is done before they end,
// whether or not any code awaits it.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { contract } from "../_support/contract.ts";
import { HUNG } from "../_support/delays.ts";
import { runProgram } from "../_support/programs.ts";

const ENDS: readonly [program: string, lines: string[], stderr?: string][] = [
  ["onlyCalledBack", ["9"]],
  ["shutDownAtOnce", ["1", "4", "9"]],
  ["submitsInCallback", ["25"]],
  ["onlySubmitted", ["said"]],
  ["onlyMapped", ["said"]],
  ["leavesFailures", ["4"]],
  ["leavesIdle", []],
  ["cancelsAtTheEnd", []],
  ["startsProcess", ["from the child", "0"]],
  ["leavesProcess", ["from the child"]],
  ["nestsExecutors", ["36"]],
  ["worksInChild", ["49"]],
  ["failsInChild", ["49", "1"], "RangeError: the target fails"],
  ["usesDaemon", ["an answer"]],
];

for (const [program, expected, complaint = ""] of ENDS) {
  contract.test(`a program that ${program} of an executor ends well`, async (method) => {
    const args = [program, method];
    const outcome = await runProgram("executor_ends", { args, limit: HUNG });
    const { code, lines, stderr } = outcome;
    assertEquals(lines, expected, stderr);
    assertEquals(code, 0, stderr);
    if (complaint === "") assertEquals(stderr, "");
    else assertStringIncludes(stderr, complaint);
  });
}
