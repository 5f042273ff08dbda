// Copyright 2026 the authors. MIT license.

// The gate before a lock: what keeps newcomers from overtaking one waiter for
// ever. A release only wakes the longest sleeper, and a process that asks at
// that very moment may be faster, which is what makes a contended lock cheap.
// So a waiter that was woken in vain and has waited for a while shuts the gate,
// in one word:
//
// from        to          by
// 0           { waiter }  a waiter that was overtaken, after its patience
// { me }      0           the same, when it has the lock or gives up
// { dead }    0           any process that comes to the gate
//
// While it is shut, only the waiters that sleep on the lock already may take
// it, each once, and they are woken in the order in which they fell asleep. So
// a waiter that shuts it has before it at most the other waiters, and the
// processes that were past the gate in that instant. The gate is not a lock: a
// process that looked while it was open may still pass, and then it passes
// once.
//
// The waiter may be a promise of a process that computes for seconds and cannot
// take what it is offered; a free lock must not wait for it. So a newcomer that
// has stood at the gate for a while goes past it: each other process overtakes
// such a waiter once in LONGEST_SHUT, not at its own speed.
//
// Source of the idea: the starvation mode of Go's sync.Mutex (2016), in which a
// waiter of more than a millisecond is handed the lock.

import type { Locker } from "../program/locker.ts";
import type { Park, Steps } from "../memory/park.ts";
import type { Words } from "../memory/word.ts";

const OPEN = 0;

/** How long a waiter lets others overtake it, in milliseconds. */
const PATIENCE = 1;

/**
 * A waiter that looks again so soon was woken, and found another process
 * faster; later than that it may be the end of a slice, and the same holder all
 * the time.
 */
const WOKEN_WITHIN = 15;

/** How long a newcomer respects the gate, in milliseconds. */
const LONGEST_SHUT = 50;

/** A gate in one word of shared memory. */
export class Gate {
  readonly #words: Words;
  readonly #index: number;
  readonly #locker: Locker;
  readonly #patience: number;

  constructor(
    words: Words,
    index: number,
    locker: Locker,
    patience: number = PATIENCE,
  ) {
    this.#words = words;
    this.#index = index;
    this.#locker = locker;
    this.#patience = patience;
  }

  /** Whether a newcomer may try now. */
  isOpen(): boolean {
    const shutter = this.#words.peek(this.#index);
    // Its own process goes past: a thread that blocks here would keep the
    // waiter, a promise of the same thread, from ever opening the gate.
    if (shutter === OPEN || shutter === this.#locker.token) return true;
    if (this.#locker.isAlive(shutter)) return false;
    this.#open(shutter);
    return true;
  }

  /**
   * Goes through `steps`, the wait for the lock, as a waiter that must not
   * starve.
   */
  *through<T>(steps: Steps<T>): Steps<T> {
    let isShutter = false;
    let isOver = false;
    try {
      const arrived = performance.now();
      while (!this.isOpen() && performance.now() - arrived < LONGEST_SHUT) {
        const shut = this.#park();
        if (shut !== undefined) yield shut;
      }
      let step = steps.next();
      while (step.done !== true) {
        const slept = performance.now();
        yield step.value;
        const now = performance.now();
        step = steps.next();
        if (step.done || isShutter || now - slept > WOKEN_WITHIN) continue;
        if (now - arrived >= this.#patience) isShutter = this.#shut();
      }
      isOver = true;
      return step.value;
    } finally {
      if (!isOver) steps.return(undefined as T);
      if (isShutter) this.#open(this.#locker.token);
    }
  }

  #park(): Park | undefined {
    const value = this.#words.load(this.#index);
    if (value === OPEN || value === this.#locker.token) return undefined;
    return { words: this.#words, index: this.#index, value };
  }

  #shut(): boolean {
    const mine = this.#locker.token;
    return this.#words.cas(this.#index, OPEN, mine) === OPEN;
  }

  #open(shutter: number): void {
    // All of them: the gate has no line, the lock behind it has.
    if (this.#words.cas(this.#index, shutter, OPEN) !== shutter) return;
    this.#words.notify(this.#index, Infinity);
  }
}
