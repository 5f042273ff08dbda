// Copyright 2026 the authors. MIT license.

// A bell: how a waiter that found nothing sleeps until there may be something.
// It stands beside data that a lock protects, and knows nothing of it.
//
// Its word is { rings:31, sleepers:1 }, with the bit of memory/sleepers_bit.ts.
// A waiter reads it, looks at the data, and sleeps on what it read. A process
// that changed the data rings after it has published the change. If the look
// came before the change, the ring comes after the reading: the word has
// changed, and no waiter falls asleep on it.

import type { Park } from "../memory/park.ts";
import { parkOn, wakeOn } from "../memory/sleepers_bit.ts";
import type { Words } from "../memory/word.ts";

/** Added at each ring. */
const RING = 2;

/** A bell in one word of shared memory. */
export class Bell {
  readonly #words: Words;
  readonly #index: number;

  constructor(words: Words, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /**
   * The word, to be read before the look and given to {@linkcode Bell.park}.
   */
  seen(): number {
    return this.#words.load(this.#index);
  }

  /** Where to sleep until the bell rings; undefined if it has: look again. */
  park(seen: number): Park | undefined {
    return parkOn(this.#words, this.#index, seen);
  }

  /** Wakes up to `count` sleepers. */
  ring(count: number): void {
    const words = this.#words;
    const index = this.#index;
    wakeOn(words, index, words.add(index, RING) + RING | 0, count);
  }
}
