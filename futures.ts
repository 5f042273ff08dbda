// Copyright 2026 the authors. MIT license.

/**
 * Executors and futures: Python's `concurrent.futures`.
 *
 * | you want to | take |
 * |---|---|
 * | run many calls on a few processes | {@linkcode ProcessPoolExecutor} |
 * | the same in this OS process, which starts sooner | {@linkcode ThreadPoolExecutor} |
 * | have one result later, or call it off | {@linkcode Future} |
 * | have the results in the order in which they come | {@linkcode asCompleted} |
 * | wait until the first is there, or all are | {@linkcode waitFutures} |
 *
 * @module
 */

import "./message/transit.ts";
export { BrokenPoolError as BrokenProcessPool } from "./errors.ts";
export { type AwaitableFuture, Future } from "./pool/future.ts";
export * from "./pool/futures.ts";
