// Copyright 2026 the authors. MIT license.

import { assertEquals, assertThrows } from "@std/assert";
import * as mp from "../../mod.ts";
import { HUNG } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { start } from "../_support/queues.ts";
import { randomOf } from "../_support/random.ts";
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
  for (const item of [undefined, null, true, 1n, {}, [], [null], [[1]]]) {
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
