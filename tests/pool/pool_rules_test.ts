// Copyright 2026 the authors. MIT license.

// Timeouts, signals, keys, transfers, and pools that grow.

import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import { delay } from "@std/async";
import { Pool, Value } from "../../mod.ts";
import { atBest } from "../_support/at_best.ts";
import { CountedSignal } from "../_support/counted_signal.ts";
import { LONG, MEDIUM, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import {
  endPool,
  inTime,
  numbers,
  poolOf,
  poolWith,
} from "../_support/pools.ts";
import { until } from "../_support/until.ts";
import { assertTimesOut, assertUncloneable } from "../_support/refusals.ts";
import * as tasks from "../testdata/pool_tasks.ts";

contract.test("Pool calls a task off at its timeout", async (method) => {
  const restarts = async () => {
    const counter = new Value("i");
    await using pool = poolWith(counter, method, 1);
    // Or its time would be over before it has a worker.
    await inTime(pool.apply(tasks.square, [1]));
    const options = { timeout: SHORT };
    await assertTimesOut(() =>
      inTime(pool.apply(tasks.waitUntilCancelled, [], options))
    );
    assertEquals(await inTime(pool.apply(tasks.square, [2])), 4);
    const { restarts } = pool.stats();
    if (restarts === 0) assertEquals(counter.load(), 2);
    return restarts;
  };
  // One that is not told is replaced every time.
  assertEquals(await atBest(1, restarts), 0);
});

contract.test("Pool takes a timeout that no timer can have", async (method) => {
  await using pool = poolOf(method, 1);
  for (const timeout of [2 ** 31, Infinity]) {
    await inTime(pool.apply(tasks.nap, [SHORT], { timeout }));
    await inTime(pool.applyAsync(tasks.nap, [SHORT]).get({ timeout }));
  }
});

contract.test("Pool counts the timeout from the start of the task", async (method) => {
  await using pool = poolOf(method, 1);
  const cancelled = async () => {
    const first = pool.apply(tasks.nap, [2 * MEDIUM]);
    // They all wait longer than their timeout before they begin.
    const others = numbers(8).map((i) =>
      pool.apply(tasks.square, [i], { timeout: MEDIUM })
    );
    const start = performance.now();
    await inTime(first);
    assertGreater(performance.now() - start, MEDIUM);
    const ends = await inTime(Promise.allSettled(others));
    return ends.filter(({ status }) => status === "rejected").length;
  };
  assertEquals(await atBest(1, cancelled), 0);
});

contract.test("Pool tells a task that computes of its timeout", async (method) => {
  const restarts = async () => {
    await using pool = poolOf(method, 1);
    const options = { timeout: SHORT };
    await assertRejects(
      () => inTime(pool.apply(tasks.spinUntilCancelled, [], options)),
      DOMException,
    );
    assertEquals(await inTime(pool.apply(tasks.square, [2])), 4);
    return pool.stats().restarts;
  };
  // One that is not told is replaced every time.
  assertEquals(await atBest(1, restarts), 0);
});

contract.test("Pool replaces a worker that ignores its timeout", async (method) => {
  const pool = poolOf(method, 2);
  const stuck = pool.applyAsync(tasks.nap, [LONG * 100], { timeout: SHORT });
  const others = numbers(20).map((i) => pool.applyAsync(tasks.square, [i]));
  await assertRejects(() => inTime(stuck), DOMException);
  assertEquals(
    await inTime(Promise.all(others)),
    numbers(20).map((i) => i * i),
  );
  await until(() => pool.stats().restarts === 1);
  assertEquals(await inTime(pool.apply(tasks.square, [3])), 9);
  assertEquals(pool.stats().workers, 2);
  await endPool(pool);
});

contract.test("Pool drops a task whose signal is aborted before it runs", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 1);
  const running = pool.applyAsync(tasks.nap, [MEDIUM]);
  const controller = new AbortController();
  const { signal } = controller;
  const queued = pool.applyAsync(tasks.count, [], { signal });
  const chunks = pool.mapAsync(tasks.count, numbers(10), { signal });
  const reason = new RangeError("enough");
  controller.abort(reason);
  assertEquals(await inTime(queued.get().catch((error) => error)), reason);
  assertEquals(await inTime(chunks.get().catch((error) => error)), reason);
  const late = pool.apply(tasks.count, [], { signal });
  assertEquals(await late.catch((error) => error), reason);
  await inTime(running);
  assertEquals(await inTime(pool.apply(tasks.count)), 0);
});

