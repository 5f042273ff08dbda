// Copyright 2026 the authors. MIT license.

/**
 * Executors and futures: Python's `concurrent.futures`.
 *
 * @module
 */

export { BrokenPoolError as BrokenProcessPool } from "./errors.ts";
export { Future } from "./pool/future.ts";
export * from "./pool/futures.ts";
