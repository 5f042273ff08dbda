// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  activeChildren,
  AsyncResult,
  cpuCount,
  currentTask,
  getContext,
  Pool,
  StateError,
  ThreadPool,
  Value,
} from "../../mod.ts";
import { atBest } from "../_support/at_best.ts";
import { HUNG, LONG, many, MEDIUM, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import {
  endPool,
  inTime,
  MODULE,
  numbers,
  poolOf,
  poolWith,
} from "../_support/pools.ts";
import * as tasks from "../testdata/pool_tasks.ts";
import { isPending, turn, until } from "../_support/until.ts";
import { assertTimesOut, assertUncloneable } from "../_support/refusals.ts";

const COUNT = many(5_000, 100_000);

contract.test("Pool.apply() returns what the task returns", async (method) => {
  await using pool = poolOf(method);
  assertEquals(await inTime(pool.apply(tasks.square, [7])), 49);
  assertEquals(await inTime(pool.apply(tasks.add, [1, 2])), 3);
  assertEquals(await inTime(pool.apply(tasks.nothing)), undefined);
  assertEquals(await inTime(pool.apply(tasks.squareLater, [3])), 9);
});

contract.test("Pool.apply() carries values there and back", async (method) => {
  await using pool = poolOf(method, 1);
  const values = [
    -0,
    NaN,
    1.5,
    2 ** 40,
    "",
    "text",
    undefined,
    null,
    true,
    10n,
    [1, [2]],
    { a: new Map([[1, new Set(["x"])]]) },
    new Date(0),
    /a+/gi,
    new Uint8Array([1, 2, 3]),
  ];
  for (const value of values) {
    assertEquals(await inTime(pool.apply(tasks.same, [value])), value);
  }
  assertEquals(await inTime(pool.map(tasks.same, values)), values);
});

contract.test("Pool.apply() takes a function that is not exported", async (method) => {
  await using pool = new Pool({ processes: 1, method });
  assertEquals(await inTime(pool.apply((a: number) => a + 1, [1])), 2);
  const far = 1;
  const error = await assertRejects(
    () => inTime(pool.apply(() => far + 1)),
    ReferenceError,
  );
  assertStringIncludes(error.message, "was sent by its source");
});

contract.test("Pool.applyAsync() returns before the task ends", async (method) => {
  await using pool = poolOf(method, 1);
  const result = pool.applyAsync(tasks.nap, [SHORT]);
  assert(result instanceof AsyncResult);
  assertFalse(result.ready());
  assertThrows(() => result.successful(), StateError);
  const name = await inTime(result);
  assertStringIncludes(name, "PoolWorker-");
  assert(result.ready());
  assert(result.successful());
});

contract.test(`Pool.applyAsync() keeps ${COUNT} results apart`, async (method) => {
  await using pool = poolOf(method);
  const results = numbers(COUNT).map((i) => pool.applyAsync(tasks.square, [i]));
  for (const [i, result] of results.entries()) {
    assertEquals(await inTime(result), i * i);
  }
  assertEquals(pool.stats().done, COUNT);
});

contract.test(`Pool.applyAsync() keeps ${COUNT} results of two kinds of task apart`, async (method) => {
  await using pool = poolOf(method, 3);
  const results = numbers(COUNT).map((i) =>
    i % 100 === 0
      ? pool.applyAsync(tasks.squareLater, [i])
      : pool.applyAsync(tasks.add, [i, 1])
  );
  for (const [i, result] of results.entries()) {
    assertEquals(await inTime(result), i % 100 === 0 ? i * i : i + 1);
  }
});

contract.test("Pool.applyAsync() calls back in completion order", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 2);
  const order: number[] = [];
  const callback = (value: number) => order.push(value);
  pool.applyAsync(tasks.waitForRelease, [], { callback });
  for (const value of [1, 2, 3]) {
    pool.applyAsync(tasks.same<number>, [value], { callback });
  }
  await until(() => order.length === 3);
  counter.store(4);
  pool.close();
  await inTime(pool.join());
  assertEquals(order.toSorted(), [1, 2, 3, 4]);
  assertEquals(order.at(-1), 4);
});

