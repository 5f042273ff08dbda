// Copyright 2026 the authors. MIT license.

// Whether any process sleeps on a word, where a wake is a call to the system
// and mostly none sleeps. A sleeper counts up first, in a counter that a few
// words share; a waker, which has changed the word, looks there before it
// calls. One of the two sees the other:
//
//   sleeper: counts up, then reads the word, as the last thing before it sleeps
//   waker:   changes the word, then reads the count
//
// A sleeper that is killed leaves its count behind, which costs calls in vain.
//
// Source: the flags of T. Dekker's algorithm (E. W. Dijkstra, EWD 123, 1965).

import type { Words } from "./word.ts";

/** Counters of sleepers; the same in all processes that have the words. */
export class Sleepers {
  readonly #counters: Words;
  readonly #mask: number;

  /** `counters` are zeroes at first, as many as a power of two. */
  constructor(counters: Words) {
    this.#counters = counters;
    this.#mask = counters.length - 1;
  }

  /** To be called before the word at `place` is read for the last time. */
  enter(place: number): void {
    this.#counters.add(place & this.#mask, 1);
  }

  /** To be called after the sleep, whatever ended it. */
  leave(place: number): void {
    this.#counters.add(place & this.#mask, -1);
  }

  /** Whether anybody may sleep on the word, after it was changed. */
  areOn(place: number): boolean {
    return this.#counters.load(place & this.#mask) !== 0;
  }
}
