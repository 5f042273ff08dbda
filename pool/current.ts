// Copyright 2026 the authors. MIT license.

// The task that a worker of a pool is running: what its function can ask about
// it, and how it learns that it was cancelled.

import { StateError } from "../errors.ts";
import type { Region } from "../memory/region.ts";
import { unwatch, type Watch, watch } from "../memory/park.ts";
import { CANCELLED, REASON, TIMED_OUT } from "../process/pool_link.ts";

/** The running task, as {@linkcode currentTask} tells of it. */
export interface CurrentTask {
  /** Which attempt this is: 1, or more if it was lost with a worker. */
  readonly attempt: number;
  /**
   * Aborted when the task is cancelled: by the signal it was submitted with
   * (an `AbortError`) or by its timeout (a `TimeoutError`). The task then has
   * half a second to come to an end before its worker is killed. A task that
   * computes without an `await` sees it if it asks {@linkcode currentTask}
   * again.
   */
  readonly signal: AbortSignal;
}

/** The worker's code awaits no promise of the user's. */
const NONE = -1;

let id = 0;
/** The context of what is called; 0 if it has none of its own. */
let entered = 0;
/** The context of the code whose promise is awaited, or NONE. */
let awaited = NONE;
let attempt = 0;
let control: Region | undefined;
let task: CurrentTask | undefined;
let canceller: AbortController | undefined;
let watching: Watch | undefined;

/**
 * The task that runs here, in a worker of a pool.
 *
 * Python has no such function.
 *
 * @throws {StateError} If no task runs here.
 *
 * @example Stopping when the result is not wanted any more
 * ```ts
 * import { currentTask, Pool } from "../mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * export function search(goal: number): number {
 *   for (let i = 0;; i++) {
 *     if (i === goal) return i;
 *     if (i % 1000 === 0 && currentTask().signal.aborted) return -1;
 *   }
 * }
 *
 * if (import.meta.main) {
 *   await using pool = new Pool(1);
 *   await assertRejects(
 *     () => pool.apply(search, [-1], { timeout: 10 }),
 *     DOMException,
 *   );
 * }
 * ```
 */
export function currentTask(): CurrentTask {
  if (id === 0) {
    throw new StateError("Cannot get current task: none is running here");
  }
  task ??= { attempt, signal: (canceller ??= new AbortController()).signal };
  look();
  return task;
}

/** Notes that a task starts; it can be cancelled if `region` is given. */
export function begin(
  newId: number,
  newAttempt: number,
  region: Region | undefined,
): void {
  id = newId;
  attempt = newAttempt;
  control = region;
  if (region !== undefined) listen();
}

/** Notes that the task has ended. */
export function end(): void {
  id = 0;
  if (task === undefined && control === undefined) return;
  task = canceller = control = undefined;
  if (watching !== undefined) unwatch(watching, listen);
  watching = undefined;
}

/** Notes the context of what is called now, and returns it. */
export function enter(context: number): number {
  return entered = context;
}

/** Notes that the promise of what was called last is awaited. */
export function expect(): void {
  awaited = entered;
}

/** Notes that a promise is not awaited any more. */
export function settled(): void {
  awaited = NONE;
}

/**
 * Whether an uncaught error in `context` is that of the running task. Errors
 * come between two pieces of code: if no promise is awaited, no task runs.
 */
export function isOfTask(context: number): boolean {
  return awaited === context;
}

/** Looks now, and whenever the event loop gets to know of a cancellation. */
function listen(): void {
  if (control === undefined) return;
  const { words } = control;
  while (!look()) {
    const value = words.load(CANCELLED);
    if (value === id) continue;
    watching = watch({ words, index: CANCELLED, value }, listen);
    if (watching !== undefined) return;
  }
}

function look(): boolean {
  if (control === undefined || control.words.load(CANCELLED) !== id) {
    return false;
  }
  canceller ??= new AbortController();
  if (!canceller.signal.aborted) {
    const [reason, name] = control.words.load(REASON) === TIMED_OUT
      ? ["its timeout passed", "TimeoutError"]
      : ["it was cancelled", "AbortError"];
    canceller.abort(new DOMException(`Cannot finish task: ${reason}`, name));
  }
  return true;
}
