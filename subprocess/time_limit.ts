// Copyright 2026 the authors. MIT license.

// A bound on the wait for a promise of the platform's, which no word in shared
// memory stands for.

import { checkOptions, checkSignal } from "../memory/check.ts";
import { checkTimeout, type WaitOptions } from "../memory/deadline.ts";
import { Limit } from "../memory/timers.ts";

/** How long to wait for a command. */
export interface LimitOptions extends Omit<WaitOptions, "block"> {}

/** The result of {@linkcode within} if the time was up first. */
export const TOO_LATE: unique symbol = Symbol("too late");

const LIMITS = ["timeout", "signal"];

/** Throws unless `options` can bound a wait; `known` are their names. */
export function checkLimits(
  options: LimitOptions,
  known: readonly string[] = LIMITS,
): void {
  checkOptions("wait", options, known);
  const { timeout, signal } = options;
  if (timeout !== undefined) checkTimeout(timeout);
  checkSignal("wait", signal);
}

/** The result of `promise`, if it comes in time. */
export async function within<T>(
  promise: Promise<T>,
  { timeout = Infinity, signal }: LimitOptions,
): Promise<T | typeof TOO_LATE> {
  // The promise that is given up may still fail, and no call hears of it.
  promise.catch(() => {});
  signal?.throwIfAborted();
  const { promise: late, resolve, reject } = Promise.withResolvers<
    typeof TOO_LATE
  >();
  const limit = new Limit(performance.now() + timeout, signal, {
    expire: () => resolve(TOO_LATE),
    abort: reject,
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    limit.end();
  }
}
