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
  ["twoAcquireTwice", 2, { preemptions: 2 }],
  ["threeAcquire", 3, { preemptions: 2 }],
  ["twoSections", 2, { plain: false, preemptions: 3 }],
  ["thiefInTheSection", 3, { preemptions: 2 }],
  ["timeoutRacesWithNotify", 3, { timeouts: 1, preemptions: 1 }],
  ["twoTimeoutsRace", 4, { timeouts: 1, preemptions: 0 }],
  ["twoWithDeath", 2, { kills: 1 }],
  ["threeWithDeath", 3, { kills: 1, preemptions: 1 }],
  ["pollersWithDeath", 3, { kills: 1, preemptions: 1 }],
] as const;

const MISTAKES = [
  ["forgetsToNotify", DEADLOCK, "twoAcquireTwice", 2, {}],
  ["forgetsTheOthers", DEADLOCK, "threeAcquire", 3, {}],
  ["sleepsUnseen", DEADLOCK, "twoAcquireTwice", 2, {}],
  ["releasesForOthers", ASSERTION, "thiefInTheSection", 3, {}],
  ["takesBackBlindly", ASSERTION, "threeWithDeath", 3, { kills: 1 }],
  ["takesBackQuietly", ASSERTION, "twoWithDeath", 2, { kills: 1 }],
  ["ignoresDeath", DEADLOCK, "twoWithDeath", 2, { kills: 1 }],
  [
    "leavesWithTheWake",
    DEADLOCK,
    "twoTimeoutsRace",
    4,
    { timeouts: 1, preemptions: 1 },
  ],
] as const satisfies readonly [
  string,
  Fault,
  string,
  number,
  Partial<CheckOptions>,
][];

for (const [scenario, threads, bounds] of SCENARIOS) {
  Deno.test(`Mutex passes every schedule of ${scenario}`, async () => {
    await check(optionsOf(scenario, threads, bounds));
  });
}

for (const [mistake, fault, scenario, threads, bounds] of MISTAKES) {
  Deno.test(`Mutex that ${mistake} is found by ${scenario}`, async () => {
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
  const url = new URL("./model/testdata/lock_machine.ts", import.meta.url);
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
