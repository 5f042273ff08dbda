// Copyright 2026 the authors. MIT license.

// Arguments and results of which a message carries few: chunks are cut, and
// their results come in parts.

import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  Pool,
  ProcessPoolExecutor,
  Value,
  WorkerExitError,
} from "../../mod.ts";
import { decode, type Frame } from "../../message/codec.ts";
import { Chunk } from "../../pool/chunk.ts";
import * as wire from "../../pool/wire.ts";
import { contract, type Method } from "../_support/contract.ts";
import { endPool, inTime, numbers } from "../_support/pools.ts";
import { randomOf } from "../_support/random.ts";
import { until } from "../_support/until.ts";
import type { Order } from "../testdata/pool_large.ts";
import * as large from "../testdata/pool_large.ts";

const MIB = 2 ** 20;
const MODULE = new URL("../testdata/pool_large.ts", import.meta.url);
const ROAD = { reach: "thread", isForMany: false } as const;

/** The results of four orders are more than a message carries, of any kind. */
const MIXED: readonly Order[] = [
  ["number", 1],
  ["bytes", MIB],
  ["number", 2],
  ["nested", MIB],
  ["nested", 10],
  ["text", MIB],
  ["bytes", 0],
  ["buffer", 200_000],
  ["numbers", 100_000],
  ["text", 300_000],
  ["text", 5],
  ["number", 3],
];

function poolOf(method: Method, counter?: Value<"i">, processes = 2): Pool {
  const initializer = counter && large.countIn;
  const initargs = counter && [counter];
  return new Pool({ processes, method, module: MODULE, initializer, initargs });
}

/** What a chunk of all `items` puts, as the parent gets it. */
async function answerOf(
  func: (item: unknown) => unknown,
  items: readonly unknown[],
  note = wire.CHUNK,
): Promise<{ values: unknown[]; sizes: number[]; chunk: Chunk }> {
  const values: unknown[] = [];
  const sizes: number[] = [];
  const give = (chunk: Chunk) => {
    for (;;) {
      const some = chunk.portion(ROAD, Infinity);
      if (some === undefined) return undefined;
      const value = valueOf(some.frame);
      const list = some.isAlone ? [value] : wire.decodedMany(value);
      assertEquals(list.length, some.count);
      values.push(...list);
      sizes.push(some.frame.bytes?.length ?? 0);
    }
  };
  const chunk = new Chunk(func, items, note, 0, give);
  await chunk.run();
  give(chunk);
  return { values, sizes, chunk };
}

function valueOf({ tag, inline, bytes }: Frame): unknown {
  return decode(tag, inline, bytes?.slice());
}

Deno.test("Chunk gives each result once and in order, of any sizes", async () => {
  const next = randomOf(12);
  for (let round = 0; round < 30; round++) {
    const made = Array.from({ length: 1 + next(200) }, (_, i) => {
      const size = next() < 0.1 ? next(MIB) : next(1000);
      const kinds = [i, "x".repeat(size), { i, of: "x".repeat(size) }];
      return [...kinds, new Uint8Array(size)][next(4)];
    });
    const { values, sizes } = await answerOf(
      (i) => made[i as number],
      numbers(made.length),
    );
    assertEquals(values, made);
    const largest = Math.max(...made.map(sizeOf));
    for (const size of sizes) assertLess(size, wire.PORTION + largest + 1000);
  }
});

Deno.test("Chunk gives results before it has run all its tasks", async () => {
  let made = 0;
  const seen: number[] = [];
  const give = (chunk: Chunk) => {
    while (chunk.portion(ROAD, Infinity) !== undefined);
    seen.push(made);
    return undefined;
  };
  const nested = () => ({ data: new Uint8Array(100_000), made: ++made });
  // Of objects nothing is known until the first were given.
  let usual = 0;
  for (let round = 0; round < 2; round++) {
    seen.length = made = 0;
    const chunk = new Chunk(nested, numbers(40), wire.CHUNK, usual, give);
    await chunk.run();
    while (chunk.portion(ROAD, Infinity) !== undefined);
    ({ usual } = chunk);
  }
  assertEquals(seen, [6, 12, 18, 24, 30, 36]);
});

