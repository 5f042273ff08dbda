// Copyright 2026 the authors. MIT license.

// A bar that shows how far a map has come: on a terminal, and nowhere else.

import type { Progress } from "./map.ts";
import { isThenable } from "./chunk.ts";

const WIDTH = 30;

/** The least time between two drawings, in milliseconds. */
const INTERVAL = 100;

/** A bar on stderr. */
export class Bar {
  readonly #startedAt = performance.now();
  #drawnAt = 0;
  #isBroken = false;

  /** A bar, if stderr is a terminal. */
  static create(): Bar | undefined {
    return Deno.stderr.isTerminal() ? new Bar() : undefined;
  }

  /** Draws the bar, unless it was drawn just now. */
  show(progress: Progress): void {
    const now = performance.now();
    if (now - this.#drawnAt < INTERVAL) return;
    this.#drawnAt = now;
    this.#draw(progress, now, "");
  }

  /** Draws the bar for the last time, and ends its line. */
  finish(progress: Progress): void {
    this.#draw(progress, performance.now(), "\n");
  }

  #draw(progress: Progress, now: number, end: string): void {
    if (this.#isBroken) return;
    const text = `\r${line(progress, now - this.#startedAt)}\x1b[K${end}`;
    try {
      Deno.stderr.writeSync(new TextEncoder().encode(text));
    } catch {
      // The terminal is gone. That is no reason for the map to fail.
      this.#isBroken = true;
    }
  }
}

/**
 * The calls of a user's `onProgress`: soon after each report, and in the async
 * context of the call that gave it. If one throws, its map fails.
 */
export class Reports {
  readonly #onProgress: (progress: Progress) => unknown;
  readonly #fail: (error: unknown) => void;
  readonly #reports: Progress[] = [];
  /** What async calls have returned. */
  readonly #running: Promise<unknown>[] = [];
  #arrival = Promise.withResolvers<void>();
  #end: (() => void) | undefined;

  constructor(
    onProgress: (progress: Progress) => unknown,
    fail: (error: unknown) => void,
  ) {
    this.#onProgress = onProgress;
    this.#fail = fail;
    this.#run();
  }

  static create(
    onProgress: ((progress: Progress) => unknown) | undefined,
    fail: (error: unknown) => void,
  ): Reports | undefined {
    return onProgress && new Reports(onProgress, fail);
  }

  tell(progress: Progress): void {
    this.#reports.push(progress);
    this.#arrival.resolve();
  }

  /** There are no more: has `end` called after the last. */
  end(end: () => void): void {
    this.#end = end;
    this.#arrival.resolve();
  }

  /** Makes the calls that are due, without a microtask. */
  flush(): void {
    for (const progress of this.#reports.splice(0)) this.#call(progress);
    this.#end?.();
  }

  // One async function, since that goes on in the context that it began in.
  async #run(): Promise<void> {
    while (this.#end === undefined) {
      await this.#arrival.promise;
      this.#arrival = Promise.withResolvers();
      for (const progress of this.#reports.splice(0)) this.#call(progress);
    }
    if (this.#running.length > 0) await Promise.all(this.#running);
    this.#end();
  }

  #call(progress: Progress): void {
    try {
      const returned: unknown = this.#onProgress.call(undefined, progress);
      if (!isThenable(returned)) return;
      this.#running.push(Promise.resolve(returned).catch(this.#fail));
    } catch (error) {
      this.#fail(error);
    }
  }
}

/** One line: the bar, how many, and how long it took so far. */
export function line({ done, total }: Progress, ms: number): string {
  const seconds = (ms / 1000).toFixed(1);
  if (total === undefined) return `${done} done, ${seconds} s`;
  const share = total === 0 ? 1 : done / total;
  const full = Math.round(share * WIDTH);
  const bar = "#".repeat(full) + "-".repeat(WIDTH - full);
  const percent = Math.floor(share * 100).toString().padStart(3);
  return `[${bar}] ${percent}% ${done}/${total} ${seconds} s`;
}
