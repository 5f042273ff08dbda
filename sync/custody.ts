// Copyright 2026 the authors. MIT license.

// A bounded semaphore that knows which process has its permits, so that those
// of the dead come back.
//
// The truth is the custody: for every process how many permits it has. The
// permits left, the word that is slept on, follow from it:
//
//   permits left = limit - the sum of what the living have
//
// Both change under a mutex, which also publishes them. A process that finds
// the mutex abandoned counts again, so a death between the two changes neither
// loses nor makes a permit.
//
// A waiter sleeps while no permit is left. Sleepers are counted beside, as in
// memory/sleepers.ts: one counts itself before it looks for the last time, and
// a release looks at the count after the mutex has published the permits.

import type { Locker } from "../program/locker.ts";
import { Mutex } from "./mutex.ts";
import type { Steps } from "../memory/park.ts";
import type { Words } from "../memory/word.ts";

const LOCK = 0;
const LIMIT = 1;
/** All places that were ever used lie below it. */
const PLACES_USED = 2;
/** How many permits are left. */
const LEFT = 16;
/** How many may sleep on that; one that was killed in its sleep counts on. */
const SLEEPERS = 17;
const CUSTODY = 32;

// A place: the token of a process, and how many permits it has.
const OWNER = 0;
const COUNT = 1;
const PLACE_WORDS = 2;

/** Permits with owners. */
export class Custody {
  readonly #words: Words;
  readonly #lock: Mutex;
  readonly #locker: Locker;
  /** The place of this process. */
  readonly #place: number;

  /** A view of words that {@linkcode formatCustody} has prepared. */
  constructor(words: Words, locker: Locker, places: number) {
    this.#words = words;
    this.#locker = locker;
    this.#place = CUSTODY + locker.token % places * PLACE_WORDS;
    this.#lock = new Mutex(words, LOCK, locker);
  }

  /** How many permits are left. */
  get permits(): number {
    return this.#words.load(LEFT);
  }

  /** Takes a permit if there is one; those of the dead count. */
  tryAcquire(): boolean {
    return this.#take() || (this.#reclaim() && this.#take());
  }

  /** Waits for a permit and takes it. */
  *acquiring(): Steps<void> {
    const words = this.#words;
    while (!this.tryAcquire()) {
      words.add(SLEEPERS, 1);
      try {
        if (words.load(LEFT) === 0) yield { words, index: LEFT, value: 0 };
      } finally {
        words.add(SLEEPERS, -1);
      }
    }
  }

  /**
   * Gives permits back, its own first: false if fewer than `count` are out. A
   * process may give back what another has taken.
   */
  release(count: number): boolean {
    const words = this.#words;
    this.#enter();
    try {
      // The place first: what a dead one left in it comes back by that, and is
      // not out any more.
      this.#moveIn();
      const left = words.peek(LEFT);
      if (count > words.peek(LIMIT) - left) return false;
      const rest = this.#dropFrom(this.#place, count);
      if (rest > 0) this.#dropOthers(rest);
      words.poke(LEFT, left + count);
    } finally {
      this.#lock.release();
    }
    this.#wake(count);
    return true;
  }

  #take(): boolean {
    const words = this.#words;
    // A hint; "none" has to be looked at again.
    if (words.peek(LEFT) === 0 && words.load(LEFT) === 0) return false;
    this.#enter();
    try {
      this.#moveIn();
      const left = words.peek(LEFT);
      if (left === 0) return false;
      const place = this.#place;
      words.poke(place + COUNT, words.peek(place + COUNT) + 1);
      words.poke(LEFT, left - 1);
      return true;
    } finally {
      this.#lock.release();
    }
  }

  /** Wakes up to `count`, after an atomic has published as many permits. */
  #wake(count: number): void {
    if (this.#words.load(SLEEPERS) === 0) return;
    this.#words.notify(LEFT, count);
  }

  /** Brings back what the dead have; false if they have nothing. */
  #reclaim(): boolean {
    const words = this.#words;
    if (this.#lock.isAbandoned()) {
      this.#enter();
      this.#lock.release();
      return true;
    }
    for (let place = CUSTODY; place < this.#end(); place += PLACE_WORDS) {
      const owner = words.load(place + OWNER);
      if (this.#locker.isAlive(owner)) continue;
      if (words.load(place + COUNT) === 0) continue;
      this.#enter();
      try {
        this.#recount();
      } finally {
        this.#lock.release();
      }
      return true;
    }
    return false;
  }

  #enter(): void {
    if (this.#lock.acquireSync() !== 0) this.#recount();
  }

  /** Makes the word follow from the custody again. Under the lock. */
  #recount(): void {
    const words = this.#words;
    let out = 0;
    for (let place = CUSTODY; place < this.#end(); place += PLACE_WORDS) {
      const count = words.peek(place + COUNT);
      if (count === 0) continue;
      if (this.#locker.isAlive(words.peek(place + OWNER))) out += count;
      else words.store(place + COUNT, 0);
    }
    const before = words.peek(LEFT);
    const left = words.peek(LIMIT) - out;
    words.store(LEFT, left);
    if (left > before) this.#wake(left - before);
  }

  /** Moves into its place; what a dead process left there comes back. */
  #moveIn(): void {
    const words = this.#words;
    const place = this.#place;
    const { token } = this.#locker;
    if (words.peek(place + OWNER) === token) return;
    if (words.peek(place + COUNT) !== 0) this.#recount();
    // A place is used again only after its owner's death, so it is empty now.
    words.store(place + OWNER, token);
    const used = place + PLACE_WORDS;
    if (words.peek(PLACES_USED) < used) words.store(PLACES_USED, used);
  }

  /** Takes up to `count` out of a place; returns what is still to find. */
  #dropFrom(place: number, count: number): number {
    const words = this.#words;
    const has = words.peek(place + COUNT);
    const dropped = Math.min(has, count);
    if (dropped > 0) words.poke(place + COUNT, has - dropped);
    return count - dropped;
  }

  #dropOthers(count: number): void {
    let rest = count;
    for (let place = CUSTODY; rest > 0; place += PLACE_WORDS) {
      if (place >= this.#end()) return;
      rest = this.#dropFrom(place, rest);
    }
  }

  #end(): number {
    return this.#words.peek(PLACES_USED);
  }
}

/** How many words a custody of `places` takes. */
export function custodyWords(places: number): number {
  return CUSTODY + places * PLACE_WORDS;
}

/** Prepares words of zeroes: `limit` permits, all of them there. */
export function formatCustody(words: Words, limit: number): void {
  words.store(LIMIT, limit);
  words.store(LEFT, limit);
}
