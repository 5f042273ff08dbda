// Copyright 2026 the authors. MIT license.

import {
  assertFinds,
  ASSERTION,
  check,
  type CheckOptions,
  DEADLOCK,
  type Fault,
} from "./model/checker.ts";

/** As long as the slices of internal/park.ts. */
const SLICE = 20;

const SCENARIOS = [
  ["twoHammer", 2, { preemptions: 3 }],
  ["threeOnce", 3, { preemptions: 2 }],
  ["oneAmongHammers", 3, { preemptions: 2 }],
  ["oneGivesUp", 3, { timeouts: 1, preemptions: 1 }],
  ["oneDies", 3, { kills: 1, preemptions: 1 }],
] as const;

const MISTAKES = [
  ["letsAllThrough", ASSERTION, "twoHammer", 2, { preemptions: 3 }],
  ["opensQuietly", DEADLOCK, "twoHammer", 2, { preemptions: 3 }],
  ["wakesOnlyOne", DEADLOCK, "oneAmongHammers", 3, { preemptions: 2 }],
  ["staysShut", ASSERTION, "twoHammer", 2, { preemptions: 3 }],
] as const satisfies readonly [
  string,
  Fault,
  string,
  number,
  Partial<CheckOptions>,
][];

for (const [scenario, threads, bounds] of SCENARIOS) {
  Deno.test(`Gate passes every schedule of ${scenario}`, async () => {
    await check(optionsOf(scenario, threads, bounds));
  });
}

for (const [mistake, fault, scenario, threads, bounds] of MISTAKES) {
  Deno.test(`Gate that ${mistake} is found by ${scenario}`, async () => {
    const options = optionsOf(scenario, threads, bounds, mistake);
    await assertFinds(fault, options);
  });
}

function optionsOf(
  scenario: string,
  threads: number,
  bounds: Partial<CheckOptions>,
  mistake = "",
): CheckOptions {
  const url = new URL("./model/testdata/gate_machine.ts", import.meta.url);
  if (mistake !== "") url.searchParams.set("mistake", mistake);
  return {
    name: scenario,
    module: url.href,
    scenario,
    threads,
    words: 16,
    sliceMs: SLICE,
    ...bounds,
  };
}
