// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import { delay } from "@std/async";
import { type Progress, Value } from "../../mod.ts";
import { LONG, many, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import {
  endPool,
  inTime,
  numbers,
  poolOf,
  poolWith,
} from "../_support/pools.ts";
import { growthOf } from "../_support/programs.ts";
import { until } from "../_support/until.ts";
import * as tasks from "../testdata/pool_tasks.ts";

const COUNT = many(10_000, 100_000);

const LENGTHS = [0, 1, 2, 7, 8, 9, 100, COUNT];

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await undefined;
    yield item;
  }
}

function* endlessUntil(close: () => void): Generator<number> {
  try {
    while (true) yield 1;
  } finally {
    close();
  }
}

contract.test("Pool.map() keeps the order of any number of elements", async (method) => {
  await using pool = poolOf(method);
  for (const length of LENGTHS) {
    const items = numbers(length);
    const expected = items.map(tasks.square);
    assertEquals(await inTime(pool.map(tasks.square, items)), expected);
    assertEquals(
      await inTime(pool.mapAsync(tasks.square, items, { chunkSize: 3 })),
      expected,
    );
  }
});

contract.test("Pool.map() makes Python's chunks", async (method) => {
  await using pool = poolOf(method, 2);
  // length, messages: 2 workers are to have 4 chunks each
  for (const [length, chunks] of [[1, 1], [8, 8], [9, 5], [100, 8], [16, 8]]) {
    const { done } = pool.stats();
    await inTime(pool.map(tasks.square, numbers(length!)));
    assertEquals(pool.stats().done - done, chunks, `${length} elements`);
  }
});

contract.test("Pool.map() keeps numbers as they are", async (method) => {
  await using pool = poolOf(method, 1);
  const lists = [
    [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)],
    [0, -0, 1],
    [1, NaN, Infinity, -Infinity],
    [1, 2 ** 31, 0.5],
    [1, 2, "3", 4],
    [1, undefined, 2],
    [1, , 2] as number[],
    [[1, 2], [3]],
  ];
  for (const list of lists) {
    const options = { chunkSize: list.length };
    const result = await inTime(pool.map(tasks.same<unknown>, list, options));
    assertEquals(result.length, list.length);
    for (const [i, value] of result.entries()) {
      if (Array.isArray(value)) assertEquals<unknown>(value, list[i]);
      else assert(Object.is(value, list[i]), `${value} is not ${list[i]}`);
    }
  }
});

contract.test("Pool.map() takes any iterable", async (method) => {
  await using pool = poolOf(method);
  const expected = [1, 4, 9];
  const sources = [
    new Set([1, 2, 3]),
    new Map([[1, 0], [2, 0], [3, 0]]).keys(),
    new Uint8Array([1, 2, 3]),
    later([1, 2, 3]),
  ];
  for (const source of sources) {
    assertEquals(await inTime(pool.map(tasks.square, source)), expected);
  }
  assertEquals(await inTime(pool.map(tasks.squareLater, [1, 2, 3])), expected);
});

contract.test("Pool.map() passes one argument, Pool.starmap() several", async (method) => {
  await using pool = poolOf(method);
  const pairs: [number, number][] = [[1, 2], [3, 4], [5, 6]];
  assertEquals(await inTime(pool.map(tasks.same, pairs)), pairs);
  for (const chunkSize of [1, 2, 3]) {
    assertEquals(
      await inTime(pool.starmap(tasks.add, pairs, { chunkSize })),
      [3, 7, 11],
    );
  }
  assertEquals(
    await inTime(pool.starmapAsync(tasks.add, later(pairs))),
    [3, 7, 11],
  );
});

contract.test("Pool.map() rejects with the first error", async (method) => {
  await using pool = poolOf(method);
  for (const chunkSize of [1, 3, 100]) {
    let seen: unknown;
    const errorCallback = (error: unknown) => seen = error;
    const error = await assertRejects(
      () =>
        inTime(pool.starmap(
          tasks.failAt,
          numbers(20).map((i): [number, number] => [i, 13]),
          { chunkSize, errorCallback },
        )),
      RangeError,
      "bad: 13",
    );
    assertEquals(seen, error);
  }
  async function* broken() {
    yield 1;
    throw new TypeError("no more");
  }
  await assertRejects(
    () => inTime(pool.map(tasks.square, broken())),
    TypeError,
    "no more",
  );
});

