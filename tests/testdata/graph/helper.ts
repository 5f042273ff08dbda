// Copyright 2026 the authors. MIT license.

// A helper that owns the pool: its callers stand in other modules.

import type { Pool } from "../../../mod.ts";
import * as deep from "./deep.ts";

export { scaled } from "./deep.ts";
export { deep };

/** Runs a function of a caller's. */
export function run<A, T>(
  pool: Pool,
  func: (arg: A) => T,
  arg: A,
): PromiseLike<Awaited<T>> {
  return pool.apply(func, [arg]);
}
