// Copyright 2026 the authors. MIT license.

import { ASSERTION, DEADLOCK } from "../model/checker.ts";
import { type Case, type Mistake, testMachine } from "../model/machine.ts";

const SCENARIOS: readonly Case[] = [["oneGift", 2]];

const MISTAKES: readonly Mistake[] = [
  ["undoesTheGift", DEADLOCK, "oneGift", 2],
  ["tellsTooEarly", ASSERTION, "oneGift", 2],
  ["givesQuietly", DEADLOCK, "oneGift", 2],
];

testMachine(
  { name: "Mailbox", file: "mailbox", words: 16, bounds: { preemptions: 3 } },
  SCENARIOS,
  MISTAKES,
);
