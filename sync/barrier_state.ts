// Copyright 2026 the authors. MIT license.

// The state of a barrier. It changes under a mutex; a process that finds the
// mutex abandoned breaks the barrier, since one of its parties died in it.
//
// STATE is { round:30, phase:2 }:
//
// from              to                by
// { r, FILLING }    { r + 1, FILLING} the last to arrive, if there is no action
// { r, FILLING }    { r, ACTING }     the last to arrive, which runs the action
// { r, ACTING }     { r + 1, FILLING} the same, when the action is done
// { r, any }        { r, BROKEN }     abort, timeout, death, a failed action
// { r, any }        { r + 1, FILLING} reset
//
// A waiter has a ticket, and is given the end of its own round: so it may look
// late, when others are rounds ahead, and there is no draining as in Python.
// Only a process that comes while the action runs must wait to come in.

import type { Locker } from "../program/locker.ts";
import { Mutex } from "./mutex.ts";
import type { Park, Steps } from "../memory/park.ts";
import {
  type Gift,
  GRANTED,
  REFUSED,
  Tickets,
  ticketWords,
} from "./tickets.ts";
import type { Words } from "../memory/word.ts";

const FILLING = 0;
const ACTING = 1;
const BROKEN = 2;

const LOCK = 0;
const STATE = 1;
const ACTOR = 2;
const CAUSE = 3;
const PARTIES = 4;
/** All places that were ever used lie below it. */
const PLACES_USED = 5;
const PLACES = 16;

/** The facts about processes that a barrier needs. */
export interface Registrar extends Locker {
  /** Whether a process that does not live any more ended by a failure. */
  hasFailed(token: number): boolean;
}

/** How one came in. */
export type Arrival =
  /** The round is complete, and over. */
  | { readonly kind: "last" }
  /** The round is complete: run the action, then `finish` or `fail`. */
  | { readonly kind: "actor"; readonly state: number }
  /** Wait for the others. */
  | { readonly kind: "waiter"; readonly ticket: number; readonly index: number }
  /** A party runs the action: sleep and come again. */
  | { readonly kind: "early"; readonly park: Park }
  | { readonly kind: "broken" };

/** A barrier; every process has its own view of the same words. */
export class BarrierState {
  readonly #words: Words;
  readonly #lock: Mutex;
  readonly #tickets: Tickets;
  readonly #registrar: Registrar;
  readonly #places: number;

  /** A view of words that {@linkcode formatBarrier} has prepared. */
  constructor(
    words: Words,
    registrar: Registrar,
    places: number,
    tickets: number,
  ) {
    this.#words = words;
    this.#registrar = registrar;
    this.#places = places;
    this.#lock = new Mutex(words, LOCK, registrar);
    this.#tickets = new Tickets(words, PLACES + places, registrar, tickets);
  }

  get parties(): number {
    return this.#words.peek(PARTIES);
  }

  /** How many wait for the rest of their round. A hint. */
  get waiting(): number {
    return this.#phase() === FILLING ? this.#tickets.waiting() : 0;
  }

  isBroken(): boolean {
    return this.#phase() === BROKEN;
  }

  /** The token of the party whose death broke it, or 0. */
  cause(): number {
    return this.#words.load(CAUSE);
  }

