// Copyright 2026 the authors. MIT license.

// Scenarios about sleeping: lost wakes, order of wakes, time-outs.

import { EXPIRED, runSync, type Steps } from "../../../memory/park.ts";
import type { Words } from "../../../memory/word.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";

const SLOT = 0;
const TAKEN = 1;
const FIRST = 2;

const EMPTY = 0;
const WAITING = 1;
const GIVEN = 2;
const GONE = 3;

/** A wait that may time out, in a model where slices are longer. */
const DEADLINE = 10;

/** Sleeps on the value that it has looked at. */
export const looksAndSleeps = latchOf((words) => {
  while (words.load(SLOT) === EMPTY) words.wait(SLOT, EMPTY, Infinity);
});

/** Sleeps on a word that the notify does not change. */
export const sleepsElsewhere = latchOf((words) => {
  if (words.load(SLOT) === EMPTY) words.wait(TAKEN, 0, Infinity);
});

function latchOf(await_: (words: Words) => void): Scenario {
  return {
    threads: [({ words }) => await_(words), ({ words }) => {
      words.store(SLOT, GIVEN);
      words.notify(SLOT, 1);
      words.notify(TAKEN, 1);
    }],
  };
}

/** Sleeps, notes whether it was the first to wake, and wakes the next. */
function sleeper({ words, thread }: ThreadContext): void {
  words.wait(SLOT, EMPTY, Infinity);
  words.cas(FIRST, 0, thread + 1);
  words.notify(SLOT, 1);
}

/** T1 sleeps first if the schedule begins with `10`. */
export const wakesInOrder: Scenario = {
  threads: [sleeper, sleeper, ({ words }) => {
    words.notify(SLOT, 1);
  }],
  finally(words, { assert }) {
    assert(words.load(FIRST) === 2, "T1 slept first and did not wake first");
  },
};

/** Gives the item to a waiter, or keeps it. */
function giver({ words }: ThreadContext): void {
  if (words.cas(SLOT, WAITING, GIVEN) === WAITING) words.notify(SLOT, 1);
}

function handOff(take: (context: ThreadContext) => boolean): Scenario {
  return {
    threads: [(context) => {
      if (take(context)) context.words.store(TAKEN, 1);
    }, giver],
    finally(words, { assert }) {
      const given = words.load(SLOT) === GIVEN;
      assert(given === (words.load(TAKEN) === 1), "the item is lost");
    },
  };
}

/** Withdraws when it times out, and takes the item if that is too late. */
export const withdraws = handOff(({ words, assert }) => {
  words.store(SLOT, WAITING);
  const end = words.wait(SLOT, WAITING, DEADLINE);
  if (end !== "timed-out") return words.cas(SLOT, WAITING, GONE) === GIVEN;
  assert(performance.now() === DEADLINE, "the clock did not move");
  return words.cas(SLOT, WAITING, GONE) === GIVEN;
});

/** Goes away when it times out, although the item may be there. */
export const walksAway = handOff(({ words }) => {
  words.store(SLOT, WAITING);
  return words.wait(SLOT, WAITING, DEADLINE) !== "timed-out";
});

function* untilGiven(words: Words): Steps<boolean> {
  while (true) {
    const value = words.load(SLOT);
    if (value === GIVEN) return true;
    yield { words, index: SLOT, value };
  }
}

/** The module's own driver, waiting for as long as it takes. */
export const drivenForEver: Scenario = {
  threads: [({ words, assert }) => {
    assert(runSync(untilGiven(words), Infinity) === true, "it gave up");
  }, ({ words }) => {
    words.store(SLOT, GIVEN);
    words.notify(SLOT, 1);
  }],
};

/** The same without the notify: only the end of a slice could help. */
export const drivenWithoutWake: Scenario = {
  threads: [drivenForEver.threads[0]!, ({ words }) => {
    words.store(SLOT, GIVEN);
  }],
};

/** The module's own driver, with a deadline that passes. */
export const drivenToDeadline: Scenario = {
  threads: [({ words, assert }) => {
    const end = runSync(untilGiven(words), performance.now() + DEADLINE);
    assert(end === EXPIRED, "it did not give up");
  }],
};
