// Copyright 2026 the authors. MIT license.

// One test for each scenario of a machine, and one for each mistake that the
// checker has to find in it.

import {
  assertFinds,
  check,
  type CheckOptions,
  type Fault,
} from "./checker.ts";

/** How far to look in one scenario. */
export type Bounds = Partial<CheckOptions>;

/** A scenario that every schedule must pass. */
export type Case = readonly [
  scenario: string,
  threads: number,
  bounds?: Bounds,
];

/** A mistake, and the scenario in which it shows itself. */
export type Mistake = readonly [
  mistake: string,
  fault: Fault,
  scenario: string,
  threads: number,
  bounds?: Bounds,
];

/** Real code under the checker: `testdata/FILE_machine.ts` drives it. */
export interface Machine {
  /** What it is called in the names of the tests. */
  name: string;
  file: string;
  /** How many words it shares. */
  words: number;
  /** What holds for all of its scenarios. */
  bounds?: Bounds;
}

/** As long as the slices of memory/park.ts. */
const SLICE = 20;

/** Adds the tests of a machine. */
export function testMachine(
  machine: Machine,
  cases: readonly Case[],
  mistakes: readonly Mistake[],
): void {
  const names = new Set<string>();
  for (const [scenario, threads, bounds] of cases) {
    const isAgain = names.has(scenario);
    names.add(scenario);
    const name = isAgain ? `${scenario}, with other bounds` : scenario;
    Deno.test(`${machine.name}: every schedule of ${name} passes`, async () => {
      await check(optionsOf(machine, scenario, threads, bounds));
    });
  }
  for (const [mistake, fault, scenario, threads, bounds] of mistakes) {
    Deno.test(`${machine.name} that ${mistake}: ${scenario} finds it`, async () => {
      const options = optionsOf(machine, scenario, threads, bounds, mistake);
      await assertFinds(fault, options);
    });
  }
}

function optionsOf(
  { file, words, bounds: general }: Machine,
  scenario: string,
  threads: number,
  bounds?: Bounds,
  mistake = "",
): CheckOptions {
  const url = new URL(`./testdata/${file}_machine.ts`, import.meta.url);
  if (mistake !== "") url.searchParams.set("mistake", mistake);
  return {
    name: scenario,
    module: url.href,
    scenario,
    threads,
    words,
    sliceMs: SLICE,
    ...general,
    ...bounds,
  };
}
