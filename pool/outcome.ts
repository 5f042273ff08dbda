// Copyright 2026 the authors. MIT license.

// How one call of a pool turns out: pending, then done or failed, once. The
// promise is made only when it is asked for: most results of a burst are there
// before the caller looks at them.

import { className } from "../memory/check.ts";
import { AT_ONCE, deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import { isThenable } from "./chunk.ts";
import type { Pulse } from "./pulse.ts";
import type { Sink, Task } from "./task.ts";
import { waitFor } from "./wait.ts";

// from      to        by
// PENDING   CALLING   done() or failed(), if there is a callback for it
// PENDING   DONE      done()
// PENDING   FAILED    failed()
// CALLING   DONE      the callback returned, and done() was called
// CALLING   FAILED    the callback threw, or failed() was called
//
// Only the first call of done() or failed() counts.

/** The call has neither value nor error yet. */
const PENDING = 0;
/** The callback is to run, or runs. */
const CALLING = 1;
/** The value is the result. */
const DONE = 2;
/** The value is the error. */
const FAILED = 3;

/**
 * The functions to call in the parent, in completion order. If one throws, or
 * returns a promise that rejects, that is how the call fails.
 */
export interface Callbacks<T> {
  callback?: ((value: T) => unknown) | undefined;
  errorCallback?: ((error: unknown) => unknown) | undefined;
}

/** The outcome of a call; the sink of its task, if it is a single one. */
export class Outcome<T> implements Sink {
  /** Keeps the program alive while the outcome is awaited. */
  readonly #pulse: Pulse;
  readonly #callbacks: Callbacks<T> | undefined;
  readonly #startCalling: (() => void) | undefined;
  #state: number = PENDING;
  #value: unknown;
  #resolvers: PromiseWithResolvers<T> | undefined;
  #watchers: Set<() => void> | undefined;
  #follower: (() => void) | undefined;
  /** While CALLING: which callback it is. */
  #hasFailed = false;
  #isCalled = false;
  /** Runs what is to be run before it is settled, for a blocked thread. */
  flush: (() => void) | undefined;

  constructor(pulse: Pulse, callbacks: Callbacks<T> | undefined) {
    this.#pulse = pulse;
    const { callback, errorCallback } = callbacks ?? {};
    if (callback === undefined && errorCallback === undefined) return;
    this.#callbacks = callbacks;
    this.#startCalling = here(() => this.#call());
  }

  /** The call itself, until it is settled. */
  get caller(): this | undefined {
    return this.isReady ? undefined : this;
  }

  get isReady(): boolean {
    return this.#state >= DONE;
  }

  get isDone(): boolean {
    return this.#state === DONE;
  }

  get hasFailed(): boolean {
    return this.#state === FAILED;
  }

  /** How it stands, for people. */
  get state(): string {
    if (!this.isReady) return "pending";
    const how = this.#state === DONE ? "returned" : "raised";
    return `finished, ${how} ${className(this.#value)}`;
  }

  /** Settles the call with `value`, unless it is settled. */
  done(_task: Task | undefined, value: unknown): void {
    this.#settle(DONE, value);
  }

  /** Settles the call with `error`, unless it is settled. */
  failed(_task: Task | undefined, error: unknown): void {
    this.#settle(FAILED, error);
  }

  /** The same promise each time; asking for it keeps the program alive. */
  promise(): Promise<T> {
    if (this.#resolvers !== undefined) return this.#resolvers.promise;
    if (this.#state === DONE) return Promise.resolve(this.#value as T);
    if (this.#state === FAILED) return Promise.reject(this.#value);
    this.#resolvers = Promise.withResolvers<T>();
    this.#pulse.ref();
    return this.#resolvers.promise;
  }

  /**
   * Calls `ready` once it is settled, and keeps the program alive till then.
   */
  watch(ready: () => void): void {
    (this.#watchers ??= new Set()).add(ready);
    this.#pulse.ref();
  }

  /** Waits until it is settled; false if `options` end the wait before. */
  async wait(options: WaitOptions | undefined): Promise<boolean> {
    const deadline = deadlineOf(options);
    if (this.isReady) return true;
    return deadline !== AT_ONCE && await waitFor(
      options,
      (arrive) => this.watch(arrive),
      (arrive) => this.unwatch(arrive),
    );
  }

  /** As {@linkcode Outcome.wait}, blocking this thread. */
  waitSync(options?: WaitOptions): boolean {
    const deadline = deadlineOf(options);
    if (this.isReady) return true;
    return deadline !== AT_ONCE &&
      this.#pulse.block(() => this.#isReadyNow(), deadline);
  }

  /** The value, once it is settled; throws the error. */
  take(): T {
    if (this.#state === FAILED) throw this.#value;
    return this.#value as T;
  }

  /** Calls `ready` once it is settled; that alone keeps nothing alive. */
  follow(ready: () => void): void {
    this.#follower = ready;
  }

  /** Takes one watcher off again. */
  unwatch(ready: () => void): void {
    if (this.#watchers?.delete(ready)) this.#pulse.unref();
  }

  #settle(state: typeof DONE | typeof FAILED, value: unknown): void {
    if (this.#state !== PENDING) return;
    this.#value = value;
    const { callback, errorCallback } = this.#callbacks ?? {};
    const call = state === DONE ? callback : errorCallback;
    if (call === undefined) return this.#end(state, value);
    this.#state = CALLING;
    this.#hasFailed = state === FAILED;
    this.#startCalling!();
  }

  /**
   * Whether it is settled, for a thread that is blocked: no microtask runs
   * there, so what waits for one is run now. An async callback is not awaited.
   */
  #isReadyNow(): boolean {
    this.flush?.();
    if (this.#state === CALLING) {
      this.#call().catch(() => {});
      if (this.#state === CALLING) {
        this.#end(this.#hasFailed ? FAILED : DONE, this.#value);
      }
    }
    return this.isReady;
  }

  /** Runs the callback, which may be async; the call is settled after it. */
  async #call(): Promise<void> {
    if (this.#isCalled) return;
    this.#isCalled = true;
    const value = this.#value;
    const { callback, errorCallback } = this.#callbacks!;
    const hasFailed = this.#hasFailed;
    try {
      const returned = hasFailed
        ? errorCallback!(value)
        : callback!(value as T);
      if (isThenable(returned)) await returned;
    } catch (error) {
      this.#end(FAILED, hasFailed ? becauseOf(error, value) : error);
      return;
    }
    this.#end(hasFailed ? FAILED : DONE, value);
  }

  #end(state: typeof DONE | typeof FAILED, value: unknown): void {
    if (this.isReady) return;
    this.#state = state;
    this.#value = value;
    this.#follower?.();
    for (const watcher of this.#watchers ?? []) watcher();
    if (this.#resolvers === undefined) return;
    this.#pulse.unref();
    if (state === DONE) this.#resolvers.resolve(value as T);
    else this.#resolvers.reject(value);
  }
}

/**
 * A function that has `call` run soon, once, in the async context of this place
 * (that of `AsyncLocalStorage`): promises remember it.
 */
export function here(call: () => unknown): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  promise.then(call);
  return resolve;
}

/**
 * The error of an errorCallback, with the error that it was called with at the
 * end of its chain of causes, where Python has it as well.
 */
function becauseOf(error: unknown, original: unknown): unknown {
  const seen = new Set<unknown>([original]);
  let last = error;
  while (last instanceof Error && !seen.has(last)) {
    seen.add(last);
    if (last.cause === undefined) {
      Reflect.defineProperty(last, "cause", {
        value: original,
        configurable: true,
        writable: true,
      });
    }
    last = last.cause;
  }
  return error;
}
