// Copyright 2026 the authors. MIT license.

// Declarations for what tests use of `@std/async` 1.5.0.

export function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T>;
export function abortable<T>(
  p: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T>;

export interface DeadlineOptions {
  signal?: AbortSignal;
}
/** Rejects with a "TimeoutError" DOMException after `ms`. */
export function deadline<T>(
  p: Promise<T>,
  ms: number,
  options?: DeadlineOptions,
): Promise<T>;

export interface DebounceOptions {
  signal?: AbortSignal | undefined;
}
export interface DebouncedFunction<T extends unknown[]> {
  (...args: T): void;
  clear(): void;
  flush(): void;
  readonly pending: boolean;
}
export function debounce<T extends unknown[]>(
  fn: (this: DebouncedFunction<T>, ...args: T) => void,
  wait: number,
  options?: DebounceOptions,
): DebouncedFunction<T>;

export interface DelayOptions {
  signal?: AbortSignal;
  /** @default {true} */
  persistent?: boolean;
}
export function delay(ms: number, options?: DelayOptions): Promise<void>;

export class MuxAsyncIterator<T> implements AsyncIterable<T> {
  add(iterable: AsyncIterable<T>): void;
  iterate(): AsyncIterableIterator<T>;
  [Symbol.asyncIterator](): AsyncIterator<T>;
}

export function pooledMap<T, R>(
  poolLimit: number,
  array: Iterable<T> | AsyncIterable<T>,
  iteratorFn: (data: T) => Promise<R>,
): AsyncIterableIterator<R>;

export interface RetryOptions {
  /** @default {2} */
  multiplier?: number;
  /** @default {60000} */
  maxTimeout?: number;
  /** @default {5} */
  maxAttempts?: number;
  /** @default {1000} */
  minTimeout?: number;
  /** @default {1} */
  jitter?: number;
  isRetriable?: (err: unknown) => boolean;
  signal?: AbortSignal;
}
export class RetryError extends Error {
  constructor(cause: unknown, attempts: number);
}
export function retry<T>(
  fn: (() => Promise<T>) | (() => T),
  options?: RetryOptions,
): Promise<T>;

export function tee<T, N extends number = 2>(
  iterable: AsyncIterable<T>,
  n?: N,
): Tuple<AsyncIterable<T>, N>;
type Tuple<T, N extends number> = N extends N
  ? number extends N ? T[] : TupleOf<T, N, []>
  : never;
type TupleOf<T, N extends number, R extends unknown[]> = R["length"] extends N
  ? R
  : TupleOf<T, N, [T, ...R]>;
