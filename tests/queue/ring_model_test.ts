// Copyright 2026 the authors. MIT license.

import { ASSERTION, DEADLOCK } from "../model/checker.ts";
import {
  type Bounds,
  type Case,
  type Mistake,
  testMachine,
} from "../model/machine.ts";

const WORDS = 128;

/** Plain accesses are no steps where no thread dies between two of them. */
const LIVE: Bounds = { plain: false };
const BYTES: Bounds = { plain: false, bytes: true };
const DEATH: Bounds = { kills: 1, victims: [0], preemptions: 1 };

const SCENARIOS: readonly Case[] = [
  ["oneWriterOneReader", 2, LIVE],
  ["fullRing", 2, LIVE],
  ["onePlace", 2, LIVE],
  ["wrapAround", 2, { ...BYTES, preemptions: 1 }],
  ["twoWriters", 3, { ...LIVE, preemptions: 1 }],
  ["twoReaders", 3, { ...LIVE, preemptions: 1 }],
  ["growing", 2, { ...BYTES, preemptions: 1 }],
  ["growsWrapped", 2, { ...BYTES, preemptions: 1 }],
  ["growsUnderReader", 2, { bytes: true, preemptions: 1 }],
  ["bytesForTheSecond", 3, { ...LIVE, preemptions: 1 }],
  ["bytesInASmallRing", 3, { ...LIVE, preemptions: 1 }],
  ["closeWhileReading", 2, LIVE],
  ["closeWhileWriting", 2, LIVE],
  ["closesBehind", 2, LIVE],
  ["drainsWhileReading", 2, LIVE],
  ["timeoutRacesWithNotify", 3, { ...LIVE, timeouts: 1, preemptions: 1 }],
  ["counting", 3, { ...LIVE, preemptions: 2 }],
  ["countsNone", 2, LIVE],
  ["writerDies", 3, DEATH],
  ["readerDies", 3, DEATH],
  ["growerDies", 2, DEATH],
  ["closerDies", 1, DEATH],
  ["counterMourns", 1, DEATH],
];

const MISTAKES: readonly Mistake[] = [
  ["clearsTheBitLast", DEADLOCK, "oneWriterOneReader", 2, LIVE],
  ["sleepsUnseen", DEADLOCK, "oneWriterOneReader", 2, LIVE],
  ["wakesNoWriter", DEADLOCK, "fullRing", 2, LIVE],
  ["wakesOneWriter", DEADLOCK, "bytesForTheSecond", 3, LIVE],
  ["keepsThePlace", DEADLOCK, "bytesInASmallRing", 3, LIVE],
  ["publishesFirst", ASSERTION, "oneWriterOneReader", 2],
  ["takesFirst", ASSERTION, "wrapAround", 2, BYTES],
  ["closesOneSide", DEADLOCK, "closeWhileWriting", 2, LIVE],
  ["closesInSilence", DEADLOCK, "closeWhileReading", 2, LIVE],
  ["looksForRoomLast", DEADLOCK, "onePlace", 2, LIVE],
  ["looksForTheEndLast", ASSERTION, "closesBehind", 2, LIVE],
  ["growsAlone", ASSERTION, "growsUnderReader", 2, { bytes: true }],
  ["leavesTheWrapBehind", ASSERTION, "growsWrapped", 2, BYTES],
  ["countsOnce", ASSERTION, "countsNone", 2, LIVE],
  ["keepsTheCount", ASSERTION, "counterMourns", 1, DEATH],
  ["countsForTheDead", ASSERTION, "counterMourns", 1, DEATH],
  ["drainsBackwards", ASSERTION, "closerDies", 1, DEATH],
];

testMachine({ name: "Ring", file: "ring", words: WORDS }, SCENARIOS, MISTAKES);
