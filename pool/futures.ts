// Copyright 2026 the authors. MIT license.

// Executors, and waiting for several futures.

import {
  checkCount,
  checkInteger,
  checkIterable,
  checkOptions,
  printAs,
  typeName,
} from "../memory/check.ts";
import { checkCopy, LOCAL } from "../message/handle.ts";
import { StateError } from "../errors.ts";
import { addDuty, type Duty, removeDuty } from "../process/ending.ts";
import {
  type AwaitableFuture,
  createFuture,
  Future,
  OUTCOME,
} from "./future.ts";
import {
  deadlineOf,
  WAIT_OPTIONS,
  type WaitOptions,
} from "../memory/deadline.ts";
import type { Core } from "./core.ts";
import { openCore } from "./open.ts";
import {
  EXECUTOR_OPTIONS,
  namedOptions,
  type PoolOptions,
  THREAD_EXECUTOR_OPTIONS,
} from "./options.ts";
import { isIterable, Source } from "./source.ts";
import { type Chunking, submitCall, submitChunk } from "./submit.ts";
import type { Sink, Task, TaskRules } from "./task.ts";
import { waitFor } from "./wait.ts";
import { ONE, SPREAD } from "./wire.ts";
import type { Callable } from "../message/target.ts";

export type { StartMethod } from "../memory/method.ts";
export type { WaitOptions } from "../memory/deadline.ts";

/** How an executor is made: as a pool, but for the number of workers. */
export interface ExecutorOptions
  extends Omit<PoolOptions, "processes" | "min" | "max"> {
  /**
   * How many workers there are.
   *
   * @default {the number of cores}
   */
  maxWorkers?: number | undefined;
}

/** The options of {@linkcode ProcessPoolExecutor.map}. */
export interface ExecutorMapOptions {
  /** How long the results may take, in milliseconds from the call. */
  timeout?: number | undefined;
  /**
   * How many elements go into one message.
   *
   * @default {1}
   */
  chunkSize?: number | undefined;
}

/** How an executor is shut down. */
export interface ShutdownOptions {
  /**
   * Whether to wait until all is done and the workers have ended.
   *
   * @default {true}
   */
  wait?: boolean | undefined;
  /**
   * Whether to cancel the futures that no worker has begun.
   *
   * @default {false}
   */
  cancelFutures?: boolean | undefined;
}

/** When {@linkcode waitFutures} returns. */
export type ReturnWhen =
  | "FIRST_COMPLETED"
  | "FIRST_EXCEPTION"
  | "ALL_COMPLETED";

/** {@linkcode waitFutures} returns when any future is done. */
export const FIRST_COMPLETED = "FIRST_COMPLETED";
/**
 * {@linkcode waitFutures} returns when any future has failed, or when all are
 * done. A cancelled future has not failed.
 */
export const FIRST_EXCEPTION = "FIRST_EXCEPTION";
/** {@linkcode waitFutures} returns when all futures are done. */
export const ALL_COMPLETED = "ALL_COMPLETED";

/**
 * Runs functions in processes, and hands out a {@linkcode Future} for each.
 *
 * Python: `concurrent.futures.ProcessPoolExecutor`.
 *
 * - **Functions** cross as those of a {@linkcode Pool} do: exported, or without
 *   anything from around them.
 * - **A worker that dies** fails its own task with {@linkcode WorkerExitError},
 *   is replaced, and all others go on. (Python breaks the whole executor.) Only
 *   when three workers in a row die at their start, it is broken: what is
 *   pending fails with {@linkcode BrokenPoolError}, which is Python's
 *   `BrokenProcessPool`, and `submit` throws it from then on.
 * - **End**: `shutdown()`, or `await using`. Without either, the program still
 *   ends, when all that was submitted is done: also if no code awaits it, and
 *   after `shutdown({ wait: false })`. Callbacks of futures run before. Only
 *   `Deno.exit()` and an uncaught error drop it.
 * - **Children**: workers are no daemons, so a task may start a
 *   {@linkcode Process}, or have an executor of its own.
 *
 * @example
 * ```ts
 * import { ProcessPoolExecutor } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using executor = new ProcessPoolExecutor({ maxWorkers: 2 });
 * const square = (n: number) => n * n;
 * assertEquals(await executor.submit(square, 12).result(), 144);
 * const squares = executor.map(square, [1, 2, 3]);
 * assertEquals(await Array.fromAsync(squares), [1, 4, 9]);
 * ```
 */
