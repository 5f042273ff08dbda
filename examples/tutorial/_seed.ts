// Copyright 2026 the authors. MIT license.

// What the tutorial programs borrow from Python's standard library. Every sleep
// of a program goes through here, so one factor (the environment variable
// TUTORIAL_SCALE, 1 by default) shrinks them all and keeps their ratios.

/** How long a tutorial second lasts, in seconds. */
export const SCALE = Number(Deno.env.get("TUTORIAL_SCALE") ?? "1");

/** `time.sleep()` in a child: the thread stands still. */
export function sleepSync(seconds: number) {
  const never = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(never, 0, 0, seconds * SCALE * 1000);
}

/** `time.sleep()` in the main program: others go on meanwhile. */
export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * SCALE * 1000));
}

/** `random.randrange()`: an integer of [start, stop). */
export function randrange(start: number, stop: number): number {
  return start + Math.floor(Math.random() * (stop - start));
}

/** `time.time()`: tutorial seconds since `start`, a `performance.now()`. */
export function secondsSince(start: number): string {
  return ((performance.now() - start) / 1000 / SCALE).toFixed(2);
}

/** The ticket file of S-17, S-18 and S-67. */
export interface Tickets {
  /** Tickets left. */
  count: number;
}

/** `json.load(open(file))` */
export function loadTickets(file: string): Tickets {
  return JSON.parse(Deno.readTextFileSync(file));
}

/**
 * `json.dump(tickets, open(file, 'w'))`, but the file changes in one step: a
 * reader never meets Python's moment in which it is empty. The one race left is
 * that of the tutorial, between reading the count and writing it.
 */
export function dumpTickets(tickets: Tickets, file: string) {
  const draft = `${file}.${crypto.randomUUID()}`;
  Deno.writeTextFileSync(draft, JSON.stringify(tickets));
  Deno.renameSync(draft, file);
}
