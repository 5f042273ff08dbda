// Copyright 2026 the authors. MIT license.

import { deadline } from "@std/async";
import { Pool, type PoolOptions, type Value } from "../../mod.ts";
import { HUNG } from "./delays.ts";
import * as tasks from "../testdata/pool_tasks.ts";
import type { Method } from "./contract.ts";

/** Where the functions of the tests' pools stand. */
export const MODULE = new URL("../testdata/pool_tasks.ts", import.meta.url);

/** A pool for functions of testdata/pool_tasks.ts. */
export function poolOf(
  method: Method,
  options: number | PoolOptions = 2,
): Pool {
  const all = typeof options === "number" ? { processes: options } : options;
  return new Pool({ ...all, method, module: MODULE });
}

/** One whose workers have a number in common, by `setUp()`. */
export function poolWith(
  counter: Value<"i">,
  method: Method,
  options: number | PoolOptions = 2,
): Pool {
  const all = typeof options === "number" ? { processes: options } : options;
  const { setUp: initializer } = tasks;
  return poolOf(method, { ...all, initializer, initargs: [counter] });
}

/** The same promise; rejects if it takes so long that it must hang. */
export function inTime<T>(promise: PromiseLike<T>): Promise<T> {
  return deadline(Promise.resolve(promise), HUNG);
}

/** Ends a pool, whatever became of its tasks. */
export async function endPool(pool: Pool): Promise<void> {
  pool.terminate();
  await inTime(pool.join());
}

/** The numbers from 0 up to `length`. */
export function numbers(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
