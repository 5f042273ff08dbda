// Copyright 2026 the authors. MIT license.

import {
  assertFinds,
  ASSERTION,
  check,
  type CheckOptions,
  DEADLOCK,
  type Fault,
} from "./model/checker.ts";

/** As long as the slices of internal/park.ts. */
const SLICE = 20;

const WORDS = 128;

type Bounds = Partial<CheckOptions>;

/** Plain accesses are no steps where nobody dies between two of them. */
const LIVE: Bounds = { plain: false };
const BYTES: Bounds = { plain: false, bytes: true };
const DEATH: Bounds = { kills: 1, victims: [0], preemptions: 1 };

const SCENARIOS: readonly [string, number, Bounds][] = [
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

const MISTAKES: readonly [string, Fault, string, number, Bounds][] = [
  ["clearsTheBitLast", DEADLOCK, "oneWriterOneReader", 2, LIVE],
  ["sleepsUnseen", DEADLOCK, "oneWriterOneReader", 2, LIVE],
  ["wakesNoWriter", DEADLOCK, "fullRing", 2, LIVE],
  ["wakesOneWriter", DEADLOCK, "bytesForTheSecond", 3, LIVE],
  ["keepsThePlace", DEADLOCK, "bytesInASmallRing", 3, LIVE],
  ["publishesFirst", ASSERTION, "oneWriterOneReader", 2, {}],
  ["takesFirst", ASSERTION, "wrapAround", 2, BYTES],
  ["closesOneSide", DEADLOCK, "closeWhileWriting", 2, LIVE],
  ["closesInSilence", DEADLOCK, "closeWhileReading", 2, LIVE],
  ["growsAlone", ASSERTION, "growsUnderReader", 2, { bytes: true }],
  ["leavesTheWrapBehind", ASSERTION, "growsWrapped", 2, BYTES],
  ["countsOnce", ASSERTION, "countsNone", 2, LIVE],
  ["keepsTheCount", ASSERTION, "counterMourns", 1, DEATH],
  ["countsForTheDead", ASSERTION, "counterMourns", 1, DEATH],
  ["drainsBackwards", ASSERTION, "closerDies", 1, DEATH],
];

for (const [scenario, threads, bounds] of SCENARIOS) {
  Deno.test(`Ring passes every schedule of ${scenario}`, async () => {
    await check(optionsOf(scenario, threads, bounds));
  });
}

for (const [mistake, fault, scenario, threads, bounds] of MISTAKES) {
  Deno.test(`Ring that ${mistake} is found by ${scenario}`, async () => {
    const options = optionsOf(scenario, threads, bounds, mistake);
    await assertFinds(fault, options);
  });
}

function optionsOf(
  scenario: string,
  threads: number,
  bounds: Bounds,
  mistake = "",
): CheckOptions {
  const url = new URL("./model/testdata/ring_machine.ts", import.meta.url);
  if (mistake !== "") url.searchParams.set("mistake", mistake);
  return {
    name: scenario,
    module: url.href,
    scenario,
    threads,
    words: WORDS,
    sliceMs: SLICE,
    ...bounds,
  };
}
