// Copyright 2026 the authors. MIT license.

// Spares: workers and OS processes that are started before they are needed, and
// wait for the work of the next process that starts.
//
// from              to      by
// (none)            LOADING the stock, one a turn of the event loop
// LOADING           READY   its word that it has loaded what it can
// LOADING or READY  TAKEN   take(): it is a process of the program from now on
// LOADING or READY  OVER    its death, or end(): of no use, or not wanted
//
// Only the thread that has started a spare takes it, so none is taken twice. A
// spare is in no table and no lock names it: it can die at no cost.

import { StateError } from "../errors.ts";
import { checkCount, checkInteger, checkOptions } from "../memory/check.ts";
import { checkMethod, type StartMethod, usedMethod } from "../memory/method.ts";
import { Alarm, Beat, doInTurns, dropChore } from "../memory/timers.ts";
import { LOCAL } from "../message/handle.ts";
import { isHost, me } from "../program/self.ts";
import { engineOf, type Spare } from "./engine.ts";

/** How long after a start its spare is replaced, in milliseconds. */
const REST = 50;

/** How often it is seen whether spares are ready, in milliseconds. */
const LOOKS = 5;

/** How many spares in a row may end before they are ready. */
const MOST_FAILURES = 3;

/** The most that are kept: the table has room for 1024 processes. */
const MOST = 1000;

const TAKE: unique symbol = Symbol("take");

/** The stocks that are open. */
const stocks = new Set<Spares>();

/** The options of {@linkcode keepSpares}. */
export interface SpareOptions {
  /**
   * Which processes they are spares of.
   *
   * @default {the program's start method}
   */
  method?: StartMethod | undefined;
}

/**
 * Keeps processes started and idle, for the next ones that start.
 *
 * A process of the same start method that starts takes a spare, if one is
 * there: it need not wait for a heap and for the modules of this library, only
 * for its own. So do the workers of a pool. In the place of each that was taken
 * another is started 50 ms later, one a turn of the event loop.
 *
 * - **Memory**: an idle worker takes 13 to 16 MiB, an idle OS process 12 to 17
 *   and 25 that it shares with others. None is kept unless this is called.
 * - **Rights**: a spare has those of the time at which it was started. It is
 *   not given to a process with `permissions` or `maxMemory` of its own, nor if
 *   a right of this process has changed since, or, for an OS process, a
 *   variable of the environment or the folder: then it is replaced. Close the
 *   spares before a part of a right is given back, as that to read one folder.
 * - **End**: spares do not keep the program alive and end with it, however it
 *   ends. They are no children: {@linkcode activeChildren} does not have them.
 *   But while they are kept, a top-level `await` that no process can end waits
 *   for ever, where Deno would end the program with an error. One that dies is
 *   replaced; if three in a row die before they are ready, no more are started.
 * - **Tests**: an open stock is a leak to the sanitizers of `deno test`. Open
 *   and close it in one test, or set `sanitizeResources: false`.
 *
 * It may be called in the first thread of an OS process, and does not wait for
 * the spares, but holds the thread for the start of one.
 *
 * Python: the start method `forkserver` with `set_forkserver_preload()`.
 *
 * @param count How many, from 1 to 1000.
 * @param options See {@linkcode SpareOptions}.
 * @returns The spares, to be closed when they are not needed any more.
 * @throws {StateError} If this is a worker, a daemon, or still importing its
 * target's module, or a process of this method cannot be started here.
 * @throws {TypeError} If `count` is no integer, or the files or flags that a
 * process of this method needs are missing.
 * @throws {RangeError} If `count` is out of range, or there is no such start
 * method.
 * @throws {Deno.errors.NotCapable} If spares of OS processes are to be kept
 * without `--allow-env`: they have the environment that they were started with.
 *
 * @example
 * ```ts
 * import { keepSpares, Process } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using spares = keepSpares(2, { method: "worker" });
 * await spares.ready();
 * const p = new Process({ target: () => {}, method: "worker" });
 * p.start();
 * await p.join();
 * assertEquals(p.exitCode, 0);
 * ```
 */
export function keepSpares(count: number, options: SpareOptions = {}): Spares {
  checkCount(KEEP, arguments, 2);
  checkInteger(KEEP, "count", count, 1);
  if (count > MOST) {
    throw new RangeError(
      `Cannot keep spares: count must be ${MOST} at most: got ${count}`,
    );
  }
  checkOptions(KEEP, options, ["method"]);
  if (options.method !== undefined) checkMethod(options.method, KEEP);
  if (!isHost()) {
    throw new StateError(
      "Cannot keep spares: this is a worker: keep them in the first thread of its OS process",
    );
  }
  if (me().daemon || me().importing) {
    throw new StateError(
      "Cannot keep spares: this process may start none: it is a daemon, or is still importing the module of its target",
    );
  }
  return new Spares(count, options.method ?? usedMethod());
}

const KEEP = "keep spares";

/**
 * Processes that are started and idle: see {@linkcode keepSpares}, which makes
 * it.
 *
 * Python has no such object.
 *
 * @example
 * ```ts
 * import { keepSpares } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using spares = keepSpares(1, { method: "worker" });
 * await spares.ready();
 * assertEquals(spares.count, 1);
 * ```
 */
