// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { deadline } from "@std/async";
import { createRegion, openRegion } from "../../memory/region.ts";
import { ThreadWords } from "../../memory/word.ts";
import { contract } from "../_support/contract.ts";
import { HUNG } from "../_support/delays.ts";
import { growthOf } from "../_support/programs.ts";

Deno.test("createRegion() makes zeroes, as words and as bytes", () => {
  const { words, bytes } = createRegion(64);
  assertEquals(words.length, 16);
  assertEquals(bytes, new Uint8Array(64));
  words.store(1, 0x01020304);
  assertEquals([...bytes.subarray(4, 8)], [4, 3, 2, 1]);
  bytes[8] = 5;
  assertEquals(words.load(2), 5);
});

Deno.test("openRegion() is over the same memory, also after a clone", () => {
  const region = createRegion(64);
  const other = openRegion(structuredClone(region.handle));
  other.words.store(3, 7);
  assertEquals(region.words.load(3), 7);
  assertEquals(region.bytes[12], 7);
});

contract.test("createRegion() takes no memory before it is touched", async (method) => {
  const grown = await growthOf("regions", method);
  assert(grown < 2 ** 24, `${grown} bytes for a hundred regions of 256 MiB`);
});

Deno.test("createRegion() refuses what is not a whole number of words", () => {
  assertThrows(() => createRegion(3), RangeError);
});

Deno.test("ThreadWords operations return the old value", () => {
  const { words } = createRegion(64);
  words.poke(0, 1);
  assertEquals(words.peek(0), 1);
  assertEquals(words.add(0, 2), 1);
  assertEquals(words.exchange(0, 9), 3);
  assertEquals(words.cas(0, 8, 7), 9);
  assertEquals(words.cas(0, 9, 7), 9);
  assertEquals(words.load(0), 7);
});

Deno.test("ThreadWords.wait() tells how it ended", () => {
  const { words } = createRegion(64);
  assertEquals(words.wait(0, 1, 1), "not-equal");
  assertEquals(words.wait(0, 0, 1), "timed-out");
});

Deno.test("ThreadWords.waitAsync() resolves at a notify, in order", async () => {
  const { handle } = createRegion(64);
  const words = new ThreadWords(new Int32Array(handle.memory!));
  assertEquals(words.waitAsync(0, 1), undefined);
  const woken: number[] = [];
  const waits = [1, 2, 3].map((i) =>
    words.waitAsync(0, 0)!.then(() => woken.push(i))
  );
  assertEquals(words.notify(0, 2), 2);
  // A pending wait alone does not keep the event loop going.
  await deadline(Promise.all(waits.slice(0, 2)), HUNG);
  assertEquals(woken, [1, 2]);
  assertEquals(words.notify(0, Infinity), 1);
  await deadline(Promise.all(waits), HUNG);
  assertEquals(words.notify(0, Infinity), 0);
});
