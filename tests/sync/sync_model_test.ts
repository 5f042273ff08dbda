// Copyright 2026 the authors. MIT license.

import { ASSERTION, DEADLOCK, LIVELOCK } from "../model/checker.ts";
import {
  type Bounds,
  type Case,
  type Mistake,
  testMachine,
} from "../model/machine.ts";

const DEATH: Bounds = { kills: 1, preemptions: 1 };

const SEMAPHORE: readonly Case[] = [
  ["twoForOne", 2],
  ["threeForOne", 3],
  ["threeForTwo", 3],
  ["oneGivesTwo", 3],
  ["oneGivesTwice", 3],
  ["timeoutRacesWithRelease", 3, { timeouts: 1 }],
  ["sleeperDies", 3, { kills: 1, victims: [0] }],
];

const SEMAPHORE_MISTAKES: readonly Mistake[] = [
  ["forgetsToNotify", DEADLOCK, "twoForOne", 2],
  ["wakesOnlyOne", DEADLOCK, "oneGivesTwo", 3],
  ["forgetsTheOthers", DEADLOCK, "oneGivesTwice", 3],
  ["sleepsUnseen", DEADLOCK, "twoForOne", 2],
  ["looksThenTakes", ASSERTION, "twoForOne", 2],
];

const EVENT: readonly Case[] = [
  ["clearFollows", 2, { preemptions: 3 }],
  ["clearFollowsForTwo", 3],
  ["twoSet", 3],
  ["timeoutRacesWithSet", 3, { timeouts: 1 }],
];

const EVENT_MISTAKES: readonly Mistake[] = [
  ["forgetsToNotify", DEADLOCK, "clearFollows", 2],
  ["wakesOnlyOne", DEADLOCK, "clearFollowsForTwo", 3],
  ["forgetsTheGeneration", DEADLOCK, "clearFollows", 2],
  ["looksForSetOnly", DEADLOCK, "clearFollows", 2],
];

const TICKETS: readonly Case[] = [
  ["oneTakes", 2],
  ["twoTake", 3, { preemptions: 1 }],
  ["timeoutRacesWithNotify", 3, { timeouts: 1, preemptions: 1 }],
  ["waiterDies", 3, { ...DEATH, victims: [0], plain: false }],
];

const TICKETS_MISTAKES: readonly Mistake[] = [
  ["forgetsToNotify", DEADLOCK, "oneTakes", 2],
  ["takesTheTicketLate", DEADLOCK, "oneTakes", 2],
  ["skipsOne", DEADLOCK, "twoTake", 3],
  ["losesTheGift", DEADLOCK, "timeoutRacesWithNotify", 3, { timeouts: 1 }],
  ["leavesOrphans", DEADLOCK, "waiterDies", 3, { ...DEATH, victims: [0] }],
];

const CUSTODY: readonly Case[] = [
  ["twoTwice", 2, { preemptions: 1 }],
  ["three", 3, { preemptions: 1 }],
  ["oneGivesTwo", 3, { preemptions: 1 }],
  ["cheats", 2],
  ["twoWithDeath", 2, DEATH],
];

const CUSTODY_MISTAKES: readonly Mistake[] = [
  ["ignoresDeath", LIVELOCK, "twoWithDeath", 2, DEATH],
  ["forgetsToRecount", LIVELOCK, "twoWithDeath", 2, DEATH],
  ["givesTooMuch", ASSERTION, "cheats", 2],
  ["believesInTwo", ASSERTION, "three", 3],
  ["wakesNone", DEADLOCK, "twoTwice", 2],
  ["wakesTooEarly", DEADLOCK, "twoTwice", 2],
  ["wakesOnlyOne", DEADLOCK, "oneGivesTwo", 3],
  ["sleepsUncounted", DEADLOCK, "twoTwice", 2],
];

const BARRIER: readonly Case[] = [
  ["twoRounds", 2, { plain: false }],
  ["three", 3, { preemptions: 1 }],
  ["twoRoundsWithAction", 2, { preemptions: 1 }],
  ["comesWhileOneActs", 2],
  ["timeoutRacesWithTheLast", 2, { timeouts: 1, preemptions: 1 }],
  ["abortRacesWithTheAction", 3, { preemptions: 1 }],
  ["partyDies", 2, DEATH],
  ["actorDies", 2, DEATH],
];

const BARRIER_MISTAKES: readonly Mistake[] = [
  ["forgetsTheWaiters", DEADLOCK, "twoRounds", 2],
  ["wakesOnlyOne", DEADLOCK, "three", 3],
  ["forgetsTheEarly", DEADLOCK, "comesWhileOneActs", 2],
  ["leavesQuietly", DEADLOCK, "timeoutRacesWithTheLast", 2, { timeouts: 1 }],
  ["finishesWhatIsOver", ASSERTION, "abortRacesWithTheAction", 3],
  ["ignoresDeath", DEADLOCK, "partyDies", 2, DEATH],
];

for (
  const [name, file, cases, mistakes] of [
    ["SemaphoreWord", "semaphore", SEMAPHORE, SEMAPHORE_MISTAKES],
    ["EventWord", "event", EVENT, EVENT_MISTAKES],
    ["Tickets", "tickets", TICKETS, TICKETS_MISTAKES],
    ["Custody", "custody", CUSTODY, CUSTODY_MISTAKES],
    ["BarrierState", "barrier", BARRIER, BARRIER_MISTAKES],
  ] as const
) testMachine({ name, file, words: 64 }, cases, mistakes);
