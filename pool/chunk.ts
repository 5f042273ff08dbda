// Copyright 2026 the authors. MIT license.

// A chunk: many tasks that a worker runs one after the other, as one message.

import { expect, settled } from "./current.ts";
import type { Callable } from "../message/target.ts";
import { encode, type Frame, type Road } from "../message/codec.ts";
import {
  callOf,
  EACH,
  encodeSome,
  PORTION,
  type Portion,
  SPREAD_CHUNK,
  weightOf,
} from "./wire.ts";

/** How long a worker may stay away from its event loop, in milliseconds. */
export const TURN = 8;

/** The most elements between two looks at the clock; at first there is one. */
const MOST_UNTIMED = 1024;

let turnedAt = 0;

/** Whether this worker should let its event loop turn. */
export function isTurnDue(now: number): boolean {
  return now - turnedAt > TURN;
}

// Taken at once: a user's fake must not stop us.
const Channel = MessageChannel;

/**
 * Lets the event loop turn: timers, messages and all else that waits. A message
 * to itself comes in the next turn. With `callAfterLoop()` it would take a
 * tenth of the time, but a worker of which no task uses timers would load them:
 * 1.5 MiB and 10 ms.
 */
export async function turn(): Promise<void> {
  const { port1, port2 } = new Channel();
  await new Promise<void>((resolve) => {
    // Before the message is sent: one that is there already takes no turn.
    port1.onmessage = () => resolve();
    port2.postMessage(undefined);
  });
  port1.close();
  port2.close();
  turned(performance.now());
}

/** Notes that the event loop has turned. */
export function turned(now: number): void {
  turnedAt = now;
}

/**
 * Runs the tasks of a chunk in order; one at a time, even if they are async.
 * When it has gathered enough results for a message, it gives these before it
 * goes on.
 */
export class Chunk {
  /** With EACH: which elements failed, and how. */
  readonly errors: [index: number, error: unknown][] = [];
  /** Without EACH: why a result cannot be sent; then none is any more. */
  refusal: { error: unknown } | undefined;
  /** Whether a task has returned a promise. */
  isAsync = false;
  /** What an object takes, about, in bytes: the average of the last message. */
  usual: number;
  readonly #values: unknown[];
  /** Whether the error of one element does not end the chunk. */
  readonly #isEach: boolean;
  readonly #call: (item: unknown) => unknown;
  readonly #items: readonly unknown[];
  readonly #give: (chunk: Chunk) => Promise<void> | undefined;
  #next = 0;
  /** How many results were given. */
  #given = 0;
  /** About how many bytes the results take that were not. */
  #weight = 0;
  #untimed = 1;
  #readAt = performance.now();

  /**
   * A chunk of the kind that the note of its task says. `give` puts what
   * {@linkcode Chunk.portion} returns; it is called when there is enough for a
   * message, and returns a promise if there is no room.
   */
  constructor(
    func: Callable,
    items: readonly unknown[],
    note: number,
    usual: number,
    give: (chunk: Chunk) => Promise<void> | undefined,
  ) {
    this.#call = callOf(note) === SPREAD_CHUNK
      ? (item) => func(...item as unknown[])
      : func as (item: unknown) => unknown;
    this.#items = items;
    this.usual = usual;
    this.#give = give;
    this.#isEach = (note & EACH) !== 0;
    this.#values = new Array(items.length).fill(undefined);
  }

  /** Whether no result is left, and none will come. */
  get isOver(): boolean {
    return this.#given === this.#items.length;
  }

