// Copyright 2026 the authors. MIT license.

/**
 * Pools: workers that are started once and run many tasks.
 *
 * | you want to | take |
 * |---|---|
 * | run many short calls on a few processes | {@linkcode Pool} |
 * | the same in this OS process, which starts sooner | {@linkcode ThreadPool} |
 * | go on, and ask for a result later | {@linkcode AsyncResult} |
 * | know in a task that it was called off | {@linkcode currentTask} |
 *
 * @module
 */

import "./message/transit.ts";
export * from "./pool/async_result.ts";
export { type CurrentTask, currentTask } from "./pool/current.ts";
export * from "./pool/pool.ts";
