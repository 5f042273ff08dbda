// Copyright 2026 the authors. MIT license.

import { ASSERTION, DEADLOCK } from "../model/checker.ts";
import { type Case, type Mistake, testMachine } from "../model/machine.ts";

const SCENARIOS: readonly Case[] = [
  ["twoAcquireTwice", 2, { preemptions: 2 }],
  ["threeAcquire", 3, { preemptions: 2 }],
  ["twoSections", 2, { plain: false, preemptions: 3 }],
  ["thiefInTheSection", 3, { preemptions: 2 }],
  ["timeoutRacesWithNotify", 3, { timeouts: 1, preemptions: 1 }],
  ["twoTimeoutsRace", 4, { timeouts: 1, preemptions: 0 }],
  ["twoWithDeath", 2, { kills: 1 }],
  ["threeWithDeath", 3, { kills: 1, preemptions: 1 }],
  ["pollersWithDeath", 3, { kills: 1, preemptions: 1 }],
];

const MISTAKES: readonly Mistake[] = [
  ["forgetsToNotify", DEADLOCK, "twoAcquireTwice", 2],
  ["forgetsTheOthers", DEADLOCK, "threeAcquire", 3],
  ["sleepsUnseen", DEADLOCK, "twoAcquireTwice", 2],
  ["releasesForOthers", ASSERTION, "thiefInTheSection", 3],
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
];

testMachine({ name: "Mutex", file: "lock", words: 16 }, SCENARIOS, MISTAKES);
