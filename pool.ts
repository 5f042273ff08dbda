// Copyright 2026 the authors. MIT license.

/**
 * Pools: workers that are started once and run many tasks.
 *
 * @module
 */

export * from "./pool/async_result.ts";
export * from "./pool/current_task.ts";
export * from "./pool/pool.ts";