contract.test("Pool tells a running task that its signal is aborted", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 1);
  const controller = new AbortController();
  const { signal } = controller;
  const result = pool.applyAsync(tasks.waitUntilCancelled, [], { signal });
  await until(() => counter.load() === 3);
  controller.abort();
  const error = await assertRejects(() => inTime(result), DOMException);
  assertEquals(error.name, "AbortError");
  assertEquals(await inTime(pool.apply(tasks.square, [2])), 4);
  assertEquals(counter.load(), 1);
});

contract.test("Pool leaves no listener on a signal", async (method) => {
  await using pool = poolOf(method, 1);
  const counted = new CountedSignal();
  const { signal } = counted;
  await inTime(pool.apply(tasks.square, [2], { signal }));
  await assertRejects(() => inTime(pool.apply(tasks.fail, ["no"], { signal })));
  await inTime(pool.map(tasks.square, numbers(10), { signal }));
  assertEquals(counted.listeners, 0);
});

contract.test("Pool runs tasks of one key in one worker", async (method) => {
  await using pool = poolOf(method, 3);
  await inTime(pool.runOnAll(tasks.nothing));
  const seen = new Map<number, Set<string>>();
  const results = numbers(60).map(async (i) => {
    const key = i % 10;
    const name = await pool.apply(tasks.nameOfWorker, [], { key });
    seen.set(key, (seen.get(key) ?? new Set()).add(name));
  });
  await inTime(Promise.all(results));
  for (const [key, names] of seen) {
    assertEquals(names.size, 1, `key ${key}: ${[...names]}`);
  }
  const all = new Set([...seen.values()].flatMap((names) => [...names]));
  assertGreater(all.size, 1);
});

contract.test("Pool leaves a key with its worker while it grows", async (method) => {
  const idleTimeout = LONG * 100;
  for (const min of [0, 1]) {
    await using pool = poolOf(method, { min, max: 4, idleTimeout });
    const namesOf = () =>
      inTime(Promise.all(
        numbers(40).map((key) => pool.apply(tasks.nameOfWorker, [], { key })),
      ));
    const before = await namesOf();
    await inTime(pool.map(tasks.nap, numbers(8).map(() => MEDIUM), {
      chunkSize: 1,
    }));
    assertEquals(pool.stats().workers, 4);
    assertEquals(await namesOf(), before);
  }
});

contract.test("Pool leaves a key with its worker while others leave", async (method) => {
  await using pool = poolOf(method, { min: 1, max: 4, idleTimeout: SHORT });
  const history = numbers(12).map((): string[] => []);
  for (let round = 0; round < 12; round++) {
    // Now all of them, now few: workers come and go.
    const keys = round % 4 === 3 ? [0, 1] : numbers(history.length);
    await inTime(Promise.all(keys.map(async (key) => {
      const name = await pool.apply(tasks.nap, [SHORT / 8], { key });
      if (history[key]!.at(-1) !== name) history[key]!.push(name);
    })));
    if (round % 4 === 3) await delay(SHORT * 2);
  }
  // A worker that has lost a key has left, and does not come back.
  for (const [key, names] of history.entries()) {
    assertEquals(new Set(names).size, names.length, `${key}: ${names}`);
  }
});

contract.test("Pool starts as many workers as its keys need, not more", async (method) => {
  const idleTimeout = LONG * 100;
  await using pool = poolOf(method, { min: 1, max: 4, idleTimeout });
  const results = numbers(30).map(() =>
    pool.applyAsync(tasks.nap, [SHORT / 4], { key: "k" })
  );
  const names = await inTime(Promise.all(results));
  assertEquals(new Set(names).size, 1, names.join());
  assertLess(pool.stats().workers, 3);
  // However many keys one worker has had, others get some of the next.
  const later = numbers(40).map((key) =>
    pool.applyAsync(tasks.nap, [1], { key })
  );
  assertEquals(new Set(await inTime(Promise.all(later))).size, 4);
  assertEquals(pool.stats().workers, 4);
});

contract.test("Pool with no worker yet gives a key to one", async (method) => {
  const idleTimeout = LONG * 100;
  await using pool = poolOf(method, { min: 0, max: 3, idleTimeout });
  const results = numbers(9).map(() =>
    pool.applyAsync(tasks.nap, [SHORT], { key: "k" })
  );
  const names = await inTime(Promise.all(results));
  assertEquals(new Set(names).size, 1, names.join());
});

