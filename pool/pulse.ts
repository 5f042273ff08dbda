// Copyright 2026 the authors. MIT license.

// When the parent of a pool looks at its results, and what keeps the program
// alive meanwhile.
//
// A turn drains the results. After a submit there is one as soon as the
// caller's synchronous code is done. If tasks are known to be short it polls a
// little: to wait 30 µs for a result costs less than a wake. Then it sleeps on
// the ring. A worker may die between its result and its wake: a tick every
// 100 ms looks for that. It runs only while there is something to wait for.

import {
  block,
  EXPIRED,
  type Steps,
  unwatch,
  type Watch,
  watch,
} from "../memory/park.ts";
import type { Ring } from "../queue/ring.ts";
import {
  Beat,
  callAfterLoop,
  callEvery,
  cancel,
  type Timer,
} from "../memory/timers.ts";
import { pause } from "../memory/word.ts";

/** How long a turn polls for a result, in milliseconds. */
const POLL = 0.03;

/** How long turns follow each other without the event loop between them. */
const STRETCH = 8;

const TICK = 100;

/** How many microtasks a turn lets pass by: those of `await pool.apply()`. */
const HOPS = 4;

/** The work of a turn. */
export interface PulseOwner {
  /** Deals with results; returns how many there were. */
  drain(): number;
  /** Whether there are tasks that have no result. */
  readonly isBusy: boolean;
  /** Whether ticks are needed although there are no tasks. */
  readonly isUneasy: boolean;
  /** Whether a result may come in a few microseconds. */
  readonly isQuick: boolean;
  /** Does what has to be done now and then. */
  tick(): void;
  /** The turns of a call that blocks this thread until `isOver`. */
  turns(isOver: () => boolean): Steps<true>;
}

/** The pulse of one pool. */
export class Pulse {
  readonly #results: Ring;
  readonly #owner: PulseOwner;
  #isScheduled = false;
  #watching: Watch | undefined;
  /** The end of the last pending call to the system. */
  #leftover: Promise<unknown> | undefined;
  #hops = 0;
  /** When the event loop turned last, as far as is known. */
  #since = 0;
  /** The ticks while a result is awaited. */
  readonly #beat = new Beat(TICK, () => this.#tick());
  /** The ticks while none is: they do not keep the program alive. */
  #timer: Timer | undefined;
  #holds = 0;

  constructor(results: Ring, owner: PulseOwner) {
    this.#results = results;
    this.#owner = owner;
  }

  /** Asks for a turn: a task was submitted, or a result is awaited. */
  nudge(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#hops = HOPS;
    queueMicrotask(this.#hop);
  }

  ref(): void {
    if (this.#holds++ === 0) this.#startTicks();
    this.nudge();
  }

  /** The ticks go on as they are, for another result may be awaited at once. */
  unref(): void {
    this.#holds--;
  }

  /** Blocks this thread until `isOver`; false if the deadline comes first. */
  block(isOver: () => boolean, deadline: number): boolean {
    return isOver() ||
      block(this.#owner.turns(isOver), deadline) !== EXPIRED;
  }

  /**
   * Stops, if there is nothing to look at any more. Returns the end of what
   * still runs, if anything does.
   */
  rest(): Promise<unknown> | undefined {
    if (this.#owner.isBusy || this.#owner.isUneasy) return undefined;
    return this.#stopTicks();
  }

  readonly #hop = () => {
    if (--this.#hops > 0) return queueMicrotask(this.#hop);
    this.#turn();
  };

  #turn(): void {
    this.#isScheduled = false;
    const owner = this.#owner;
    let count = owner.drain();
    if (count === 0 && owner.isBusy && owner.isQuick && this.#poll()) {
      count = owner.drain();
    }
    if (!owner.isBusy && !owner.isUneasy) {
      this.#stopTicks();
      return;
    }
    this.#startTicks();
    if (count > 0) this.#goOn();
    else this.#sleep();
  }

  /** Asks for another turn; now and then the event loop comes first. */
  #goOn(): void {
    if (performance.now() - this.#since < STRETCH) return this.nudge();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    callAfterLoop(() => {
      this.#since = performance.now();
      this.#turn();
    });
  }

  #poll(): boolean {
    const start = performance.now();
    // All else in this thread waits for turns: it should not wait for longer.
    if (start - this.#since > STRETCH) return false;
    do {
      for (let i = 0; i < 20; i++) {
        if (!this.#results.isEmpty()) return true;
        pause();
      }
    } while (performance.now() - start < POLL);
    return false;
  }

  /** Sleeps until a result comes. */
  #sleep(): void {
    this.#since = performance.now();
    if (this.#watching !== undefined) return;
    const park = this.#results.parkForMessage();
    if (park !== undefined) this.#watching = watch(park, this.#wake);
    if (this.#watching === undefined) this.#goOn();
  }

  readonly #wake = () => {
    this.#watching = undefined;
    this.#since = performance.now();
    if (!this.#isScheduled) this.#turn();
  };

  #startTicks(): void {
    if (this.#holds > 0) {
      cancel(this.#timer);
      this.#timer = undefined;
      this.#beat.start();
    } else if (!this.#beat.isOn) this.#startTimer();
  }

  #startTimer(): void {
    if (this.#timer !== undefined) return;
    const timer = callEvery(TICK, () => this.#tick());
    Deno.unrefTimer(timer);
    // The first timer of a program loads the platform's timers, and that runs
    // microtasks: one of them may have started the ticks already.
    if (this.#timer === undefined && !this.#beat.isOn) this.#timer = timer;
    else cancel(timer);
  }

  #tick(): void {
    if (this.#holds === 0 && this.#beat.isOn) {
      this.#beat.stop();
      this.#startTimer();
    }
    this.#since = performance.now();
    this.#owner.tick();
    this.nudge();
  }

  #stopTicks(): Promise<unknown> | undefined {
    this.#beat.stop();
    cancel(this.#timer);
    this.#timer = undefined;
    if (this.#watching !== undefined) {
      this.#leftover = unwatch(this.#watching, this.#wake);
    }
    this.#watching = undefined;
    return this.#leftover;
  }
}