contract.test("Pool.applyAsync() calls the callback before it resolves", async (method) => {
  await using pool = poolOf(method, 1);
  let value = 0;
  let error: unknown;
  const callback = (result: number) => value = result;
  const errorCallback = (reason: unknown) => error = reason;
  await inTime(pool.applyAsync(tasks.square, [3], { callback }));
  assertEquals(value, 9);
  const failing = pool.applyAsync(tasks.fail, ["no"], { errorCallback });
  await assertRejects(() => inTime(failing));
  assertInstanceOf(error, Error);
});

contract.test("AsyncResult.get() gives up at the timeout", async (method) => {
  const pool = poolOf(method, 1);
  const result = pool.applyAsync(tasks.nap, [LONG * 10]);
  await assertTimesOut(() => result.get({ timeout: SHORT }));
  assertEquals(await result.wait({ timeout: 1 }), false);
  assertEquals(await result.wait({ timeout: 0 }), false);
  await assertRejects(
    () => result.wait({ signal: AbortSignal.abort("enough") }),
  );
  await endPool(pool);
});

contract.test("AsyncResult.wait() resolves with true, whatever the result", async (method) => {
  await using pool = poolOf(method, 1);
  const good = pool.applyAsync(tasks.squareLater, [2]);
  const bad = pool.applyAsync(tasks.fail, ["no"]);
  assertEquals(await inTime(good.wait({ timeout: LONG })), true);
  assertEquals(await inTime(bad.wait()), true);
  assertEquals([good.successful(), bad.successful()], [true, false]);
  assertEquals(`${good}`, "[object AsyncResult]");
});

contract.test("Pool.apply() rejects with the error of the task", async (method) => {
  await using pool = poolOf(method, 1);
  const error = await assertRejects(
    () => inTime(pool.apply(tasks.fail, ["no"])),
    Error,
    "no",
  );
  assertEquals(error.name, "OwnError");
  assertEquals((error as tasks.OwnError).code, 42);
  assertInstanceOf(error.cause, RangeError);
  assertStringIncludes(error.stack!, "pool_tasks.ts");
  assertStringIncludes(error.stack!, "submitted to the pool:");
  assertStringIncludes(error.stack!, "pool_test.ts");
  assertEquals(
    await inTime(pool.apply(tasks.throwText).catch((text) => text)),
    "text",
  );
  assertEquals(await inTime(pool.apply(tasks.square, [2])), 4);
});

contract.test("Pool.apply() rejects what cannot be cloned, and nothing else", async (method) => {
  await using pool = poolOf(method, 1);
  const before = pool.applyAsync(tasks.square, [2]);
  const cases = [
    [
      () => pool.apply(tasks.same, [{ a: () => 1 }]),
      "Cannot clone args[0].a: it is a function",
    ],
    [
      () => pool.apply(tasks.add, [1, Symbol("b") as unknown as number]),
      "Cannot clone args[1]: it is a symbol",
    ],
    [
      () => pool.apply(tasks.giveFunction),
      "Cannot clone result.inner[0]: it is a function",
    ],
    [
      () => pool.apply(tasks.throwUncloneable),
      "Cannot clone error.cause: it is a function",
    ],
    [
      () => pool.map(tasks.giveFunctionFor, [0, 1, 2], { chunkSize: 3 }),
      "Cannot clone result[1]: it is a function",
    ],
    [
      () => pool.map(tasks.same, [0, 1, 2, () => 1], { chunkSize: 2 }),
      "Cannot clone items[3]: it is a function",
    ],
  ] as const;
  const after = pool.applyAsync(tasks.square, [3]);
  for (const [call, message] of cases) {
    await assertUncloneable(() => inTime(call()), message);
  }
  assertEquals([await before, await after], [4, 9]);
  assertEquals(pool.stats().restarts, 0);
});

contract.test("Pool runs as many tasks at once as it has workers", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 3);
  await inTime(pool.runOnAll(tasks.nothing));
  const results = numbers(9).map(() => pool.applyAsync(tasks.crowd, [SHORT]));
  const most = Math.max(...await inTime(Promise.all(results)));
  assert(most >= 2 && most <= 3, `${most} were in`);
});

contract.test("Pool gives no task to a worker that another keeps busy", async (method) => {
  const pool = poolOf(method);
  await inTime(pool.map(tasks.square, numbers(1000)));
  const long = pool.applyAsync(tasks.nap, [LONG * 10]);
  const short = numbers(200).map(() => pool.applyAsync(tasks.nameOfWorker));
  const names = new Set(await inTime(Promise.all(short)));
  assertEquals(names.size, 1);
  assertFalse(long.ready());
  await endPool(pool);
  await assertRejects(() => inTime(long), DOMException);
});

