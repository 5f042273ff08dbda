// Copyright 2026 the authors. MIT license.

import { ASSERTION, DEADLOCK } from "../model/checker.ts";
import { type Case, type Mistake, testMachine } from "../model/machine.ts";

const SCENARIOS: readonly Case[] = [
  ["twoHammer", 2, { preemptions: 3 }],
  ["threeOnce", 3, { preemptions: 2 }],
  ["oneAmongHammers", 3, { preemptions: 2 }],
  ["oneGivesUp", 3, { timeouts: 1, preemptions: 1 }],
  ["oneDies", 3, { kills: 1, preemptions: 1 }],
];

const MISTAKES: readonly Mistake[] = [
  ["letsAllThrough", ASSERTION, "twoHammer", 2, { preemptions: 3 }],
  ["opensQuietly", DEADLOCK, "twoHammer", 2, { preemptions: 3 }],
  ["wakesOnlyOne", DEADLOCK, "oneAmongHammers", 3, { preemptions: 2 }],
  ["staysShut", ASSERTION, "twoHammer", 2, { preemptions: 3 }],
];

testMachine({ name: "Gate", file: "gate", words: 16 }, SCENARIOS, MISTAKES);
