// Copyright 2026 the authors. MIT license.

// A bar that shows how far a map has come: on a terminal, and nowhere else.

import type { Progress } from "./map.ts";

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
