// Copyright 2026 the authors. MIT license.

// A small lock after U. Drepper, "Futexes Are Tricky" (2011), third mutex, with
// its mistakes: the checker is proved on them.

import type { Words } from "../../../memory/word.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";

const FREE = 0;
const HELD = 1;
const CONTENDED = 2;

/** Where the lock is, and what it protects. */
const LOCK = 0;
const INSIDE = 1;
const TOTAL = 2;

interface Mutex {
  acquire(words: Words): void;
  release(words: Words): void;
}

const mutex: Mutex = {
  acquire(words) {
    if (words.cas(LOCK, FREE, HELD) === FREE) return;
    while (words.exchange(LOCK, CONTENDED) !== FREE) {
      words.wait(LOCK, CONTENDED, Infinity);
    }
  },
  release(words) {
    if (words.exchange(LOCK, FREE) === CONTENDED) words.notify(LOCK, 1);
  },
};

/** Releases, and lets the sleepers sleep. */
const silentMutex: Mutex = {
  acquire: mutex.acquire,
  release: (words) => words.store(LOCK, FREE),
};

/** After sleeping it takes the lock as if nobody else slept. */
const forgetfulMutex: Mutex = {
  acquire(words) {
    while (words.cas(LOCK, FREE, HELD) !== FREE) {
      if (words.cas(LOCK, HELD, CONTENDED) !== FREE) {
        words.wait(LOCK, CONTENDED, Infinity);
      }
    }
  },
  release: mutex.release,
};

/** Looks and takes in two steps. */
const doubleMutex: Mutex = {
  acquire(words) {
    while (words.load(LOCK) !== FREE) words.wait(LOCK, HELD, Infinity);
    words.store(LOCK, HELD);
  },
  release(words) {
    words.store(LOCK, FREE);
    words.notify(LOCK, 1);
  },
};

/** Two threads go through once each. */
export const twoAcquire = scenarioOf(mutex, 2, 1);
/** Two threads go through twice each. */
export const twoAcquireTwice = scenarioOf(mutex, 2, 2);
/** Three threads go through once each. */
export const threeAcquire = scenarioOf(mutex, 3, 1);
export const forgetsToNotify = scenarioOf(silentMutex, 2, 1);
export const forgetsTheOthers = scenarioOf(forgetfulMutex, 3, 1);
export const looksThenTakes = scenarioOf(doubleMutex, 2, 1);

function scenarioOf(mutex: Mutex, threads: number, rounds: number): Scenario {
  function run({ words, assert }: ThreadContext): void {
    for (let i = 0; i < rounds; i++) {
      mutex.acquire(words);
      assert(words.add(INSIDE, 1) === 0, "two hold the lock");
      words.poke(TOTAL, words.peek(TOTAL) + 1);
      words.add(INSIDE, -1);
      mutex.release(words);
    }
  }
  return {
    threads: Array.from({ length: threads }, () => run),
    finally(words, { assert }) {
      assert(words.load(LOCK) === FREE, "the lock is not free");
      assert(words.load(TOTAL) === threads * rounds, "an increment is lost");
    },
  };
}
