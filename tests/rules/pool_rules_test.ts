// Copyright 2026 the authors. MIT license.

// The rules of the tutorials on pools, one by one. are those of
// S-87 and S-83.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertLessOrEqual,
  assertNotInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  AsyncResult,
  cpuCount,
  currentProcess,
  Pool,
  StateError,
  ThreadPool,
  Value,
} from "../../mod.ts";
import { LONG, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import {
  endPool,
  inTime,
  numbers,
  poolOf,
  poolWith,
} from "../_support/pools.ts";
import * as tasks from "../testdata/pool_tasks.ts";
import { run } from "../_support/tutorial.ts";
import { isPending, until } from "../_support/until.ts";
import { assertTimesOut } from "../_support/refusals.ts";

contract.test("R-58 the workers are made once, and their number is fixed", async (method) => {
  await using pool = poolOf(method, 2);
  const names = new Set(await inTime(pool.runOnAll(tasks.nameOfWorker)));
  assertEquals(names.size, 2);
  for (let round = 0; round < 10; round++) {
    const all = pool.map(tasks.nap, numbers(8).map(() => 1), { chunkSize: 1 });
    for (const name of await inTime(all)) assert(names.has(name), name);
  }
  assertEquals(pool.stats().workers, 2);
  assertEquals(pool.stats().restarts, 0);
});

contract.test("R-59 the initializer runs in every worker at its start", async (method) => {
  const counter = new Value("i");
  await using pool = poolOf(method, {
    processes: 3,
    initializer: tasks.setUp,
    initargs: [counter, "ready"],
  });
  const labels = await inTime(pool.runOnAll(tasks.labelOf));
  assertEquals(labels, ["ready", "ready", "ready"]);
});

contract.test("R-60 a worker that is done takes the next task at once", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 2);
  await inTime(pool.runOnAll(tasks.nothing));
  // Whichever worker is held, all the rest is done beside it.
  const held = pool.applyAsync(tasks.waitForRelease);
  const rest = numbers(20).map(() => pool.applyAsync(tasks.nameOfWorker));
  const names = await inTime(Promise.all(rest));
  assertEquals(names.length, 20);
  const wasReady = held.ready();
  counter.store(1);
  assertEquals(await inTime(held), 1);
  assertFalse(wasReady);
});

contract.test("R-61 apply runs once and gives the result", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 3);
  assertEquals(await inTime(pool.apply(tasks.count)), 0);
  assertEquals(counter.load(), 1);
});

contract.test("R-62 applyAsync returns at once, and calls back when ready", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 2);
  const seen: number[] = [];
  const callback = (value: number) => {
    seen.push(value);
  };
  const slow = pool.applyAsync(tasks.releasedIf, [0], { callback });
  const quick = pool.applyAsync(tasks.releasedIf, [7], { callback });
  assertInstanceOf(slow, AsyncResult);
  assertFalse(slow.ready());
  await inTime(quick.wait());
  assertEquals(seen, [7]);
  counter.store(1);
  await inTime(slow.wait());
  assertEquals(seen, [7, 0]);
});

contract.test("R-63 close finishes what waits, terminate does not", async (method) => {
  const closed = poolOf(method, 1);
  const done = numbers(5).map((i) => closed.applyAsync(tasks.square, [i]));
  closed.close();
  assertThrows(() => closed.applyAsync(tasks.square, [1]), StateError);
  assertEquals(await inTime(Promise.all(done)), [0, 1, 4, 9, 16]);
  await inTime(closed.join());

  const ended = poolOf(method, 1);
  const lost = numbers(5).map(() => ended.applyAsync(tasks.nap, [LONG]));
  ended.terminate();
  assertThrows(() => ended.applyAsync(tasks.square, [1]), StateError);
  for (const result of lost) {
    await assertRejects(() => inTime(result), DOMException);
  }
  await inTime(ended.join());
});

