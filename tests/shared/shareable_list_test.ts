// Copyright 2026 the authors. MIT license.

import { assertEquals, assertThrows } from "@std/assert";
import * as mp from "../../mod.ts";
import { contract } from "../_support/contract.ts";

/** The list of Python's manual, and what Python says of it. */
const MANUAL = [
  "howdy",
  new TextEncoder().encode("HoWdY"),
  -273.154,
  100,
  undefined,
  true,
  42,
] as const;

Deno.test("ShareableList holds every kind of item", () => {
  const items = [
    0,
    -0,
    1.5,
    NaN,
    -Infinity,
    Number.MAX_SAFE_INTEGER,
    2n ** 63n - 1n,
    -(2n ** 63n),
    true,
    false,
    undefined,
    "",
    "héllo 😀\0",
    new Uint8Array(0),
    Uint8Array.of(0, 1, 0),
  ];
  const list = new mp.ShareableList(items);
  assertEquals([...list], items);
  assertEquals(list.length, items.length);
  discard(list);
});

Deno.test("ShareableList.format is Python's", () => {
  const list = new mp.ShareableList([...MANUAL, "x".repeat(8), ""]);
  assertEquals(list.format, "8s8sdqxxxxxx?xxxxxxxx?q16s8s");
  list.set(3, 1.5);
  list.set(4, 7);
  list.set(0, undefined);
  assertEquals(list.format, "xxxxxx?x8sddqxxxxxxx?q16s8s");
  discard(list);
});

Deno.test("ShareableList.at() and get() count from either end", () => {
  const list = new mp.ShareableList(MANUAL);
  assertEquals([list.at(0), list.at(-1), list.get(-7)], ["howdy", 42, "howdy"]);
  assertEquals([list.at(7), list.at(-8)], [undefined, undefined]);
  for (const index of [7, -8]) {
    assertThrows(() => list.get(index), RangeError, `element ${index}`);
    assertThrows(() => list.set(index, 1), RangeError);
  }
  assertThrows(() => list.get(0.5), TypeError);
  discard(list);
});

Deno.test("ShareableList.set() replaces what fits", () => {
  const list = new mp.ShareableList(["howdy", 5, "x".repeat(20)]);
  list.set(0, "12345678");
  list.set(1, "a string");
  list.set(2, false);
  assertEquals([...list], ["12345678", "a string", false]);
  list.set(2, "y".repeat(24));
  list.set(-2, 5n);
  assertEquals([...list], ["12345678", 5n, "y".repeat(24)]);
  discard(list);
});

Deno.test("ShareableList.set() refuses what does not fit", () => {
  const list = new mp.ShareableList(["howdy", 5, undefined]);
  for (const item of ["123456789", "éééé1", new Uint8Array(9)]) {
    assertThrows(() => list.set(0, item), RangeError, "room for 8");
    assertThrows(() => list.set(2, item), RangeError);
  }
  assertThrows(() => list.set(1, 2n ** 63n), RangeError, "8 bytes");
  assertEquals([...list], ["howdy", 5, undefined]);
  discard(list);
});

Deno.test("ShareableList refuses items of another kind", () => {
  const list = new mp.ShareableList([1]);
  for (const item of [{}, [1], Symbol(), new Float64Array(1), "\ud800"]) {
    assertThrows(() => list.set(0, item as never), TypeError, "Cannot store");
    assertThrows(() => new mp.ShareableList([item as never]), TypeError);
  }
  assertEquals(list.get(0), 1);
  discard(list);
});

Deno.test("ShareableList.count() and index() look for equal items", () => {
  const list = new mp.ShareableList([...MANUAL, 42, undefined, NaN, 1n]);
  assertEquals(list.count(42), 2);
  assertEquals(list.count(undefined), 2);
  assertEquals(list.count(Uint8Array.from(MANUAL[1])), 1);
  assertEquals([list.count(NaN), list.count(1), list.count("x")], [1, 0, 0]);
  assertEquals(list.index(42), 6);
  assertEquals(list.index("howdy"), 0);
  assertThrows(() => list.index("absent"), RangeError, "not in the list");
  discard(list);
});

Deno.test("ShareableList attaches by name", () => {
  const mine = new mp.ShareableList([1, "two"], { name: "list" });
  const yours = new mp.ShareableList(undefined, { name: "list" });
  assertEquals(yours.shm.name, "list");
  yours.set(0, 3);
  assertEquals([...mine], [3, "two"]);
  yours.shm.close();
  assertThrows(() => yours.get(0), mp.StateError, "closed");
  assertThrows(() => yours.length, mp.StateError);
  assertEquals(mine.get(1), "two");
  discard(mine);
});

Deno.test("ShareableList refuses wrong names", () => {
  const list = new mp.ShareableList([1], { name: "taken" });
  const make = () => new mp.ShareableList([2], { name: "taken" });
  assertThrows(make, mp.StateError, "exists already");
  const attach = (name?: string) => new mp.ShareableList(undefined, { name });
  assertThrows(() => attach("nowhere"), mp.StateError, "nowhere");
  assertThrows(() => attach(), TypeError);
  for (const size of [1, 100]) {
    const shm = new mp.SharedMemory({ create: true, size });
    assertThrows(() => attach(shm.name), mp.StateError, "is not one");
    shm.close();
    shm.unlink();
  }
  discard(list);
});

Deno.test("ShareableList may be empty", () => {
  const list = new mp.ShareableList([]);
  assertEquals([[...list], list.length, list.format], [[], 0, ""]);
  discard(list);
});

contract.test("ShareableList crosses", async (method) => {
  const list = new mp.ShareableList([1, "two", undefined]);
  const p = new mp.Process({
    target: change,
    args: [list, list.shm, list.shm.name],
    method,
    module: import.meta.url,
  });
  p.start();
  await p.join();
  assertEquals(p.exitCode, 0);
  assertEquals([...list], [2, "zwei", true]);
  discard(list);
});

function discard(list: mp.ShareableList) {
  list.shm.close();
  list.shm.unlink();
}

export function change(
  list: mp.ShareableList,
  shm: mp.SharedMemory,
  name: string,
) {
  list.set(0, 2);
  const other = new mp.ShareableList(undefined, { name });
  other.set(1, "zwei");
  list.set(2, list.shm === shm);
}
