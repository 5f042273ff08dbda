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
type Check = readonly [
  machine: string,
  scenario: string,
  threads: number,
  bounds?: Bounds,
];
type Mistake = readonly [
  mistake: string,
  fault: Fault,
  machine: string,
  scenario: string,
  threads: number,
  bounds?: Bounds,
];

const DEATH = { kills: 1, preemptions: 1 };

const CHECKS: readonly Check[] = [
  ["semaphore", "twoForOne", 2],
  ["semaphore", "threeForOne", 3],
  ["semaphore", "threeForTwo", 3],
  ["semaphore", "oneGivesTwo", 3],
  ["semaphore", "oneGivesTwice", 3],
  ["semaphore", "timeoutRacesWithRelease", 3, { timeouts: 1 }],
  ["semaphore", "sleeperDies", 3, { kills: 1, victims: [0] }],
  ["event", "clearFollows", 2, { preemptions: 3 }],
  ["event", "clearFollowsForTwo", 3],
  ["event", "twoSet", 3],
  ["event", "timeoutRacesWithSet", 3, { timeouts: 1 }],
  ["tickets", "oneTakes", 2],
  ["tickets", "twoTake", 3, { preemptions: 1 }],
  ["tickets", "timeoutRacesWithNotify", 3, { timeouts: 1, preemptions: 1 }],
  ["tickets", "waiterDies", 3, { ...DEATH, victims: [0], plain: false }],
  ["custody", "twoTwice", 2, { preemptions: 1 }],
  ["custody", "three", 3, { preemptions: 1 }],
  ["custody", "cheats", 2],
  ["custody", "twoWithDeath", 2, DEATH],
  ["barrier", "twoRounds", 2, { plain: false }],
  ["barrier", "three", 3, { preemptions: 1 }],
  ["barrier", "twoRoundsWithAction", 2, { preemptions: 1 }],
  ["barrier", "comesWhileOneActs", 2],
  ["barrier", "timeoutRacesWithTheLast", 2, { timeouts: 1, preemptions: 1 }],
  ["barrier", "abortRacesWithTheAction", 3, { preemptions: 1 }],
  ["barrier", "partyDies", 2, DEATH],
  ["barrier", "actorDies", 2, DEATH],
];

const MISTAKES: readonly Mistake[] = [
  ["forgetsToNotify", DEADLOCK, "semaphore", "twoForOne", 2],
  ["wakesOnlyOne", DEADLOCK, "semaphore", "oneGivesTwo", 3],
  ["forgetsTheOthers", DEADLOCK, "semaphore", "oneGivesTwice", 3],
  ["sleepsUnseen", DEADLOCK, "semaphore", "twoForOne", 2],
  ["looksThenTakes", ASSERTION, "semaphore", "twoForOne", 2],
  ["forgetsToNotify", DEADLOCK, "event", "clearFollows", 2],
  ["wakesOnlyOne", DEADLOCK, "event", "clearFollowsForTwo", 3],
  ["forgetsTheGeneration", DEADLOCK, "event", "clearFollows", 2],
  ["looksForSetOnly", DEADLOCK, "event", "clearFollows", 2],
  ["forgetsToNotify", DEADLOCK, "tickets", "oneTakes", 2],
  ["takesTheTicketLate", DEADLOCK, "tickets", "oneTakes", 2],
  ["skipsOne", DEADLOCK, "tickets", "twoTake", 3],
  ["losesTheGift", DEADLOCK, "tickets", "timeoutRacesWithNotify", 3, {
    timeouts: 1,
  }],
  ["leavesOrphans", DEADLOCK, "tickets", "waiterDies", 3, {
    ...DEATH,
    victims: [0],
  }],
  ["ignoresDeath", DEADLOCK, "custody", "twoWithDeath", 2, DEATH],
  ["forgetsToRecount", DEADLOCK, "custody", "twoWithDeath", 2, DEATH],
  ["givesTooMuch", ASSERTION, "custody", "cheats", 2],
  ["believesInTwo", ASSERTION, "custody", "three", 3],
  ["forgetsTheWaiters", DEADLOCK, "barrier", "twoRounds", 2],
  ["wakesOnlyOne", DEADLOCK, "barrier", "three", 3],
  ["forgetsTheEarly", DEADLOCK, "barrier", "comesWhileOneActs", 2],
  ["leavesQuietly", DEADLOCK, "barrier", "timeoutRacesWithTheLast", 2, {
    timeouts: 1,
  }],
  ["finishesWhatIsOver", ASSERTION, "barrier", "abortRacesWithTheAction", 3],
  ["ignoresDeath", DEADLOCK, "barrier", "partyDies", 2, DEATH],
];

for (const [machine, scenario, threads, bounds] of CHECKS) {
  const deaths = bounds?.kills === undefined ? "" : " with a death";
  Deno.test(`${machine} passes every schedule of ${scenario}${deaths}`, async () => {
    await check(optionsOf(machine, scenario, threads, bounds));
  });
}

for (const [mistake, fault, machine, scenario, threads, bounds] of MISTAKES) {
  Deno.test(`${machine} that ${mistake} is found by ${scenario}`, async () => {
    const options = optionsOf(machine, scenario, threads, bounds, mistake);
    await assertFinds(fault, options);
  });
}

function optionsOf(
  machine: string,
  scenario: string,
  threads: number,
  bounds: Bounds = {},
  mistake = "",
): CheckOptions {
  const file = `./model/testdata/${machine}_machine.ts`;
  const url = new URL(file, import.meta.url);
  if (mistake !== "") url.searchParams.set("mistake", mistake);
  return {
    name: scenario,
    module: url.href,
    scenario,
    threads,
    words: 64,
    sliceMs: SLICE,
    ...bounds,
  };
}