contract.test("Pool keeps the timers of its workers going", async (method) => {
  await using pool = poolOf(method, 1);
  // How late timers are on this machine anyway.
  await using idle = poolOf(method, 1);
  await inTime(idle.apply(tasks.watchTimers));
  await inTime(pool.apply(tasks.watchTimers));
  const timeUnderLoad = async () => {
    for (let i = 0; i < 5; i++) {
      const results = numbers(2000).map((i) =>
        pool.applyAsync(tasks.square, [i])
      );
      await inTime(Promise.all(results));
    }
    await inTime(pool.map(tasks.block, numbers(60).fill(2)));
    const usual = await inTime(idle.apply(tasks.latestTimer));
    return await inTime(pool.apply(tasks.latestTimer)) - usual;
  };
  assertLess(await atBest(MEDIUM, timeUnderLoad), MEDIUM);
});

contract.test("Pool runs what a task leaves behind before the next", async (method) => {
  await using pool = poolOf(method, 1);
  const results = numbers(5).map(() => pool.applyAsync(tasks.floatPromise));
  const seen = await inTime(Promise.all(results));
  assertEquals(seen, [...seen].sort());
  assert(seen.at(-1)! >= 2, `floating promises ran late: ${seen}`);
});

contract.test("Pool.close() refuses new tasks and finishes the rest", async (method) => {
  const pool = poolOf(method);
  const results = numbers(20).map((i) =>
    pool.applyAsync(tasks.squareLater, [i])
  );
  pool.close();
  assertThrows(() => pool.applyAsync(tasks.square, [1]), StateError);
  assertThrows(() => pool.mapAsync(tasks.square, [1]), StateError);
  assertThrows(() => pool.imap(tasks.square, [1]), StateError);
  await assertRejects(() => pool.apply(tasks.square, [1]), StateError);
  await assertRejects(() => pool.map(tasks.square, [1]), StateError);
  await assertRejects(() => pool.starmap(tasks.add, [[1, 2]]), StateError);
  await assertRejects(() => pool.runOnAll(tasks.nothing), StateError);
  assertEquals(await inTime(pool.join()), true);
  for (const [i, result] of results.entries()) {
    assertEquals(await result, i * i);
  }
  assertEquals(await pool.join(), true);
});

contract.test("Pool.join() is refused while the pool is open", async (method) => {
  const pool = poolOf(method, 1);
  await assertRejects(() => pool.join(), StateError);
  const result = pool.applyAsync(tasks.nap, [LONG * 10]);
  pool.close();
  assertEquals(await pool.join({ timeout: SHORT }), false);
  assertEquals(await pool.join({ timeout: 0 }), false);
  await assertRejects(() => pool.join({ signal: AbortSignal.timeout(1) }));
  await endPool(pool);
  await assertRejects(() => inTime(result), DOMException);
});

contract.test("Pool.terminate() fails what is not done", async (method) => {
  const pool = poolOf(method);
  await inTime(pool.apply(tasks.square, [1]));
  const running = pool.applyAsync(tasks.nap, [LONG * 10]);
  const queued = numbers(100).map(() =>
    pool.applyAsync(tasks.nap, [LONG * 10])
  );
  pool.terminate();
  for (const result of [running, ...queued]) {
    const error = await assertRejects(() => inTime(result), DOMException);
    assertEquals(error.name, "AbortError");
  }
  assertEquals(await inTime(pool.join()), true);
  assertThrows(() => pool.applyAsync(tasks.square, [1]), StateError);
  pool.terminate();
  pool.close();
});

contract.test("Pool.terminate() ends workers that compute for ever", async (method) => {
  const pool = poolOf(method, 1);
  const result = pool.applyAsync(tasks.block, [LONG]);
  await until(() => pool.stats().running === 1);
  await endPool(pool);
  await assertRejects(() => inTime(result), DOMException);
});

contract.test("Pool[Symbol.asyncDispose]() finishes what was submitted", async (method) => {
  let result: AsyncResult<number>;
  {
    await using pool = poolOf(method, 1);
    result = pool.applyAsync(tasks.squareLater, [5]);
  }
  assert(result.ready());
  assertEquals(await result, 25);
});

