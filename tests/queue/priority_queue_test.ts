// Copyright 2026 the authors. MIT license.

import { assertEquals, assertThrows } from "@std/assert";
import * as mp from "../../mod.ts";
import { HUNG, many } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { runIn } from "../_support/processes.ts";
import { start } from "../_support/queues.ts";
import { type Random, randomOf } from "../_support/random.ts";
import * as workers from "../testdata/queue_workers.ts";

/** Everything that comes out after `items` were put in. */
function sorted<T>(items: readonly T[]): T[] {
  const queue = new mp.PriorityQueue<T>();
  queue.putManySync(items);
  return items.length === 0 ? [] : queue.getManySync();
}

const NUMBERS = [
  -Infinity,
  -1e300,
  -2.5,
  -1,
  -5e-324,
  0,
  5e-324,
  1,
  1.5,
  2 ** 31,
  2 ** 53,
  Infinity,
];

Deno.test("PriorityQueue sorts numbers by value", () => {
  assertEquals(sorted(NUMBERS.toReversed()), NUMBERS);
  assertEquals(sorted([0, -0]).map((zero) => 1 / zero), [Infinity, -Infinity]);
});

/** Bigints of any size, some of them beside doubles, and doubles. */
function anyNumber(random: Random): number | bigint {
  const sign = random(2) === 0 ? 1 : -1;
  const near = sign * 2 ** random(1024) * (1 + random());
  const step = BigInt(random(5) - 2);
  switch (random(5)) {
    case 0:
      return near;
    case 1:
      return sign * random(4);
    case 2:
      return BigInt(random(9) - 4);
    case 3:
      return BigInt(Math.trunc(near)) + step;
    default:
      return BigInt(sign) * 2n ** BigInt(random(5000)) + step;
  }
}

/** A child that puts all of `items`. */
export function putAll(queue: mp.PriorityQueue, items: readonly unknown[]) {
  for (const item of items) queue.putSync(item);
}

