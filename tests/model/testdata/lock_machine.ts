// Copyright 2026 the authors. MIT license.

// The mutex under every lock (sync/mutex.ts), driven as lock.ts drives it,
// and its mistakes: `?mistake=forgetsToNotify` …

import { lockerOf } from "../../../program/locker.ts";
import type * as mutexes from "../../../sync/mutex.ts";
import type * as parking from "../../../memory/park.ts";
import type { Words } from "../../../memory/word.ts";
import type { Ending, Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { Mutex } = await importWith("sync/mutex.ts", import.meta.url, {
  forgetsToNotify: [["    words.notify(index, 1);\n", ""]],
  forgetsTheOthers: [[
    "if (words.cas(index, FREE, this.#mine | CONTENDED) === FREE) return 0;",
    "if (words.cas(index, FREE, this.#mine) === FREE) return 0;",
  ]],
  sleepsUnseen: [
    [
      `(word & CONTENDED) !== 0 ||
        words.cas(index, word, word | CONTENDED) === word`,
      "true",
    ],
    ["value: word | CONTENDED }", "value: word }"],
  ],
  takesBackBlindly: [[
    `if (words.cas(index, word, this.#mine | CONTENDED) === word) {
          return`,
    `words.store(index, this.#mine | CONTENDED);
        {
          return`,
  ]],
  takesBackQuietly: [[
    `=== word) {
          return holderOf(word);`,
    `=== word) {
          return 0;`,
  ]],
  ignoresDeath: [["this.#locker.isAlive(holderOf(word))", "true"]],
  releasesForOthers: [[
    "if (words.cas(index, contended, FREE) !== contended) return false;",
    "words.store(index, FREE);",
  ]],
}) as typeof mutexes;

const { EXPIRED, runSync } = await importWith(
  "memory/park.ts",
  import.meta.url,
  {
    leavesWithTheWake: [[
      `    attend();
    step = steps.next();
  }
  return`,
      `    attend();
    if (deadline - performance.now() <= 0) return EXPIRED;
    step = steps.next();
  }
  return`,
    ]],
  },
) as typeof parking;

const LOCK = 0;
/** The token of the thread in the critical section. */
const INSIDE = 1;
/** How often a thread was told of a death. */
const TOLD = 2;
/** How many threads died with the lock. */
const OWED = 3;
/** How often the section was gone through. */
const TOTAL = 4;

/** Less than a slice of `runSync`. */
const DEADLINE = 10;

function mutexOf({ words, thread, isDead }: ThreadContext) {
  const locker = lockerOf(thread + 1, (token) => !isDead(token - 1));
  return new Mutex(words, LOCK, locker);
}

/** As `Lock.acquireSync()`: one that is told of a death asks again. */
function acquire(context: ThreadContext, mutex: mutexes.Mutex): void {
  if (mutex.tryAcquire()) return;
  let dead = runSync(mutex.acquiring(), Infinity) as number;
  while (dead !== 0) {
    context.words.add(TOLD, 1);
    context.assert(mutex.release(), "who is told does not hold the lock");
    dead = runSync(mutex.acquiring(), Infinity) as number;
  }
}

function goThrough({ words, thread, assert, isDead }: ThreadContext): void {
  const before = words.exchange(INSIDE, thread + 1);
  assert(before === 0 || isDead(before - 1), "two hold the lock");
  words.poke(TOTAL, words.peek(TOTAL) + 1);
  assert(words.exchange(INSIDE, 0) === thread + 1, "somebody got in");
}

function once(context: ThreadContext): void {
  const mutex = mutexOf(context);
  acquire(context, mutex);
  goThrough(context);
  context.assert(mutex.release(), "the holder cannot release");
}

function twice(context: ThreadContext): void {
  once(context);
  once(context);
}

/** As the ring locks: it spins first. */
function section(context: ThreadContext): void {
  const mutex = mutexOf(context);
  context.assert(mutex.acquireSync() === 0, "told of a death");
  goThrough(context);
  context.assert(mutex.release(), "the holder cannot release");
}

/** Gives up at a deadline, without the lock. */
function patient(context: ThreadContext): void {
  const mutex = mutexOf(context);
  const result = runSync(mutex.acquiring(), performance.now() + DEADLINE);
  if (result === EXPIRED) return;
  goThrough(context);
  context.assert(mutex.release(), "the holder cannot release");
}

/** Releases what it does not hold. */
function thief(context: ThreadContext): void {
  context.assert(!mutexOf(context).release(), "released for another");
}

/** Takes it back if its holder is dead, and does not wait otherwise. */
function poll(context: ThreadContext): void {
  const mutex = mutexOf(context);
  if (mutex.tryAcquire()) {
    goThrough(context);
  } else {
    if (mutex.tryTakeBack() === 0) return;
    context.words.add(TOLD, 1);
  }
  context.assert(mutex.release(), "the holder cannot release");
}

function total(expected: number) {
  return (words: Words, { assert }: Ending): void => {
    assert(words.load(LOCK) === 0, "the lock is not free");
    assert(words.load(TOTAL) === expected, "a round is lost");
  };
}

export const twoAcquireTwice: Scenario = {
  threads: [twice, twice],
  finally: total(4),
};

export const threeAcquire: Scenario = {
  threads: [once, once, once],
  finally: total(3),
};

export const twoSections: Scenario = {
  threads: [section, section],
  finally: total(2),
};

export const thiefInTheSection: Scenario = {
  threads: [once, thief, once],
  finally: total(2),
};

/** A deadline passes just as the lock is handed over. */
export const timeoutRacesWithNotify: Scenario = {
  threads: [once, patient, once],
  finally: (words, { assert }) =>
    assert(words.load(LOCK) === 0, "the lock is not free"),
};

/** The clock moves by the time-out of one patient, under the other. */
export const twoTimeoutsRace: Scenario = {
  ...timeoutRacesWithNotify,
  threads: [once, patient, patient, once],
};

const mourned: Omit<Scenario, "threads"> = {
  died(words, thread) {
    if (words.load(LOCK) >>> 1 === thread + 1) words.add(OWED, 1);
  },
  finally(words, { assert, isDead }) {
    const holder = words.load(LOCK) >>> 1;
    assert(holder === 0 || isDead(holder - 1), "a living one kept the lock");
    // No thread asked for it since, so none could be told.
    const untold = holder === 0 ? 0 : 1;
    const told = words.load(TOLD);
    const owed = words.load(OWED) - untold;
    assert(told === owed, `${told} are told of ${owed} deaths`);
  },
};

export const twoWithDeath: Scenario = { ...mourned, threads: [twice, twice] };

export const threeWithDeath: Scenario = {
  ...mourned,
  threads: [once, once, once],
};

export const pollersWithDeath: Scenario = {
  ...mourned,
  threads: [once, poll, poll],
};
