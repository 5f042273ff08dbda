// Copyright 2026 the authors. MIT license.

// A counting semaphore in one word: { permits:31, sleepers:1 }.
//
// from                       to                        by
// { n > 0, s }               { n - 1, s }              tryAcquire, acquiring
// { 0, 0 }                   { 0, sleepers }           an acquire, before it
//                                                      sleeps
// { n, s }                   { n + k, s }              release, which wakes up
//                                                      to k if s
// { n, sleepers }            { n, 0 }                  release, if it woke nobody
//
// Nobody sleeps unless the bit was set first, and on the very word that has it:
// a release either finds the bit, or changes the word and the sleep is refused.
// The bit stays for those who sleep on; the first wake that finds nobody clears
// it. A permit is in the word until somebody takes it, so a sleeper that was
// woken and dies loses none.

import type { Park, Steps } from "../memory/park.ts";
import type { Words } from "../memory/word.ts";

/** Somebody may sleep on the word. */
const SLEEPERS = 1;

/** The most permits that fit beside the bit. */
export const MAX_PERMITS = 2 ** 29;

/** A semaphore whose permits belong to nobody. */
export class SemaphoreWord {
  readonly #words: Words;
  readonly #index: number;

  constructor(words: Words, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /** How many permits are left. */
  get permits(): number {
    return permitsOf(this.#words.load(this.#index));
  }

  /** The same, as this thread last saw it. */
  get seenPermits(): number {
    return permitsOf(this.#words.peek(this.#index));
  }

  /** Takes a permit if there is one. */
  tryAcquire(): boolean {
    const words = this.#words;
    // A hint that the exchange confirms; "none" has to be looked at again.
    let word = words.peek(this.#index);
    if (permitsOf(word) === 0) word = words.load(this.#index);
    while (permitsOf(word) > 0) {
      const found = words.cas(this.#index, word, word - 2);
      if (found === word) return true;
      word = found;
    }
    return false;
  }

  /** Waits for a permit and takes it. */
  *acquiring(): Steps<void> {
    while (!this.tryAcquire()) {
      const park = this.park();
      if (park !== undefined) yield park;
    }
  }

  /** Where to sleep until there is a permit; undefined: look again. */
  park(): Park | undefined {
    const words = this.#words;
    const index = this.#index;
    const word = words.load(index);
    if (permitsOf(word) > 0) return undefined;
    const value = word | SLEEPERS;
    if (word !== value && words.cas(index, word, value) !== word) {
      return undefined;
    }
    return { words, index, value };
  }

  /** Adds permits and wakes as many; false if they do not fit. */
  release(count: number): boolean {
    const words = this.#words;
    const index = this.#index;
    let word = words.peek(index);
    while (true) {
      if (permitsOf(word) + count > MAX_PERMITS) return false;
      const found = words.cas(index, word, word + count * 2);
      if (found === word) break;
      word = found;
    }
    if ((word & SLEEPERS) === 0) return true;
    if (words.notify(index, count) > 0) return true;
    const published = word + count * 2;
    if (words.cas(index, published, published & ~SLEEPERS) === published) {
      // Somebody may have gone to sleep between the notify and the clearing, on
      // the very word that was cleared: without the bit nobody would wake it.
      words.notify(index, Infinity);
    }
    return true;
  }
}

function permitsOf(word: number): number {
  return word >>> 1;
}
