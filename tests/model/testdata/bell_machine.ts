// Copyright 2026 the authors. MIT license.

// A bell (queue/bell.ts) beside a count of things that are put and taken,
// and its mistakes: `?mistake=sleepsUnseen` …

import type * as bells from "../../../queue/bell.ts";
import { EXPIRED, runSync, type Steps } from "../../../memory/park.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { Bell } = await importWith("queue/bell.ts", import.meta.url, {
  ringsWithoutTrace: [[
    "words.add(index, RING) + RING | 0",
    "words.load(index)",
  ]],
}, {
  file: "memory/sleepers_bit.ts",
  mistakes: {
    clearsTheBitLast: [["\n  words.notify(index, Infinity);\n}", "\n}"]],
    clearsBlindly: [[
      "if (words.cas(index, published, cleared) !== published) return;",
      "words.store(index, cleared);",
    ]],
    sleepsUnseen: [["const value = seen | SLEEPERS;", "const value = seen;"]],
  },
}) as typeof bells;

const BELL = 0;
const THINGS = 1;

/** Less than a slice of `runSync`. */
const DEADLINE = 10;

function* taking({ words }: ThreadContext): Steps<void> {
  const bell = new Bell(words, BELL);
  while (true) {
    const seen = bell.seen();
    const things = words.load(THINGS);
    if (things > 0) {
      if (words.cas(THINGS, things, things - 1) === things) return;
      continue;
    }
    const park = bell.park(seen);
    if (park !== undefined) yield park;
  }
}

function take(context: ThreadContext): void {
  runSync(taking(context), Infinity);
}

/** Takes one if it comes in time, and puts it back. */
function borrow(context: ThreadContext): void {
  const deadline = performance.now() + DEADLINE;
  if (runSync(taking(context), deadline) !== EXPIRED) put(context);
}

function put({ words }: ThreadContext): void {
  words.add(THINGS, 1);
  new Bell(words, BELL).ring(1);
}

function putTwo(context: ThreadContext): void {
  put(context);
  put(context);
}

function takeThree(context: ThreadContext): void {
  take(context);
  take(context);
  take(context);
}

function takeTwo(context: ThreadContext): void {
  take(context);
  take(context);
}

export const putAndTake: Scenario = { threads: [putTwo, takeTwo] };
export const twoTakers: Scenario = { threads: [take, take, putTwo] };
export const twoPutters: Scenario = { threads: [put, put, takeTwo] };
export const threePuts: Scenario = { threads: [putTwo, put, takeThree] };
export const timeoutRacesWithRing: Scenario = { threads: [borrow, take, put] };
