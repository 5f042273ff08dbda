// Copyright 2026 the authors. MIT license.

/**
 * Start methods: how the processes of a program run.
 *
 * @module
 */

import { checkOptions } from "./memory/check.ts";
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
import {
  activeChildren,
  cpuCount,
  currentProcess,
  parentProcess,
  Process,
} from "./process.ts";
import { wait } from "./connection.ts";
import { Pipe } from "./pipe.ts";
import { Pool, ThreadPool } from "./pool.ts";
import {
  JoinableQueue,
  LifoQueue,
  PriorityQueue,
  Queue,
  SimpleQueue,
} from "./queue.ts";
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  Semaphore,
} from "./sync.ts";
import { Array, RawArray, RawValue, Value } from "./shared.ts";

export type { StartMethod } from "./memory/method.ts";

/** The names of this module, bound to one start method. */
export interface Context {
  /** The start method. */
  readonly method: StartMethod;
  /** {@linkcode Process}. */
  readonly Process: typeof Process;
  /** {@linkcode Lock}. */
  readonly Lock: typeof Lock;
  /** {@linkcode RLock}. */
  readonly RLock: typeof RLock;
  /** {@linkcode Semaphore}. */
  readonly Semaphore: typeof Semaphore;
  /** {@linkcode BoundedSemaphore}. */
  readonly BoundedSemaphore: typeof BoundedSemaphore;
  /** {@linkcode Condition}. */
  readonly Condition: typeof Condition;
  /** {@linkcode Event}. */
  readonly Event: typeof Event;
  /** {@linkcode Barrier}. */
  readonly Barrier: typeof Barrier;
  /** {@linkcode Queue}. */
  readonly Queue: typeof Queue;
  /** {@linkcode SimpleQueue}. */
  readonly SimpleQueue: typeof SimpleQueue;
  /** {@linkcode JoinableQueue}. */
  readonly JoinableQueue: typeof JoinableQueue;
  /** {@linkcode LifoQueue}. */
  readonly LifoQueue: typeof LifoQueue;
  /** {@linkcode PriorityQueue}. */
  readonly PriorityQueue: typeof PriorityQueue;
  /** {@linkcode Pipe}. */
  readonly Pipe: typeof Pipe;
  /** {@linkcode Pool}. */
  readonly Pool: typeof Pool;
  /** {@linkcode ThreadPool}. */
  readonly ThreadPool: typeof ThreadPool;
  /** {@linkcode wait}. */
  readonly wait: typeof wait;
  /** {@linkcode Value}. */
  readonly Value: typeof Value;
  /** {@linkcode Array}. */
  readonly Array: typeof Array;
  /** {@linkcode RawValue}. */
  readonly RawValue: typeof RawValue;
  /** {@linkcode RawArray}. */
  readonly RawArray: typeof RawArray;
  /** {@linkcode currentProcess}. */
  readonly currentProcess: typeof currentProcess;
  /** {@linkcode parentProcess}. */
  readonly parentProcess: typeof parentProcess;
  /** {@linkcode activeChildren}. */
  readonly activeChildren: typeof activeChildren;
  /** {@linkcode cpuCount}. */
  readonly cpuCount: typeof cpuCount;
}

/**
 * The names of this module for one start method, without choosing it for the
 * whole program.
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
 * assertEquals(getContext("worker").method, "worker");
 * ```
 */
export function getContext(method?: StartMethod): Context {
  if (method !== undefined) checkMethod(method, "get context");
  const used = method ?? usedMethod();
  const kind = memoryOf(used);
  const here = <C extends Constructor>(Class: C) => madeIn(kind, Class);
  return {
    method: used,
    Process: withMethod(used, Process),
    Lock: here(Lock),
    RLock: here(RLock),
    Semaphore: here(Semaphore),
    BoundedSemaphore: here(BoundedSemaphore),
    Condition: here(Condition),
    Event: here(Event),
    Barrier: here(Barrier),
    Queue: here(Queue),
    SimpleQueue: here(SimpleQueue),
    JoinableQueue: here(JoinableQueue),
    LifoQueue: here(LifoQueue),
    PriorityQueue: here(PriorityQueue),
    Pipe: new Proxy(Pipe, {
      apply: (pipe, self, args) =>
        makeIn(kind, () => Reflect.apply(pipe, self, args)),
    }),
    Pool: withMethod(used, Pool),
    ThreadPool,
    wait,
    Value: here(Value),
    Array: here(Array),
    RawValue: here(RawValue),
    RawArray: here(RawArray),
    currentProcess,
    parentProcess,
    activeChildren,
    cpuCount,
  };
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

/** The same class, whose last parameter, its options, has this start method. */
function withMethod<C extends Constructor>(method: StartMethod, Class: C): C {
  return new Proxy(Class, {
    construct: (target, [options, ...rest], self) => {
      const all = typeof options === "number"
        ? { method, processes: options }
        : { method, ...options };
      return Reflect.construct(target, [all, ...rest], self);
    },
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
 * @throws {StateError} If one was chosen or used already; it stays.
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
  checkOptions("set start method", options, ["force"]);
  if (options.force) forceMethod(method);
  else chooseMethod(method);
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
