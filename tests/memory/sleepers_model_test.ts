// Copyright 2026 the authors. MIT license.

import { ASSERTION, DEADLOCK } from "../model/checker.ts";
import { type Case, type Mistake, testMachine } from "../model/machine.ts";

const SCENARIOS: readonly Case[] = [
  ["oneSleeps", 2],
  ["twoSleep", 3],
  ["sleepsAgain", 2],
];

const MISTAKES: readonly Mistake[] = [
  ["countsNobody", DEADLOCK, "oneSleeps", 2],
  ["countsTooLate", DEADLOCK, "oneSleeps", 2],
  ["looksTooEarly", DEADLOCK, "oneSleeps", 2],
  ["looksElsewhere", DEADLOCK, "oneSleeps", 2],
  ["countsDown", ASSERTION, "oneSleeps", 2],
];

testMachine(
  { name: "Sleepers", file: "sleepers", words: 16, bounds: { preemptions: 3 } },
  SCENARIOS,
  MISTAKES,
);
