// Copyright 2026 the authors. MIT license.

// Workers that ended before they were of any use. Three in a row, and the next
// would not do better: the pool gives up.

import { BrokenPoolError } from "../errors.ts";

/** How many workers in a row may end before they have done anything. */
const MOST = 3;

/** The failures of one pool since a worker was last of use. */
export class Failures {
  #count = 0;
  /** The error of a worker's initializer, or of a worker's start. */
  #cause: unknown;

  /** A worker was of use. */
  clear(): void {
    this.#count = 0;
  }

  /** Whether there were as many as break a pool in which no task runs. */
  get areTooMany(): boolean {
    return this.#count >= MOST;
  }

  /** Why the next failure comes, or the last one came. */
  explain(cause: unknown): void {
    this.#cause = cause;
  }

  /** A worker failed; returns the error of the pool if it was one too many. */
  count(exitCode: number | undefined): BrokenPoolError | undefined {
    if (++this.#count < MOST) return undefined;
    const cause = this.#cause;
    const how = cause === undefined
      ? `with exit code ${exitCode}`
      : `with ${cause instanceof Error ? cause.name : "an error"}: ${
        (cause as Partial<Error>)?.message ?? cause
      }`;
    return new BrokenPoolError(
      `Cannot run tasks: ${MOST} workers in a row ended at their start, the last ${how}`,
      cause === undefined ? {} : { cause },
    );
  }
}
