// Copyright 2026 the authors. MIT license.

// Tickets: the waiters, in the order of arrival, and what each was given. Every
// waiter sleeps on a word of its own, so a gift wakes exactly the one that it
// is for, and no other can take it in its place.
//
// Source: the queue of waiters of Java's AbstractQueuedSynchronizer (D. Lea),
// as a ring of words.
//
// All but the sleeping happens under a lock of the caller's. A slot's word is
// { token:30, state:2 }:
//
// from              to                by, under the lock unless it says no
// FREE              { me, WAITING }   take
// { me, WAITING }   { me, gift }      give, which wakes the slot's sleeper
// { dead, WAITING } FREE              give, on its way to the living
// { me, WAITING }   FREE              giveBack
// { me, gift }      FREE              giveBack; or the waiter, without the lock
// { dead, gift }    FREE              passOn, after it gave the gift to another
// { dead, any }     { me, WAITING }   take, when the ring has come round to it
// FREE              { me, WAITING }   take, in the middle of a full ring
// { dead, WAITING } { me, WAITING }   the same
//
// HEAD and TAIL count tickets. Every WAITING slot lies between them. HEAD never
// goes back, TAIL only over slots that are FREE: so a waiter that gives up
// again and again has the same slot each time, and leaves no trail of sleeps
// that the platform cannot call off.
//
// A method is a row of stores. After each of them the words are in a state that
// the table allows, so a process may die between any two: the next one under
// the lock goes on from there, and there is nothing to mend.

import { StateError } from "../errors.ts";
import type { Locker } from "../program/locker.ts";
import type { Park } from "../memory/park.ts";
import type { Words } from "../memory/word.ts";

const FREE = 0;
const WAITING = 1;

/** A gift to a waiter: that for which it waits. */
export const GRANTED = 2;
/** A gift to a waiter: the news that it waits for nothing. */
export const REFUSED = 3;

/** A gift; 0: none. */
export type Gift = 0 | typeof GRANTED | typeof REFUSED;

const HEAD = 0;
const TAIL = 1;
const SLOTS = 16;

/** How many gifts back a look for those of the dead goes. */
const RECENT = 32;

/** How many may wait at once: a power of two. */
export const MAX_TICKETS = 2 ** 16;

/** A line of tickets in shared words, beginning at `base`. */
export class Tickets {
  readonly #words: Words;
  readonly #base: number;
  readonly #locker: Locker;
  readonly #size: number;

  constructor(words: Words, base: number, locker: Locker, size: number) {
    this.#words = words;
    this.#base = base;
    this.#locker = locker;
    this.#size = size;
  }