/** As Python compares; JavaScript compares the two kinds exactly too. */
function compared(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const BIGINTS = [
  -(10n ** 4000n),
  -(10n ** 3999n),
  -(2n ** 1024n) - 1n,
  -(2n ** 1024n),
  -BigInt(Number.MAX_VALUE) - 1n,
  -BigInt(Number.MAX_VALUE),
  -(2n ** 64n) - 1n,
  -(2n ** 64n),
  -(2n ** 53n) - 2n,
  -(2n ** 53n) - 1n,
  -(2n ** 53n),
  -1n,
  0n,
  1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 53n + 2n,
  2n ** 64n - 1n,
  2n ** 64n,
  BigInt(Number.MAX_VALUE),
  BigInt(Number.MAX_VALUE) + 1n,
  2n ** 1024n - 1n,
  2n ** 1024n,
  10n ** 3999n,
  10n ** 4000n,
];

Deno.test("PriorityQueue sorts bigints by value", () => {
  assertEquals(sorted(BIGINTS.toReversed()), BIGINTS);
  const tuples = BIGINTS.map((value) => [value, { any: value }] as const);
  assertEquals(sorted(tuples.toReversed()), tuples);
  const behind = BIGINTS.map((value) => ["a", value, "b"] as const);
  assertEquals(sorted(behind.toReversed()), behind);
});

Deno.test("PriorityQueue sorts numbers and bigints among each other", () => {
  const mixed = [
    -Infinity,
    -(10n ** 400n),
    -1.5,
    -1n,
    -0.5,
    0n,
    5e-324,
    1n,
    1.5,
    2,
    2 ** 53,
    2n ** 53n + 1n,
    2 ** 53 + 2,
    Number.MAX_VALUE,
    10n ** 400n,
    Infinity,
  ];
  assertEquals(sorted(mixed.toReversed()), mixed);
  const tuples = mixed.map((value) => [value, "z"]);
  assertEquals(sorted(tuples.toReversed()), tuples);
});

Deno.test("PriorityQueue takes a bigint and a number of one value for equal", () => {
  assertEquals(sorted([1n, 1, 0, 0n, 1n]), [0, 0n, 1n, 1, 1n]);
  assertEquals(sorted([[1n, 2], [1, 1n], [1n, 0]]), [[1n, 0], [1, 1n], [
    1n,
    2,
  ]]);
  const huge = 2n ** 70n;
  assertEquals(sorted([huge, Number(huge)]), [huge, Number(huge)]);
  assertEquals(sorted([Number(huge), huge]), [Number(huge), huge]);
});

Deno.test("PriorityQueue sorts random numbers as Python", () => {
  const random = randomOf(11);
  for (let round = 0; round < many(40, 2_000); round++) {
    const values = Array.from({ length: 100 }, () => anyNumber(random));
    const pairs = values.map((value, i) => [value, values[random(i + 1)]!]);
    assertEquals(sorted(values), values.toSorted(compared));
    const expected = pairs.toSorted((a, b) => {
      return compared(a[0]!, b[0]!) || compared(a[1]!, b[1]!);
    });
    assertEquals(sorted(pairs), expected);
  }
});

contract.test("PriorityQueue takes bigints from children", async (method) => {
  const queue = new mp.PriorityQueue<number | bigint | string>();
  await runIn(import.meta.url, method, putAll, queue, BIGINTS.toReversed());
  queue.putSync(0.5);
  const at = BIGINTS.indexOf(1n);
  assertEquals(queue.getManySync(), BIGINTS.toSpliced(at, 0, 0.5 as never));
  assertThrows(() => queue.putSync("1"), TypeError, "sorts by a number");
});

Deno.test("PriorityQueue.put() takes bigints for priorities", () => {
  const queue = new mp.PriorityQueue<{ id: bigint }>({
    priority: ({ id }) => id,
  });
  for (const id of [2n ** 60n + 1n, 3n, 2n ** 60n]) queue.putSync({ id });
  queue.putSync({ id: -1n }, { priority: 2n ** 61n });
  const ids = queue.getManySync().map(({ id }) => id);
  assertEquals(ids, [3n, 2n ** 60n, 2n ** 60n + 1n, -1n]);
});

Deno.test("PriorityQueue sorts strings by code points", () => {
  const strings = [
    "",
    "\0",
    "\0a",
    "A",
    "a",
    "a\0",
    "a\x01",
    "aa",
    "é",
    "\uffff",
    "😀",
  ];
  assertEquals(sorted(strings.toReversed()), strings);
  // A surrogate without its other half is less than what lies above it.
  const halves = ["\ud7ff", "\ud800", "\udfff", "\ue000"];
  assertEquals(sorted(halves.toReversed()), halves);
});

Deno.test("PriorityQueue sorts arrays element by element", () => {
  const arrays = [
    [1],
    [1, "a"],
    [1, "a", 0],
    [1, "b"],
    [2, ""],
    [2, "z"],
    [10, "a"],
  ];
  assertEquals(sorted(arrays.toReversed()), arrays);
  const words = [["a"], ["a", 1], ["a\0", 0], ["ab", 0]];
  assertEquals(sorted(words.toReversed()), words);
});

Deno.test("PriorityQueue compares nothing behind what has no order", () => {
  const items: [number, ...unknown[]][] = [
    [1, { z: 1 }, 9],
    [1, { a: 1 }, 1],
    [1, null, 5],
    [0, undefined],
  ];
  assertEquals(sorted(items), [items[3]!, items[0]!, items[1]!, items[2]!]);
  // After those that can be compared.
  assertEquals(sorted([[1, null], [1, 7], [1]]), [[1], [1, 7], [1, null]]);
});

Deno.test("PriorityQueue compares eight elements of an array", () => {
  const eight = [1, 2, 3, 4, 5, 6, 7, 8];
  assertEquals(sorted([[...eight, 2], [...eight, 1]]), [
    [...eight, 2],
    [...eight, 1],
  ]);
});

Deno.test("PriorityQueue is stable", () => {
  const queue = new mp.PriorityQueue<{ rank: number; turn: number }>({
    priority: ({ rank }) => rank,
  });
  const random = randomOf(7);
  const items = Array.from(
    { length: 500 },
    (_, turn) => ({ rank: Math.floor(random() * 5), turn }),
  );
  for (const item of items) queue.putSync(item);
  const expected = items.toSorted((a, b) => a.rank - b.rank);
  assertEquals(queue.getManySync(), expected);
});

Deno.test("PriorityQueue agrees with a sorted list under random use", () => {
  const queue = new mp.PriorityQueue<[number, number]>();
  const model: [number, number][] = [];
  const random = randomOf(11);
  for (let i = 0; i < 5000; i++) {
    if (Math.floor(random() * 5) < 3) {
      const item: [number, number] = [Math.floor(random() * 50), i];
      queue.putSync(item);
      model.push(item);
    } else if (model.length > 0) {
      model.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      assertEquals(queue.getSync(), model.shift());
    }
    assertEquals(queue.qsize(), model.length);
  }
});

Deno.test("PriorityQueue.put() refuses what cannot be compared", () => {
  const cases: [first: unknown, other: unknown][] = [
    [1, "1"],
    ["1", 1],
    [1, [1]],
    [[1], 1],
    [["a"], [1]],
    [[1, "a"], [1, 2]],
    [[1, 2, "a"], [0, 0, 0]],
  ];
  for (const [first, other] of cases) {
    const queue = new mp.PriorityQueue();
    queue.putSync(first);
    assertThrows(() => queue.putSync(other), TypeError);
    assertThrows(() => queue.putManySync([first, other]), TypeError);
    assertEquals(queue.getManySync(), [first]);
    // The first item says it for good.
    assertThrows(() => queue.putNowait(other), TypeError);
    assertEquals(queue.qsize(), 0);
  }
});

Deno.test("PriorityQueue learns no kind from what is not put", () => {
  const queue = new mp.PriorityQueue(1);
  assertThrows(() => queue.putManySync([1, "a"]), TypeError);
  queue.putSync([1]);
  assertThrows(() => queue.putNowait([1, "a"]), mp.Full);
  queue.getSync();
  queue.putSync([1, 2]);
  assertEquals(queue.getSync(), [1, 2]);
});

Deno.test("PriorityQueue learns of a batch what there was room for", () => {
  const queue = new mp.PriorityQueue<unknown>(1);
  assertEquals(queue.putManySync([[1], [1, "a"]], { timeout: 0 }), 1);
  assertEquals(queue.getSync(), [1]);
  queue.putSync([1, 2]);
  assertEquals(queue.getSync(), [1, 2]);
});

Deno.test("PriorityQueue.put() refuses what has no order", () => {
  const queue = new mp.PriorityQueue();
  for (const item of [undefined, null, true, {}, [], [null], [[1]], [true]]) {
    assertThrows(() => queue.putSync(item), TypeError);
  }
  assertThrows(() => queue.putSync(NaN), RangeError);
  assertThrows(() => queue.putSync([1, NaN]), RangeError);
  assertThrows(() => queue.putSync([1, () => {}]), DOMException);
  const wrong = "1" as unknown as () => number;
  assertThrows(() => new mp.PriorityQueue({ priority: wrong }), TypeError);
  const ranked = new mp.PriorityQueue({ priority: () => ({}) as number });
  assertThrows(() => ranked.putSync(1), TypeError);
  assertEquals([queue.qsize(), ranked.qsize()], [0, 0]);
});

Deno.test("PriorityQueue.put() takes the priority that it is given", async () => {
  const queue = new mp.PriorityQueue<string>();
  await queue.put("c", { priority: 3 });
  queue.putSync("a", { priority: 1 });
  queue.putNowait("b", { priority: 2 });
  await queue.putMany(["0", "00"], { priority: 0 });
  assertEquals(queue.getManySync(), ["0", "00", "a", "b", "c"]);
});

Deno.test("PriorityQueue counts the key as part of an item's size", () => {
  const queue = new mp.PriorityQueue<string>({ maxBytes: 4096 });
  queue.putSync("x".repeat(2000));
  assertThrows(() => queue.putSync("x".repeat(4000)), RangeError);
  assertEquals(queue.getSync().length, 2000);
});

Deno.test("PriorityQueue of long strings that agree far in", () => {
  const long = "x".repeat(1000);
  assertEquals(sorted([`${long}b`, `${long}a`, long]), [
    long,
    `${long}a`,
    `${long}b`,
  ]);
});

contract.test("PriorityQueue takes priorities from children", async (method) => {
  const queue = new mp.PriorityQueue<string>({ priority: () => 9 });
  const told = new mp.Queue<string>();
  await using child = start(workers.putRanked, [queue, told], { method });
  assertEquals(await told.get({ timeout: HUNG }), "StateError");
  await child.join();
  queue.putSync("third");
  assertEquals(queue.getManySync(), ["first", "also first", "second", "third"]);
});
