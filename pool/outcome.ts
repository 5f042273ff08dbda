// Copyright 2026 the authors. MIT license.

// How one call of a pool turns out: pending, then done or failed, once. The
// promise is made only when it is asked for: most results of a burst are there
// before the caller looks at them.

import { className } from "../memory/check.ts";
import { AT_ONCE, deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import type { Pulse } from "./pulse.ts";
import type { Sink, Task } from "./task.ts";
import { waitFor } from "./wait.ts";

/** The call has neither value nor error yet. */
const PENDING = 0;
/** The value is the result. */
const DONE = 1;
/** The value is the error. */
const FAILED = 2;

/** The functions to call in the parent, in completion order. */
export interface Callbacks<T> {
  callback?: ((value: T) => unknown) | undefined;
  errorCallback?: ((error: unknown) => unknown) | undefined;
}

/** The outcome of a call; the sink of its task, if it is a single one. */
export class Outcome<T> implements Sink {
  /** Keeps the program alive while the outcome is awaited. */
  readonly #pulse: Pulse;
  readonly #callbacks: Callbacks<T> | undefined;
  #state: number = PENDING;
  #value: unknown;
  #resolvers: PromiseWithResolvers<T> | undefined;
  #watchers: Set<() => void> | undefined;
  #follower: (() => void) | undefined;

  constructor(pulse: Pulse, callbacks: Callbacks<T> | undefined) {
    this.#pulse = pulse;
    this.#callbacks = callbacks;
  }

  /** The call itself, until it is settled. */
  get caller(): this | undefined {
    return this.#state === PENDING ? this : undefined;
  }

  get isReady(): boolean {
    return this.#state !== PENDING;
  }

  get isDone(): boolean {
    return this.#state === DONE;
  }

  get hasFailed(): boolean {
    return this.#state === FAILED;
  }

  /** How it stands, for people. */
  get state(): string {
    if (this.#state === PENDING) return "pending";
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
      this.#pulse.block(() => this.isReady, deadline);
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
    this.#state = state;
    this.#value = value;
    this.#call();
    this.#follower?.();
    for (const watcher of this.#watchers ?? []) watcher();
    if (this.#resolvers === undefined) return;
    this.#pulse.unref();
    if (state === DONE) this.#resolvers.resolve(value as T);
    else this.#resolvers.reject(value);
  }

  // In a microtask: an error of the callback is an uncaught error of the
  // program, and does not keep other results back. Queued before the promise is
  // settled, so the callback runs before the code that awaits the value.
  #call(): void {
    const { callback, errorCallback } = this.#callbacks ?? {};
    const value = this.#value;
    if (this.#state === DONE) {
      if (callback) queueMicrotask(() => void callback(value as T));
    } else if (errorCallback) {
      queueMicrotask(() => void errorCallback(value));
    }
  }
}
