// Copyright 2026 the authors. MIT license.

// Sleeps that end with their process: a thread that sleeps by its own means
// cannot be told to stop.

import { checkOptions, checkSignal } from "../memory/check.ts";
import { checkTimeout } from "../memory/deadline.ts";
import { block, type Steps } from "../memory/park.ts";
import { Limit } from "../memory/timers.ts";
import { ThreadWords } from "../memory/word.ts";
import { checkpoint } from "../program/self.ts";

/** The options of {@linkcode sleep}. */
export interface SleepOptions {
  /** Ends the sleep: the call then throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Sleeps without blocking the thread.
 *
 * Python: `time.sleep(seconds)`, which blocks.
 *
 * @param ms How long, in milliseconds; not less.
 * @param options See {@linkcode SleepOptions}.
 * @throws {TypeError} If `ms` is not a number.
 * @throws {RangeError} If it is negative or not a number at all.
 * @throws {DOMException} `AbortError`, or the reason of `signal`.
 *
 * @example
 * ```ts
 * import { sleep } from "../mod.ts";
 * import { assert } from "@std/assert";
 *
 * const start = performance.now();
 * await sleep(20);
 * assert(performance.now() - start >= 20);
 * ```
 */
export async function sleep(
  ms: number,
  options: SleepOptions = {},
): Promise<void> {
  checkTimeout(ms);
  checkOptions("sleep", options, ["signal"]);
  const { signal } = options;
  checkSignal("sleep", signal);
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const limit = new Limit(performance.now() + ms, signal, {
    expire: resolve,
    abort: reject,
  });
  try {
    await promise;
  } finally {
    limit.end();
  }
  checkpoint();
}

/**
 * As {@linkcode sleep}, blocking this thread. A process that is told to stop,
 * by `terminate()` or since it is a daemon, ends within 20 ms; one that sleeps
 * by other means only when that sleep is over.
 *
 * Python: `time.sleep(seconds)`.
 *
 * @param ms How long, in milliseconds; not less. Infinity: until it is stopped.
 *
 * @example
 * ```ts
 * import { sleepSync } from "../mod.ts";
 * import { assert } from "@std/assert";
 *
 * const start = performance.now();
 * sleepSync(20);
 * assert(performance.now() - start >= 20);
 * ```
 */
export function sleepSync(ms: number): void {
  checkTimeout(ms);
  checkpoint();
  block(forEver(), performance.now() + ms);
}

/** A word of this thread alone, which nothing changes. */
const quiet = new ThreadWords(new Int32Array(new SharedArrayBuffer(4)));

function* forEver(): Steps<never> {
  while (true) yield { words: quiet, index: 0, value: 0 };
}
