// Copyright 2026 the authors. MIT license.

// The sleepers' bit: the lowest bit of a word says that a process may sleep on
// it, so that a change of the word need not call the system in vain.
//
// from            to              by
// { x, 0 }        { x, sleepers } parkOn, before its caller sleeps
// { x, s }        { y, s }        a change of the word; wakeOn follows it
// { y, sleepers } { y, 0 }        wakeOn, if it woke nobody
//
// No waiter sleeps unless the bit was set first, and on the very word that has
// it: a change either finds the bit, or changes the word and the sleep is
// refused. The bit stays for those that sleep on; the first wake that finds
// none clears it, and must look again (see there).
//
// The ring has these lines as well (queue/ring.ts): it changes two words by a
// loop of its own, and its model plants its mistakes in them.

import type { Park } from "./park.ts";
import type { Words } from "./word.ts";

/** A process may sleep on the word. */
export const SLEEPERS = 1;

/** Where to sleep on a word that was `seen`; undefined if it has changed. */
export function parkOn(
  words: Words,
  index: number,
  seen: number,
): Park | undefined {
  const value = seen | SLEEPERS;
  if (seen !== value && words.cas(index, seen, value) !== seen) {
    return undefined;
  }
  return { words, index, value };
}

/** Wakes up to `count` sleepers, after the word has become `published`. */
export function wakeOn(
  words: Words,
  index: number,
  published: number,
  count: number,
): void {
  if ((published & SLEEPERS) === 0) return;
  if (words.notify(index, count) > 0) return;
  const cleared = published & ~SLEEPERS;
  if (words.cas(index, published, cleared) !== published) return;
  // A sleeper that found the bit set needs no compare-exchange to fall asleep:
  // if it did so since the notify above, no later wake would know of it.
  words.notify(index, Infinity);
}
