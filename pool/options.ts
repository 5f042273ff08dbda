// Copyright 2026 the authors. MIT license.

// The options of a pool and of its calls, and their checks.

import { checkInteger, checkOptions } from "../memory/check.ts";
import type { StartMethod } from "../memory/method.ts";
import { checkTimeout } from "../memory/deadline.ts";
import type { Progress } from "./map.ts";
import type { Size } from "./hands.ts";
import type { TaskRules } from "./task.ts";

/** The options of a {@linkcode Pool}. */
export interface PoolOptions {
  /**
   * How many workers.
   *
   * @default {cpuCount()}
   */
  processes?: number | undefined;
  /**
   * The fewest workers of a pool that grows and shrinks with its load. Instead
   * of `processes`.
   *
   * @default {`max`, or 1 if `max` is given}
   */
  min?: number | undefined;
  /**
   * The most workers of a pool that grows and shrinks. Instead of `processes`.
   *
   * @default {cpuCount(), or `min` if that is more}
   */
  max?: number | undefined;
  /**
   * How long a worker beyond `min` stays without a task, in milliseconds.
   *
   * @default {10000}
   */
  idleTimeout?: number | undefined;
  /** Called in each worker at its start, before its first task. */
  // deno-lint-ignore no-explicit-any -- it takes and returns anything.
  initializer?: ((...args: any[]) => unknown) | undefined;
  /**
   * The arguments of the initializer: clones, and views of shared objects.
   *
   * @default {[]}
   */
  initargs?: readonly unknown[] | undefined;
  /**
   * How many tasks (or chunks) a worker runs before a fresh one replaces it.
   *
   * @default {no limit}
   */
  maxTasksPerChild?: number | undefined;
  /**
   * How the workers run.
   *
   * @default {the program's start method}
   */
  method?: StartMethod | undefined;
  /**
   * The URL of the module that exports the functions, if it is not the one that
   * calls the pool: `import.meta.url` there.
   *
   * @default {the program's that exports each}
   */
  module?: string | URL | undefined;
}

/** The options of every call of a pool. */
export interface TaskOptions {
  /**
   * How long a task (or chunk) may run, in milliseconds from its start in the
   * worker. Then the call fails with a `TimeoutError`, `currentTask().signal`
   * is aborted, and a worker that does not come to an end within half a second
   * is replaced.
   */
  timeout?: number | undefined;
  /** Calls the tasks off, as `timeout` does; those that wait are dropped. */
  signal?: AbortSignal | undefined;
  /**
   * How often a task is tried again after its worker ended while it ran.
   *
   * @default {0}
   */
  retries?: number | undefined;
  /**
   * Tasks of the same key run in the same worker, as long as it lives, and can
   * use what that worker keeps. They go one at a time. A pool that grows starts
   * that worker if it is not there. Nothing is remembered of a key.
   */
  key?: string | number | undefined;
  /**
   * The URL of the module that exports the function: `import.meta.url` there.
   *
   * @default {the pool's `module`, or the program's that exports it}
   */
  module?: string | URL | undefined;
}

/** The options of {@linkcode Pool.apply}. */
export interface ApplyOptions<T> extends TaskOptions {
  /**
   * Buffers, ports and streams in the arguments that are moved to the worker
   * instead of copied; the caller loses them. An OS process gets copies of the
   * buffers; ports and streams cannot get there.
   */
  transfer?: readonly Transferable[] | undefined;
  /**
   * Called in this process with the result, in completion order, and in the
   * async context of the call. If it throws, or returns a promise that rejects,
   * the call fails with that.
   */
  callback?: ((value: T) => unknown) | undefined;
  /**
   * Called in this process with the error, as `callback`. If it throws another
   * one, the call fails with that, and the first is the last of its causes.
   */
  errorCallback?: ((error: unknown) => unknown) | undefined;
}

/** The options of {@linkcode Pool.imap}. */
export interface ImapOptions extends TaskOptions {
  /**
   * How many elements go into one message. The more there are, the less each
   * costs, and the longer each waits for the others.
   *
   * @default {1}
   */
  chunkSize?: number | undefined;
  /**
   * Called in this process after each message, in the async context of the
   * call. If it throws, the call fails with that.
   */
  onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Whether a bar is drawn on stderr, if that is a terminal.
   *
   * @default {false}
   */
  progress?: boolean | undefined;
}

