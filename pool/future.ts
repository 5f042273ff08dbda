// Copyright 2026 the authors. MIT license.

// The future of an executor.

import { LOCAL, mark } from "../message/handle.ts";
import { checkFunction, printAs } from "../memory/check.ts";
import { CancelledError } from "../errors.ts";
import { report } from "../process/child.ts";
import type { WaitOptions } from "../memory/deadline.ts";
import type { Core } from "./core.ts";
import { here, Outcome } from "./outcome.ts";
import type { Sink, Task } from "./task.ts";
import { tooLate } from "./wait.ts";
import { me } from "../program/self.ts";

/** The method by which other files of this room wait for a future. */
export const OUTCOME: unique symbol = Symbol("outcome");

// from       to         by
// PENDING    RUNNING    the worker's word that it has begun
// PENDING    CANCELLED  cancel(), if no worker had begun it
// any other  FINISHED   the result, an error, or the worker's death

/** No worker has begun it, as far as is known. */
const PENDING = 0;
/** A worker has begun it. */
const RUNNING = 1;
/** It was called off before a worker began it. */
const CANCELLED = 2;
/** It has a result or an error. */
const FINISHED = 3;

/**
 * The outcome, now or later, of a task that was submitted to an executor.
 *
 * Python: `concurrent.futures.Future`. There, a process pool says "running" as
 * soon as a task stands in the queue of its workers, and such a task cannot be
 * cancelled; here it is running when a worker has begun it.
 *
 * Made by {@linkcode ProcessPoolExecutor.submit}. It can be awaited like a
 * promise, any number of times; Python's has {@linkcode Future.result} alone.
 * An async function that returns a future hands out its result, therefore. To
 * TypeScript only an {@linkcode AwaitableFuture} can be awaited: in a `for
 * await` over {@linkcode asCompleted}, it would take a future for its result.
 *
 * @example
 * ```ts
 * import { ThreadPoolExecutor } from "../mod.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await using executor = new ThreadPoolExecutor(1);
 * const future = executor.submit((a: number, b: number) => a ** b, 2, 10);
 * assertEquals(await future.result(), 1024);
 * assertEquals(await future, 1024);
 * assert(future.done() && !future.running() && !future.cancelled());
 * ```
 */
export class Future<T = unknown> {
  readonly #core: Core;
  readonly #outcome: Outcome<T>;
  #state: number = PENDING;
  #error: unknown;
  /** The error that cancel() fails the task with. */
  #refusal: CancelledError | undefined;
  #task: Task | undefined;
  /** The functions that have the callbacks run. */
  readonly #callbacks: (() => void)[] = [];

