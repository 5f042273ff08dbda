// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertFalse } from "@std/assert";
import { Holders, HOLDERS_WORDS } from "../../pipe/holders.ts";
import { createRegion } from "../../memory/region.ts";
import { MAX_PROCESSES } from "../../program/table.ts";

const dead = new Set<number>();

function tokenOf(slot: number, generation = 1): number {
  return generation << 10 | slot;
}

function twoEnds(): [Holders, Holders] {
  const { words } = createRegion(2 * HOLDERS_WORDS * 4);
  const locker = {
    token: tokenOf(1),
    isAlive: (token: number) => !dead.has(token),
  };
  dead.clear();
  return [
    new Holders(words, 0, locker),
    new Holders(words, HOLDERS_WORDS, locker),
  ];
}

Deno.test("Holders.isHeld() is false before anybody was added", () => {
  const [holders] = twoEnds();
  assertFalse(holders.isHeld());
});

Deno.test("Holders.isHeld() tells the two ends apart", () => {
  const [near, far] = twoEnds();
  near.add(tokenOf(1));
  assert(near.isHeld());
  assertFalse(far.isHeld());
  far.add(tokenOf(MAX_PROCESSES - 1));
  assert(far.isHeld());
  assert(near.leave(tokenOf(1)));
  assertFalse(near.isHeld());
  assert(far.isHeld());
});

Deno.test("Holders.leave() is true for the last one only", () => {
  const [holders] = twoEnds();
  for (const slot of [0, 5, MAX_PROCESSES - 1]) holders.add(tokenOf(slot));
  const left = [5, 0, MAX_PROCESSES - 1].map((slot) =>
    holders.leave(tokenOf(slot))
  );
  assertEquals(left, [false, false, true]);
});

Deno.test("Holders.leave() must be called as often as add()", () => {
  const [holders] = twoEnds();
  holders.add(tokenOf(3));
  holders.add(tokenOf(3));
  assertFalse(holders.leave(tokenOf(3)));
  assert(holders.isHeld());
  assert(holders.leave(tokenOf(3)));
  assert(holders.leave(tokenOf(3)), "more than it was added");
});

Deno.test("Holders.isHeld() does not count the dead", () => {
  const [holders] = twoEnds();
  holders.add(tokenOf(2));
  holders.add(tokenOf(3));
  assert(holders.isHeld());
  dead.add(tokenOf(2));
  assert(holders.isHeld());
  dead.add(tokenOf(3));
  assertFalse(holders.isHeld());
});

Deno.test("Holders.add() forgets the dead one of the same slot", () => {
  const [holders] = twoEnds();
  holders.add(tokenOf(2, 0xffffe));
  holders.add(tokenOf(2, 0xffffe));
  dead.add(tokenOf(2, 0xffffe));
  holders.add(tokenOf(2, 0xfffff));
  // The dead one comes too late to take anything away.
  assertFalse(holders.leave(tokenOf(2, 0xffffe)));
  assert(holders.isHeld());
  assert(holders.leave(tokenOf(2, 0xfffff)));
});

Deno.test("Holders.add() is false when a process has the end too often", () => {
  const [holders] = twoEnds();
  let count = 0;
  while (holders.add(tokenOf(2)) && count < 10_000) count++;
  assertEquals(count, 4095);
  for (let i = 1; i < count; i++) assertFalse(holders.leave(tokenOf(2)));
  assert(holders.leave(tokenOf(2)));
});
