// Copyright 2026 the authors. MIT license.

import { ASSERTION, DEADLOCK } from "../model/checker.ts";
import {
  type Bounds,
  type Case,
  type Mistake,
  testMachine,
} from "../model/machine.ts";

// A receiver that dies between its claim and the end of the sender's hold
// leaves that to last: only the sender dies here.
const DEATH: Bounds = { kills: 1, victims: [0], preemptions: 1 };

const SCENARIOS: readonly Case[] = [
  ["keepsItsOwn", 2, { preemptions: 3 }],
  ["handsOver", 3, { preemptions: 2 }],
  ["ends", 3, { preemptions: 2 }],
  ["ends", 3, DEATH],
  ["isUsedAgain", 2, { preemptions: 3 }],
];

const MISTAKES: readonly Mistake[] = [
  ["takesBlindly", ASSERTION, "keepsItsOwn", 2],
  ["endsBlindly", ASSERTION, "keepsItsOwn", 2],
  ["endsUnseen", DEADLOCK, "ends", 3],
  ["keepsItsNumber", ASSERTION, "isUsedAgain", 2],
];

testMachine(
  { name: "Waybills", file: "waybills", words: 24 },
  SCENARIOS,
  MISTAKES,
);