  /** @internal */
  constructor(core: Core, submit: (sink: Sink) => Task) {
    this.#core = core;
    this.#outcome = new Outcome<T>(core.pulse, undefined);
    const task = submit({
      started: () => {
        if (this.#state === PENDING) this.#state = RUNNING;
      },
      done: (_task, value) => {
        this.#end(FINISHED);
        this.#outcome.done(undefined, value);
      },
      failed: (_task, error) => {
        this.#error = error;
        // The task itself may throw a CancelledError: of a future that it has.
        const isCancelled = this.#refusal !== undefined &&
          error === this.#refusal;
        this.#end(isCancelled ? CANCELLED : FINISHED);
        this.#outcome.failed(undefined, error);
      },
    });
    if (!this.done()) this.#task = task;
  }

  /**
   * Waits for the result.
   *
   * Python: `Future.result(timeout)`.
   *
   * @param options `timeout` in milliseconds from the call; `signal` to give up
   * waiting. The task goes on either way.
   * @returns What the task returned.
   * @throws {Error} If the task threw: what it threw.
   * @throws {WorkerExitError} If its worker died.
   * @throws {BrokenPoolError} If the executor is broken.
   * @throws {CancelledError} If it was cancelled.
   * @throws {DOMException} `TimeoutError` if `timeout` passed.
   */
  async result(options?: WaitOptions): Promise<T> {
    if (options !== undefined) await this.#wait("get result", options);
    return await this.#outcome.promise();
  }

  /** As {@linkcode Future.result}, blocking this thread. */
  resultSync(options?: WaitOptions): T {
    this.#waitSync("get result", options);
    return this.#outcome.take();
  }

  /** As {@linkcode Future.exception}, blocking this thread. */
  exceptionSync(options?: WaitOptions): unknown {
    this.#waitSync("get exception", options);
    if (this.#state === CANCELLED) throw this.#error;
    return this.#error;
  }

  /**
   * Waits for the end, and tells the error.
   *
   * Python: `Future.exception(timeout)`.
   *
   * @param options `timeout` in milliseconds from the call; `signal` to give up
   * waiting.
   * @returns What the task threw; undefined if it returned.
   * @throws {CancelledError} If it was cancelled.
   * @throws {DOMException} `TimeoutError` if `timeout` passed.
   */
  async exception(options: WaitOptions = {}): Promise<unknown> {
    await this.#wait("get exception", options);
    if (this.#state === CANCELLED) throw this.#error;
    return this.#error;
  }

  /**
   * Calls the task off if no worker has begun it.
   *
   * Python: `Future.cancel()`.
   *
   * @returns True if it is cancelled, now or before; false if a worker has
   * begun it, or it is finished.
   */
  cancel(): boolean {
    if (this.#state === CANCELLED) return true;
    if (this.#state !== PENDING || this.#task === undefined) return false;
    this.#refusal ??= new CancelledError("Cannot get result: it was cancelled");
    return this.#core.cancelTask(this.#task, this.#refusal);
  }

  /**
   * Whether it was cancelled.
   *
   * Python: `Future.cancelled()`.
   */
  cancelled(): boolean {
    return this.#state === CANCELLED;
  }

  /**
   * Whether a worker has begun it, and it has not ended.
   *
   * Python: `Future.running()`.
   */
  running(): boolean {
    return this.#state === RUNNING;
  }

  /**
   * Whether it is finished or cancelled.
   *
   * Python: `Future.done()`.
   */
  done(): boolean {
    return this.#state >= CANCELLED;
  }

  /**
   * Has a function called when it is done, or soon if it is done already:
   * callbacks run in the order in which they were added, before the waiters on
   * the result, in the async context (of `AsyncLocalStorage`) of this call. An
   * error of a callback, or of the promise that it returns, is printed on
   * stderr and not thrown further.
   *
   * Python: `Future.add_done_callback(fn)`.
   *
   * @param callback Called with this future.
   */
  addDoneCallback(callback: (future: Future<T>) => unknown): void {
    checkFunction("add callback", "it", callback);
    const start = here(() => this.#call(callback));
    if (this.done()) start();
    else this.#callbacks.push(start);
  }

  static {
    mark(this, "Future");
    printAs(this, (future) => {
      if (future.#state === RUNNING) return "running";
      return future.cancelled() ? "cancelled" : future.#outcome.state;
    });
  }

  /** The text that it prints as. */
  get [Symbol.toStringTag](): string {
    return "Future";
  }

  /** @internal */
  [OUTCOME](): Outcome<T> {
    return this.#outcome;
  }

  /** @internal */
  [LOCAL](): string {
    return "send its result";
  }

  #end(state: typeof CANCELLED | typeof FINISHED): void {
    this.#state = state;
    this.#task = undefined;
    for (const start of this.#callbacks.splice(0)) start();
  }

  async #wait(action: string, options: WaitOptions): Promise<void> {
    if (!await this.#outcome.wait(options)) throw tooLate(action);
  }

  #waitSync(action: string, options: WaitOptions | undefined): void {
    if (!this.#outcome.waitSync(options)) throw tooLate(action);
  }

  async #call(callback: (future: Future<T>) => unknown): Promise<void> {
    try {
      await callback(this);
    } catch (error) {
      report(
        me().name,
        `Cannot call the callback of a future: ${textOf(error)}`,
      );
    }
  }
}

// By hand, so that it is no part of the type: see AwaitableFuture.
Object.defineProperty(Future.prototype, "then", {
  value: function then(
    this: Future,
    onfulfilled?: (value: unknown) => unknown,
    onrejected?: (reason: unknown) => unknown,
  ): Promise<unknown> {
    return this[OUTCOME]().promise().then(onfulfilled, onrejected);
  },
  configurable: true,
  writable: true,
});

/**
 * A future as {@linkcode ProcessPoolExecutor.submit} returns it, which `await`
 * takes for a promise of its result.
 *
 * Python has no such type: its futures cannot be awaited.
 *
 * @typeParam T What the task returns.
 */
export type AwaitableFuture<T> = Future<T> & PromiseLike<T>;

/** Makes the future of a task, which `submit` submits. */
export function createFuture<T>(
  core: Core,
  submit: (sink: Sink) => Task,
): AwaitableFuture<T> {
  return new Future<T>(core, submit) as AwaitableFuture<T>;
}

/** An error as it prints; a program may make printing throw. */
function textOf(error: unknown): string {
  try {
    return Deno.inspect(error, { colors: false });
  } catch {
    return error instanceof Error ? `${error.name}: ${error.message}` : "";
  }
}