export class ProcessPoolExecutor implements AsyncDisposable {
  readonly #core: Core;
  readonly #pending = new Set<Future>();
  readonly #duty: Duty = {
    pending: () => {
      if (this.#pending.size === 0) return undefined;
      const ends = [...this.#pending].map((future) => future.result());
      return Promise.allSettled(ends);
    },
    close: () => this.#close(),
  };
  #isShutDown = false;

  /**
   * Makes an executor and starts its workers: the first before it returns, the
   * others one by one, as those of a {@linkcode Pool}.
   *
   * @param options How many workers, or {@linkcode ExecutorOptions}.
   * @throws {TypeError} If an option is of the wrong kind.
   * @throws {RangeError} If a number is out of range.
   * @throws {StateError} If this process is a daemon, or still importing its
   * target's module.
   */
  constructor(options: number | ExecutorOptions = {}) {
    checkCount("create executor", arguments, 1, EXECUTOR_OPTIONS);
    const { maxWorkers, ...rest } = namedOptions(
      "create executor",
      "maxWorkers",
      options,
      EXECUTOR_OPTIONS,
    );
    if (maxWorkers !== undefined) {
      checkInteger("create executor", "maxWorkers", maxWorkers, 1);
    }
    this.#core = openCore({ ...rest, processes: maxWorkers }, "executor");
    addDuty(this.#duty);
  }

  /**
   * Submits one task and returns at once.
   *
   * Python: `Executor.submit(fn, *args)`.
   *
   * @param func The function.
   * @param args What it is called with.
   * @returns What it will turn out to be. An argument that cannot be cloned
   * fails this future with a `DataCloneError`, and nothing else.
   * @throws {StateError} If the executor was shut down.
   * @throws {BrokenPoolError} If it is broken.
   * @throws {TypeError} If `func` is not a function.
   */
  submit<A extends unknown[], R>(
    func: (...args: A) => R,
    ...args: A
  ): AwaitableFuture<Awaited<R>> {
    const core = this.#open();
    const place = core.functions.placeOf(func as Callable);
    return this.#enter((sink) =>
      submitCall(core, place, args, sink, ANNOUNCED)
    );
  }

  /**
   * Submits a task for each element of `iterables`, which are gone through side
   * by side until the shortest ends, and hands over the results in that order.
   * The last argument may be {@linkcode ExecutorMapOptions}.
   *
   * Python: `Executor.map(fn, *iterables, timeout=…, chunksize=…)`.
   *
   * @param func Called with one element of each of the iterables.
   * @param iterables The elements; all are taken at once.
   * @returns The results. Leaving a `for await` cancels what has not begun. It
   * throws a `TimeoutError` if a result is not there in time, and what the
   * first task throws that does.
   * @throws {StateError} If the executor was shut down.
   * @throws {BrokenPoolError} If it is broken.
   * @throws {TypeError} If there is nothing to iterate over.
   * @throws {RangeError} If `chunkSize` or `timeout` is out of range.
   */
  map<A extends unknown[], R>(
    func: (...args: A) => R,
    ...iterables: [
      ...{ [K in keyof A]: Iterable<A[K]> },
      options?: ExecutorMapOptions,
    ]
  ): AsyncIterableIterator<Awaited<R>> {
    const core = this.#open();
    const last: unknown = iterables.at(-1);
    const options = isIterable(last) ? {} : (last ?? {}) as ExecutorMapOptions;
    const sources =
      (isIterable(last) ? iterables : iterables.slice(0, -1)) as unknown[];
    checkOptions("map", options, ["timeout", "chunkSize"]);
    const { timeout, chunkSize = 1 } = options;
    checkInteger("map", "chunkSize", chunkSize, 1);
    const deadline = deadlineOf({ timeout });
    const chunking: Chunking = {
      func: core.functions.placeOf(func as Callable),
      kind: sources.length > 1 ? SPREAD : ONE,
      each: 0,
      rules: ANNOUNCED,
      trace: new Error(),
    };
    const items = zip(sources);
    const futures: Future[] = [];
    for (let start = 0; start < items.length; start += chunkSize) {
      const chunk = items.slice(start, start + chunkSize);
      futures.push(
        this.#enter((sink) => submitChunk(core, chunking, chunk, start, sink)),
      );
    }
    const results = resultsOf(futures, chunkSize, items.length, deadline);
    return results as AsyncIterableIterator<Awaited<R>>;
  }

  /**
   * Takes no more tasks; what was submitted is finished, and then the workers
   * end.
   *
   * Python: `Executor.shutdown(wait=True, *, cancel_futures=False)`.
   *
   * @param options See {@linkcode ShutdownOptions}. It may be called again.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    if (!this.#begin(options)) return;
    await waitFor(
      undefined,
      (ended) => this.#core.join(ended),
      (ended) => this.#core.unjoin(ended),
    );
  }

  /** As {@linkcode ProcessPoolExecutor.shutdown}, blocking this thread. */
  shutdownSync(options: ShutdownOptions = {}): void {
    if (this.#begin(options)) this.#core.joinSync(Infinity);
  }

  /** Shuts the executor down and waits until everything is done. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** @internal */
  [LOCAL](): string {
    return "only the process that made it has it";
  }

  static {
    printAs(this, (executor) => executor.#core.state());
  }

  /** Begins to shut down; whether the caller wants to wait for the end. */
  #begin(options: ShutdownOptions): boolean {
    checkOptions("shut down executor", options, ["wait", "cancelFutures"]);
    const { wait = true, cancelFutures = false } = options;
    this.#close();
    if (cancelFutures) {
      for (const future of [...this.#pending]) future.cancel();
    }
    return wait;
  }

  #open(): Core {
    if (this.#isShutDown) {
      throw new StateError("Cannot submit task: the executor was shut down");
    }
    this.#core.plan.phase.checkOpen();
    return this.#core;
  }

  #close(): void {
    this.#isShutDown = true;
    this.#core.close();
    if (this.#pending.size === 0) removeDuty(this.#duty);
  }

  /** A future that keeps the program alive until it is done. */
  #enter<T>(submit: (sink: Sink) => Task): AwaitableFuture<T> {
    const future = createFuture<T>(this.#core, submit);
    if (future.done()) return future;
    this.#pending.add(future as Future);
    this.#core.pulse.ref();
    future[OUTCOME]().follow(() => {
      this.#pending.delete(future as Future);
      this.#core.pulse.unref();
      if (this.#isShutDown && this.#pending.size === 0) removeDuty(this.#duty);
    });
    return future;
  }
}

/**
 * An executor whose workers are always threads of this OS process.
 *
 * Python: `concurrent.futures.ThreadPoolExecutor`. Its threads share their
 * globals; here every worker has its own.
 *
 * @example
 * ```ts
 * import { ThreadPoolExecutor } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
 * const future = executor.submit((name: string) => `hello ${name}`, "bob");
 * assertEquals(await future.result({ timeout: 10_000 }), "hello bob");
 * ```
 */
export class ThreadPoolExecutor extends ProcessPoolExecutor {
  /** As the constructor of {@linkcode ProcessPoolExecutor}. */
  constructor(options: number | Omit<ExecutorOptions, "method"> = {}) {
    checkCount("create executor", arguments, 1, THREAD_EXECUTOR_OPTIONS);
    const all = namedOptions(
      "create executor",
      "maxWorkers",
      options,
      THREAD_EXECUTOR_OPTIONS,
    );
    super({ ...all, method: "worker" });
  }
}

/**
 * Futures as they are done, those that are done already first; each once, also
 * if it is given twice.
 *
 * Python: `concurrent.futures.as_completed(fs, timeout)`.
 *
 * @param futures The futures; they may be of several executors.
 * @param options `timeout` in milliseconds from the call; `signal` to give up.
 * @returns The futures. It throws a `TimeoutError` that says how many are not
 * done if `timeout` passed.
 *
 * @example
 * ```ts
 * import { asCompleted, ThreadPoolExecutor } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using executor = new ThreadPoolExecutor(2);
 * const futures = [1, 2, 3].map((n) => executor.submit((n: number) => n, n));
 * const seen: number[] = [];
 * for await (const future of asCompleted(futures)) {
 *   seen.push(await future.result());
 * }
 * assertEquals(seen.sort(), [1, 2, 3]);
 * ```
 */
export function asCompleted<T>(
  futures: Iterable<Future<T>>,
  options?: WaitOptions,
): AsyncIterableIterator<Future<T>> {
  const all = futuresIn("see what is completed", futures);
  return completed(all, deadlineOf(options), options?.signal);
}

/** The result of {@linkcode waitFutures}. */
export interface WaitedFutures<T> {
  /** Those that are finished or cancelled. */
  readonly done: Set<Future<T>>;
  /** The others. */
  readonly notDone: Set<Future<T>>;
}

/**
 * Waits for futures.
 *
 * Python: `concurrent.futures.wait(fs, timeout, return_when)`. (The name `wait`
 * is that of `multiprocessing.connection`.)
 *
 * @param futures The futures; they may be of several executors.
 * @param options `returnWhen`: all are done if not given; `timeout` in
 * milliseconds from the call; `signal` to give up.
 * @returns Those that are done, also if `timeout` passed, and the others.
 * @throws {RangeError} If there is no such `returnWhen`.
 *
 * @example
 * ```ts
 * import { ThreadPoolExecutor, waitFutures } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using executor = new ThreadPoolExecutor(1);
 * const quick = executor.submit(() => 1);
 * const { done, notDone } = await waitFutures([quick]);
 * assertEquals([done.has(quick), notDone.size], [true, 0]);
 * ```
 */
export async function waitFutures<T>(
  futures: Iterable<Future<T>>,
  options: WaitOptions & { returnWhen?: ReturnWhen | undefined } = {},
): Promise<WaitedFutures<T>> {
  checkOptions("wait for futures", options, [
    ...WAIT_OPTIONS,
    "returnWhen",
  ]);
  const { returnWhen = ALL_COMPLETED, ...limits } = options;
  const known = [FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED];
  if (!known.includes(returnWhen)) {
    throw new RangeError(
      `Cannot wait for futures: returnWhen must be ${
        known.join(", ")
      }: got ${returnWhen}`,
    );
  }
  const all = futuresIn("wait for futures", futures);
  const isEnough = () => {
    const done = [...all].filter((future) => future.done());
    if (done.length === all.size) return true;
    if (returnWhen === FIRST_COMPLETED) return done.length > 0;
    return returnWhen === FIRST_EXCEPTION &&
      done.some((future) => future[OUTCOME]().hasFailed && !future.cancelled());
  };
  const outcomes = [...all].map((future) => future[OUTCOME]());
  let look = () => {};
  await waitFor(
    limits,
    (arrive) => {
      look = () => void (isEnough() && arrive());
      for (const outcome of outcomes) outcome.watch(look);
      look();
    },
    () => {
      for (const outcome of outcomes) outcome.unwatch(look);
    },
  );
  const done = new Set([...all].filter((future) => future.done()));
  return { done, notDone: all.difference(done) };
}

/** Each task says when it begins: from then on its future is running. */
const ANNOUNCED: TaskRules = { isAnnounced: true };

/**
 * The elements of one iterable, or the rows of several: they are gone through
 * side by side, and left when the shortest ends.
 */
function zip(sources: readonly unknown[]): unknown[] {
  for (const source of sources) {
    if (isIterable(source)) continue;
    throw new TypeError(
      `Cannot map: items must be iterable: got ${typeName(source)}`,
    );
  }
  if (sources.length === 0) {
    throw new TypeError("Cannot map: there is nothing to iterate over");
  }
  if (sources.length === 1) return Array.from(sources[0] as Iterable<unknown>);
  const all = sources.map((source) => new Source(source as Iterable<unknown>));
  const rows: unknown[] = [];
  try {
    while (true) {
      const row: unknown[] = [];
      for (const source of all) {
        const { value, done } = source.next();
        if (done) return rows;
        row.push(value);
      }
      rows.push(row);
    }
  } finally {
    for (const source of all) source.drop();
  }
}

async function* resultsOf(
  futures: readonly Future[],
  chunkSize: number,
  length: number,
  deadline: number,
): AsyncGenerator<unknown, void, void> {
  try {
    let start = 0;
    for (const future of futures) {
      const value = await future.result(remaining(deadline));
      // A chunk of one is a task like any other.
      if (Math.min(chunkSize, length - start) === 1) yield value;
      else yield* value as unknown[];
      start += chunkSize;
    }
  } finally {
    for (const future of futures) future.cancel();
  }
}

// A generator would await what it yields: a future, which can be awaited.
function completed<T>(
  futures: ReadonlySet<Future<T>>,
  deadline: number,
  signal: AbortSignal | undefined,
): AsyncIterableIterator<Future<T>> {
  const boxes = boxed(futures, deadline, signal);
  return {
    async next() {
      const { value, done } = await boxes.next();
      return done ? { value: undefined, done } : { value: value[0]! };
    },
    async return() {
      await boxes.return();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* boxed<T>(
  futures: ReadonlySet<Future<T>>,
  deadline: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Future<T>[], void, void> {
  const ready: Future<T>[] = [];
  const watched = new Map<Future<T>, () => void>();
  let arrived = () => {};
  for (const future of futures) {
    if (future.done()) {
      ready.push(future);
      continue;
    }
    const look = () => {
      ready.push(future);
      arrived();
    };
    watched.set(future, look);
    future[OUTCOME]().watch(look);
  }
  const arrival = () =>
    waitFor(
      { ...remaining(deadline), signal },
      (arrive) => arrived = arrive,
      () => arrived = () => {},
    );
  try {
    for (let left = futures.size; left > 0; left--) {
      if (ready.length === 0 && !await arrival()) {
        throw new DOMException(
          `Cannot wait for futures: ${left} (of ${futures.size}) are not done`,
          "TimeoutError",
        );
      }
      yield ready.splice(0, 1);
    }
  } finally {
    for (const [future, look] of watched) future[OUTCOME]().unwatch(look);
  }
}

/** The time left until a deadline, as options. */
function remaining(deadline: number): WaitOptions {
  if (deadline === Infinity) return {};
  return { timeout: Math.max(0, deadline - performance.now()) };
}

function futuresIn<T>(
  action: string,
  futures: Iterable<Future<T>>,
): Set<Future<T>> {
  checkIterable(action, "futures", futures);
  const all = new Set(futures);
  for (const future of all) {
    if (future instanceof Future) continue;
    checkCopy(action, future);
    throw new TypeError(
      `Cannot ${action}: all must be futures: got ${typeName(future)}`,
    );
  }
  return all;
}
