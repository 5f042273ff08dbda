// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { Empty, Full, Queue, ShutDown, StateError } from "../../mod.ts";
import { SHORT } from "../_support/delays.ts";
import { contract, contractOf } from "../_support/contract.ts";
import { start } from "../_support/started.ts";
import { getAndTell } from "../testdata/get_and_tell.ts";
import { putAndTell } from "../testdata/put_and_tell.ts";
import { growthOf } from "../_support/programs.ts";
import { isPending } from "../_support/until.ts";
import { assertUncloneable } from "../_support/refusals.ts";

/** Both forms of put and get, so that one text is the contract of both. */
const FORMS = [
  {
    form: "async",
    put: <T>(q: Queue<T>, item: T, options?: object) => q.put(item, options),
    get: <T>(q: Queue<T>, options?: object) => q.get(options),
  },
  {
    form: "sync",
    // deno-lint-ignore require-await -- its errors must reject, as the other's.
    put: async <T>(q: Queue<T>, item: T, options?: object) =>
      q.putSync(item, options),
    // deno-lint-ignore require-await
    get: async <T>(q: Queue<T>, options?: object) => q.getSync(options),
  },
] as const;

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function bytesOf(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, i) => i * 31 + size);
}

Deno.test("new Queue() has no items and no limit", () => {
  const q = new Queue<number>();
  assertEquals(q.qsize(), 0);
  assert(q.empty());
  assertFalse(q.full());
  for (const i of range(5_000)) q.putNowait(i);
  assertEquals(q.qsize(), 5_000);
  assertFalse(q.full());
});

Deno.test("new Queue() refuses a limit that is not an integer in its range", () => {
  for (const maxsize of [1.5, -1, NaN, Infinity, 2 ** 30 + 1]) {
    assertThrows(() => new Queue(maxsize), RangeError, `got ${maxsize}`);
    assertThrows(() => new Queue({ maxsize }), RangeError, "maxsize");
  }
  for (const maxBytes of [0, 1.5, -1, NaN, 2 ** 30 + 1]) {
    assertThrows(() => new Queue({ maxBytes }), RangeError, "maxBytes");
  }
});

Deno.test("new Queue() refuses a limit that is no number", () => {
  const wrong = ["5", true, null, 5n, Symbol("5")] as unknown[];
  for (const value of wrong) {
    assertThrows(() => new Queue(value as number), TypeError);
  }
  for (const value of wrong) {
    const maxsize = value as number;
    assertThrows(() => new Queue({ maxsize }), TypeError, "maxsize");
  }
});

contract.test("new Queue() by thousands takes no memory for what is not used", async (method) => {
  const grown = await growthOf("queues", method);
  assert(grown < 2 ** 26, `${grown} bytes for a thousand queues`);
});

