// Copyright 2026 the authors. MIT license.

import {
  assertFinds,
  ASSERTION,
  check,
  type CheckOptions,
  DEADLOCK,
  type Fault,
} from "./model/checker.ts";

const SCENARIOS = [["oneSleeps", 2], ["twoSleep", 3], [
  "sleepsAgain",
  2,
]] as const;

const MISTAKES = [
  ["countsNobody", DEADLOCK, "oneSleeps", 2],
  ["countsTooLate", DEADLOCK, "oneSleeps", 2],
  ["looksTooEarly", DEADLOCK, "oneSleeps", 2],
  ["looksElsewhere", DEADLOCK, "oneSleeps", 2],
  ["countsDown", ASSERTION, "oneSleeps", 2],
] as const satisfies readonly [string, Fault, string, number][];

for (const [scenario, threads] of SCENARIOS) {
  Deno.test(`Sleepers pass every schedule of ${scenario}`, async () => {
    await check(optionsOf(scenario, threads));
  });
}

for (const [mistake, fault, scenario, threads] of MISTAKES) {
  Deno.test(`Sleepers that ${mistake} are found by ${scenario}`, async () => {
    await assertFinds(fault, optionsOf(scenario, threads, mistake));
  });
}

function optionsOf(
  scenario: string,
  threads: number,
  mistake = "",
): CheckOptions {
  const url = new URL("./model/testdata/sleepers_machine.ts", import.meta.url);
  if (mistake !== "") url.searchParams.set("mistake", mistake);
  return {
    name: scenario,
    module: url.href,
    scenario,
    threads,
    words: 16,
    preemptions: 3,
  };
}
