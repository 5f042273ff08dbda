// Copyright 2026 the authors. MIT license.

// Waybills: whether the shared objects of a message have been received. Each
// sender has its own, in memory that its receivers can have, one word for each
// message on its way:
//
//   word { number:31, taken:1 }
//
// from            to              by
// anything old    { new, 0 }      write(): the sender, before the message goes
// { n, 0 }        { n, 1 }        take(): a receiver of the message
// { n, 0 }        { n + 1, 0 }    end(): the sender gives the message up
// { n, 1 }        { n + 1, 0 }    end(): the sender has seen that it was taken
//
// The sender holds what is on its way. One transition takes a message off the
// way, and its process ends the hold of the sender: the receiver, after it
// holds the objects itself; or the sender, if no receiver was faster. So the
// hold ends once, and not before another has begun if there is one. A receiver
// that dies between the two steps leaves the hold to last as long as the sender
// lives.

import type { Words } from "../memory/word.ts";

/** How many words the waybills of one region take. */
export const WAYBILL_WORDS = 1024;

const TAKEN = 1;
const ONE = 2;

/** The waybills in one region. */
export class Waybills {
  readonly #words: Words;

  constructor(words: Words) {
    this.#words = words;
  }

  /** Writes a new one in the place of an ended one; returns its number. */
  write(index: number): number {
    return this.#words.load(index);
  }

  /** Takes the message off the way; false if it is not there any more. */
  take(index: number, number: number): boolean {
    return this.#words.cas(index, number, number | TAKEN) === number;
  }

  /** Whether the message was taken. */
  isTaken(index: number, number: number): boolean {
    return this.#words.load(index) === (number | TAKEN);
  }

  /** Ends the waybill; true if the message was not taken. */
  end(index: number, number: number): boolean {
    const next = number + ONE | 0;
    if (this.#words.cas(index, number, next) === number) return true;
    this.#words.store(index, next);
    return false;
  }
}