for (const { form, put, get } of FORMS) {
  Deno.test(`Queue returns items in the order they were put (${form})`, async () => {
    const q = new Queue<number>();
    for (const i of range(1_000)) await put(q, i);
    for (const i of range(1_000)) assertEquals(await get(q), i);
    assert(q.empty());
  });

  Deno.test(`Queue returns values of every size (${form})`, async () => {
    const q = new Queue<unknown>();
    const sizes = [
      0,
      1,
      7,
      8,
      9,
      63,
      4_095,
      4_096,
      65_536,
      65_537,
      3 * 2 ** 20,
    ];
    for (const size of sizes) {
      await put(q, bytesOf(size));
      await put(q, "x".repeat(size));
      await put(q, { size, bytes: bytesOf(size) });
    }
    for (const size of sizes) {
      assertEquals(await get(q), bytesOf(size));
      assertEquals(await get(q), "x".repeat(size));
      assertEquals(await get(q), { size, bytes: bytesOf(size) });
    }
  });

  Deno.test(`Queue.put() takes a clone at the call (${form})`, async () => {
    const q = new Queue<{ list: number[] }>();
    const item = { list: [1] };
    const done = put(q, item);
    item.list.push(2);
    await done;
    item.list.push(3);
    assertEquals(await get(q), { list: [1] });
  });

  Deno.test(`Queue.put() throws Full when nothing may wait (${form})`, async () => {
    const q = new Queue<number>(1);
    await put(q, 1, { block: false });
    for (const options of [{ block: false }, { timeout: 0 }]) {
      await assertRejects(() => put(q, 2, options), Full);
    }
    assertEquals(q.qsize(), 1);
    assertEquals(await get(q), 1);
  });

  Deno.test(`Queue.put() throws Full at the timeout (${form})`, async () => {
    const q = new Queue<number>(1);
    await put(q, 1);
    const begin = performance.now();
    await assertRejects(() => put(q, 2, { timeout: SHORT }), Full);
    assert(performance.now() - begin >= SHORT, "it gave up too soon");
    assertEquals([q.getNowait(), q.qsize()], [1, 0]);
  });

  Deno.test(`Queue.get() throws Empty when nothing may wait (${form})`, async () => {
    const q = new Queue<number>();
    for (const options of [{ block: false }, { timeout: 0 }]) {
      await assertRejects(() => get(q, options), Empty);
    }
    q.putNowait(1);
    assertEquals(await get(q, { block: false }), 1);
  });

  Deno.test(`Queue.get() throws Empty at the timeout and loses nothing (${form})`, async () => {
    const q = new Queue<number>();
    const begin = performance.now();
    await assertRejects(() => get(q, { timeout: SHORT }), Empty);
    assert(performance.now() - begin >= SHORT, "it gave up too soon");
    q.putNowait(1);
    assertEquals(q.getNowait(), 1);
  });

  Deno.test(`Queue refuses a negative timeout (${form})`, async () => {
    const q = new Queue<number>();
    await assertRejects(() => put(q, 1, { timeout: -1 }), RangeError);
    await assertRejects(() => get(q, { timeout: -1 }), RangeError);
    assert(q.empty());
  });

  Deno.test(`Queue refuses with the reason of an aborted signal (${form})`, async () => {
    const q = new Queue<number>(1);
    const signal = AbortSignal.abort(new TypeError("enough"));
    await assertRejects(() => put(q, 1, { signal }), TypeError, "enough");
    await assertRejects(() => get(q, { signal }), TypeError, "enough");
    assert(q.empty());
  });

  Deno.test(`Queue.put() names what cannot be cloned, and queues nothing (${form})`, async () => {
    const q = new Queue<unknown>();
    const item = { jobs: [{ run: () => 1 }] };
    await assertUncloneable(() => put(q, item), "item.jobs[0].run");
    assert(q.empty());
    assertThrows(() => q.putNowait(Symbol("x")), DOMException, "item");
    assertEquals(q.qsize(), 0);
  });

  Deno.test(`Queue.put() refuses at once what is larger than maxBytes (${form})`, async () => {
    const q = new Queue<Uint8Array>({ maxBytes: 4096 });
    await assertRejects(() => put(q, bytesOf(4089)), RangeError, "4089 bytes");
    assertThrows(() => q.putNowait(bytesOf(4089)), RangeError);
    assert(q.empty());
    await put(q, bytesOf(4088));
    await assertRejects(() => put(q, bytesOf(1), { timeout: 0 }), Full);
    assertEquals(await get(q), bytesOf(4088));
  });

  Deno.test(`Queue after shutdown() refuses puts, and gets once it is empty (${form})`, async () => {
    const q = new Queue<number>();
    await put(q, 1);
    q.shutdown();
    q.shutdown();
    await assertRejects(() => put(q, 2), ShutDown);
    assertThrows(() => q.putNowait(2), ShutDown);
    assertEquals(q.qsize(), 1);
    assertEquals(await get(q), 1);
    await assertRejects(() => get(q), ShutDown);
    await assertRejects(() => get(q, { timeout: SHORT }), ShutDown);
    assertThrows(() => q.getNowait(), ShutDown);
  });

  Deno.test(`Queue after shutdown({ immediate }) has no items (${form})`, async () => {
    const q = new Queue<number>(5);
    for (const i of range(5)) await put(q, i);
    q.shutdown({ immediate: true });
    assertEquals(q.qsize(), 0);
    assertFalse(q.full());
    await assertRejects(() => get(q), ShutDown);
    await assertRejects(() => put(q, 1), ShutDown);
  });

  Deno.test(`Queue after close() refuses puts and gets here (${form})`, async () => {
    const q = new Queue<number>();
    await put(q, 1);
    q.close();
    q.close();
    await assertRejects(() => put(q, 2), StateError);
    await assertRejects(() => get(q), StateError);
    assertThrows(() => q.putNowait(2), StateError);
    assertThrows(() => q.getNowait(), StateError);
    assertEquals(q.qsize(), 1);
  });
}