contract.test("Pool.map() tells how far it has come", async (method) => {
  await using pool = poolOf(method);
  const seen: Progress[] = [];
  const onProgress = (progress: Progress) => seen.push(progress);
  const options = { chunkSize: 3, onProgress, progress: true };
  await inTime(pool.map(tasks.square, numbers(10), options));
  assertEquals(seen.length, 4);
  assertEquals(seen.at(-1), { done: 10, total: 10 });
  assert(seen.every(({ total }) => total === 10));
});

contract.test("Pool.map() calls back with all results", async (method) => {
  await using pool = poolOf(method);
  let values: number[] = [];
  const callback = (all: number[]) => values = all;
  await inTime(pool.mapAsync(tasks.square, [1, 2, 3], { callback }));
  assertEquals(values, [1, 4, 9]);
});

contract.test("Pool.map() over an async source ends with the pool", async (method) => {
  const pool = poolOf(method, 1);
  async function* endless() {
    yield 1;
    await new Promise(() => {});
  }
  const result = pool.mapAsync(tasks.square, endless());
  pool.close();
  assertEquals(await pool.join({ timeout: SHORT }), false);
  await endPool(pool);
  await assertRejects(() => inTime(result), DOMException);
});

contract.test("Pool.imap() yields in order", async (method) => {
  await using pool = poolOf(method);
  for (const length of LENGTHS) {
    for (const chunkSize of [1, 5]) {
      const items = numbers(length);
      const results = pool.imap(tasks.square, items, { chunkSize });
      const got = await inTime(Array.fromAsync(results));
      assertEquals(got, items.map(tasks.square));
    }
  }
  const got = await inTime(
    Array.fromAsync(pool.imap(tasks.square, later([1, 2, 3]))),
  );
  assertEquals(got, [1, 4, 9]);
});

contract.test("Pool.imapUnordered() yields everything once", async (method) => {
  await using pool = poolOf(method);
  for (const chunkSize of [1, 7]) {
    for (const items of [numbers(COUNT), later(numbers(100))]) {
      const results = pool.imapUnordered(tasks.same<number>, items, {
        chunkSize,
      });
      const got = await inTime(Array.fromAsync(results));
      got.sort((a, b) => a - b);
      assertEquals(got, numbers(got.length));
      assert(got.length === COUNT || got.length === 100);
    }
  }
});

contract.test("Pool.imapUnordered() yields what is done first", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 2);
  const results = pool.imapUnordered(tasks.releasedIf, [0, 1, 2, 3]);
  const got = [];
  for await (const value of results) {
    got.push(value);
    if (got.length === 3) counter.store(1);
  }
  assertEquals(got.at(-1), 0);
  assertEquals(got.toSorted(), [0, 1, 2, 3]);
});

contract.test("Pool.imap() rejects one element and goes on", async (method) => {
  await using pool = poolOf(method);
  for (const chunkSize of [1, 2, 5]) {
    const results = pool.imap(tasks.failOdd, numbers(5), { chunkSize });
    const got: unknown[] = [];
    for (let i = 0; i < 5; i++) {
      const { value } = await inTime(
        results.next().catch((error) => ({ value: error.message })),
      );
      got.push(value);
    }
    assertEquals(got, [0, "odd: 1", 2, "odd: 3", 4]);
    assertEquals((await inTime(results.next())).done, true);
  }
});

contract.test("Pool.imap() rejects one result that cannot be cloned", async (method) => {
  await using pool = poolOf(method);
  for (const chunkSize of [1, 3]) {
    const results = pool.imap(tasks.giveFunctionFor, [0, 1, 2], { chunkSize });
    assertEquals((await inTime(results.next())).value, 0);
    await assertRejects(() => inTime(results.next()), DOMException);
    assertEquals((await inTime(results.next())).value, 2);
  }
  const results = pool.imap(tasks.same<unknown>, [0, () => 1, 2]);
  assertEquals((await inTime(results.next())).value, 0);
  await assertRejects(() => inTime(results.next()), DOMException, "items[1]");
  assertEquals((await inTime(results.next())).value, 2);
});

