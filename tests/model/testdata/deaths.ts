// Copyright 2026 the authors. MIT license.

// A lock whose word names its holder, so that the holder's death can be seen;
// and its mistakes.

import type { Words } from "../../../memory/word.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";

const LOCK = 0;
const INSIDE = 1;

const FREE = 0;
/** Added to the holder's token when a waiter may sleep. */
const WAITED_FOR = 16;

/** How long a survivor sleeps before it looks again. */
const SLICE = 20;

interface Tactics {
  /** Asks whether the holder is dead. */
  asks: boolean;
  /** Frees the lock of a dead holder; `seen` is the word that names it. */
  recover(words: Words, seen: number): void;
  /** The longest sleep. */
  slice: number;
}

/** Frees it only if it is still the dead thread's. */
const byToken: Tactics = {
  asks: true,
  recover: (words, seen) => void words.cas(LOCK, seen, FREE | WAITED_FOR),
  slice: SLICE,
};

export const twoWithDeath = scenarioOf(byToken, 2);
export const threeWithDeath = scenarioOf(byToken, 3);

/** Frees it even if a second survivor has it by now. */
export const recoversBlindly = scenarioOf({
  ...byToken,
  recover: (words) => words.store(LOCK, FREE | WAITED_FOR),
}, 3);

/** Takes every holder for alive. */
export const ignoresDeath = scenarioOf({ ...byToken, asks: false }, 2);

/** Asks once, and then sleeps until it is woken. */
export const sleepsForEver = scenarioOf({ ...byToken, slice: Infinity }, 2);

/** The same, but the system frees what the dead one held, and wakes all. */
export const freedAtDeath: Scenario = {
  ...sleepsForEver,
  died(words, thread) {
    const holder = words.load(LOCK) & ~WAITED_FOR;
    if (holder === thread + 1) words.store(LOCK, FREE | WAITED_FOR);
    // Also if the lock is free: the dead one may have freed it and been cut
    // before its notify.
    words.notify(LOCK, Infinity);
  },
};

function scenarioOf(tactics: Tactics, threads: number): Scenario {
  function run(context: ThreadContext): void {
    const { words, thread, isDead, assert } = context;
    acquire(context, tactics);
    const before = words.exchange(INSIDE, thread + 1);
    assert(before === 0 || isDead(before - 1), "two hold the lock");
    words.cas(INSIDE, thread + 1, 0);
    if ((words.exchange(LOCK, FREE) & WAITED_FOR) !== 0) words.notify(LOCK, 1);
  }
  return { threads: Array.from({ length: threads }, () => run) };
}

function acquire(context: ThreadContext, tactics: Tactics): void {
  const { words, thread, isDead } = context;
  const token = thread + 1;
  let mark = 0;
  while (true) {
    const seen = words.load(LOCK);
    const holder = seen & ~WAITED_FOR;
    if (holder === FREE) {
      const mine = token | mark | (seen & WAITED_FOR);
      if (words.cas(LOCK, seen, mine) === seen) return;
    } else if (tactics.asks && isDead(holder - 1)) {
      tactics.recover(words, seen);
    } else {
      // Others may sleep besides this one: a thread that has slept leaves the
      // mark.
      mark = WAITED_FOR;
      const marked = seen | WAITED_FOR;
      if (seen !== marked && words.cas(LOCK, seen, marked) !== seen) continue;
      words.wait(LOCK, marked, tactics.slice);
    }
  }
}