Deno.test("Queue.put() waits for a place", async () => {
  const q = new Queue<number>(1);
  await q.put(1);
  const second = q.put(2);
  assert(await isPending(second, SHORT));
  assertEquals(q.getNowait(), 1);
  await second;
  assertEquals(q.getNowait(), 2);
});

Deno.test("Queue.put() waits for bytes", async () => {
  const q = new Queue<Uint8Array>({ maxBytes: 8192 });
  await q.put(bytesOf(6000));
  const second = q.put(bytesOf(5000));
  const third = q.put(bytesOf(3000));
  assert(await isPending(second, SHORT));
  assertEquals((await q.get()).length, 6000);
  await second;
  assertEquals((await q.get()).length, 5000);
  await third;
  assertEquals((await q.get()).length, 3000);
});

Deno.test("Queue.put() completes a thousand in order", async () => {
  const q = new Queue<number>(1);
  const puts = range(1_000).map((i) => q.put(i));
  for (const i of range(1_000)) assertEquals(await q.get(), i);
  await Promise.all(puts);
});

Deno.test("Queue.get() completes a thousand in order", async () => {
  const q = new Queue<number>();
  const gets = range(1_000).map(() => q.get());
  for (const i of range(1_000)) q.putNowait(i);
  assertEquals(await Promise.all(gets), range(1_000));
});

Deno.test("Queue.get() that was aborted takes nothing", async () => {
  const q = new Queue<number>();
  const controller = new AbortController();
  const gone = q.get({ signal: controller.signal });
  const stays = q.get();
  q.putNowait(1);
  controller.abort(new RangeError("enough"));
  await assertRejects(() => gone, RangeError, "enough");
  assertEquals(await stays, 1);
  assert(q.empty());
});

Deno.test("Queue.put() that was aborted puts nothing", async () => {
  const q = new Queue<number>(1);
  q.putNowait(1);
  const controller = new AbortController();
  const gone = q.put(2, { signal: controller.signal });
  const stays = q.put(3);
  controller.abort(new RangeError("enough"));
  await assertRejects(() => gone, RangeError, "enough");
  assertEquals(await q.get(), 1);
  await stays;
  assertEquals(await q.get(), 3);
  assert(q.empty());
});

Deno.test("Queue.put() keeps what it waits to put", async () => {
  const q = new Queue<Uint8Array>(1);
  q.putNowait(bytesOf(1));
  const bytes = bytesOf(100);
  const wait = q.put(bytes);
  bytes.fill(0);
  assertEquals(await q.get(), bytesOf(1));
  await wait;
  assertEquals(await q.get(), bytesOf(100));
});

Deno.test("Queue.full() is true at maxsize", () => {
  const q = new Queue<number>(2);
  q.putNowait(1);
  assertFalse(q.full());
  q.putNowait(2);
  assert(q.full());
  assertThrows(() => q.putNowait(3), Full);
  q.getNowait();
  assertFalse(q.full());
});

