// Copyright 2026 the authors. MIT license.

/**
 * Start methods: how the processes of a program run.
 *
 * @module
 */

import "./message/transit.ts";
import { StateError } from "./errors.ts";
import { GUARDED, me } from "./program/self.ts";
import { checkCount, checkOptions } from "./memory/check.ts";
import {
  checkMethod,
  chooseMethod,
  chosenMethod,
  forceMethod,
  makeIn,
  type MemoryKind,
  memoryOf,
  START_METHODS,
  type StartMethod,
  usedMethod,
} from "./memory/method.ts";
import * as classes from "./classes.ts";
import * as connection from "./connection.ts";
import * as errors from "./errors.ts";
import * as futures from "./futures.ts";
import * as pipe from "./pipe.ts";
import * as pool from "./pool.ts";
import * as process from "./process.ts";
import * as queue from "./queue.ts";
import * as shared from "./shared.ts";
import * as subprocess from "./subprocess.ts";
import * as sync from "./sync.ts";

export type { StartMethod } from "./memory/method.ts";

/** The names of this module that know no start method by themselves. */
export type ContextNames =
  & typeof classes
  & typeof connection
  & typeof errors
  & typeof futures
  & typeof pipe
  & typeof pool
  & typeof process
  & typeof queue
  & typeof shared
  & typeof sync;

/**
 * All names of this module, bound to one start method: processes and pools are
 * made with it, and shared objects in memory that its processes can have.
 */
export interface Context extends Readonly<ContextNames> {
  /** The start method. */
  readonly method: StartMethod;
  /** The module `subprocess`. */
  readonly subprocess: typeof subprocess;
  /** The start method of the context. */
  getStartMethod(options?: { allowNone?: boolean }): StartMethod;
  /**
   * Always refused: a context has its start method for good.
   *
   * @throws {StateError} Always.
   */
  setStartMethod(method: StartMethod, options?: { force?: boolean }): never;
  /** {@linkcode getAllStartMethods}. */
  getAllStartMethods(): StartMethod[];
  /**
   * The context of another start method; without one, this.
   *
   * @throws {RangeError} If there is no such start method.
   */
  getContext(method?: StartMethod): Context;
}

/**
 * The names of this module for one start method, without choosing it for the
 * whole program. It is the same object each time.
 *
 * Python: `multiprocessing.get_context(method)`.
 *
 * @param method The start method; without one, the program's.
 * @throws {RangeError} If there is no such start method.
 *
 * @example
 * ```ts
 * import { getContext } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const context = getContext("worker");
 * const q = new context.Queue<string>();
 * const p = new context.Process({
 *   target: (q) => q.putSync("from the child"),
 *   args: [q],
 * });
 * p.start();
 * assertEquals(await q.get(), "from the child");
 * await p.join();
 * ```
 */
export function getContext(method?: StartMethod): Context {
  checkCount("get context", arguments, 1);
  if (method !== undefined) checkMethod(method, "get context");
  const used = method ?? usedMethod();
  let context = contexts.get(used);
  if (context === undefined) contexts.set(used, context = contextOf(used));
  return context;
}

const contexts = new Map<StartMethod, Context>();

