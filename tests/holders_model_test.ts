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

type Bounds = Partial<CheckOptions>;

const DEATH: Bounds = { kills: 1, victims: [0, 1], preemptions: 1 };

const SCENARIOS: readonly [string, number, Bounds][] = [
  ["passesDown", 2, { preemptions: 3 }],
  ["passesUp", 2, { preemptions: 3 }],
  ["twoLeave", 2, { preemptions: 4 }],
  ["oneWaits", 3, { preemptions: 2 }],
  ["oneWaits", 3, DEATH],
];

const MISTAKES: readonly [string, Fault, string, number, Bounds][] = [
  ["tellsNobody", ASSERTION, "passesDown", 2, {}],
  ["tellsTooEarly", ASSERTION, "passesDown", 2, {}],
  ["forgetsTheMark", ASSERTION, "passesUp", 2, {}],
  ["looksBeforeItLeaves", ASSERTION, "twoLeave", 2, {}],
  ["trustsTheDead", DEADLOCK, "oneWaits", 3, DEATH],
  ["trustsWhatItKnows", ASSERTION, "passesUp", 2, {}],
];

for (const [scenario, threads, bounds] of SCENARIOS) {
  const kills = bounds.kills === undefined ? "" : " with a death";
  Deno.test(`Holders pass every schedule of ${scenario}${kills}`, async () => {
    await check(optionsOf(scenario, threads, bounds));
  });
}

for (const [mistake, fault, scenario, threads, bounds] of MISTAKES) {
  Deno.test(`Holders that ${mistake} is found by ${scenario}`, async () => {
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
  const module = new URL(
    `./model/testdata/holders_machine.ts?mistake=${mistake}`,
    import.meta.url,
  ).href;
  const name = `${scenario} ${mistake}`;
  return {
    name,
    module,
    scenario,
    threads,
    words: 16,
    sliceMs: SLICE,
    ...bounds,
  };
}
