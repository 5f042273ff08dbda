// Copyright 2026 the authors. MIT license.

// `@std/async` for tests: see docs/decisions/0001-std-from-npm.md.
//
// File by file instead of through its mod.js, which also loads a channel.js
// whose own import the package got wrong.

// @ts-types="./async.d.ts"
export { abortable } from "deno-std/async/abortable.js";
// @ts-types="./async.d.ts"
export { deadline } from "deno-std/async/deadline.js";
// @ts-types="./async.d.ts"
export { debounce } from "deno-std/async/debounce.js";
// @ts-types="./async.d.ts"
export { delay } from "deno-std/async/delay.js";
// @ts-types="./async.d.ts"
export { MuxAsyncIterator } from "deno-std/async/mux_async_iterator.js";
// @ts-types="./async.d.ts"
export { pooledMap } from "deno-std/async/pool.js";
// @ts-types="./async.d.ts"
export { retry, RetryError } from "deno-std/async/retry.js";
// @ts-types="./async.d.ts"
export { tee } from "deno-std/async/tee.js";

export type {
  DeadlineOptions,
  DebouncedFunction,
  DebounceOptions,
  DelayOptions,
  RetryOptions,
} from "./async.d.ts";