contract.test("Pool's workers are active children until it is joined", async (method) => {
  const before = activeChildren().length;
  const pool = poolOf(method, 3);
  await until(() => activeChildren().length === before + 3);
  assert(activeChildren().every((child) => child.daemon));
  await endPool(pool);
  assertEquals(activeChildren().length, before);
});

contract.test("Pool starts one worker at once, and one a turn of the event loop", async (method) => {
  const pool = poolOf(method, 5);
  assertEquals(pool.stats().workers, 5);
  const counts = [activeChildren().length];
  while (counts.at(-1)! < 5) {
    await turn();
    counts.push(activeChildren().length);
  }
  const steps = counts.map((count, i) => count - (counts[i - 1] ?? 0));
  assertEquals(Math.max(...steps), 1, `${steps}`);
  await endPool(pool);
});

contract.test("Pool that grows starts one worker a turn", async (method) => {
  const pool = poolOf(method, { min: 0, max: 4 });
  const naps = numbers(20).map(() => pool.apply(tasks.nap, [1]));
  assertEquals(activeChildren().length, 0);
  let last = 0;
  let most = 0;
  while (last < 4) {
    await turn();
    const count = activeChildren().length;
    most = Math.max(most, count - last);
    last = count;
  }
  assertEquals(most, 1);
  await inTime(Promise.all(naps));
  await endPool(pool);
});

contract.test("Pool's workers start while this thread blocks", async (method) => {
  const { Barrier, Pool } = getContext(method);
  const barrier = new Barrier(5);
  await using pool = new Pool({
    processes: 4,
    initializer: tasks.setBarrier,
    initargs: [barrier],
    module: MODULE,
  });
  const arrivals = numbers(4).map(() => pool.applyAsync(tasks.arrive));
  barrier.waitSync({ timeout: HUNG });
  assertEquals(activeChildren().length, 4);
  await inTime(Promise.all(arrivals));
});

contract.test("Pool.mapSync() starts the workers it needs", async (method) => {
  const pool = poolOf(method, 3);
  assertEquals(pool.mapSync(tasks.square, numbers(9)).at(-1), 64);
  await endPool(pool);
  const lazy = poolOf(method, { min: 0, max: 2 });
  assertEquals(lazy.applySync(tasks.square, [3]), 9);
  await endPool(lazy);
});

contract.test("Pool.terminate() starts no worker that is yet to start", async (method) => {
  for (const end of ["terminate", "dispose", "close"]) {
    const pool = poolOf(method, 5);
    if (end === "terminate") pool.terminate();
    else if (end === "close") pool.close();
    else pool[Symbol.dispose]();
    assertEquals(pool.stats().workers, 1);
    assert(await inTime(pool.join()));
    await turn();
    assertEquals(activeChildren(), []);
  }
});

contract.test("Pool.close() starts the workers that tasks wait for", async (method) => {
  const pool = poolOf(method, 5);
  const results = [
    pool.apply(tasks.square, [2]),
    pool.apply(tasks.square, [3]),
  ];
  pool.close();
  assert(await inTime(pool.join()));
  assertEquals(await Promise.all(results), [4, 9]);
});

contract.test("Pool uses its workers again", async (method) => {
  await using pool = poolOf(method, 2);
  const results = numbers(20).map(() => pool.applyAsync(tasks.nap, [1]));
  const names = new Set(await inTime(Promise.all(results)));
  assert(names.size <= 2, `${names.size} workers`);
});

contract.test("Pool calls the initializer in every worker", async (method) => {
  const counter = new Value("i");
  await using pool = poolOf(method, {
    processes: 2,
    initializer: tasks.setUp,
    initargs: [counter, "hello"],
  });
  assertEquals(await inTime(pool.runOnAll(tasks.labelOf)), ["hello", "hello"]);
  await inTime(pool.map(tasks.count, numbers(10)));
  assertEquals(counter.load(), 10);
});

contract.test("Pool.runOnAll() runs once in each worker", async (method) => {
  await using pool = poolOf(method, 3);
  const names = await inTime(pool.runOnAll(tasks.nameOfWorker));
  assertEquals(new Set(names).size, 3);
  await inTime(pool.runOnAll(tasks.setLabel, ["there"]));
  assertEquals(await inTime(pool.runOnAll(tasks.labelOf)), [
    "there",
    "there",
    "there",
  ]);
  await assertRejects(() => inTime(pool.runOnAll(tasks.fail, ["no"])), Error);
});