/** The options of {@linkcode Pool.map}. */
export interface MapOptions<T> extends Omit<ImapOptions, "chunkSize"> {
  /**
   * How many elements go into one message. By default, one of large elements
   * has fewer: about 512 KiB of them.
   *
   * @default {Python's: about four messages for each worker}
   */
  chunkSize?: number | undefined;
  /** Called with all results: see {@linkcode ApplyOptions}. */
  callback?: ((values: T) => unknown) | undefined;
  /** Called with the first error: see {@linkcode ApplyOptions}. */
  errorCallback?: ((error: unknown) => unknown) | undefined;
}

const COMMON_OPTIONS = [
  "idleTimeout",
  "initializer",
  "initargs",
  "maxTasksPerChild",
  "module",
];

/** The names of the options of {@linkcode ThreadPool}. */
export const THREAD_POOL_OPTIONS: readonly string[] = [
  "processes",
  "min",
  "max",
  ...COMMON_OPTIONS,
];

/** The names in {@linkcode PoolOptions}. */
export const POOL_OPTIONS: readonly string[] = [
  ...THREAD_POOL_OPTIONS,
  "method",
];

/** The names in {@linkcode ExecutorOptions}, but for the method. */
export const THREAD_EXECUTOR_OPTIONS: readonly string[] = [
  "maxWorkers",
  ...COMMON_OPTIONS,
];

/** The names in {@linkcode ExecutorOptions}. */
export const EXECUTOR_OPTIONS: readonly string[] = [
  ...THREAD_EXECUTOR_OPTIONS,
  "method",
];

const TASK_OPTIONS = ["timeout", "signal", "retries", "key", "module"];

/** The names in {@linkcode ApplyOptions}. */
export const APPLY_OPTIONS: readonly string[] = [
  ...TASK_OPTIONS,
  "transfer",
  "callback",
  "errorCallback",
];

/** The names in {@linkcode ImapOptions}. */
export const IMAP_OPTIONS: readonly string[] = [
  ...TASK_OPTIONS,
  "chunkSize",
  "onProgress",
  "progress",
];

/** The names in {@linkcode MapOptions}. */
export const MAP_OPTIONS: readonly string[] = [
  ...IMAP_OPTIONS,
  "callback",
  "errorCallback",
];

const IDLE_TIMEOUT = 10_000;
const MOST_WORKERS = 1000;

/** The options; a number is the one of them that is called `name`. */
export function namedOptions<O extends object>(
  action: string,
  name: keyof O,
  options: number | O,
  known: readonly string[],
): O {
  if (typeof options === "number") return { [name]: options } as O;
  checkOptions(action, options, known, "a number or an object");
  return options;
}

/** How many workers the options ask for. */
export function sizeOf(options: PoolOptions): Size {
  const { processes, min, max, idleTimeout = IDLE_TIMEOUT } = options;
  for (const [name, count] of Object.entries({ processes, min, max })) {
    if (count === undefined) continue;
    checkInteger("create pool", name, count, name === "min" ? 0 : 1);
    if (count > MOST_WORKERS) {
      throw new RangeError(
        `Cannot create pool: ${name} must be ${MOST_WORKERS} at most: got ${count}`,
      );
    }
  }
  checkTimeout(idleTimeout);
  if (processes !== undefined && (min !== undefined || max !== undefined)) {
    throw new TypeError(
      "Cannot create pool: give it either processes, or min and max",
    );
  }
  const cores = navigator.hardwareConcurrency;
  if (min === undefined && max === undefined) {
    const count = processes ?? cores;
    return { min: count, max: count, idleTimeout };
  }
  const most = max ?? Math.max(min!, cores);
  const least = min ?? 1;
  if (least > most) {
    throw new RangeError(
      `Cannot create pool: min must not be more than max: got ${least} and ${most}`,
    );
  }
  return { min: least, max: most, idleTimeout };
}

/** The rules among the options; undefined if there are none. */
export function rulesOf(
  options: ApplyOptions<never>,
  known: readonly string[] = APPLY_OPTIONS,
): TaskRules | undefined {
  checkOptions("submit task", options, known);
  const { timeout, signal, retries, key, transfer } = options;
  const hasRules = timeout !== undefined || signal !== undefined ||
    retries !== undefined || key !== undefined || transfer !== undefined;
  if (!hasRules) return undefined;
  if (timeout !== undefined) checkTimeout(timeout);
  if (retries !== undefined) checkInteger("submit task", "retries", retries, 0);
  return { timeout, signal, retries, key, transfer };
}
