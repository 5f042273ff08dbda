// Copyright 2026 the authors. MIT license.

// An event that processes wait for.

import { checkCount, printAs } from "../memory/check.ts";
import { deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import { EventWord } from "./event_word.ts";
import {
  HANDLE,
  ownRegion,
  setReviver,
  type Sited,
} from "../message/handle.ts";
import type { RegionHandle } from "../memory/region.ts";
import { EXPIRED, Line } from "../memory/park.ts";
import { Wait } from "../memory/wait.ts";
import { checkpoint, made, me } from "../program/self.ts";

/**
 * A flag that is set or clear: `wait` waits while it is clear.
 *
 * Python: `multiprocessing.Event`.
 *
 * Give it to a process in its arguments; every process then has its own view of
 * the same event. The platform's own `Event` is still there under
 * `globalThis.Event`.
 *
 * - **All**: a `set()` ends every wait of that moment, also if `clear()`
 *   follows at once.
 * - **Death**: an event has no holder. One that only a dead process would have
 *   set stays clear: wait with a `timeout` if that can be.
 *
 * @example A start gun
 * ```ts
 * import { Event } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const start = new Event();
 * const ran: number[] = [];
 * const runners = [1, 2].map(async (number) => {
 *   await start.wait();
 *   ran.push(number);
 * });
 *
 * start.set();
 * await Promise.all(runners);
 * assertEquals(ran, [1, 2]);
 * ```
 */
export class Event {
  readonly #handle: RegionHandle;
  readonly #event: EventWord;
  readonly #waiting = Wait.toSee<void, true>(new Line("Event.wait()"), {
    now: () => this.#event.isSet() || EXPIRED,
    steps: () => this.#event.waiting(this.#event.seen()),
  });

  /** Makes an event that is clear. */
  constructor() {
    checkCount("create event", arguments, 0);
    // A waiting line asks whether another process lives (memory/park.ts). From
    // the first `me()` of a program on there is a table that tells.
    me();
    made(this);
    const { words, handle } = ownRegion(BYTES);
    this.#handle = handle;
    this.#event = new EventWord(words, WORD);
  }

  /**
   * Whether it is set: it may change before the call returns.
   *
   * Python: `Event.is_set()`.
   */
  isSet(): boolean {
    checkpoint();
    return this.#event.isSet();
  }

  /**
   * Sets it: ends all waits, and those that begin until it is cleared.
   *
   * Python: `Event.set()`.
   */
  set(): void {
    checkpoint();
    this.#event.set();
  }

  /**
   * Clears it: a wait that begins from now on is for the next `set()`.
   *
   * Python: `Event.clear()`.
   */
  clear(): void {
    checkpoint();
    this.#event.clear();
  }

  /**
   * Waits until it is set.
   *
   * Python: `Event.wait(timeout)`.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns True if it is set or was set during the wait; false if `timeout`
   * passed.
   * @throws {RangeError} If `timeout` is negative.
   */
  wait(options?: WaitOptions): Promise<boolean> {
    try {
      const deadline = deadlineOf(options);
      checkpoint();
      if (this.#event.isSet()) return Promise.resolve(true);
      const set = this.#waiting.inLine(undefined, deadline, options?.signal);
      return set instanceof Promise
        ? set.then((result) => result !== EXPIRED)
        : Promise.resolve(set !== EXPIRED);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@linkcode Event.wait}, blocking this thread. */
  waitSync(options?: WaitOptions): boolean {
    const deadline = deadlineOf(options);
    checkpoint();
    return this.#event.isSet() ||
      this.#waiting.blocking(undefined, deadline) !== EXPIRED;
  }

  static {
    printAs(this, (event) => event.#event.isSet() ? "set" : "clear");
  }

  /** @internal */
  [HANDLE](): Sited {
    return { kind: "Event", region: this.#handle };
  }
}

const BYTES = 64;
const WORD = 0;

setReviver("Event", Event);