contract.test("Pool.stats() counts", async (method) => {
  await using pool = poolOf(method, 2);
  await inTime(pool.map(tasks.squareLater, numbers(10), { chunkSize: 1 }));
  await assertRejects(() => inTime(pool.apply(tasks.fail, ["no"])));
  const { workers, queued, running, done, failed, restarts, wait, run } = pool
    .stats();
  assertEquals([workers, queued, running], [2, 0, 0]);
  assertEquals([done, failed, restarts], [10, 1, 0]);
  assert(run.p50 >= 0.5 && run.p99 >= run.p50, `${run.p50} ${run.p99}`);
  assert(wait.p99 >= wait.p50);
});

contract.test("Pool.stats() tells what was begun from what was only given", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 2);
  const results = numbers(7).map(() => pool.applyAsync(tasks.waitForRelease));
  await until(() => pool.stats().running === 2);
  assertEquals(pool.stats().queued, 5);
  counter.store(1);
  await inTime(Promise.all(results));
  assertEquals([pool.stats().queued, pool.stats().running], [0, 0]);
});

contract.test("Pool.stats() counts no task of a worker that still starts", async (method) => {
  const counter = new Value("i");
  await using pool = poolOf(method, {
    processes: 1,
    initializer: tasks.setUpLater,
    initargs: [counter],
  });
  const result = pool.applyAsync(tasks.square, [3]);
  assertEquals([pool.stats().queued, pool.stats().running], [1, 0]);
  await until(() => counter.load() === 1);
  assertEquals([pool.stats().queued, pool.stats().running], [1, 0]);
  counter.store(2);
  assertEquals(await inTime(result), 9);
});

Deno.test("Pool has as many workers as the machine has cores", async () => {
  await using pool = new Pool();
  assertEquals(pool.stats().workers, cpuCount());
});

Deno.test("Pool refuses what makes no sense", () => {
  for (const count of [0, -1, 1.5, NaN, 1001]) {
    assertThrows(() => new Pool(count), RangeError);
  }
  assertThrows(() => new Pool("2" as unknown as number), TypeError);
  assertThrows(() => new Pool({ processes: 2, max: 3 }), TypeError);
  assertThrows(() => new Pool({ min: 3, max: 2 }), RangeError);
  assertThrows(() => new Pool({ maxTasksPerChild: 0 }), RangeError);
  assertThrows(() => new Pool({ idleTimeout: -1 }), RangeError);
  assertThrows(() => new Pool({ method: "fork" as "worker" }), RangeError);
  assertThrows(
    () => new Pool({ initializer: tasks.setUp.bind(undefined) }),
    TypeError,
    "Cannot create pool",
  );
  assertEquals(activeChildren(), []);
});

Deno.test("Pool refuses tasks that make no sense", async () => {
  await using pool = new Pool(1);
  const text = "f" as unknown as () => void;
  assertThrows(() => pool.applyAsync(text), TypeError, "Cannot submit task");
  assertThrows(() => pool.applyAsync(Math.sqrt, [1]), TypeError);
  for (const options of [{ timeout: -1 }, { retries: 0.5 }]) {
    const submit = () => pool.applyAsync(tasks.nothing, [], options);
    assertThrows(submit, RangeError);
  }
  const none = { chunkSize: 0 };
  assertThrows(() => pool.mapAsync(tasks.square, [1], none), RangeError);
  for (const map of ["mapAsync", "imap"] as const) {
    const five = () => pool[map](tasks.square, 5 as unknown as number[]);
    assertThrows(five, TypeError, "must be iterable");
  }
});

Deno.test("ThreadPool is a pool", async () => {
  await using pool = new ThreadPool(1);
  assertInstanceOf(pool, Pool);
  const result = pool.applyAsync((text: string) => text + text, ["foo"]);
  assertEquals(await inTime(result), "foofoo");
});

Deno.test("currentTask() throws outside of a task", () => {
  assertThrows(() => currentTask(), StateError);
});

Deno.test("AsyncResult of a task that never ends does not hold up a test", async () => {
  const pool = new Pool(1);
  const result = pool.applyAsync(() => new Promise(() => {}));
  assert(await isPending(Promise.resolve(result), SHORT));
  await endPool(pool);
  await assertRejects(() => inTime(result), DOMException);
});
