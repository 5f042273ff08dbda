// Copyright 2026 the authors. MIT license.

import { ASSERTION, DEADLOCK } from "../model/checker.ts";
import {
  type Bounds,
  type Case,
  type Mistake,
  testMachine,
} from "../model/machine.ts";

// A wait as long as the grace may end.
const GRACE: Bounds = { timeouts: 2, sliceMs: Infinity };
const DEATH: Bounds = { kills: 1, victims: [0], preemptions: 2 };

const SCENARIOS: readonly Case[] = [
  ["twoAllocate", 2],
  ["oneLooks", 2],
  ["aSlotIsReused", 2],
  ["freedOnce", 2, { preemptions: 3 }],
  ["anEpitaphIsRead", 2, { bytes: true }],
  ["endsOrIsStopped", 3],
  ["twoStop", 2, { preemptions: 4 }],
  ["obeysAStop", 3],
  ["ignoresAStop", 2, GRACE],
  ["obeysLate", 3, { ...GRACE, preemptions: 1 }],
  ["oneIsKilled", 2, DEATH],
  ["aChildIsSeen", 3, DEATH],
  ["aSlotIsNeeded", 3, DEATH],
  ["aCodeIsRead", 2],
  ["aFailureIsLookedFor", 2],
];

const MISTAKES: readonly Mistake[] = [
  ["claimsWithoutComparing", ASSERTION, "twoAllocate", 2],
  ["lowersSlotsInUse", ASSERTION, "twoAllocate", 2],
  ["publishesTooEarly", ASSERTION, "oneLooks", 2],
  ["keepsTheGeneration", ASSERTION, "aSlotIsReused", 2],
  ["freesWithoutComparing", ASSERTION, "freedOnce", 2],
  ["tellsOfAnother", ASSERTION, "anEpitaphIsRead", 2, { bytes: true }],
  ["endsWithAnotherCode", ASSERTION, "endsOrIsStopped", 3],
  ["endsOnlyOnce", DEADLOCK, "endsOrIsStopped", 3],
  ["endsSilently", DEADLOCK, "endsOrIsStopped", 3],
  ["beginsTheGraceTooLate", ASSERTION, "endsOrIsStopped", 3],
  ["stopsWithoutComparing", ASSERTION, "twoStop", 2],
  ["stopsSilently", DEADLOCK, "obeysAStop", 3],
  ["neverGivesUp", DEADLOCK, "ignoresAStop", 2, GRACE],
  ["trustsTheDead", DEADLOCK, "oneIsKilled", 2, DEATH],
  ["asksForTheOldHost", ASSERTION, "aChildIsSeen", 3, DEATH],
  ["claimsWithoutEvicting", ASSERTION, "aSlotIsNeeded", 3, DEATH],
  ["movesInWithoutComparing", ASSERTION, "aSlotIsNeeded", 3, DEATH],
  ["takesALivingParentsSlot", ASSERTION, "aCodeIsRead", 2],
  ["blamesForAnother", ASSERTION, "aFailureIsLookedFor", 2],
];

testMachine(
  { name: "Table", file: "table", words: 256, bounds: { plain: false } },
  SCENARIOS,
  MISTAKES,
);