Deno.test("Queue.shutdown() ends the waits of this process", async () => {
  for (const immediate of [false, true]) {
    const q = new Queue<number>(1);
    const gets = range(3).map(() => q.get());
    q.shutdown({ immediate });
    for (const get of gets) await assertRejects(() => get, ShutDown);
    const full = new Queue<number>(1);
    full.putNowait(1);
    const puts = range(3).map((i) => full.put(i));
    full.shutdown({ immediate });
    for (const put of puts) await assertRejects(() => put, ShutDown);
    assertEquals(full.qsize(), immediate ? 0 : 1);
  }
});

Deno.test("Queue iterates until shutdown", async () => {
  const q = new Queue<number>();
  const got: number[] = [];
  const loop = (async () => {
    for await (const item of q) got.push(item);
  })();
  for (const i of range(10)) await q.put(i);
  q.shutdown();
  await loop;
  assertEquals(got, range(10));
});

Deno.test("Queue loses nothing to a loop that breaks", async () => {
  const q = new Queue<number>();
  for (const i of range(4)) q.putNowait(i);
  for await (const item of q) if (item === 1) break;
  assertEquals(q.getNowait(), 2);
});

Deno.test("Queue iterates to the error if this process closes it", async () => {
  const q = new Queue<number>();
  q.putNowait(1);
  await assertRejects(async () => {
    for await (const _ of q) q.close();
  }, StateError);
});

Deno.test("Queue.close() refuses gets that wait, and lets puts go on", async () => {
  const q = new Queue<number>(1);
  const get = q.get();
  q.close();
  await assertRejects(() => get, StateError);
  const full = new Queue<number>(1);
  full.putNowait(1);
  const put = full.put(2);
  full.close();
  assert(await isPending(put, SHORT));
  full.shutdown();
  await assertRejects(() => put, ShutDown);
});

Deno.test("Queue.joinThread() throws unless the queue is closed", () => {
  const q = new Queue<number>();
  assertThrows(() => q.joinThread(), StateError, "not closed");
  q.cancelJoinThread();
  q.close();
  q.joinThread();
  q.cancelJoinThread();
});

for (const blocking of [true, false]) {
  const form = blocking ? "sync" : "async";

  const suite = contractOf({ variant: form });
  suite.test("Queue.get() waits for another process's put", async (method) => {
    const [q, told] = [new Queue<unknown>(), new Queue<unknown>()];
    await using _ = start(method, getAndTell, q, told, blocking);
    assertEquals(await told.get(), "begins");
    await assertRejects(() => told.get({ timeout: SHORT }), Empty);
    q.putNowait({ from: "main" });
    assertEquals(await told.get(), { from: "main" });
  });

  suite.test("Queue.put() waits for another process's get", async (method) => {
    const [q, told] = [new Queue<unknown>(1), new Queue<unknown>()];
    q.putNowait("first");
    await using _ = start(method, putAndTell, q, told, blocking);
    assertEquals(told.getSync(), "begins");
    assertThrows(() => told.getSync({ timeout: SHORT }), Empty);
    assertEquals(q.getSync(), "first");
    assertEquals(told.getSync(), "put");
    assertEquals(q.getSync(), "item");
  });

  suite.test("Queue.shutdown() ends other processes' waits", async (method) => {
    const [q, full] = [new Queue<unknown>(), new Queue<unknown>(1)];
    const told = new Queue<unknown>();
    full.putNowait(1);
    await using _getter = start(method, getAndTell, q, told, blocking);
    await using _putter = start(method, putAndTell, full, told, blocking);
    for (let i = 0; i < 2; i++) assertEquals(await told.get(), "begins");
    await assertRejects(() => told.get({ timeout: SHORT }), Empty);
    q.shutdown();
    full.shutdown();
    for (let i = 0; i < 2; i++) assertEquals(await told.get(), "ShutDown");
  });
}

contract.test("Queue.close() is not told to other processes", async (method) => {
  const [q, told] = [new Queue<unknown>(), new Queue<unknown>()];
  q.putNowait("kept");
  q.close();
  await using _ = start(method, getAndTell, q, told, true);
  assertEquals(await told.get(), "begins");
  assertEquals(await told.get(), "kept");
});
