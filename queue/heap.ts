// Copyright 2026 the authors. MIT license.

// A binary heap of numbers in shared words: the least is first out. The caller
// holds the lock, and says which of two numbers comes first.
//
// Source: J. W. J. Williams, "Algorithm 232: Heapsort" (1964); building from
// the middle down: R. W. Floyd, "Algorithm 245: Treesort 3" (1964).

import type { Words } from "../memory/word.ts";

/** A heap whose size is in the word `size` and whose items begin at `items`. */
export class Heap {
  readonly #words: Words;
  readonly #size: number;
  readonly #items: number;
  readonly #isBefore: (a: number, b: number) => boolean;

  constructor(
    words: Words,
    size: number,
    items: number,
    isBefore: (a: number, b: number) => boolean,
  ) {
    this.#words = words;
    this.#size = size;
    this.#items = items;
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#words.peek(this.#size);
  }

  /** The least number. There must be one. */
  get first(): number {
    return this.#words.peek(this.#items);
  }

  push(item: number): void {
    const size = this.size;
    this.#rise(size, item);
    this.#words.store(this.#size, size + 1);
  }

  /** Removes the least number. There must be one. */
  pop(): void {
    const size = this.size - 1;
    const last = this.#words.peek(this.#items + size);
    if (size > 0) this.#sink(0, last, size);
    this.#words.store(this.#size, size);
  }

  /** Puts an item at the end, out of order until {@linkcode Heap.build}. */
  append(item: number): void {
    const size = this.size;
    this.#words.poke(this.#items + size, item);
    this.#words.store(this.#size, size + 1);
  }

  clear(): void {
    this.#words.store(this.#size, 0);
  }

  /** Puts what was appended in order. */
  build(): void {
    const size = this.size;
    for (let place = (size >>> 1) - 1; place >= 0; place--) {
      this.#sink(place, this.#words.peek(this.#items + place), size);
    }
  }

  /** Finds the place of `item` between `place` and the root. */
  #rise(place: number, item: number): void {
    const words = this.#words;
    while (place > 0) {
      const above = (place - 1) >>> 1;
      const other = words.peek(this.#items + above);
      if (!this.#isBefore(item, other)) break;
      words.poke(this.#items + place, other);
      place = above;
    }
    words.poke(this.#items + place, item);
  }

  /** Finds the place of `item` at or below `place` in a heap of `size`. */
  #sink(place: number, item: number, size: number): void {
    const words = this.#words;
    while (true) {
      let below = 2 * place + 1;
      if (below >= size) break;
      let other = words.peek(this.#items + below);
      if (below + 1 < size) {
        const right = words.peek(this.#items + below + 1);
        if (this.#isBefore(right, other)) {
          below++;
          other = right;
        }
      }
      if (!this.#isBefore(other, item)) break;
      words.poke(this.#items + place, other);
      place = below;
    }
    words.poke(this.#items + place, item);
  }
}
