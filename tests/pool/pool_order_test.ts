// Copyright 2026 the authors. MIT license.

// The order in which tasks begin. Each takes a number when it does. Workers
// that are free at the same time may begin in any order, so a task is at most
// one place off for each other worker.

import { assert, assertLess } from "@std/assert";
import { type Pool, ProcessPoolExecutor, Value } from "../../mod.ts";
import { contract, type Method } from "../_support/contract.ts";
import { MEDIUM } from "../_support/delays.ts";
import { endPool, inTime, MODULE, numbers } from "../_support/pools.ts";
import { poolWith } from "../_support/pools.ts";
import { until } from "../_support/until.ts";
import * as tasks from "../testdata/pool_tasks.ts";

/** Submits tasks that take so long; returns when each began. */
function begin(pool: Pool, times: readonly number[]): Promise<number[]> {
  const results = times.map((ms) => pool.apply(tasks.countLater, [ms]));
  return inTime(Promise.all(results));
}

function assertOrder(places: readonly number[], workers: number): void {
  for (const [i, place] of places.entries()) {
    assertLess(Math.abs(place - i), workers, `they began as ${places}`);
  }
}

/** Has the pool know that these tasks are short. */
async function warmUp(pool: Pool, counter: Value<"i">): Promise<void> {
  await inTime(pool.map(tasks.countLater, numbers(64).fill(0), {
    chunkSize: 1,
  }));
  counter.store(0);
}

contract.test("Pool begins tasks in the order of submission, from the first", async (method) => {
  for (const workers of [1, 2, 3]) {
    const pool = poolWith(new Value("i"), method, workers);
    const times = numbers(4 * workers).fill(MEDIUM);
    assertOrder(await begin(pool, times), workers);
    await endPool(pool);
  }
});

contract.test("Pool begins tasks in order, however long each takes", async (method) => {
  const pool = poolWith(new Value("i"), method);
  const times = [4 * MEDIUM, ...numbers(5).fill(MEDIUM)];
  assertOrder(await begin(pool, times), 2);
  await endPool(pool);
});

contract.test("Pool begins tasks in order that are longer than those before", async (method) => {
  const counter = new Value("i");
  const pool = poolWith(counter, method);
  await warmUp(pool, counter);
  const times = [3 * MEDIUM, ...numbers(5).fill(MEDIUM)];
  assertOrder(await begin(pool, times), 2);
  await endPool(pool);
});

contract.test("Pool begins a task again, whose worker has died, before those after it", async (method) => {
  const pool = poolWith(new Value("i"), method);
  const again = pool.apply(tasks.countAgain, [MEDIUM], { retries: 1 });
  const places = await begin(pool, numbers(7).fill(2 * MEDIUM));
  assertLess(await inTime(again), 4);
  assertOrder(places.slice(1).map((place) => place - 3), 2);
  await endPool(pool);
});

contract.test("Executor begins tasks in order though one among them is cancelled", async (method) => {
  const executor = executorWith(new Value("i"), method);
  await using _ = executor;
  const futures = numbers(8).map(() =>
    executor.submit(tasks.countLater, MEDIUM)
  );
  await until(() => futures[0]!.running());
  assert(futures[5]!.cancel());
  futures.splice(5, 1);
  const places = await inTime(Promise.all(futures.map((f) => f.result())));
  assertOrder(places, 2);
});

function executorWith(
  counter: Value<"i">,
  method: Method,
): ProcessPoolExecutor {
  const { setUp: initializer } = tasks;
  const initargs = [counter];
  return new ProcessPoolExecutor({
    maxWorkers: 2,
    method,
    module: MODULE,
    initializer,
    initargs,
  });
}
