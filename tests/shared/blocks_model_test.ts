// Copyright 2026 the authors. MIT license.

import { ASSERTION } from "../model/checker.ts";
import {
  type Bounds,
  type Case,
  type Mistake,
  testMachine,
} from "../model/machine.ts";
import { REGION_BYTES } from "../model/testdata/blocks_machine.ts";

const DEATH: Bounds = { kills: 1, preemptions: 1 };

const SCENARIOS: readonly Case[] = [
  ["twoOfOneName", 2, { preemptions: 3 }],
  ["twoNames", 2, { preemptions: 3 }],
  ["twoRounds", 2, { preemptions: 2 }],
  ["twoClaims", 2, { preemptions: 3 }],
  ["oneReads", 3, { preemptions: 2 }],
  ["oneIsLate", 2, { preemptions: 2 }],
  ["oneDies", 2, DEATH],
  ["oneDiesOpen", 2, DEATH],
  ["oneDiesUnlinked", 1, DEATH],
];

const MISTAKES: readonly Mistake[] = [
  ["locksNothing", ASSERTION, "twoNames", 2],
  ["looksBeforeItLocks", ASSERTION, "twoClaims", 2],
  ["publishesFirst", ASSERTION, "oneDies", 2, DEATH],
  ["clearsNothing", ASSERTION, "twoRounds", 2],
  ["forgetsTheMark", ASSERTION, "twoRounds", 2],
  ["forgetsTheLiving", ASSERTION, "oneReads", 3],
  ["waitsForTheDead", ASSERTION, "oneDiesUnlinked", 1, DEATH],
  ["freesByEntry", ASSERTION, "oneIsLate", 2],
];

testMachine(
  {
    name: "Blocks",
    file: "blocks",
    words: REGION_BYTES / 4 + 3,
    // All but the mutex is used under it alone.
    bounds: { plain: false },
  },
  SCENARIOS,
  MISTAKES,
);
