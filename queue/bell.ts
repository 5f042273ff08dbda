// Copyright 2026 the authors. MIT license.

// A bell: how one who found nothing sleeps until there may be something. It
// stands beside data that a lock protects, and knows nothing of it.
//
// Its word is { rings:31, sleepers:1 }. Who wants to sleep reads it, looks at
// the data, and sleeps on what it read; who changed the data rings after it has
// published the change. If the look came before the change, the ring comes after
// the reading: the word has changed, and nobody falls asleep on it.

import type { Park } from "../memory/park.ts";
import type { Words } from "../memory/word.ts";

/** Somebody may sleep on the word. */
const SLEEPERS = 1;
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

  /** What {@linkcode Bell.park} must be given: to be read before the look. */
  seen(): number {
    return this.#words.load(this.#index);
  }

  /** Where to sleep until the next ring; undefined if it has been: look again. */
  park(seen: number): Park | undefined {
    const words = this.#words;
    const index = this.#index;
    const value = seen | SLEEPERS;
    if (seen !== value && words.cas(index, seen, value) !== seen) {
      return undefined;
    }
    return { words, index, value };
  }

  /**
   * Wakes up to `count` sleepers. The bit stays for those who sleep on; the
   * first ring that finds nobody clears it.
   */
  ring(count: number): void {
    const words = this.#words;
    const index = this.#index;
    const rung = words.add(index, RING) + RING | 0;
    if ((rung & SLEEPERS) === 0) return;
    if (words.notify(index, count) > 0) return;
    if (words.cas(index, rung, rung & ~SLEEPERS) !== rung) return;
    // One that found the bit set needs no compare-exchange to fall asleep: if
    // it did so since the notify above, no later ring would know of it.
    words.notify(index, Infinity);
  }
}
