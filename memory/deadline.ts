// Copyright 2026 the authors. MIT license.

// How long a caller is willing to wait: the options of every waiting method,
// checked in the caller and turned into a moment on the monotonic clock; and
// the timer and the listener that end the wait then.

import { callAfter, cancel, type Timer } from "./timers.ts";

import { checkObject, wrongKind } from "./check.ts";

/** How long a call may wait. */
export interface WaitOptions {
  /**
   * False: do not wait at all.
   *
   * @default {true}
   */
  block?: boolean | undefined;
  /**
   * The longest wait in milliseconds, counted from the call. Without it the
   * call waits for as long as it takes.
   */
  timeout?: number | undefined;
  /**
   * Gives the wait up: the call then throws the signal's reason. A `…Sync` form
   * looks at it once, before it waits, since nothing can abort a blocked thread.
   */
  signal?: AbortSignal | undefined;
}

/** The moment of a call that must not wait: always in the past. */
export const AT_ONCE = -Infinity;

/**
 * The moment at which a call with `options` gives up: {@linkcode AT_ONCE}, a
 * time of `performance.now()`, or Infinity.
 */
export function deadlineOf(options: WaitOptions | undefined): number {
  if (options === undefined) return Infinity;
  checkObject("wait", "options", options);
  const { block, timeout, signal } = options;
  if (timeout !== undefined) checkTimeout(timeout);
  signal?.throwIfAborted();
  if (block === false) return AT_ONCE;
  if (timeout === undefined) return Infinity;
  return timeout === 0 ? AT_ONCE : performance.now() + timeout;
}

/** A wait that a {@linkcode Limit} may end. */
export interface Limited {
  /** Its deadline has come. */
  expire(): void;
  /** Its signal was aborted. */
  abort(reason: unknown): void;
}

/**
 * The deadline and the signal of one wait. Neither is heard after `end`; a
 * signal that was aborted before is not heard at all.
 */
export class Limit {
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  readonly #wait: Limited;
  readonly #aborted: (() => void) | undefined;
  #timer: Timer | undefined;

  constructor(
    deadline: number,
    signal: AbortSignal | undefined,
    wait: Limited,
  ) {
    this.#deadline = deadline;
    this.#signal = signal;
    this.#wait = wait;
    if (signal !== undefined) {
      this.#aborted = () => wait.abort(signal.reason);
      signal.addEventListener("abort", this.#aborted);
    }
    if (deadline !== Infinity) this.#setTimer();
  }

  /** The wait is over: leaves no timer and no listener behind. */
  end(): void {
    cancel(this.#timer);
    this.#timer = undefined;
    if (this.#aborted === undefined) return;
    this.#signal?.removeEventListener("abort", this.#aborted);
  }

  // A timer may be set to less than the deadline, and go off a little early.
  #setTimer(): void {
    const left = Math.ceil(this.#deadline - performance.now());
    this.#timer = callAfter(Math.max(left, 0), () => {
      if (performance.now() < this.#deadline) this.#setTimer();
      else this.#wait.expire();
    });
  }
}

/** Milliseconds: not negative, not NaN. */
export function checkTimeout(timeout: number): void {
  if (typeof timeout !== "number") {
    throw wrongKind("wait", "timeout", "a number of milliseconds", timeout);
  }
  if (!(timeout >= 0)) {
    throw new RangeError(
      `Cannot wait: timeout must be 0 or more milliseconds: got ${timeout}`,
    );
  }
}
