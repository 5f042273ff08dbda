// Copyright 2026 the authors. MIT license.

// The end of an imap: whoever leaves it, and however its pool ends, the source
// is closed and nothing is submitted for nobody.

import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { delay } from "@std/async";
import { type Pool, type Progress, StateError, Value } from "../../mod.ts";
import { contract } from "../_support/contract.ts";
import { LONG, SHORT } from "../_support/delays.ts";
import {
  endPool,
  inTime,
  numbers,
  poolOf,
  poolWith,
} from "../_support/pools.ts";
import { assertAborts, assertTimesOut } from "../_support/refusals.ts";
import { until } from "../_support/until.ts";
import * as tasks from "../testdata/pool_tasks.ts";

/** A source of numbers that tells what is done with it. */
class Numbers {
  taken = 0;
  closed = 0;
  readonly #end: number;

  constructor(end = Infinity) {
    this.#end = end;
  }

  *inTurn(): Generator<number> {
    try {
      while (this.taken < this.#end) yield this.taken++;
    } finally {
      this.closed++;
    }
  }

  async *later(): AsyncGenerator<number> {
    for (const value of this.inTurn()) {
      // Now and then the event loop turns.
      if (value % 100 === 99) await delay(0);
      yield value;
    }
  }

  of(isAsync: boolean): Iterable<number> | AsyncIterable<number> {
    return isAsync ? this.later() : this.inTurn();
  }
}

/** The most elements that are taken ahead of a reader of four results. */
const MOST = 20_000;

/** Leaves a block of a pool in its own way, with each kind of source. */
async function assertLeaves(
  leave: (pool: Pool, items: AsyncIterable<number>) => unknown,
  pool: () => Pool,
): Promise<void> {
  for (const isAsync of [false, true]) {
    const source = new Numbers();
    const use = async () => {
      await using open = pool();
      await leave(open, source.of(isAsync) as AsyncIterable<number>);
    };
    await assertRejects(() => inTime(use()), RangeError, "bad");
    await until(() => source.closed === 1);
    assertLess(source.taken, MOST);
  }
}

const ORDERS = ["imap", "imapUnordered"] as const;

export function failFromThree(x: number): number {
  if (x >= 3) throw new RangeError(`bad: ${x}`);
  return x;
}

contract.test("Pool.imap() is withdrawn after a task's error", async (method) => {
  for (const order of ORDERS) {
    for (const chunkSize of [1, 2]) {
      await assertLeaves(async (pool, items) => {
        const options = { chunkSize, module: import.meta.url };
        for await (const x of pool[order](failFromThree, items, options)) {
          assertLess(x, 3);
        }
      }, () => poolOf(method, 1));
    }
  }
});

contract.test("Pool.imap() is withdrawn if its block is left before it is read", async (method) => {
  for (const order of ORDERS) {
    await assertLeaves((pool, items) => {
      pool[order](tasks.square, items);
      throw new RangeError("bad luck");
    }, () => poolOf(method, 1));
  }
});

contract.test("Pool.imap() is withdrawn if its block is left after one result", async (method) => {
  for (const order of ORDERS) {
    await assertLeaves(async (pool, items) => {
      const { value } = await pool[order](tasks.square, items).next();
      assertEquals(value, 0);
      throw new RangeError("bad luck");
    }, () => poolOf(method, 1));
  }
});

contract.test("Pool.imap() is withdrawn if its pool is joined and nobody reads", async (method) => {
  for (const isAsync of [false, true]) {
    const pool = poolOf(method, 1);
    const source = new Numbers();
    const results = pool.imap(tasks.square, source.of(isAsync));
    const others = [1, 2, 3].map((x) => pool.apply(tasks.squareLater, [x]));
    pool.close();
    assertEquals(await inTime(pool.join()), true);
    assertEquals(await inTime(Promise.all(others)), [1, 4, 9]);
    assertEquals(source.closed, 1);
    assertLess(source.taken, MOST);
    // A reader that comes late is told, after what there is.
    await assertRejects(
      async () => {
        for await (const _ of results);
      },
      StateError,
      "it was not read",
    );
    assertEquals((await inTime(results.next())).done, true);
  }
});

contract.test("Pool.imap() tells a late reader once of all that was withdrawn", async (method) => {
  for (const order of ORDERS) {
    for (const chunkSize of [1, 3]) {
      const counter = new Value("i");
      const pool = poolWith(counter, method, 1);
      // Its start may take as long as an imap waits for its reader.
      await inTime(pool.runOnAll(tasks.nothing));
      const source = new Numbers();
      const results = pool[order](tasks.releasedIf, source.of(false), {
        chunkSize,
      });
      pool.close();
      const joined = pool.join();
      // The worker holds the first chunk, and has begun no other.
      await until(() => source.closed === 1);
      counter.store(1);
      assertEquals(await inTime(joined), true);
      const got: number[] = [];
      await assertRejects(
        async () => {
          for await (const x of results) got.push(x);
        },
        StateError,
        "it was not read",
      );
      assertEquals(got, numbers(chunkSize));
      assertEquals((await inTime(results.next())).done, true);
    }
  }
});

contract.test("Pool.imap() of a closed pool is read to its end", async (method) => {
  const count = 100;
  for (const order of ORDERS) {
    for (const isAsync of [false, true]) {
      const source = new Numbers(count);
      const pool = poolOf(method, 2);
      const results = pool[order](tasks.same<number>, source.of(isAsync));
      pool.close();
      const joined = pool.join();
      const got: number[] = [];
      for await (const x of results) got.push(x);
      got.sort((a, b) => a - b);
      assertEquals(got, numbers(count));
      assertEquals(await inTime(joined), true);
      assertEquals(source.closed, 1);
    }
  }
});

contract.test("Pool.imap() is read to its end by a task that its block does not await", async (method) => {
  const count = 60;
  const got: number[] = [];
  let reading: Promise<void> | undefined;
  async function read(results: AsyncIterable<number>) {
    for await (const x of results) {
      got.push(x);
      await delay(1);
    }
  }
  async function use() {
    await using pool = poolOf(method, 1);
    const results = pool.imap(tasks.same<number>, new Numbers(count).inTurn());
    reading = read(results);
    await until(() => got.length > 2);
  }
  await inTime(use());
  await inTime(reading!);
  assertEquals(got, numbers(count));
});

contract.test("Pool.terminate() closes the sources of its maps", async (method) => {
  for (const order of [...ORDERS, "mapAsync"] as const) {
    for (const isAsync of [false, true]) {
      // A map takes all elements of a source that is not async at once.
      if (order === "mapAsync" && !isAsync) continue;
      const source = new Numbers();
      const pool = poolOf(method, 1);
      const results = pool[order](tasks.square, source.of(isAsync));
      await delay(0);
      await endPool(pool);
      await until(() => source.closed === 1);
      const { taken } = source;
      await delay(0);
      assertEquals(source.taken, taken);
      if ("then" in results) {
        await assertRejects(() => inTime(results), DOMException);
      }
    }
  }
});

contract.test("Pool.imap() withdraws nothing of the others", async (method) => {
  await using pool = poolOf(method, 1);
  const before = numbers(20).map((x) => pool.apply(tasks.square, [x]));
  const unread = pool.imap(tasks.nap, numbers(1000).fill(SHORT));
  const after = numbers(20).map((x) => pool.apply(tasks.square, [x]));
  await inTime(unread.return());
  const squares = numbers(20).map(tasks.square);
  assertEquals(await inTime(Promise.all(before)), squares);
  assertEquals(await inTime(Promise.all(after)), squares);
  await until(() => pool.stats().queued + pool.stats().running === 0);
  // What a worker had begun ends, the rest does not begin.
  assertLess(pool.stats().done, 60);
});

contract.test("Pool.imap() closes a source once, and none that ended", async (method) => {
  await using pool = poolOf(method, 1);
  for (const items of [0, 3]) {
    let returns = 0;
    const iterator = numbers(items)[Symbol.iterator]();
    const source = {
      [Symbol.iterator]: () => source,
      next: () => iterator.next(),
      return: () => {
        returns++;
        return { value: undefined, done: true as const };
      },
    };
    const results = pool.imap(tasks.square, source);
    await inTime(Array.fromAsync(results));
    await inTime(results.return());
    assertEquals(returns, 0);
  }
  const source = new Numbers();
  const results = pool.imap(tasks.square, source.inTurn());
  await inTime(Promise.all([results.return(), results.return()]));
  assertEquals(source.closed, 1);
});

contract.test("Pool.imap() lives with a source that ends its pool", async (method) => {
  const pool = poolOf(method, 1);
  let closed = 0;
  function* source() {
    try {
      yield 1;
      pool.terminate();
      yield 2;
    } finally {
      closed++;
      // deno-lint-ignore no-unsafe-finally -- it is what is tested.
      throw new RangeError("from the clean-up");
    }
  }
  const results = pool.imap(tasks.square, source(), { chunkSize: 1 });
  await assertRejects(
    () => inTime(Array.fromAsync(results)),
    DOMException,
    "terminated",
  );
  assertEquals(closed, 1);
  assertEquals(await inTime(pool.join()), true);
});

contract.test("Pool.imap() gives what came before the error of its source", async (method) => {
  await using pool = poolOf(method, 1);
  function* broken() {
    yield* [1, 2, 3];
    throw new TypeError("no more");
  }
  async function* brokenLater() {
    yield* broken();
  }
  for (const source of [broken(), brokenLater()]) {
    const results = pool.imap(tasks.square, source, { chunkSize: 2 });
    for (const expected of [1, 4, 9]) {
      assertEquals((await inTime(results.next())).value, expected);
    }
    await assertRejects(() => inTime(results.next()), TypeError, "no more");
  }
});

contract.test("Pool.imap() tells the caller what its source throws when it is left", async (method) => {
  await using pool = poolOf(method, 1);
  function* source() {
    try {
      while (true) yield 1;
    } finally {
      // deno-lint-ignore no-unsafe-finally -- it is what is tested.
      throw new RangeError("from the clean-up");
    }
  }
  await assertRejects(
    async () => {
      for await (const _ of pool.imap(tasks.square, source())) break;
    },
    RangeError,
    "from the clean-up",
  );
});

contract.test("IMapIterator.next() gives up, and loses nothing", async (method) => {
  const pool = poolOf(method, 1);
  const results = pool.imap(tasks.nap, [LONG, 0]);
  await assertTimesOut(() => inTime(results.next({ timeout: 0 })));
  await assertTimesOut(() => inTime(results.next({ timeout: 1 })));
  await assertAborts((signal) => inTime(results.next({ signal })));
  assertThrows(() => AbortSignal.abort().throwIfAborted());
  await assertRejects(() => results.next({ signal: AbortSignal.abort() }));
  await assertRejects(() => results.next({ timeout: -1 }), RangeError);
  const first = results.next({ timeout: LONG * 100 });
  const name = (await inTime(first)).value;
  assert(name.startsWith("PoolWorker-"));
  assertEquals(await inTime(results.next()), { value: name, done: false });
  assertEquals(await inTime(results.next({ timeout: 0 })), {
    value: undefined,
    done: true,
  });
  await endPool(pool);
});

contract.test("Pool.imap() is disposed of", async (method) => {
  await using pool = poolOf(method, 1);
  const source = new Numbers();
  {
    await using results = pool.imap(tasks.square, source.inTurn());
    assertEquals((await inTime(results.next())).value, 0);
  }
  assertEquals(source.closed, 1);
});

contract.test("Pool.imap() knows how many elements there are", async (method) => {
  await using pool = poolOf(method, 1);
  const sources = [
    [0, 1, 2],
    new Set([0, 1, 2]),
    new Uint8Array([0, 1, 2]),
    new Map([[0, 1], [1, 2], [2, 3]]),
  ];
  for (const items of sources) {
    const seen: Progress[] = [];
    const onProgress = (progress: Progress) => seen.push(progress);
    const results = pool.imap(tasks.same<unknown>, items, { onProgress });
    await inTime(Array.fromAsync(results));
    await until(() => seen.length === 3);
    assertEquals(seen, [1, 2, 3].map((done) => ({ done, total: 3 })));
  }
});
