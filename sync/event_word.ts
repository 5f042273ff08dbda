// Copyright 2026 the authors. MIT license.

// An event in one word: { generation:31, set:1 }.
//
// from          to              by
// { g, 0 }      { g + 1, set }  set, which wakes all
// { g, set }    { g, 0 }        clear
//
// A waiter that came before a set has seen an older generation than the word
// ever has again: its wait ends even if the event is clear once more when it
// looks.

import type { Steps } from "../memory/park.ts";
import type { Words } from "../memory/word.ts";

const SET = 1;

/** An event; every process has its own view of the same word. */
export class EventWord {
  readonly #words: Words;
  readonly #index: number;

  constructor(words: Words, index: number) {
    this.#words = words;
    this.#index = index;
  }

  isSet(): boolean {
    return (this.#words.load(this.#index) & SET) !== 0;
  }

  /** Sets it and wakes all waiters. */
  set(): void {
    const words = this.#words;
    let word = words.load(this.#index);
    while ((word & SET) === 0) {
      const found = words.cas(this.#index, word, word + 2 | SET);
      if (found === word) {
        words.notify(this.#index, Infinity);
        return;
      }
      word = found;
    }
  }

  clear(): void {
    const words = this.#words;
    let word = words.load(this.#index);
    while ((word & SET) !== 0) {
      const found = words.cas(this.#index, word, word & ~SET);
      if (found === word) return;
      word = found;
    }
  }

  /** The argument for {@linkcode waiting}: read when the wait begins. */
  seen(): number {
    return this.#words.load(this.#index);
  }

  /** Waits until it is set, or was set since `seen`. */
  *waiting(seen: number): Steps<true> {
    const words = this.#words;
    const index = this.#index;
    while (true) {
      const value = words.load(index);
      if ((value & SET) !== 0 || value >>> 1 !== seen >>> 1) return true;
      yield { words, index, value };
    }
  }
}
