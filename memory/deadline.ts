// Copyright 2026 the authors. MIT license.

// How long a caller is willing to wait: the options of every waiting method,
// checked in the caller and turned into a moment on the monotonic clock, the
// deadline; a Limit (timers.ts) ends the wait then.

import { checkBoolean, checkOptions, wrongKind } from "./check.ts";

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
   * looks at it once, before it waits, since nothing can abort a blocked
   * thread.
   */
  signal?: AbortSignal | undefined;
}

/** The names in {@linkcode WaitOptions}. */
export const WAIT_OPTIONS: readonly string[] = ["block", "timeout", "signal"];

/** The moment of a call that must not wait: always in the past. */
export const AT_ONCE = -Infinity;

/**
 * The moment at which a call with `options` gives up: {@linkcode AT_ONCE}, a
 * time of `performance.now()`, or Infinity. `known` are the names that the call
 * knows.
 */
export function deadlineOf(
  options: WaitOptions | undefined,
  known: readonly string[] = WAIT_OPTIONS,
): number {
  if (options === undefined) return Infinity;
  checkOptions("wait", options, known);
  const { block, timeout, signal } = options;
  if (block !== undefined) checkBoolean("wait", "block", block);
  if (timeout !== undefined) checkTimeout(timeout);
  signal?.throwIfAborted();
  if (block === false) return AT_ONCE;
  if (timeout === undefined) return Infinity;
  return timeout === 0 ? AT_ONCE : performance.now() + timeout;
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
