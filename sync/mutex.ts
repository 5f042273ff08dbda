// Copyright 2026 the authors. MIT license.

// The lock under every lock: one word, which also names its holder.
//
// Source: U. Drepper, "Futexes Are Tricky" (2011), third mutex; the holder in
// the word as in Linux robust futexes (futex(2), FUTEX_WAITERS and the TID).

import type { Locker } from "../program/locker.ts";
import { runSync, type Steps } from "../memory/park.ts";
import { pause, type Words } from "../memory/word.ts";

/** No process holds it. */
const FREE = 0;
/** Set in a held word: a waiter may sleep, so the release must wake one. */
const CONTENDED = 1;

// from                    to                      by
// FREE                    { me, 0 }               tryAcquire
// { other, 0 }            { other, CONTENDED }    an acquire, before it sleeps
// FREE                    { me, CONTENDED }       an acquire on its slow path:
//                                                 others may still sleep
// { dead, any }           { me, CONTENDED }       the same: it is told who died
// { me, 0 }               FREE                    release
// { me, CONTENDED }       FREE                    release, which wakes one
//
// No waiter sleeps unless the word was CONTENDED first, so release may skip the
// wake on { me, 0 }. The word names the holder from the very store that takes
// the lock, so wherever a holder dies, the word says which process it was.

/** How often a short wait looks again before it sleeps: a few microseconds. */
const SPINS = 40;

// How a lock over a mutex guards one access of a Value or an Array: a piece of
// synchronous code, which no other task of this process can interrupt. So it
// waits for other processes only (docs/decisions/0023-access-of-a-value.md).

/** Begins an access; false if there is nothing to end. */
export const ACCESS: unique symbol = Symbol("access");

/** Ends an access that has begun. */
export const ACCESSED: unique symbol = Symbol("accessed");

/** A mutex in one word of shared memory. */
export class Mutex {
  readonly #words: Words;
  readonly #index: number;
  readonly #locker: Locker;
  readonly #mine: number;

  constructor(words: Words, index: number, locker: Locker) {
    this.#words = words;
    this.#index = index;
    this.#locker = locker;
    this.#mine = locker.token << 1;
  }

  /** Takes it if it is free. */
  tryAcquire(): boolean {
    return this.#words.cas(this.#index, FREE, this.#mine) === FREE;
  }

  /**
   * Waits for it and takes it. Returns the token of the dead process it was
   * taken back from, or 0.
   */
  *acquiring(): Steps<number> {
    const words = this.#words;
    const index = this.#index;
    while (true) {
      const word = words.load(index);
      if (word === FREE) {
        // CONTENDED although perhaps no process sleeps: if one does, this is
        // the only trace of it left.
        if (words.cas(index, FREE, this.#mine | CONTENDED) === FREE) return 0;
      } else if (!this.#isHolderAlive(word)) {
        if (words.cas(index, word, this.#mine | CONTENDED) === word) {
          return holderOf(word);
        }
      } else if (
        (word & CONTENDED) !== 0 ||
        words.cas(index, word, word | CONTENDED) === word
      ) {
        yield { words, index, value: word | CONTENDED };
      }
    }
  }

  /** Takes it without waiting, if its holder is dead: the token, or 0. */
  tryTakeBack(): number {
    const word = this.#words.load(this.#index);
    if (word === FREE || this.#isHolderAlive(word)) return 0;
    const taken = this.#mine | CONTENDED;
    if (this.#words.cas(this.#index, word, taken) !== word) return 0;
    return holderOf(word);
  }

  /** For sections of a few microseconds: spins a little before it sleeps. */
  acquireSync(): number {
    if (this.tryAcquire()) return 0;
    for (let i = 0; i < SPINS; i++) {
      pause();
      if (this.#words.peek(this.#index) === FREE && this.tryAcquire()) return 0;
    }
    return runSync(this.acquiring(), Infinity) as number;
  }

  /** Gives it back; false if this process does not hold it. */
  release(): boolean {
    const words = this.#words;
    const index = this.#index;
    if (words.cas(index, this.#mine, FREE) === this.#mine) return true;
    const contended = this.#mine | CONTENDED;
    if (words.cas(index, contended, FREE) !== contended) return false;
    words.notify(index, 1);
    return true;
  }

  /** Whether its holder is dead; a hint. */
  isAbandoned(): boolean {
    const word = this.#words.peek(this.#index);
    return word !== FREE && !this.#isHolderAlive(word);
  }

  /** The token of the process that holds it, or 0. */
  holder(): number {
    return holderOf(this.#words.load(this.#index));
  }

  #isHolderAlive(word: number): boolean {
    return this.#locker.isAlive(holderOf(word));
  }
}

function holderOf(word: number): number {
  return word >>> 1;
}