  /** Takes the next ticket. Under the lock. */
  take(): number {
    const words = this.#words;
    const mine = pack(this.#locker.token, WAITING);
    this.#trim();
    for (let i = 0; i < this.#size; i++) {
      const ticket = words.peek(this.#base + TAIL);
      if (this.#length() === this.#size) break;
      const at = this.#slotAt(ticket);
      const word = words.load(at);
      const isFree = word === FREE || !this.#isAlive(word);
      // The slot first: TAIL makes it one that `give` finds.
      if (isFree) words.store(at, mine);
      words.store(this.#base + TAIL, ticket + 1 | 0);
      if (isFree) return ticket;
      // Given, but its waiter has not looked yet: left alone.
    }
    // The oldest may wait on while thousands came after it and gave up in
    // turns. A waiter that takes the place of one of those goes before later
    // ones.
    const ticket = this.#youngestGap();
    if (ticket !== undefined) {
      words.store(this.#slotAt(ticket), mine);
      return ticket;
    }
    throw new StateError(`Cannot wait: ${this.#size} wait already`);
  }

  /**
   * Gives to the oldest living waiters; returns to how many. Under the lock.
   */
  give(count: number, gift: Gift): number {
    const words = this.#words;
    let given = 0;
    while (given < count && this.#length() > 0) {
      const ticket = words.peek(this.#base + HEAD);
      const at = this.#slotAt(ticket);
      const word = words.load(at);
      if (stateOf(word) === WAITING) {
        if (this.#isAlive(word)) {
          words.store(at, pack(tokenOf(word), gift));
          // One waits here, but others may have slept in the same slot before,
          // and their platform may not know yet that they have given up.
          words.notify(at, Infinity);
          given++;
        } else {
          words.store(at, FREE);
        }
      }
      words.store(this.#base + HEAD, ticket + 1 | 0);
    }
    return given;
  }

  /** The gift that still lies there; 0: nothing yet. */
  gift(ticket: number): Gift {
    const state = stateOf(this.#words.load(this.#slotAt(ticket)));
    return state === WAITING ? 0 : state as Gift;
  }

  /** Takes the gift, if it was given: then the ticket is gone. */
  collect(ticket: number): Gift {
    const gift = this.gift(ticket);
    // Only its owner touches a slot that was given.
    if (gift !== 0) this.#words.store(this.#slotAt(ticket), FREE);
    return gift;
  }

  /** Where the owner of a ticket sleeps. */
  park(ticket: number): Park {
    const value = pack(this.#locker.token, WAITING);
    return { words: this.#words, index: this.#slotAt(ticket), value };
  }

  /** Leaves the line; returns what was given before that. Under the lock. */
  giveBack(ticket: number): Gift {
    const gift = this.collect(ticket);
    if (gift === 0) this.#words.store(this.#slotAt(ticket), FREE);
    return gift;
  }

  /**
   * Whether a waiter died before it took its gift. Needs no lock; looks only at
   * the latest gifts, since waiters ask again and again.
   */
  hasLostGift(): boolean {
    return this.#lostGift() !== undefined;
  }

  /** Gives what the dead have not taken to the waiters. Under the lock. */
  passOn(): void {
    let lost = this.#lostGift();
    while (lost !== undefined) {
      const gift = stateOf(this.#words.load(lost)) as Gift;
      // A death before the slot is free repeats the gift, one in between would
      // lose it.
      this.give(1, gift);
      this.#words.store(lost, FREE);
      lost = this.#lostGift();
    }
  }

  /** How many wait. Without the lock a hint. */
  waiting(): number {
    let count = 0;
    for (const word of this.#line()) if (stateOf(word) === WAITING) count++;
    return count;
  }

  /** The token of a waiter that died, or 0. Needs no lock. */
  firstDead(): number {
    for (const word of this.#line()) {
      if (stateOf(word) === WAITING && !this.#isAlive(word)) {
        return tokenOf(word);
      }
    }
    return 0;
  }

  *#line(): Generator<number> {
    const words = this.#words;
    const tail = words.load(this.#base + TAIL);
    let ticket = words.load(this.#base + HEAD);
    for (; (tail - ticket | 0) > 0; ticket = ticket + 1 | 0) {
      yield words.load(this.#slotAt(ticket));
    }
  }

  /** Where a gift lies whose owner died before it took it. */
  #lostGift(): number | undefined {
    const words = this.#words;
    const head = words.load(this.#base + HEAD);
    const count = Math.min(RECENT, this.#size);
    for (let i = 1; i <= count; i++) {
      const at = this.#slotAt(head - i);
      const word = words.load(at);
      if (stateOf(word) > WAITING && !this.#isAlive(word)) return at;
    }
    return undefined;
  }

  /** Passes over tickets at both ends whose waiters have gone. */
  #trim(): void {
    const words = this.#words;
    while (this.#length() > 0) {
      const last = words.peek(this.#base + TAIL) - 1 | 0;
      if (words.load(this.#slotAt(last)) !== FREE) break;
      words.store(this.#base + TAIL, last);
    }
    while (this.#length() > 0) {
      const ticket = words.peek(this.#base + HEAD);
      const word = words.load(this.#slotAt(ticket));
      if (stateOf(word) === WAITING && this.#isAlive(word)) return;
      words.store(this.#base + HEAD, ticket + 1 | 0);
    }
  }

  /** The last ticket of a full ring whose owner has given up or died. */
  #youngestGap(): number | undefined {
    const words = this.#words;
    const tail = words.peek(this.#base + TAIL);
    for (let i = 1; i <= this.#size; i++) {
      const word = words.load(this.#slotAt(tail - i));
      const isDead = stateOf(word) === WAITING && !this.#isAlive(word);
      if (word === FREE || isDead) return tail - i;
    }
    return undefined;
  }

  #length(): number {
    const words = this.#words;
    const tail = words.peek(this.#base + TAIL);
    return tail - words.peek(this.#base + HEAD) | 0;
  }

  #slotAt(ticket: number): number {
    return this.#base + SLOTS + (ticket & (this.#size - 1));
  }

  #isAlive(word: number): boolean {
    return this.#locker.isAlive(tokenOf(word));
  }
}

/** How many words a line of `size` tickets takes. */
export function ticketWords(size: number): number {
  return SLOTS + size;
}

function pack(token: number, state: number): number {
  return token << 2 | state;
}

function tokenOf(word: number): number {
  return word >>> 2;
}

function stateOf(word: number): number {
  return word & 3;
}
