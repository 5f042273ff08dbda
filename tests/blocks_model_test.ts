// Copyright 2026 the authors. MIT license.

import {
  assertFinds,
  ASSERTION,
  check,
  type CheckOptions,
  type Fault,
} from "./model/checker.ts";
import { REGION_BYTES } from "./model/testdata/blocks_machine.ts";

/** As long as the slices of internal/park.ts. */
const SLICE = 20;

type Bounds = Partial<CheckOptions>;

const DEATH: Bounds = { kills: 1, preemptions: 1 };

const SCENARIOS: readonly [string, number, Bounds][] = [
  ["twoOfOneName", 2, { preemptions: 3 }],
  ["twoNames", 2, { preemptions: 3 }],
  ["twoRounds", 2, { preemptions: 2 }],
  ["twoClaims", 2, { preemptions: 3 }],
  ["oneReads", 3, { preemptions: 2 }],
  ["oneIsLate", 2, { preemptions: 2 }],
  ["oneDies", 2, DEATH],
  ["oneDiesOpen", 2, DEATH],
  ["oneDiesUnlinked", 1, DEATH],
];

const MISTAKES: readonly [string, Fault, string, number, Bounds][] = [
  ["locksNothing", ASSERTION, "twoNames", 2, {}],
  ["looksBeforeItLocks", ASSERTION, "twoClaims", 2, {}],
  ["publishesFirst", ASSERTION, "oneDies", 2, DEATH],
  ["clearsNothing", ASSERTION, "twoRounds", 2, {}],
  ["forgetsTheMark", ASSERTION, "twoRounds", 2, {}],
  ["forgetsTheLiving", ASSERTION, "oneReads", 3, {}],
  ["waitsForTheDead", ASSERTION, "oneDiesUnlinked", 1, DEATH],
  ["freesByEntry", ASSERTION, "oneIsLate", 2, {}],
];

for (const [scenario, threads, bounds] of SCENARIOS) {
  Deno.test(`Blocks pass every schedule of ${scenario}`, async () => {
    await check(optionsOf(scenario, threads, bounds));
  });
}

for (const [mistake, fault, scenario, threads, bounds] of MISTAKES) {
  Deno.test(`Blocks that ${mistake} is found by ${scenario}`, async () => {
    const options = optionsOf(scenario, threads, bounds, mistake);
    await assertFinds(fault, options);
  });
}

function optionsOf(
  scenario: string,
  threads: number,
  bounds: Bounds,
  mistake = "",
): CheckOptions {
  const url = new URL("./model/testdata/blocks_machine.ts", import.meta.url);
  if (mistake !== "") url.searchParams.set("mistake", mistake);
  return {
    name: scenario,
    module: url.href,
    scenario,
    threads,
    words: REGION_BYTES / 4 + 3,
    // All but the mutex is used under it alone.
    plain: false,
    sliceMs: SLICE,
    ...bounds,
  };
}
