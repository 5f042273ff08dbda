// Copyright 2026 the authors. MIT license.

// Which process has which tasks in hand: for each process of the table a list
// of slots, with the one that it took first in front. The caller holds the
// lock. The lists only repeat what the slots themselves say: after a death they
// are cleared and made again.
//
// Beside them stands a log of the processes that died with tasks in hand, which
// will not be done. A waiter for all tasks remembers how long the log was when
// its wait began.

import type { Locker } from "../program/locker.ts";
import { MAX_PROCESSES, slotOf } from "../program/table.ts";
import type { Words } from "../memory/word.ts";

/** How many deaths are remembered until a process is told of them. */
const LOG_LENGTH = 16;

// The words of the header.
const HANDS_IN_USE = 0;
const DEATHS = 1;
const TOLD = 2;
const LOG = 4;
const HANDS = LOG + 2 * LOG_LENGTH;

// The words of a process's hand: slots count from 1, 0 is none.
const OWNER = 0;
const FIRST = 1;
const LAST = 2;
const HAND_WORDS = 4;

/** How many words the hands of all processes take. */
export const IN_HAND_WORDS = HANDS + MAX_PROCESSES * HAND_WORDS;

/** How many tasks were lost with a process. */
export interface Loss {
  readonly token: number;
  readonly count: number;
}

/** The hands of all processes. */
export class Hands {
  readonly #words: Words;
  readonly #base: number;
  readonly #locker: Locker;
  /** The word of a slot that names the next one in the same hand. */
  readonly #linkOf: (slot: number) => number;

  constructor(
    words: Words,
    base: number,
    locker: Locker,
    linkOf: (slot: number) => number,
  ) {
    this.#words = words;
    this.#base = base;
    this.#locker = locker;
    this.#linkOf = linkOf;
  }

  /** Empties all hands. */
  clear(): void {
    const words = this.#words;
    const used = words.peek(this.#base + HANDS_IN_USE);
    for (let i = 0; i < used; i++) words.poke(this.#handAt(i) + OWNER, 0);
  }

  /** Whether the place of `token` still has the hand of a dead process. */
  isTaken(token: number): boolean {
    const owner = this.#words.peek(this.#handAt(slotOf(token)) + OWNER);
    return owner !== 0 && owner !== token;
  }

  /** Puts a slot at the end of a hand. */
  add(token: number, slot: number): void {
    const words = this.#words;
    const place = slotOf(token);
    const hand = this.#handAt(place);
    words.poke(this.#linkOf(slot), 0);
    if (words.peek(hand + OWNER) === 0) {
      // Before the hand has an owner: `clear` goes up to this count, and must
      // reach a hand whose maker died here.
      if (words.peek(this.#base + HANDS_IN_USE) <= place) {
        words.poke(this.#base + HANDS_IN_USE, place + 1);
      }
      words.poke(hand + FIRST, slot + 1);
      words.poke(hand + OWNER, token);
    } else {
      words.poke(this.#linkOf(words.peek(hand + LAST) - 1), slot + 1);
    }
    words.poke(hand + LAST, slot + 1);
  }

  /** The slot that a process took first; -1 if its hand is empty. */
  first(token: number): number {
    const hand = this.#handAt(slotOf(token));
    const isOwn = this.#words.peek(hand + OWNER) === token;
    return isOwn ? this.#words.peek(hand + FIRST) - 1 : -1;
  }

  /** Removes the slot that a process took first. There must be one. */
  removeFirst(token: number): void {
    const words = this.#words;
    const hand = this.#handAt(slotOf(token));
    const next = words.peek(this.#linkOf(words.peek(hand + FIRST) - 1));
    words.poke(hand + FIRST, next);
    if (next === 0) words.poke(hand + OWNER, 0);
  }

  /** A dead process that has something in hand; 0 if there is none. */
  dead(): number {
    return this.#find((owner) => !this.#locker.isAlive(owner));
  }

  /** Whether any process but this one has something in hand. */
  othersHold(): boolean {
    return this.#find((owner) => owner !== this.#locker.token) !== 0;
  }

  /** How many deaths there were, modulo 2^32. */
  get deaths(): number {
    return this.#words.peek(this.#base + DEATHS);
  }

  /** How many of them a process was told of. */
  get told(): number {
    return this.#words.peek(this.#base + TOLD);
  }

  /** Enters a death. */
  enterDeath(token: number): void {
    const words = this.#words;
    // A process that died in this method may have entered it already.
    const last = this.#entryAt(this.deaths);
    if (this.deaths !== this.told && words.peek(last) === token) return;
    const entry = this.#entryAt(this.deaths + 1);
    words.poke(entry, token);
    words.poke(entry + 1, 0);
    words.poke(this.#base + DEATHS, this.deaths + 1 | 0);
  }

  /** Counts a task that was lost with the last death. */
  countLoss(): void {
    const entry = this.#entryAt(this.deaths);
    this.#words.poke(entry + 1, this.#words.peek(entry + 1) + 1);
  }

  /** The deaths after the first `since`; they count as told from now on. */
  tell(since: number): Loss[] {
    const words = this.#words;
    const losses: Loss[] = [];
    const count = Math.min(this.deaths - since | 0, LOG_LENGTH);
    for (let i = count - 1; i >= 0; i--) {
      const entry = this.#entryAt(this.deaths - i);
      losses.push({ token: words.peek(entry), count: words.peek(entry + 1) });
    }
    words.poke(this.#base + TOLD, this.deaths);
    return losses;
  }

  #find(isWanted: (owner: number) => boolean): number {
    const words = this.#words;
    const used = words.peek(this.#base + HANDS_IN_USE);
    for (let i = 0; i < used; i++) {
      const owner = words.peek(this.#handAt(i) + OWNER);
      if (owner !== 0 && isWanted(owner)) return owner;
    }
    return 0;
  }

  #handAt(place: number): number {
    return this.#base + HANDS + place * HAND_WORDS;
  }

  #entryAt(death: number): number {
    return this.#base + LOG + 2 * (death & LOG_LENGTH - 1);
  }
}