export class Spares implements AsyncDisposable, Disposable {
  /** The start method of the processes that take them. */
  readonly method: StartMethod;
  readonly #count: number;
  /** In the order in which they were started. */
  readonly #idle = new Set<Spare>();
  /** Promises that last until the platform has let go of a spare. */
  readonly #remains = new Set<Promise<void>>();
  /** Calls of `ready()` that wait. */
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  readonly #refill = () => this.#startNext();
  /** Goes off when those are replaced that were taken. */
  #rest: Alarm | undefined;
  #failures = 0;
  #error: unknown;
  #isClosed = false;

  /** @internal */
  constructor(count: number, method: StartMethod) {
    this.#count = count;
    this.method = method;
    this.#start();
    stocks.add(this);
    if (count > 1) doInTurns(this.#refill);
  }

  /** How many are ready now. Never blocks. */
  get count(): number {
    return [...this.#idle].filter((spare) => spare.isReady && spare.isAlive())
      .length;
  }

  /**
   * Waits until all are ready.
   *
   * @throws {StateError} If the spares are closed, or no more are started since
   * three in a row have ended before they were ready.
   */
  async ready(): Promise<void> {
    if (this.count === this.#count) return;
    const waiting = Promise.withResolvers<void>();
    this.#waiting.push(waiting);
    this.#tell();
    // It keeps the program alive, too: spares do not.
    const beat = new Beat(LOOKS, () => this.#tell());
    beat.start();
    try {
      await waiting.promise;
    } finally {
      beat.stop();
    }
  }

  /** Ends all that are idle, and keeps none any more. Never blocks. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    stocks.delete(this);
    dropChore(this.#refill);
    this.#rest?.end();
    for (const spare of this.#idle) this.#end(spare);
    this.#tell();
  }

  /** As {@linkcode Spares.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes them, and waits until the platform has nothing of them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await Promise.all(this.#remains);
  }

  /** @internal */
  [LOCAL](): string {
    return "only the process that keeps them has them";
  }

  /** @internal */
  [TAKE](rights: string): Spare | undefined {
    // Those that are ready first; then those that have loaded for longest.
    const all = [...this.#idle];
    const ordered = [
      ...all.filter(({ isReady }) => isReady),
      ...all.filter(({ isReady }) => !isReady),
    ];
    for (const spare of ordered) {
      if (spare.rights !== rights || !spare.isAlive()) {
        this.#end(spare);
        continue;
      }
      this.#idle.delete(spare);
      this.#refillLater();
      return spare;
    }
    return undefined;
  }

  /**
   * Starts those that are missing in a while: the process that has taken one is
   * to have the cores until then, and this thread is to hear of its end.
   */
  #refillLater(): void {
    if (this.#rest !== undefined) return;
    this.#rest = new Alarm(performance.now() + REST, () => {
      this.#rest = undefined;
      doInTurns(this.#refill);
    });
    this.#rest.unref();
  }

  /** Starts one that is missing; true if there are more. */
  #startNext(): boolean {
    if (!this.#isWanting || me().importing) return false;
    try {
      this.#start();
    } catch (error) {
      this.#fail(error);
    }
    return this.#isWanting;
  }

  get #isWanting(): boolean {
    return !this.#isClosed && this.#failures < MOST_FAILURES &&
      this.#idle.size < this.#count;
  }

  #start(): void {
    const spare = engineOf(this.method).prepare(() => {
      // One that was taken is a process, whose death is told otherwise.
      if (!this.#idle.has(spare)) return;
      if (spare.isReady) this.#failures = 0;
      else this.#fail(spare.error);
      this.#end(spare);
    });
    this.#idle.add(spare);
  }

  #fail(error: unknown): void {
    this.#failures++;
    this.#error = error;
    this.#tell();
    doInTurns(this.#refill);
  }

  #end(spare: Spare): void {
    this.#idle.delete(spare);
    const remains = spare.end();
    this.#remains.add(remains);
    remains.then(() => this.#remains.delete(remains));
    if (!this.#isClosed) doInTurns(this.#refill);
  }

  /** Tells the calls of `ready()`, if there is something to tell. */
  #tell(): void {
    if (this.count === this.#count) {
      for (const { resolve } of this.#waiting.splice(0)) resolve();
    }
    const reason = this.#isClosed
      ? "they are closed"
      : this.#failures >= MOST_FAILURES
      ? `${MOST_FAILURES} in a row ended before they were`
      : undefined;
    if (reason === undefined) return;
    const error = new StateError(
      `Cannot wait until spares are ready: ${reason}`,
      this.#error === undefined ? {} : { cause: this.#error },
    );
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/**
 * A spare of this method with these rights; undefined if there is none. It is
 * the caller's from now on.
 */
export function takeSpare(
  method: StartMethod,
  rights: () => string,
): Spare | undefined {
  // Rights take a while to be found out, and most programs keep no spares.
  let text: string | undefined;
  for (const stock of stocks) {
    if (stock.method !== method) continue;
    const spare = stock[TAKE](text ??= rights());
    if (spare !== undefined) return spare;
  }
  return undefined;
}
