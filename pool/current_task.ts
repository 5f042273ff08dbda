// Copyright 2026 the authors. MIT license.

/**
 * The task that a worker of a pool runs.
 *
 * @module
 */

import { type CurrentTask, taskHere } from "./current.ts";

export type { CurrentTask } from "./current.ts";

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
  return taskHere();
}
