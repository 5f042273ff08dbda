// Copyright 2026 the authors. MIT license.

import { ASSERTION, DEADLOCK, LIVELOCK } from "../model/checker.ts";
import {
  type Bounds,
  type Case,
  type Mistake,
  testMachine,
} from "../model/machine.ts";
import { WORDS } from "../model/testdata/store_scenarios.ts";

/** Plain accesses are no steps where no thread dies between two of them. */
const LIVE: Bounds = { plain: false };
const THREE: Bounds = { plain: false, preemptions: 1 };
const DEATH: Bounds = { kills: 1, victims: [0], preemptions: 0 };
/** Deaths between two atomic operations, and another thread in between. */
const LATE: Bounds = { ...DEATH, plain: false, preemptions: 1 };

const BELL: readonly Case[] = [
  ["putAndTake", 2, { preemptions: 4 }],
  ["twoTakers", 3],
  ["twoPutters", 3],
  ["timeoutRacesWithRing", 3, { timeouts: 1 }],
];

const BELL_MISTAKES: readonly Mistake[] = [
  ["clearsTheBitLast", DEADLOCK, "timeoutRacesWithRing", 3, { timeouts: 1 }],
  ["clearsBlindly", DEADLOCK, "threePuts", 3, { preemptions: 3 }],
  ["ringsWithoutTrace", DEADLOCK, "putAndTake", 2],
  ["sleepsUnseen", DEADLOCK, "putAndTake", 2],
];

const EVERY_STORE: readonly Case[] = [
  ["putAndTake", 2, LIVE],
  ["onePlace", 2, LIVE],
  ["twoPutters", 3, THREE],
  ["twoTakers", 3, THREE],
  ["batches", 2, LIVE],
  ["placeForTheSecond", 3, THREE],
  ["bytesForTheSecond", 3, THREE],
  ["timeoutRacesWithPut", 3, { ...THREE, timeouts: 1 }],
  ["closeWhileTaking", 3, THREE],
  ["closeWhilePutting", 2, LIVE],
  ["putterDies", 2, DEATH],
  ["takerDies", 2, DEATH],
  ["batchDies", 2, DEATH],
  ["largePutterDies", 2, DEATH],
  ["putterDies", 2, LATE],
  ["takerDies", 2, LATE],
];

const STACK_MISTAKES: readonly Mistake[] = [
  ["publishesFirst", ASSERTION, "putterDies", 2, DEATH],
  ["forgetsToCount", ASSERTION, "putterDies", 2, DEATH],
  ["closesInSilence", DEADLOCK, "closeWhileTaking", 3, THREE],
  ["closesOneSide", DEADLOCK, "closeWhilePutting", 2, LIVE],
  ["wakesNoPutter", DEADLOCK, "onePlace", 2, LIVE],
  ["wakesOneForBytes", DEADLOCK, "bytesForTheSecond", 3, THREE],
  ["keepsThePlace", DEADLOCK, "placeForTheSecond", 3, THREE],
  ["takesWithoutLock", ASSERTION, "twoTakers", 3, { preemptions: 1 }],
];

const SLOTS: readonly Case[] = [
  ...EVERY_STORE,
  ["largeAndSmall", 3, THREE],
  ["joining", 3, THREE],
  ["bothJoin", 3, THREE],
  ["consumerDies", 2, DEATH],
  ["consumerDies", 2, LATE],
  ["comesBack", 2, LIVE],
  ["comesBack", 2, LATE],
  ["inOrder", 2, DEATH],
];

const SLOTS_MISTAKES: readonly Mistake[] = [
  ["publishesFirst", ASSERTION, "putterDies", 2, DEATH],
  ["forgetsToRebuild", ASSERTION, "putterDies", 2, DEATH],
  ["forgetsTheArena", ASSERTION, "largePutterDies", 2, DEATH],
  ["closesInSilence", DEADLOCK, "closeWhileTaking", 3, THREE],
  ["wakesNoPutter", DEADLOCK, "onePlace", 2, LIVE],
  ["wakesNoTaker", DEADLOCK, "putAndTake", 2, LIVE],
  ["keepsThePlace", DEADLOCK, "placeForTheSecond", 3, THREE],
  ["wakesOneForBytes", DEADLOCK, "bytesForTheSecond", 3, THREE],
  ["finishesInSilence", DEADLOCK, "joining", 3, THREE],
  ["forgetsTheDead", LIVELOCK, "consumerDies", 2, LATE],
  ["tellsNobody", ASSERTION, "consumerDies", 2, LATE],
  ["takesUnseen", ASSERTION, "consumerDies", 2, LATE],
  ["losesWhatComesBack", ASSERTION, "comesBack", 2, LATE],
  ["leavesTooEarly", ASSERTION, "comesBack", 2, LATE],
  ["leavesOthersWaiting", DEADLOCK, "comesBack", 2, LIVE],
];

for (
  const [name, file, cases, mistakes] of [
    ["Bell", "bell", BELL, BELL_MISTAKES],
    ["Stack", "stack", EVERY_STORE, STACK_MISTAKES],
    ["Slots", "slots", SLOTS, SLOTS_MISTAKES],
  ] as const
) testMachine({ name, file, words: WORDS }, cases, mistakes);
