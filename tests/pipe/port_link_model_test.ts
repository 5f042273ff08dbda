// Copyright 2026 the authors. MIT license.

import { ASSERTION, DEADLOCK } from "../model/checker.ts";
import {
  type Bounds,
  type Case,
  type Mistake,
  testMachine,
} from "../model/machine.ts";

const DEATH: Bounds = { kills: 1, victims: [0, 2], preemptions: 1 };
const DEATHS: Bounds = { kills: 2, victims: [0, 2], preemptions: 1 };
const LATE: Bounds = { kills: 1, victims: [2], preemptions: 2 };

const SCENARIOS: readonly Case[] = [
  ["handsOver", 3],
  ["heirSends", 3],
  ["heirSends", 3, DEATH],
  ["handsOn", 3, DEATHS],
  ["handsOn", 3, LATE],
  ["anEndMovesOn", 3],
  ["answers", 2, { preemptions: 3 }],
  ["waitsForRoom", 2],
];

const MISTAKES: readonly Mistake[] = [
  ["countsTooEarly", DEADLOCK, "answers", 2],
  ["sendsSilently", DEADLOCK, "waitsForRoom", 2],
  ["takesSilently", DEADLOCK, "waitsForRoom", 2],
  ["closesSilently", DEADLOCK, "waitsForRoom", 2],
  ["looksTooLate", DEADLOCK, "answers", 2],
  ["namesNoHeir", ASSERTION, "heirSends", 3, DEATH],
  ["leavesTooEarly", ASSERTION, "heirSends", 3, DEATH],
  ["looksOnce", ASSERTION, "anEndMovesOn", 3],
  ["neverTakes", ASSERTION, "handsOn", 3, DEATHS],
  ["movesWithoutComparing", ASSERTION, "handsOn", 3, LATE],
];

testMachine(
  { name: "PortLink", file: "port_link", words: 128, bounds: { plain: false } },
  SCENARIOS,
  MISTAKES,
);