  /** Comes in, if no action runs. */
  arrive(hasAction: boolean): Arrival {
    this.#enter();
    try {
      this.#breakForDead();
      const state = this.#words.load(STATE);
      const phase = phaseOf(state);
      if (phase === BROKEN) return { kind: "broken" };
      if (phase === ACTING) {
        const park = { words: this.#words, index: STATE, value: state };
        return { kind: "early", park };
      }
      this.#enlist();
      const index = this.#tickets.waiting();
      if (index + 1 < this.parties) {
        return { kind: "waiter", ticket: this.#tickets.take(), index };
      }
      if (hasAction) {
        // The actor before the state: a process that sees ACTING must see its
        // token.
        this.#words.store(ACTOR, this.#registrar.token);
        this.#words.store(STATE, state | ACTING);
        return { kind: "actor", state: state | ACTING };
      }
      this.#complete(state);
      return { kind: "last" };
    } finally {
      this.#lock.release();
    }
  }

  /** Comes in, waiting while an action runs. */
  *arriving(hasAction: boolean): Steps<Arrival> {
    while (true) {
      const arrival = this.arrive(hasAction);
      if (arrival.kind !== "early") return arrival;
      yield arrival.park;
    }
  }

  /** Waits for the end of the round. */
  *awaiting(ticket: number): Steps<Gift> {
    while (true) {
      const gift = this.#tickets.collect(ticket);
      if (gift !== 0) return gift;
      yield this.#tickets.park(ticket);
      // A party may also have died on its way in, with the lock.
      if (this.#findDead() === 0 && !this.#lock.isAbandoned()) continue;
      this.#enter();
      this.#breakForDead();
      this.#lock.release();
    }
  }

  /**
   * Ends a round after its action; false if it was broken or reset meanwhile.
   */
  finish(state: number): boolean {
    this.#enter();
    try {
      if (this.#words.load(STATE) !== state) return false;
      this.#complete(state);
      return true;
    } finally {
      this.#lock.release();
    }
  }

  /** Breaks it because the action failed. */
  fail(state: number): void {
    this.#enter();
    if (this.#words.load(STATE) === state) this.#break(0);
    this.#lock.release();
  }

  /**
   * Gives up a wait, which breaks the barrier; returns the end of the round if
   * it came first, and 0 if the round is complete and its end will come.
   */
  giveUp(ticket: number): Gift {
    this.#enter();
    try {
      this.#breakForDead();
      const gift = this.#tickets.collect(ticket);
      if (gift !== 0 || this.#phase() === ACTING) return gift;
      this.#break(0);
      return this.#tickets.collect(ticket);
    } finally {
      this.#lock.release();
    }
  }

  /** Leaves, and breaks the barrier unless the round is complete. */
  leave(ticket: number): void {
    this.#enter();
    const gift = this.#tickets.giveBack(ticket);
    if (gift === 0 && this.#phase() === FILLING) this.#break(0);
    this.#lock.release();
  }

  /** Breaks it. */
  abort(): void {
    this.#enter();
    this.#break(0);
    this.#lock.release();
  }

  /** Makes it as new; the waiters find it broken. */
  reset(): void {
    this.#enter();
    const words = this.#words;
    for (let at = PLACES; at < words.peek(PLACES_USED); at++) {
      words.store(at, 0);
    }
    words.store(CAUSE, 0);
    this.#turn(words.load(STATE), REFUSED);
    this.#lock.release();
  }

  #enter(): void {
    const dead = this.#lock.acquireSync();
    if (dead !== 0) this.#break(dead);
  }

  #complete(state: number): void {
    this.#turn(state, GRANTED);
  }

  /** Ends a round for all waiters, and begins the next. */
  #turn(state: number, gift: Gift): void {
    this.#words.store(STATE, nextRound(state));
    this.#tickets.give(Infinity, gift);
    if (phaseOf(state) === ACTING) this.#words.notify(STATE, Infinity);
  }

  #break(dead: number): void {
    const state = this.#words.load(STATE);
    if (phaseOf(state) !== BROKEN) {
      this.#words.store(CAUSE, dead);
      this.#words.store(STATE, state & ~3 | BROKEN);
    }
    this.#tickets.give(Infinity, REFUSED);
    this.#words.notify(STATE, Infinity);
  }

  /** Breaks it if a party has died. Under the lock. */
  #breakForDead(): void {
    if (this.#phase() === BROKEN) return;
    const dead = this.#findDead();
    if (dead !== 0) this.#break(dead);
  }

  /** The token of a party that died, or 0. */
  #findDead(): number {
    const words = this.#words;
    if (this.#phase() === ACTING) {
      const actor = words.load(ACTOR);
      return this.#registrar.isAlive(actor) ? 0 : actor;
    }
    return this.#tickets.firstDead() || this.#findDeadMember();
  }

  /** A party that failed; one that ended well has just left. */
  #findDeadMember(): number {
    const words = this.#words;
    for (let at = PLACES; at < words.peek(PLACES_USED); at++) {
      const token = words.load(at);
      if (token === 0 || this.#registrar.isAlive(token)) continue;
      if (this.#registrar.hasFailed(token)) return token;
      words.cas(at, token, 0);
    }
    return 0;
  }

  /** Writes this process down as a party. */
  #enlist(): void {
    const words = this.#words;
    const { token } = this.#registrar;
    const at = PLACES + token % this.#places;
    if (words.peek(at) === token) return;
    words.store(at, token);
    if (words.peek(PLACES_USED) <= at) words.store(PLACES_USED, at + 1);
  }

  #phase(): number {
    return phaseOf(this.#words.load(STATE));
  }
}

/** How many words a barrier takes. */
export function barrierWords(places: number, tickets: number): number {
  return PLACES + places + ticketWords(tickets);
}

/** Prepares words of zeroes. */
export function formatBarrier(words: Words, parties: number): void {
  words.store(PARTIES, parties);
}

function phaseOf(state: number): number {
  return state & 3;
}

function nextRound(state: number): number {
  return (state & ~3) + 4 | 0;
}