contract.test("Pool gives the tasks of a key to the successor of its worker", async (method) => {
  await using pool = poolOf(method, 2);
  const results = numbers(10).map((i) =>
    pool.applyAsync(tasks.exitFor, [i, 3], { key: "k" })
  );
  const settled = await inTime(Promise.allSettled(results));
  const lost = settled.filter(({ status }) => status === "rejected");
  assertEquals(lost.length, 1);
});

contract.test("Pool moves what is to be transferred", async (method) => {
  await using pool = poolOf(method, 2);
  const buffers = numbers(6).map((i) => new ArrayBuffer(i * 1000));
  const results = buffers.map((buffer) =>
    pool.applyAsync(tasks.bytesOf, [buffer], { transfer: [buffer] })
  );
  assert(buffers.slice(1).every(({ detached }) => detached));
  assertEquals(
    await inTime(Promise.all(results)),
    numbers(6).map((i) => i * 1000),
  );
  await assertUncloneable(() =>
    inTime(pool.apply(tasks.same, [() => 1], { transfer: [] }))
  );
});

contract.test("Pool carries large values", async (method) => {
  await using pool = poolOf(method, 1);
  const bytes = new Uint8Array(3 * 2 ** 20).fill(7);
  const results = numbers(10).map(() =>
    pool.applyAsync(tasks.same<Uint8Array>, [bytes])
  );
  for (const result of results) {
    const back = await inTime(result);
    assertEquals(back.length, bytes.length);
    assertEquals(back.at(-1), 7);
  }
});

contract.test("Pool grows with its load and shrinks again", async (method) => {
  await using pool = poolOf(method, { min: 1, max: 3, idleTimeout: MEDIUM });
  assertEquals(pool.stats().workers, 1);
  const results = numbers(12).map(() => pool.applyAsync(tasks.nap, [SHORT]));
  let most = 0;
  while (results.some((result) => !result.ready())) {
    most = Math.max(most, pool.stats().workers);
    await delay(1);
  }
  assertEquals(most, 3);
  assertGreater(new Set(await Promise.all(results)).size, 1);
  await until(() => pool.stats().workers === 1);
  assertEquals(await inTime(pool.apply(tasks.square, [4])), 16);
  assertEquals(pool.stats().restarts, 0);
});

contract.test("Pool does not grow for what one worker does at once", async (method) => {
  await using pool = poolOf(method, { min: 1, max: 4 });
  await inTime(pool.map(tasks.square, numbers(100)));
  assertLess(pool.stats().workers, 5);
  await using lazy = poolOf(method, { min: 0, max: 2, idleTimeout: 0 });
  assertEquals(lazy.stats().workers, 0);
  assertEquals(await inTime(lazy.apply(tasks.square, [3])), 9);
  await until(() => lazy.stats().workers === 0);
  assertEquals(await inTime(lazy.apply(tasks.square, [4])), 16);
});

Deno.test("Pool remembers nothing of the keys that it was given", async () => {
  const size = 2 ** 14;
  const count = 2 ** 13;
  await using pool = poolOf("worker", { min: 1, max: 2 });
  const before = Deno.memoryUsage().heapUsed;
  for (let i = 0; i < count; i += 32) {
    const results = numbers(32).map((j) =>
      pool.apply(tasks.square, [j], { key: String(i + j).padEnd(size) })
    );
    await inTime(Promise.all(results));
  }
  const growth = Deno.memoryUsage().heapUsed - before;
  assertLess(growth, count * size / 2);
});

Deno.test("Pool infers the types of its results", async () => {
  await using pool = new Pool({
    processes: 1,
    module: new URL("../testdata/pool_tasks.ts", import.meta.url),
  });
  const one: Promise<number> = pool.apply(tasks.add, [1, 2]);
  const many: Promise<number[]> = pool.map(tasks.square, [1, 2]);
  const later: Promise<string[]> = pool.map(tasks.nap, [1]);
  const star: Promise<number[]> = pool.starmap(tasks.add, [[1, 2]]);
  const stream: AsyncIterableIterator<number> = pool.imap(
    tasks.squareLater,
    [1],
  );
  // @ts-expect-error: there are two arguments
  const wrong = pool.applyAsync(tasks.add, [1]);
  // @ts-expect-error: the elements are numbers
  const odd = pool.mapAsync(tasks.square, ["1"]);
  await inTime(Promise.allSettled([one, many, later, star, wrong, odd]));
  assertFalse((await inTime(stream.next())).done);
});