function contextOf(method: StartMethod): Context {
  const kind = memoryOf(method);
  const here = <C extends Constructor>(Class: C) => madeIn(kind, Class);
  const { Process } = process;
  const { Pool } = pool;
  const { ProcessPoolExecutor } = futures;
  const context: Context = {
    ...classes,
    ...connection,
    ...errors,
    ...futures,
    ...pipe,
    ...pool,
    ...process,
    ...queue,
    ...shared,
    ...sync,
    subprocess,
    method,
    getAllStartMethods,
    getStartMethod(options = {}) {
      checkOptions("get start method", options, ["allowNone"]);
      return method;
    },
    setStartMethod() {
      throw new StateError(
        `Cannot set start method: that of a context is "${method}" for good`,
      );
    },
    getContext: (other) => other === undefined ? context : getContext(other),
    keepSpares(count, options) {
      checkCount("keep spares", arguments, 2);
      return process.keepSpares(count, { method, ...options });
    },
    Process: withMethod(method, Process),
    Pool: withMethod(method, Pool, "processes"),
    ProcessPoolExecutor: withMethod(method, ProcessPoolExecutor, "maxWorkers"),
    Pipe: new Proxy(pipe.Pipe, {
      apply: (pipe, self, args) =>
        makeIn(kind, () => Reflect.apply(pipe, self, args)),
    }),
    Lock: here(sync.Lock),
    RLock: here(sync.RLock),
    Semaphore: here(sync.Semaphore),
    BoundedSemaphore: here(sync.BoundedSemaphore),
    Condition: here(sync.Condition),
    Event: here(sync.Event),
    Barrier: here(sync.Barrier),
    Queue: here(queue.Queue),
    SimpleQueue: here(queue.SimpleQueue),
    JoinableQueue: here(queue.JoinableQueue),
    LifoQueue: here(queue.LifoQueue),
    PriorityQueue: here(queue.PriorityQueue),
    Value: here(shared.Value),
    Array: here(shared.Array),
    RawValue: here(shared.RawValue),
    RawArray: here(shared.RawArray),
  };
  return context;
}

// deno-lint-ignore no-explicit-any -- any constructor is one.
type Constructor = new (...args: any[]) => object;

/** The same class, whose new objects live in memory of this kind. */
function madeIn<C extends Constructor>(kind: MemoryKind, Class: C): C {
  return new Proxy(Class, {
    construct: (target, args, self) =>
      makeIn(kind, () => Reflect.construct(target, args, self)),
  });
}

/**
 * The same class, whose first parameter, its options, has this start method; a
 * number stands for the option `size`, if there is one.
 */
function withMethod<C extends Constructor>(
  method: StartMethod,
  Class: C,
  size?: string,
): C {
  const all = (options: unknown) => {
    if (options === undefined) return { method };
    if (typeof options === "number" && size !== undefined) {
      return { method, [size]: options };
    }
    // What is no object is the constructor's to refuse.
    return typeof options === "object" && options !== null
      ? { method, ...options }
      : options;
  };
  return new Proxy(Class, {
    construct: (target, [options, ...rest], self) =>
      Reflect.construct(target, [all(options), ...rest], self),
  });
}

/**
 * Chooses how processes run from now on. It is used, and fixed by that, when
 * the first process or pool starts or the first shared object is made without a
 * method of its own; not by `new Process()` or `currentProcess()`.
 *
 * Python: `multiprocessing.set_start_method(method, force)`.
 *
 * @param method The start method.
 * @param options `force`: also if one was chosen or used already.
 * @throws {StateError} If one was chosen or used already, or in a process that
 * still imports its target's module; it stays.
 * @throws {RangeError} If there is no such start method.
 *
 * @example
 * ```ts
 * import { getStartMethod, setStartMethod } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * setStartMethod("worker", { force: true });
 * assertEquals(getStartMethod(), "worker");
 * ```
 */
export function setStartMethod(
  method: StartMethod,
  options: { force?: boolean } = {},
): void {
  checkCount("set start method", arguments, 2);
  checkOptions("set start method", options, ["force"]);
  if (options.force) return forceMethod(method);
  if (me().importing) {
    throw new StateError(
      `Cannot set start method: this process is still importing the module of its target: set it ${GUARDED}`,
    );
  }
  chooseMethod(method);
}

/**
 * How processes run. Asking fixes it, unless `allowNone`.
 *
 * Python: `multiprocessing.get_start_method(allow_none)`.
 *
 * @param options `allowNone`: undefined if none was chosen or used yet.
 *
 * @example
 * ```ts
 * import { getStartMethod } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(getStartMethod(), "worker");
 * ```
 */
export function getStartMethod(
  options: { allowNone?: boolean } = {},
): StartMethod | undefined {
  checkOptions("get start method", options, ["allowNone"]);
  return options.allowNone ? chosenMethod() : usedMethod();
}

/**
 * All start methods, the default first.
 *
 * Python: `multiprocessing.get_all_start_methods()`.
 *
 * @example
 * ```ts
 * import { getAllStartMethods } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(getAllStartMethods(), ["worker", "spawn"]);
 * ```
 */
export function getAllStartMethods(): StartMethod[] {
  return [...START_METHODS];
}
