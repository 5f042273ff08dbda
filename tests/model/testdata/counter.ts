// Copyright 2026 the authors. MIT license.

// Scenarios without a lock: what a schedule, a step and a failure are.

import type { Scenario, ThreadContext } from "../scenario.ts";

const COUNT = 0;
const FLAG = 1;
/** Byte offset of what FLAG publishes. */
const PAYLOAD = 8;

/** Three steps, whatever the other does. */
function threeSteps({ words }: ThreadContext): void {
  words.add(COUNT, 1);
  words.add(COUNT, 1);
  words.add(COUNT, 1);
}

export const independent: Scenario = {
  threads: [threeSteps, threeSteps],
  init: (words) => words.store(COUNT, 10),
  finally(words, { assert, isDead }) {
    if (isDead(0) || isDead(1)) return;
    assert(words.load(COUNT) === 16, "an addition is lost");
  },
};

function readThenWrite({ words }: ThreadContext): void {
  words.store(COUNT, words.load(COUNT) + 1);
}

function peekThenPoke({ words }: ThreadContext): void {
  words.poke(COUNT, words.peek(COUNT) + 1);
}

function bothCounted(words: ThreadContext["words"]): boolean {
  return words.load(COUNT) === 2;
}

/** Reads and writes in two steps. */
export const tornIncrement: Scenario = {
  threads: [readThenWrite, readThenWrite],
  finally(words, { assert }) {
    assert(bothCounted(words), "an increment is lost");
  },
};

/** The same with plain accesses. */
export const tornPlainIncrement: Scenario = {
  threads: [peekThenPoke, peekThenPoke],
  finally: tornIncrement.finally!,
};

/** The words are wrong for one step only. */
export const wrongForAMoment: Scenario = {
  threads: [({ words }) => {
    words.store(COUNT, -1);
    words.store(COUNT, 0);
  }],
  invariant: (words) => words.load(COUNT) >= 0,
};

/** The code under test catches everything. */
export const swallowsAssertions: Scenario = {
  threads: [({ words, assert }) => {
    try {
      assert(words.load(COUNT) === 1, "the count is not 1");
    } catch {
      words.store(COUNT, 1);
    }
  }],
};

function reader({ words, bytes, assert }: ThreadContext): void {
  if (words.load(FLAG) === 0) return;
  assert(bytes[PAYLOAD] === 7, "the flag came before the payload");
}

/** Writes bytes, then says so. */
export const publishes: Scenario = {
  threads: [({ words, bytes }) => {
    bytes[PAYLOAD] = 7;
    words.store(FLAG, 1);
  }, reader],
};

/** Says so, then writes the bytes. */
export const publishesTooEarly: Scenario = {
  threads: [({ words, bytes }) => {
    words.store(FLAG, 1);
    bytes[PAYLOAD] = 7;
  }, reader],
};

/** Waits for a word without sleeping. */
export const spins: Scenario = {
  threads: [({ words }) => {
    while (words.load(FLAG) === 0);
  }],
};

let runs = 0;

/** Remembers the schedules before. */
export const remembers: Scenario = {
  threads: [({ words }) => {
    runs++;
    for (let i = 0; i < 10 / runs; i++) words.add(COUNT, 1);
  }, threeSteps],
};

/** A `finally` of the code under test writes. */
export const cleansUp: Scenario = {
  threads: [({ words }) => {
    try {
      words.store(COUNT, 1);
      words.store(FLAG, 1);
    } finally {
      words.store(COUNT, 0);
    }
  }],
  finally(words, { assert, isDead }) {
    assert(isDead(0), "the thread was not killed");
    assert(words.load(COUNT) === 1, "a killed thread has cleaned up");
  },
};