contract.test("Pool.imap() rejects with the error of its source at its place", async (method) => {
  await using pool = poolOf(method);
  function* broken() {
    yield 1;
    yield 2;
    throw new TypeError("no more");
  }
  for (const source of [broken(), later(broken())]) {
    const results = pool.imap(tasks.square, source);
    assertEquals((await inTime(results.next())).value, 1);
    assertEquals((await inTime(results.next())).value, 4);
    await assertRejects(() => inTime(results.next()), TypeError, "no more");
    assertEquals((await inTime(results.next())).done, true);
  }
});

contract.test("Pool.imap() takes no more from its source than is wanted", async (method) => {
  const pool = poolOf(method);
  let taken = 0;
  function* endless() {
    while (true) yield taken++;
  }
  const results = pool.imap(tasks.same<number>, endless());
  for (let i = 0; i < COUNT; i++) {
    assertEquals((await results.next()).value, i);
  }
  const most = 20_000;
  assertLess(taken, COUNT + most);
  const before = taken;
  await delay(SHORT);
  assertEquals(taken, before);
  await inTime(results.return!());
  assertEquals((await inTime(results.next())).done, true);
  await endPool(pool);
});

contract.test("Pool.imap() of an endless source holds memory flat", async (method) => {
  assertLess(await growthOf("imap", method, String(COUNT)), 2 ** 26);
});

contract.test("Pool.imap() closes its source when the loop is left", async (method) => {
  await using pool = poolOf(method);
  for (const isAsync of [false, true]) {
    let isClosed = false;
    const source = endlessUntil(() => isClosed = true);
    const items = isAsync ? later(source) : source;
    for await (const value of pool.imap(tasks.square, items)) {
      assertEquals(value, 1);
      break;
    }
    assert(isClosed);
  }
});

contract.test("Pool.imap() can be left while its source is waited for", async (method) => {
  await using pool = poolOf(method);
  const rest = Promise.withResolvers<void>();
  let isClosed = false;
  async function* source() {
    try {
      yield* numbers(3);
      await rest.promise;
      yield 3;
    } finally {
      isClosed = true;
    }
  }
  const results = pool.imap(tasks.square, source());
  assertEquals(await inTime(results.next()), { value: 0, done: false });
  await inTime(results.return!());
  assertEquals((await inTime(results.next())).done, true);
  rest.resolve();
  await until(() => isClosed);
});

contract.test("Pool.imap() goes on after close()", async (method) => {
  const pool = poolOf(method);
  const results = pool.imap(tasks.square, numbers(COUNT));
  pool.close();
  assertEquals(await inTime(pool.join()), true);
  const got = await inTime(Array.fromAsync(results));
  assertEquals(got, numbers(COUNT).map(tasks.square));
});

contract.test("Pool.imap() rejects after terminate()", async (method) => {
  const pool = poolOf(method, 1);
  const results = pool.imap(tasks.nap, numbers(10).fill(LONG * 10));
  const next = results.next();
  pool.terminate();
  await assertRejects(() => inTime(next), DOMException);
  await inTime(pool.join());
  for (let i = 0; i < 100; i++) {
    const { done } = await inTime(
      results.next().catch(() => ({ done: false })),
    );
    if (done) return;
  }
  assertFalse(true, "it never ended");
});

contract.test("Pool.imap() tells how far it has come", async (method) => {
  await using pool = poolOf(method);
  const seen: Progress[] = [];
  const onProgress = (progress: Progress) => seen.push(progress);
  const results = pool.imap(tasks.square, numbers(5), { onProgress });
  await inTime(Array.fromAsync(results));
  assertEquals(seen.at(-1), { done: 5, total: 5 });
  assertGreater(seen.length, 4);
});
