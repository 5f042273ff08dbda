// Copyright 2026 the authors. MIT license.

// A chunk: many tasks that a worker runs one after the other, as one message.

import { expect, settled } from "./current.ts";
import type { Callable } from "../message/target.ts";
import { callAfterLoop } from "../memory/timers.ts";
import { callOf, EACH, SPREAD_CHUNK } from "./wire.ts";

/** How long a worker may stay away from its event loop, in milliseconds. */
export const TURN = 8;

/** The most elements between two looks at the clock; at first there is one. */
const MOST_UNTIMED = 1024;

let turnedAt = 0;

/** Whether this worker should let its event loop turn. */
export function isTurnDue(now: number): boolean {
  return now - turnedAt > TURN;
}

/** Lets the event loop turn: timers, messages and all else that waits. */
export async function turn(): Promise<void> {
  await new Promise<void>((resolve) => callAfterLoop(resolve));
  turned(performance.now());
}

/** Notes that the event loop has turned. */
export function turned(now: number): void {
  turnedAt = now;
}

/**
 * Runs the tasks of a chunk in order; one at a time, even if they are async.
 */
export class Chunk {
  readonly values: unknown[];
  /** Whether the error of one element does not end the chunk. */
  readonly isEach: boolean;
  /** With `isEach`: which elements failed, and how. */
  readonly errors: [index: number, error: unknown][] = [];
  /** Whether a task has returned a promise. */
  isAsync = false;
  readonly #call: (item: unknown) => unknown;
  readonly #items: readonly unknown[];
  #next = 0;
  #untimed = 1;
  #readAt = performance.now();

  /** A chunk of the kind that the note of its task says. */
  constructor(func: Callable, items: readonly unknown[], note: number) {
    this.#call = callOf(note) === SPREAD_CHUNK
      ? (item) => func(...item as unknown[])
      : func as (item: unknown) => unknown;
    this.#items = items;
    this.isEach = (note & EACH) !== 0;
    this.values = new Array(items.length).fill(undefined);
  }

  /** Runs tasks; returns a promise if one must be awaited or a turn is due. */
  run(): Promise<void> | undefined {
    const items = this.#items;
    const values = this.values;
    const call = this.#call;
    let left = this.#untimed;
    while (this.#next < items.length) {
      const i = this.#next++;
      try {
        // Called by a name of its own: the function's `this` is no object of
        // ours.
        const value = call(items[i]);
        if (isThenable(value)) return this.#goOnAfter(i, value);
        values[i] = value;
      } catch (error) {
        this.#fail(i, error);
      }
      if (--left > 0) continue;
      if (this.#isTurnDue()) return this.#goOnAfterTurn();
      left = this.#untimed;
    }
    return undefined;
  }

  async #goOnAfter(i: number, value: PromiseLike<unknown>): Promise<void> {
    this.isAsync = true;
    expect();
    try {
      this.values[i] = await value;
    } catch (error) {
      this.#fail(i, error);
    } finally {
      settled();
    }
    if (isTurnDue(performance.now())) await turn();
    await this.run();
  }

  async #goOnAfterTurn(): Promise<void> {
    await turn();
    await this.run();
  }

  #fail(i: number, error: unknown): void {
    if (!this.isEach) throw error;
    this.errors.push([i, error]);
  }

  /** Looks at the clock, and decides when to look again. */
  #isTurnDue(): boolean {
    const now = performance.now();
    const took = now - this.#readAt;
    this.#readAt = now;
    if (took < 0.1) this.#untimed = Math.min(this.#untimed * 2, MOST_UNTIMED);
    else if (took > 1) this.#untimed = 1;
    return isTurnDue(now);
  }
}

/** Whether `value` is a promise, or anything that can be awaited like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === "function";
}
