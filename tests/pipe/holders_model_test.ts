// Copyright 2026 the authors. MIT license.

import { ASSERTION, DEADLOCK } from "../model/checker.ts";
import {
  type Bounds,
  type Case,
  type Mistake,
  testMachine,
} from "../model/machine.ts";

const DEATH: Bounds = { kills: 1, victims: [0, 1], preemptions: 1 };

const SCENARIOS: readonly Case[] = [
  ["passesDown", 2, { preemptions: 3 }],
  ["passesUp", 2, { preemptions: 3 }],
  ["twoLeave", 2, { preemptions: 4 }],
  ["oneWaits", 3, { preemptions: 2 }],
  ["oneWaits", 3, DEATH],
];

const MISTAKES: readonly Mistake[] = [
  ["tellsNobody", ASSERTION, "passesDown", 2],
  ["tellsTooEarly", ASSERTION, "passesDown", 2],
  ["forgetsTheMark", ASSERTION, "passesUp", 2],
  ["looksBeforeItLeaves", ASSERTION, "twoLeave", 2],
  ["trustsTheDead", DEADLOCK, "oneWaits", 3, DEATH],
  ["trustsWhatItKnows", ASSERTION, "passesUp", 2],
];

testMachine(
  { name: "Holders", file: "holders", words: 16 },
  SCENARIOS,
  MISTAKES,
);
