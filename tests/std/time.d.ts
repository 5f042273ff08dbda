// Copyright 2026 the authors. MIT license.

// Declarations for what tests use of `@std/testing/time` 1.0.15.

export class TimeError extends Error {
  constructor(message: string);
}

export interface FakeTimeOptions {
  /** Fake milliseconds per real one; 0 stands still. @default {0} */
  advanceRate?: number;
  /** Real milliseconds between advances. @default {10} */
  advanceFrequency?: number;
}

export interface DelayOptions {
  signal?: AbortSignal;
}

export class FakeTime implements Disposable {
  constructor(start?: number | string | Date, options?: FakeTimeOptions);
  static restore(): void;
  static restoreFor<T>(
    // deno-lint-ignore no-explicit-any
    callback: (...args: any[]) => Promise<T> | T,
    // deno-lint-ignore no-explicit-any
    ...args: any[]
  ): Promise<T>;
  get now(): number;
  set now(value: number);
  get start(): number;
  delay(ms: number, options?: DelayOptions): Promise<void>;
  runMicrotasks(): Promise<void>;
  tick(ms?: number): void;
  tickAsync(ms?: number): Promise<void>;
  next(): boolean;
  nextAsync(): Promise<boolean>;
  runAll(): void;
  runAllAsync(): Promise<void>;
  restore(): void;
  [Symbol.dispose](): void;
}