Deno.test("Chunk waits for room before it goes on", async () => {
  let made = 0;
  const gates: PromiseWithResolvers<void>[] = [];
  const give = (chunk: Chunk) => {
    while (chunk.portion(ROAD, Infinity) !== undefined);
    gates.push(Promise.withResolvers());
    return gates.at(-1)!.promise;
  };
  const func = () => new Uint8Array(MIB).fill(++made);
  const running = new Chunk(func, numbers(3), wire.CHUNK, 0, give).run();
  assertEquals(made, 1);
  gates[0]!.resolve();
  await until(() => made === 2);
  gates[1]!.resolve();
  await until(() => made === 3);
  gates[2]!.resolve();
  await running;
});

contract.test("Pool returns results of any sizes in their order", async (method) => {
  await using pool = poolOf(method);
  const expected = MIXED.map((order) => large.make(order));
  for (const chunkSize of [undefined, 1, 5, 12]) {
    for (const func of [large.make, large.makeLater]) {
      assertEquals(
        await inTime(pool.map(func, MIXED, { chunkSize })),
        expected,
      );
    }
    assertEquals(
      await inTime(pool.starmap(large.makeOf, MIXED, { chunkSize })),
      expected,
    );
    const results = pool.imap(large.make, MIXED, { chunkSize });
    assertEquals(await inTime(Array.fromAsync(results)), expected);
    const loose = pool.imapUnordered(large.make, MIXED, { chunkSize });
    const sizes = (await inTime(Array.fromAsync(loose))).map(sizeOf);
    assertEquals(sizes.sort(), expected.map(sizeOf).sort());
  }
  assertEquals(pool.mapSync(large.make, MIXED), expected);
});

contract.test("ProcessPoolExecutor.map() returns results of any sizes", async (method) => {
  const options = { maxWorkers: 2, method, module: MODULE };
  await using executor = new ProcessPoolExecutor(options);
  const expected = MIXED.map((order) => large.make(order));
  for (const chunkSize of [1, 12]) {
    const results = executor.map(large.make, MIXED, { chunkSize });
    assertEquals(await inTime(Array.fromAsync(results)), expected);
  }
});

contract.test("Pool.map() cuts its own chunks by the bytes of arguments", async (method) => {
  await using pool = poolOf(method, undefined, 1);
  const bytes = numbers(8).map((i) => new Uint8Array(MIB + i));
  const nested = bytes.map((data) => ({ data }));
  const pairs = bytes.map((data): [Uint8Array, Uint8Array] => [data, data]);
  const small = numbers(100).map((i) => new Uint8Array(i));
  const sizes = bytes.map(({ length }) => length);
  // what is mapped, how many messages it takes
  const calls: [() => Promise<number[]>, number][] = [
    [() => pool.map(large.sizeOf, bytes), 8],
    [() => pool.map(large.sizeOf, nested), 8],
    [() => pool.starmap(large.sizesOf, pairs), 8],
    [() => pool.map(large.sizeOf, small), 4],
    // Each of these is cut behind the first of its two.
    [() => pool.map(large.sizeOf, bytes, { chunkSize: 2 }), 4],
  ];
  const expected = [
    sizes,
    sizes,
    sizes.map((size) => size * 2),
    numbers(100),
    sizes,
  ];
  for (const [place, [call, messages]] of calls.entries()) {
    const { done } = pool.stats();
    assertEquals(await inTime(call()), expected[place]);
    assertEquals(pool.stats().done - done, messages, `call ${place}`);
  }
});

contract.test("Pool.map() fails with the error of one element among large ones", async (method) => {
  const counter = new Value("i", 0);
  await using pool = poolOf(method, counter);
  const items: Order[] = new Array(6).fill(["bytes", MIB]);
  const chunkSize = items.length;
  items[2] = ["throw", "the third"];
  await assertRejects(
    () => inTime(pool.map(large.make, items, { chunkSize })),
    RangeError,
    "the third",
  );
  assertEquals(counter.load(), 3);
  items[2] = ["function"];
  const error = await assertRejects(
    () => inTime(pool.map(large.make, items, { chunkSize })),
    DOMException,
    "Cannot clone result[2][0]",
  );
  assertEquals(error.name, "DataCloneError");
  // The others have run all the same.
  assertEquals(counter.load(), 3 + 6);
});

