// Copyright 2026 the authors. MIT license.

// The pool that users know, over its core.

import {
  checkArray,
  checkCount,
  checkInteger,
  checkOptions,
  printAs,
} from "../memory/check.ts";
import { LOCAL } from "../message/handle.ts";
import { AsyncResult } from "./async_result.ts";
import { deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import type { Core, PoolStats } from "./core.ts";
import { type IMapIterator, ImapJob, type ImapOrder } from "./imap.ts";
import { type MapCall, MapJob } from "./map.ts";
import {
  APPLY_OPTIONS,
  type ApplyOptions,
  IMAP_OPTIONS,
  type ImapOptions,
  MAP_OPTIONS,
  type MapOptions,
  namedOptions,
  POOL_OPTIONS,
  type PoolOptions,
  rulesOf,
  THREAD_POOL_OPTIONS,
} from "./options.ts";
import { openCore } from "./open.ts";
import { Outcome } from "./outcome.ts";
import { isIterable } from "./source.ts";
import { Bar } from "./progress.ts";
import { submitCall, submitToAll } from "./submit.ts";
import { waitFor } from "./wait.ts";
import { EACH, ONE, SPREAD } from "./wire.ts";
import type { Callable } from "../message/target.ts";

export type { PoolStats } from "./core.ts";
export type { IMapIterator } from "./imap.ts";
export type { Progress } from "./map.ts";
export type {
  ApplyOptions,
  ImapOptions,
  MapOptions,
  PoolOptions,
  TaskOptions,
} from "./options.ts";
export type { StartMethod } from "../memory/method.ts";
export type { Percentiles } from "./stats.ts";
export type { WaitOptions } from "../memory/deadline.ts";

/**
 * Workers that are started once, and each run one task after the other.
 *
 * Python: `multiprocessing.Pool`.
 *
 * A task is a call of a function that a module of the program exports, and that
 * runs there, or that uses nothing outside itself, with structured clones of
 * its arguments. It may be async; then its worker waits for it. Shared objects
 * (locks, queues …) cross in arguments and results, and through `initargs`.
 *
 * - **Order**: tasks begin in the order they were submitted; one whose worker
 *   has died is tried again before those after it. Workers that are free at the
 *   same time begin in any order, and a task with a `key` waits for its worker.
 *   Workers are given only tasks of functions that were short of late (less
 *   than a millisecond) ahead, 2 ms of them, and begin those by themselves. All
 *   other tasks are given out one by one, as the event loop of this process
 *   turns. `map` returns results in the order of its elements.
 * - **Errors**: what a task throws, its caller gets: with class name, fields,
 *   `cause`, and both stacks.
 * - **Death**: a worker that ends in the middle of a task fails that task with
 *   {@linkcode WorkerExitError} and is replaced; no other task is affected.
 *   If workers end at their start again and again, the pool gives up with
 *   {@linkcode BrokenPoolError}.
 * - **End**: workers are daemons, and the pool alone does not keep the program
 *   alive; a wait for a result or `join()` does. At the end of an
 *   `await using` block the pool is closed and joined: what was submitted is
 *   done. At the end of a `using` block it is terminated, as by Python's
 *   `with`.
 *
 * @example
 * ```ts
 * import { Pool } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new Pool(2);
 * const squares = await pool.map((x: number) => x * x, [1, 2, 3]);
 * assertEquals(squares, [1, 4, 9]);
 * ```
 */
export class Pool implements AsyncDisposable, Disposable {
  readonly #core: Core;

  /**
   * Makes a pool and starts its workers: the first before it returns, the
   * others one by one as the event loop turns, or while a call of this module
   * blocks, since each start holds this thread for some 10 ms.
   *
   * @param options How many workers, or {@linkcode PoolOptions}.
   * @throws {TypeError} If an option is of the wrong kind.
   * @throws {RangeError} If a number is out of range.
   * @throws {StateError} If this process is a daemon, or still importing its
   * target's module.
   */
  constructor(options: number | PoolOptions = {}) {
    checkCount("create pool", arguments, 1, POOL_OPTIONS);
    const all = namedOptions(
      "create pool",
      "processes",
      options,
      POOL_OPTIONS,
    );
    this.#core = openCore(all, "pool");
  }

  /**
   * Runs one task.
   *
   * Python: `Pool.apply(func, args)`, which blocks.
   *
   * @param func The function.
   * @param args What it is called with.
   * @param options See {@linkcode ApplyOptions}.
   * @returns What it returns.
   * @throws {StateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument of this call is of the wrong kind.
   * @throws {Error} If the task throws, and as {@linkcode Pool.applyAsync}.
   */
  async apply<A extends unknown[], R>(
    func: (...args: A) => R,
    args?: Readonly<A>,
    options?: ApplyOptions<Awaited<R>>,
  ): Promise<Awaited<R>> {
    return await this.#apply(func, args, options).promise();
  }

  /** As {@linkcode Pool.apply}, blocking this thread. */
  applySync<A extends unknown[], R>(
    func: (...args: A) => R,
    args?: Readonly<A>,
    options?: ApplyOptions<Awaited<R>>,
  ): Awaited<R> {
    return awaited(this.#apply(func, args, options));
  }

  /**
   * As {@linkcode Pool.apply}, returning at once.
   *
   * Python: `Pool.apply_async(func, args, callback=…, error_callback=…)`.
   *
   * @returns Its result, which fails with what the task throws; with
   * {@linkcode WorkerExitError} if its worker dies; with a `DataCloneError` if
   * an argument or the result cannot be cloned; with a `TimeoutError`, or the
   * reason of `signal`, if it was called off; with an `AbortError` if the pool
   * is terminated; with {@linkcode BrokenPoolError} if the pool gives up.
   * @throws {StateError} If the pool is closed or terminated.
   */
  applyAsync<A extends unknown[], R>(
    func: (...args: A) => R,
    args?: Readonly<A>,
    options?: ApplyOptions<Awaited<R>>,
  ): AsyncResult<Awaited<R>> {
    if (arguments.length > 3) {
      checkCount("submit task", arguments, 3, APPLY_OPTIONS);
    }
    return new AsyncResult(this.#apply(func, args, options));
  }

  /**
   * Runs a function for each element of `items`, in chunks.
   *
   * Python: `Pool.map(func, iterable, chunksize)`, which blocks.
   *
   * @param func Called with one element.
   * @param items The elements; all are taken before the first is run.
   * @param options See {@linkcode MapOptions}.
   * @returns The results, in the order of the elements.
   * @throws {StateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument of this call is of the wrong kind.
   * @throws {Error} If a task throws: what the first threw; the others go on.
   */
  async map<T, R>(
    func: (item: T) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions<Awaited<R>[]>,
  ): Promise<Awaited<R>[]> {
    return await this.#map<Awaited<R>>(func, items, ONE, options).promise();
  }

  /**
   * As {@linkcode Pool.map}, returning at once.
   *
   * Python: `Pool.map_async(func, iterable, chunksize, callback)`.
   *
   * @returns The results to come, which fail with what a task throws.
   * @throws {StateError} If the pool is closed or terminated.
   */
  mapAsync<T, R>(
    func: (item: T) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions<Awaited<R>[]>,
  ): AsyncResult<Awaited<R>[]> {
    if (arguments.length > 3) checkCount("map", arguments, 3, MAP_OPTIONS);
    return new AsyncResult(this.#map(func, items, ONE, options));
  }

  /** As {@linkcode Pool.map}, blocking this thread. */
  mapSync<T, R>(
    func: (item: T) => R,
    items: Iterable<T>,
    options?: MapOptions<Awaited<R>[]>,
  ): Awaited<R>[] {
    checkIterable(items);
    return awaited(this.#map<Awaited<R>>(func, items, ONE, options));
  }

  /**
   * As {@linkcode Pool.map}, for functions of several arguments.
   *
   * Python: `Pool.starmap(func, iterable, chunksize)`, which blocks.
   *
   * @param func Called with the values of one element.
   * @param items The elements: arrays of arguments.
   * @throws {TypeError} If an element is none.
   */
  async starmap<A extends unknown[], R>(
    func: (...args: A) => R,
    items: Iterable<Readonly<A>> | AsyncIterable<Readonly<A>>,
    options?: MapOptions<Awaited<R>[]>,
  ): Promise<Awaited<R>[]> {
    return await this.#map<Awaited<R>>(func, items, SPREAD, options).promise();
  }

  /** As {@linkcode Pool.starmap}, blocking this thread. */
  starmapSync<A extends unknown[], R>(
    func: (...args: A) => R,
    items: Iterable<Readonly<A>>,
    options?: MapOptions<Awaited<R>[]>,
  ): Awaited<R>[] {
    checkIterable(items);
    return awaited(this.#map<Awaited<R>>(func, items, SPREAD, options));
  }

  /**
   * As {@linkcode Pool.starmap}, returning at once.
   *
   * Python: `Pool.starmap_async(func, iterable, chunksize, callback)`.
   *
   * @returns The results to come, which fail with what a task throws.
   * @throws {StateError} If the pool is closed or terminated.
   */
  starmapAsync<A extends unknown[], R>(
    func: (...args: A) => R,
    items: Iterable<Readonly<A>> | AsyncIterable<Readonly<A>>,
    options?: MapOptions<Awaited<R>[]>,
  ): AsyncResult<Awaited<R>[]> {
    if (arguments.length > 3) checkCount("map", arguments, 3, MAP_OPTIONS);
    return new AsyncResult(this.#map(func, items, SPREAD, options));
  }

  /**
   * Runs a function for each element, and hands over results as they are
   * asked for, in the order of the elements.
   *
   * Elements are taken from `items` only as results are taken from the
   * iterator, with a few milliseconds of work ahead: an endless source takes no
   * more memory than a short one. An error of one element rejects one `next()`;
   * the iterator goes on after it, though `for await` does not.
   *
   * Each call takes `timeout` and `signal`: see {@linkcode IMapIterator.next}.
   *
   * A closed pool finishes an imap as far as it is read, and an array, set or
   * map to its end. One that nobody reads does not hold it up: if its last
   * result was an error, or the block of the pool is left before it was read,
   * or half a second (or four of the reader's pauses) passes without a
   * `next()` while the pool is joined, it is withdrawn. Its source is closed in
   * any case (its `return()` runs), also when the pool is terminated.
   *
   * Python: `Pool.imap(func, iterable, chunksize)`, which takes all elements at
   * once.
   *
   * @param func Called with one element.
   * @param items The elements; they may be endless.
   * @param options See {@linkcode ImapOptions}.
   * @returns The results. Leaving a `for await` drops what has not begun.
   * @throws {StateError} If the pool is closed or terminated.
   */
  imap<T, R>(
    func: (item: T) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options?: ImapOptions,
  ): IMapIterator<Awaited<R>> {
    return this.#imap(func, items, "ordered", options);
  }

  /**
   * As {@linkcode Pool.imap}, but the result that is done first comes first.
   *
   * Python: `Pool.imap_unordered(func, iterable, chunksize)`.
   *
   * @returns The results, in the order in which they are done.
   */
  imapUnordered<T, R>(
    func: (item: T) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options?: ImapOptions,
  ): IMapIterator<Awaited<R>> {
    return this.#imap(func, items, "unordered", options);
  }

  /**
   * Runs a function once in every worker there is: to fill a cache, or to ask
   * each what it knows. Workers that are started later do not run it; see
   * `initializer`.
   *
   * Python has no such method.
   *
   * @param func The function.
   * @param args What it is called with.
   * @returns What it returned in each worker.
   * @throws {StateError} If the pool is closed or terminated.
   * @throws {Error} If a task throws: what the first threw.
   */
  async runOnAll<A extends unknown[], R>(
    func: (...args: A) => R,
    args?: Readonly<A>,
  ): Promise<Awaited<R>[]> {
    const core = this.#core;
    core.plan.phase.checkOpen();
    checkCount("submit task", arguments, 2);
    if (args !== undefined) checkArray("submit task", "args", args);
    const place = core.functions.placeOf(func as Callable);
    const outcomes: Outcome<Awaited<R>>[] = [];
    submitToAll(core, place, args ?? [], () => {
      const outcome = new Outcome<Awaited<R>>(core.pulse, undefined);
      outcomes.push(outcome);
      return outcome;
    });
    return await Promise.all(outcomes.map((outcome) => outcome.promise()));
  }

  /** The pool's load, and how long tasks waited and ran. */
  stats(): PoolStats {
    return this.#core.stats();
  }

  /**
   * Takes no more tasks; those that were submitted are finished, and then the
   * workers end.
   *
   * Python: `Pool.close()`.
   */
  close(): void {
    this.#core.close();
  }

  /**
   * Ends all workers at once, without clean-up. Tasks that have no result fail
   * with an `AbortError`.
   *
   * Python: `Pool.terminate()`, after which waiting for a result hangs.
   */
  terminate(): void {
    this.#core.terminate();
  }

  /**
   * Waits until all workers have ended.
   *
   * Python: `Pool.join()`.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns True if they have ended; false if `timeout` passed.
   * @throws {StateError} If the pool was neither closed nor terminated.
   */
  async join(options?: WaitOptions): Promise<boolean> {
    return await waitFor(
      options,
      (ended) => this.#core.join(ended),
      (ended) => this.#core.unjoin(ended),
    );
  }

  /** As {@linkcode Pool.join}, blocking this thread. */
  joinSync(options?: WaitOptions): boolean {
    return this.#core.joinSync(deadlineOf(options));
  }

  /**
   * Closes the pool and waits until everything that was submitted is done. An
   * `imap` that nobody reads is withdrawn: see {@linkcode Pool.imap}.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#core.leave();
    this.close();
    await this.join();
  }

  /** @internal */
  [LOCAL](): string {
    return "only the process that made it has it";
  }

  static {
    printAs(this, (pool) => pool.#core.state());
  }

  /**
   * Terminates the pool, without waiting for the end of its workers.
   *
   * Python: `Pool.__exit__()`, at the end of a `with`.
   */
  [Symbol.dispose](): void {
    this.terminate();
  }

  #apply<A extends unknown[], R>(
    func: (...args: A) => R,
    args: Readonly<A> | undefined,
    options: ApplyOptions<Awaited<R>> | undefined,
  ): Outcome<Awaited<R>> {
    const core = this.#core;
    if (args !== undefined) checkArray("submit task", "args", args);
    core.plan.phase.checkOpen();
    const place = core.functions.placeOf(func as Callable, options?.module);
    const rules = options === undefined ? undefined : rulesOf(options);
    const outcome = new Outcome<Awaited<R>>(core.pulse, options);
    submitCall(core, place, args ?? [], outcome, rules);
    return outcome;
  }

  #map<R>(
    func: Callable,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    kind: MapCall["kind"],
    options: MapOptions<R[]> | undefined,
  ): Outcome<R[]> {
    const core = this.#core;
    const mapping = this.#mapping(func, kind, 0, options, MAP_OPTIONS);
    const outcome = new Outcome<R[]>(core.pulse, options);
    const job = new MapJob(core, mapping, outcome as Outcome<unknown[]>);
    job.runAll(items);
    return outcome;
  }

  #imap<R>(
    func: Callable,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    order: ImapOrder,
    options: ImapOptions | undefined,
  ): IMapIterator<R> {
    const mapping = this.#mapping(func, ONE, EACH, options, IMAP_OPTIONS);
    const job = new ImapJob(this.#core, mapping, items, order);
    return job as IMapIterator<R>;
  }

  #mapping(
    func: Callable,
    kind: MapCall["kind"],
    each: MapCall["each"],
    options: ImapOptions = {},
    known: readonly string[],
  ): MapCall {
    this.#core.plan.phase.checkOpen();
    checkOptions("map", options, known);
    const { chunkSize, onProgress, progress } = options;
    if (chunkSize !== undefined) checkInteger("map", "chunkSize", chunkSize, 1);
    return {
      func: this.#core.functions.placeOf(func, options.module),
      kind,
      each,
      chunkSize,
      rules: rulesOf(options, known),
      trace: new Error(),
      onProgress,
      bar: progress ? Bar.create() : undefined,
    };
  }
}

/** The value of a call, for which it blocks this thread. */
function awaited<T>(outcome: Outcome<T>): T {
  outcome.waitSync();
  return outcome.take();
}

/** Throws unless all elements can be had without the event loop. */
function checkIterable(items: unknown): void {
  if (isIterable(items)) return;
  throw new TypeError(
    "Cannot map: a blocking call needs elements that are iterable: collect an async iterable first",
  );
}

/**
 * A pool whose workers are always threads of this OS process, whatever the
 * program's start method is.
 *
 * Python: `multiprocessing.pool.ThreadPool`. Its threads share their globals;
 * here every worker has its own, as in a {@linkcode Pool}.
 *
 * @example
 * ```ts
 * import { ThreadPool } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new ThreadPool(1);
 * const twice = pool.applyAsync((text: string) => text + text, ["foo"]);
 * assertEquals(await twice.get(), "foofoo");
 * ```
 */
export class ThreadPool extends Pool {
  /** Makes a pool, as the constructor of {@linkcode Pool} does. */
  constructor(options: number | Omit<PoolOptions, "method"> = {}) {
    checkCount("create pool", arguments, 1, THREAD_POOL_OPTIONS);
    const all = namedOptions(
      "create pool",
      "processes",
      options,
      THREAD_POOL_OPTIONS,
    );
    super({ ...all, method: "worker" });
  }
}
