// Copyright 2026 the authors. MIT license.

// Results that a pool will have.

import { printAs } from "../memory/check.ts";
import { LOCAL } from "../message/handle.ts";
import { StateError } from "../errors.ts";
import type { WaitOptions } from "../memory/deadline.ts";
import type { Outcome } from "./outcome.ts";
import { tooLate } from "./wait.ts";

/**
 * The result of a call of a {@linkcode Pool}, before it is there. It can be
 * awaited like a promise, any number of times.
 *
 * Python: `multiprocessing.pool.AsyncResult`.
 *
 * Only a wait for it keeps the program alive. A program that drops its results
 * and ends loses the tasks that have not run, as in Python; it says on stderr
 * of which functions they were.
 *
 * @typeParam T What the task returns.
 *
 * @example
 * ```ts
 * import { Pool } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new Pool(1);
 * const result = pool.applyAsync((a: number, b: number) => a + b, [1, 2]);
 * assertEquals(await result.get({ timeout: 60_000 }), 3);
 * assertEquals(result.successful(), true);
 * ```
 */
export class AsyncResult<T> implements PromiseLike<T> {
  readonly #outcome: Outcome<T>;

  /** Made by a pool only. */
  constructor(outcome: Outcome<T>) {
    this.#outcome = outcome;
  }

  /**
   * Waits for the result.
   *
   * Python: `AsyncResult.get(timeout)`.
   *
   * @param options `timeout` in milliseconds from the call; `signal` to give up
   * waiting. The task goes on either way.
   * @returns What the task returned.
   * @throws {Error} If the task threw: see {@linkcode Pool}.
   * @throws {DOMException} `TimeoutError` if `timeout` passed.
   */
  async get(options?: WaitOptions): Promise<T> {
    if (options === undefined) return await this.#outcome.promise();
    if (await this.wait(options)) return await this.#outcome.promise();
    throw tooLate("get result");
  }

  /**
   * Waits until the result is there, whatever it is.
   *
   * Python: `AsyncResult.wait(timeout)`, which returns None either way.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns True if the result is there; false if `timeout` passed.
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    return await this.#outcome.wait(options);
  }

  /** As {@linkcode AsyncResult.get}, blocking this thread. */
  getSync(options?: WaitOptions): T {
    if (this.waitSync(options)) return this.#outcome.take();
    throw tooLate("get result");
  }

  /** As {@linkcode AsyncResult.wait}, blocking this thread. */
  waitSync(options?: WaitOptions): boolean {
    return this.#outcome.waitSync(options);
  }

  /**
   * Whether the result is there, be it an error.
   *
   * Python: `AsyncResult.ready()`.
   */
  ready(): boolean {
    return this.#outcome.isReady;
  }

  /**
   * Whether the task returned, and did not throw.
   *
   * Python: `AsyncResult.successful()`.
   *
   * @throws {StateError} If the result is not there yet.
   */
  successful(): boolean {
    if (!this.#outcome.isReady) {
      throw new StateError(
        "Cannot tell if the task was successful: it is not ready",
      );
    }
    return this.#outcome.isDone;
  }

  /**
   * The method that `await` calls.
   *
   * @param onfulfilled Called with what the task returned.
   * @param onrejected Called with what it threw.
   */
  then<A = T, B = never>(
    onfulfilled?: ((value: T) => A | PromiseLike<A>) | null | undefined,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null | undefined,
  ): Promise<A | B> {
    return this.#outcome.promise().then(onfulfilled, onrejected);
  }

  static {
    printAs(this, (result) => result.#outcome.state);
  }

  /** The text that it prints as. */
  get [Symbol.toStringTag](): string {
    return "AsyncResult";
  }

  /** @internal */
  [LOCAL](): string {
    return "send its result";
  }
}
