// Copyright 2026 the authors. MIT license.

/**
 * The processes that this one knows: itself, its parent, its children.
 *
 * @module
 */

import { children, currentKin, parentKin } from "./kin.ts";
import type { Process } from "./process.ts";

/**
 * The object of the process that runs this: `MainProcess`, or in a child the
 * object whose `run()` runs.
 *
 * Python: `multiprocessing.current_process()`.
 *
 * @example
 * ```ts
 * import { currentProcess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(currentProcess().name, "MainProcess");
 * ```
 */
export function currentProcess(): Process {
  return currentKin() as Process;
}

/**
 * The process that started this one, or undefined in the main process. It can
 * be looked at and joined, but only its own parent may terminate it.
 *
 * Python: `multiprocessing.parent_process()`.
 *
 * @example
 * ```ts
 * import { parentProcess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parentProcess(), undefined);
 * ```
 */
export function parentProcess(): Process | undefined {
  return parentKin() as Process | undefined;
}

/**
 * The children of this process that are alive. Those that have ended are let go
 * of, as by `join()`.
 *
 * Python: `multiprocessing.active_children()`.
 *
 * @example
 * ```ts
 * import { activeChildren } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(activeChildren(), []);
 * ```
 */
export function activeChildren(): Process[] {
  // Asking lets go of one that has ended.
  return [...children].filter((child) => child.isAlive()) as Process[];
}

/**
 * How many cores this machine offers the program.
 *
 * Python: `multiprocessing.cpu_count()`.
 *
 * @example
 * ```ts
 * import { cpuCount } from "../mod.ts";
 * import { assert } from "@std/assert";
 *
 * assert(cpuCount() >= 1);
 * ```
 */
export function cpuCount(): number {
  return navigator.hardwareConcurrency;
}
