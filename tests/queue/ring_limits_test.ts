// Copyright 2026 the authors. MIT license.

// What pipes need of a ring: messages longer than it may grow, and messages
// that are looked at before they are taken.

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Frame } from "../../message/codec.ts";
import { createRegion } from "../../memory/region.ts";
import type { Locker } from "../../program/locker.ts";
import { format, Ring } from "../../queue/ring.ts";
import { randomOf } from "../_support/random.ts";
import { many } from "../_support/delays.ts";

const ROUNDS = many(10, 200);

const HEADER_BYTES = 80 * 4;
/** A tag whose bytes are decoded from a scratch. */
const TEXT = 3;

const locker: Locker = { token: 1, isAlive: () => true };

function ringOf(first: number, last: number, largest: number): Ring {
  const region = createRegion(HEADER_BYTES + 2 ** largest * 8);
  format(region.words, first, last, 0, largest);
  return new Ring(region, locker);
}

function frame(size: number, fill = size): Frame {
  return { tag: TEXT, inline: 0, bytes: new Uint8Array(size).fill(fill) };
}

Deno.test("Ring.tryPut() grows to its last capacity, and waits then", () => {
  const ring = ringOf(2, 4, 8);
  let count = 0;
  while (ring.tryPut(frame(8)) === "put") count++;
  // 16 units, two for each.
  assertEquals(count, 8);
});

Deno.test("Ring.tryPut() grows beyond for a message longer than all of it", () => {
  const ring = ringOf(2, 4, 8);
  assertEquals(ring.maxMessage, 255 * 8);
  for (let i = 0; i < 8; i++) ring.tryPut(frame(8));
  assertEquals(ring.tryPut(frame(15 * 8)), "full");
  assertEquals(ring.tryPut(frame(16 * 8)), "put");
  for (let i = 0; i < 8; i++) assertEquals(ring.tryTake()!.bytes?.length, 8);
  const bytes = ring.tryTake()!.bytes!;
  assert(bytes.length === 128 && bytes.every((byte) => byte === 128));
  assertEquals(ring.tryTake(), undefined);
});

Deno.test("Ring.tryPut() takes the largest message when there is place for it", () => {
  const ring = ringOf(2, 4, 8);
  ring.tryPut(frame(8));
  assertEquals(ring.tryPut(frame(255 * 8)), "full");
  ring.tryTake();
  assertEquals(ring.tryPut(frame(255 * 8)), "put");
  assertEquals(ring.tryTake()!.bytes?.length, 255 * 8);
});

Deno.test("Ring keeps the order and the bytes of messages of all sizes", () => {
  for (let seed = 0; seed < ROUNDS; seed++) {
    const random = randomOf(seed);
    const ring = ringOf(2, 5, 9);
    const sizes: number[] = [];
    let put = 0;
    let taken = 0;
    for (let step = 0; step < 2000; step++) {
      if (random() < 0.5) {
        const size = Math.floor(random() ** 4 * ring.maxMessage);
        if (ring.tryPut(frame(size, put)) !== "put") continue;
        sizes.push(size);
        put++;
      } else {
        const message = ring.tryTake();
        assertEquals(message?.bytes?.length, sizes.shift());
        if (message === undefined) continue;
        const fill = taken++ & 0xff;
        assert(message.bytes!.every((byte) => byte === fill), "damaged");
      }
      assertEquals(ring.count(), put - taken);
    }
  }
});

Deno.test("Ring.tryTake(check) leaves a message if the check throws", () => {
  const ring = ringOf(2, 4, 4);
  const seen: number[][] = [];
  const refuse = (...message: number[]) => {
    seen.push(message);
    throw new RangeError("no");
  };
  assertEquals(ring.tryTake(refuse), undefined);
  ring.tryPut(frame(5));
  ring.tryPut({ tag: 0, inline: 7, bytes: undefined });
  for (let i = 0; i < 2; i++) {
    assertThrows(() => ring.tryTake(refuse), RangeError);
    assertEquals(ring.count(), 2);
  }
  assertEquals(ring.tryTake((...message) => seen.push(message))!.tag, TEXT);
  assertThrows(() => ring.tryTake(refuse), RangeError);
  assertEquals(seen, [[TEXT, 5], [TEXT, 5], [TEXT, 5], [0, 0]]);
  assertEquals(ring.tryTake()!.inline, 7);
  // The lock was given back each time.
  assertEquals(ring.tryTake(), undefined);
});