contract.test("R-64 join is refused before close or terminate", async (method) => {
  const pool = poolOf(method, 1);
  await assertRejects(() => pool.join(), StateError, "Cannot join pool");
  await endPool(pool);
});

contract.test("R-65 an AsyncResult waits, tells, and throws again", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 1);
  const result = pool.applyAsync(tasks.waitForRelease);
  await assertTimesOut(() => result.get({ timeout: SHORT }));
  assertFalse(result.ready());
  assertThrows(() => result.successful(), StateError);
  assertFalse(await result.wait({ timeout: SHORT }));
  counter.store(3);
  assertEquals(await inTime(result.get()), 3);
  assert(result.ready());
  assert(result.successful());
  const failed = pool.applyAsync(tasks.failOdd, [1]);
  await assertRejects(() => inTime(failed.get()), RangeError, "odd: 1");
  assertFalse(failed.successful());
});

contract.test("R-66 map passes one argument each, and waits for all", async (method) => {
  await using pool = poolOf(method, 2);
  const pairs = [[1, 2], [3, 4]];
  assertEquals(await inTime(pool.map(tasks.same<number[]>, pairs)), pairs);
  const counter = pool.stats().done;
  await inTime(pool.map(tasks.nap, numbers(10), { chunkSize: 1 }));
  assertEquals(pool.stats().done - counter, 10);
});

contract.test("R-67 the callback gets one value, here", async (method) => {
  await using pool = poolOf(method, 1);
  const calls: unknown[][] = [];
  const { ident } = currentProcess();
  const callback = (...args: unknown[]) => {
    calls.push([currentProcess().ident === ident, ...args]);
  };
  const result = pool.applyAsync(tasks.same<[number, string]>, [[1, "a"]], {
    callback,
  });
  await inTime(result.wait());
  assertEquals(calls, [[true, [1, "a"]]]);
});

contract.test("R-68 apply gives a value, applyAsync an object until get", async (method) => {
  await using pool = poolOf(method, 1);
  const value = await inTime(pool.apply(tasks.square, [3]));
  assertNotInstanceOf(value, AsyncResult);
  assertFalse("get" in Object(value));
  const result = pool.applyAsync(tasks.square, [3]);
  assertInstanceOf(result, AsyncResult);
  assertEquals(await inTime(result.get()), value);
});

contract.test("R-70 results keep the order of submit", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 2);
  // The first element ends last.
  const all = pool.mapAsync(tasks.releasedIf, [0, 2, 3], { chunkSize: 1 });
  await until(() => pool.stats().done === 2);
  assert(await isPending(all.get(), SHORT));
  counter.store(1);
  assertEquals(await inTime(all), [0, 2, 3]);
});

contract.test("R-71 a pool limits how many work at once", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 2);
  const inside = pool.map(tasks.crowd, numbers(20), { chunkSize: 1 });
  for (const count of await inTime(inside)) assertLessOrEqual(count, 2);
});

Deno.test("R-69 without join or get the program ends before its tasks", async () => {
  const stderr = "Process MainProcess: Cannot finish task: the program has " +
    "ended, and no code awaited its result: 10 × foo\n";
  const options = { args: ["forget"], scale: 1, stderr };
  assertEquals(await run("s51_pool_callback", options), ["end"]);
});

Deno.test("R-72 the number of workers is that of the cores by default", async () => {
  const pool = new Pool();
  assertEquals(pool.stats().workers, cpuCount());
  await endPool(pool);
});

Deno.test("R-75 a ThreadPool has the interface of a Pool", async () => {
  await using pool = new ThreadPool(2);
  assertInstanceOf(pool, Pool);
  for (const name of Object.getOwnPropertyNames(Pool.prototype)) {
    assert(name in pool, name);
  }
  assertEquals(await inTime(pool.map(tasks.square, [1, 2, 3])), [1, 4, 9]);
  assertEquals(await inTime(pool.apply(tasks.add, [1, 2])), 3);
});