  /** Runs tasks; returns a promise if it must wait or a turn is due. */
  run(): Promise<void> | undefined {
    const items = this.#items;
    const values = this.#values;
    const call = this.#call;
    let left = this.#untimed;
    while (this.#next < items.length) {
      const i = this.#next++;
      let value: unknown;
      try {
        // Called by a name of its own: the function's `this` is no object of
        // ours.
        value = call(items[i]);
        if (isThenable(value)) return this.#goOnAfter(i, value);
        values[i] = value;
      } catch (error) {
        this.#fail(i, error);
      }
      // Most results are numbers.
      if (typeof value !== "number" && this.#isEnoughWith(value)) {
        const isGiven = this.#give(this);
        if (isGiven !== undefined) return this.#goOnAfterGiving(isGiven);
      }
      if (--left > 0) continue;
      if (this.#isTurnDue()) return this.#goOnAfterTurn();
      left = this.#untimed;
    }
    return undefined;
  }

  /**
   * The next message of results, the longest of which has `most` bytes;
   * undefined if all were given. What cannot be sent is an error from then on,
   * with EACH that of its element.
   */
  portion(road: Road, most: number): Portion | undefined {
    if (this.refusal !== undefined) this.#drop(this.#next);
    const start = this.#given;
    const end = this.#next;
    if (start === end) return undefined;
    let some: Portion;
    try {
      some = this.#encode(road, most);
    } catch (error) {
      if (this.#isEach) {
        this.#refuseEach(road, most);
        some = this.#encode(road, most);
      } else {
        this.refusal = { error: this.#named(error, road, most) };
        this.#drop(end);
        return undefined;
      }
    }
    if (!some.isAlone) {
      const size = some.frame.bytes?.length ?? 0;
      this.usual = Math.ceil(size / some.count);
    }
    this.#drop(start + some.count);
    return some;
  }

  #encode(road: Road, most: number): Portion {
    const some = encodeSome(
      this.#values,
      this.#given,
      this.#next,
      "result",
      undefined,
      road,
    );
    checkSize(some.frame, most);
    return some;
  }

  /** Whether the results are enough for a message, with one more. */
  #isEnoughWith(value: unknown): boolean {
    return (this.#weight += weightOf(value, this.usual)) > PORTION;
  }

  /** Lets go of the results before that of index `end`. */
  #drop(end: number): void {
    if (end < this.#items.length) {
      this.#values.fill(undefined, this.#given, end);
    }
    this.#given = end;
    this.#weight = 0;
  }

  /**
   * An error of a message, with the place of its element in the chunk: that of
   * the first message has it.
   */
  #named(error: unknown, road: Road, most: number): unknown {
    if (this.#given === 0) return error;
    try {
      for (let i = this.#given; i < this.#next; i++) {
        trial(this.#values[i], i, road, most);
      }
    } catch (named) {
      return named;
    }
    return error;
  }

  /** Turns the results into errors that cannot be sent. */
  #refuseEach(road: Road, most: number): void {
    for (let i = this.#given; i < this.#next; i++) {
      try {
        trial(this.#values[i], i, road, most);
      } catch (error) {
        this.#values[i] = undefined;
        this.errors.push([i, error]);
      }
    }
  }

  async #goOnAfter(i: number, value: PromiseLike<unknown>): Promise<void> {
    this.isAsync = true;
    expect();
    try {
      this.#values[i] = await value;
    } catch (error) {
      this.#fail(i, error);
    } finally {
      settled();
    }
    if (this.#isEnoughWith(this.#values[i])) await this.#give(this);
    if (isTurnDue(performance.now())) await turn();
    await this.run();
  }

  async #goOnAfterGiving(isGiven: Promise<void>): Promise<void> {
    await isGiven;
    await this.run();
  }

  async #goOnAfterTurn(): Promise<void> {
    await turn();
    await this.run();
  }

  #fail(i: number, error: unknown): void {
    if (!this.#isEach) throw error;
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

/** Throws if the result of one element cannot be sent. */
function trial(value: unknown, i: number, road: Road, most: number): void {
  const frame = encode(value, `result[${i}]`, undefined, road);
  checkSize(frame, most);
  frame.cargo?.end();
}

/** Throws if a message of results has more than `most` bytes. */
export function checkSize({ bytes, cargo }: Frame, most: number): void {
  const size = bytes?.length ?? 0;
  if (size <= most) return;
  cargo?.end();
  throw new RangeError(
    `Cannot return result: it takes ${size} bytes, and a result may take ${most}`,
  );
}

/** Whether `value` is a promise, or anything that can be awaited like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === "function";
}