contract.test("Pool.imap() goes on behind the error of one element among large ones", async (method) => {
  await using pool = poolOf(method);
  const items: Order[] = numbers(7).map((i) => ["bytes", MIB + i]);
  items[2] = ["throw", "the third"];
  items[4] = ["function"];
  for (const chunkSize of [1, 3, 7]) {
    const results = pool.imap(large.make, items, { chunkSize });
    const got: unknown[] = [];
    for (let i = 0; i < items.length; i++) {
      await inTime(results.next()).then(
        ({ value }) => got.push(sizeOf(value)),
        (error) => got.push(error.name),
      );
    }
    const sizes = numbers(7).map((i): unknown => MIB + i);
    assertEquals(got, sizes.with(2, "RangeError").with(4, "DataCloneError"));
    assertEquals((await results.next()).done, true);
  }
});

contract.test("Pool loses a chunk of large results as a whole", async (method) => {
  const counter = new Value("i", 0);
  await using pool = poolOf(method, counter);
  const items: Order[] = new Array(6).fill(["bytes", MIB]);
  const chunkSize = items.length;
  items[4] = ["exit", 1];
  const options = { chunkSize, retries: 1 };
  const results = await inTime(pool.map(large.make, items, options));
  assertEquals(results.map(sizeOf), [MIB, MIB, MIB, MIB, 2, MIB]);
  assertEquals(counter.load(), 5 + 6);
  await assertRejects(
    () => inTime(pool.map(large.make, items, { chunkSize })),
    WorkerExitError,
  );
  const loose = pool.imap(large.make, items, { chunkSize });
  for (let i = 0; i < items.length; i++) {
    await assertRejects(() => inTime(loose.next()), WorkerExitError);
  }
  assertEquals((await loose.next()).done, true);
});

contract.test("Pool calls off a chunk of which results have come", async (method) => {
  await using pool = poolOf(method, undefined, 1);
  const items: Order[] = [["bytes", MIB], ["bytes", MIB], ["wait"]];
  const chunkSize = items.length;
  const timeout = 1;
  await assertRejects(
    () => inTime(pool.map(large.makeLater, items, { chunkSize, timeout })),
    DOMException,
    "it has run for 1 ms",
  );
  const next = await inTime(pool.map(large.make, items.slice(0, 2)));
  assertEquals(next.map(sizeOf), [MIB, MIB]);
});

contract.test("Pool.terminate() drops a chunk of which results have come", async (method) => {
  const counter = new Value("i", 0);
  const pool = poolOf(method, counter, 1);
  const items: Order[] = [["bytes", MIB], ["bytes", MIB], ["wait"]];
  const results = pool.map(large.make, items, { chunkSize: 3 });
  const failed = assertRejects(() => results, DOMException, "terminated");
  await until(() => counter.load() === 3);
  await endPool(pool);
  await inTime(failed);
});

Deno.test("Chunk tells the place of a result that cannot be sent", async () => {
  const results = [new Uint8Array(MIB), 1, { inner: () => 1 }];
  const { chunk } = await answerOf((i) => results[i as number], numbers(3));
  assertThrows(
    () => {
      throw chunk.refusal?.error;
    },
    DOMException,
    "Cannot clone result[2].inner",
  );
  const note = wire.CHUNK | wire.EACH;
  const each = await answerOf((i) => results[i as number], numbers(3), note);
  assertEquals(each.values, [results[0], 1, undefined]);
  assertEquals(each.chunk.errors.map(([i]) => i), [2]);
});

Deno.test("Chunk refuses a DataView that has lost its bytes", async () => {
  const buffer = new ArrayBuffer(100, { maxByteLength: 100 });
  const lost = new DataView(buffer, 50, 10);
  buffer.resize(0);
  const { chunk } = await answerOf(() => lost, numbers(2));
  const { name } = chunk.refusal!.error as Error;
  assertEquals(name, "DataCloneError");
});

Deno.test("Chunk tells which result is too long for a message", async () => {
  const results = ["x", "x".repeat(100), "xx"];
  const note = wire.CHUNK | wire.EACH;
  const chunk = new Chunk(
    (i) => results[i as number],
    numbers(3),
    note,
    0,
    () => undefined,
  );
  await chunk.run();
  const some = chunk.portion(ROAD, 50)!;
  assertEquals(valueOf(some.frame), ["x", undefined, "xx"]);
  const [[place, error]] = chunk.errors as [[number, Error]];
  assertEquals([place, error.name], [1, "RangeError"]);
  assert(chunk.isOver);
});

/** A number that tells results apart. */
function sizeOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (value instanceof ArrayBuffer) return value.byteLength;
  const { size, length, of } = value as {
    size?: number;
    length?: number;
    of?: string;
  };
  return size ?? length ?? of?.length ?? 0;
}
