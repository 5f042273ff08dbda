// Copyright 2026 the authors. MIT license.

// A counting semaphore in one word: { permits:31, sleepers:1 }.
//
// from                       to                        by
// { n > 0, s }               { n - 1, s }              tryAcquire, acquiring
// { n, s }                   { n + k, s }              release, which wakes up
//                                                      to k if s
//
// The bit is that of memory/sleepers_bit.ts. A permit is in the word until a
// process takes it, so a sleeper that was woken and dies loses none.

import type { Park, Steps } from "../memory/park.ts";
import { parkOn, wakeOn } from "../memory/sleepers_bit.ts";
import type { Words } from "../memory/word.ts";

/** The most permits that fit beside the bit. */
export const MAX_PERMITS = 2 ** 29;

/** A semaphore whose permits have no owner. */
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
    return parkOn(words, index, word);
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
    wakeOn(words, index, word + count * 2, count);
    return true;
  }
}

function permitsOf(word: number): number {
  return word >>> 1;
}
