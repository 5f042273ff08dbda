// Copyright 2026 the authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import type { Frame } from "../../message/codec.ts";
import { createRegion } from "../../memory/region.ts";
import type { Locker } from "../../program/locker.ts";
import { format, type Labelled, Ring } from "../../queue/ring.ts";
import { MAX_BYTES } from "../../queue/store.ts";
import { randomOf } from "../_support/random.ts";
import { many } from "../_support/delays.ts";

const ROUNDS = many(10, 200);

// Where queue/ring.ts has its words.
const WRITE_LOCK = 0;
const PUT_COUNT = 1;
const SEEN_HEAD = 2;
const TAIL = 16;
const READ_LOCK = 32;
const TAKEN_COUNT = 33;
const SEEN_TAIL = 34;
const HEAD = 48;
const HEADER_BYTES = 80 * 4;

/** A tag whose bytes are decoded from a scratch. */
const TEXT = 3;

const locker: Locker = { token: 1, isAlive: () => true };

/** One that died long ago. */
const DEAD = 7;
const mourner: Locker = {
  token: 1,
  isAlive: (token: number) => token !== DEAD,
};

function bytesFrame(bytes: Uint8Array): Frame {
  return { tag: TEXT, inline: 0, bytes };
}

function intFrame(inline: number): Frame {
  return { tag: 0, inline, bytes: undefined };
}

/** What a message says, in a copy. */
function valueOf(message: Labelled | undefined): number | number[] | undefined {
  if (message === undefined) return undefined;
  return message.tag === TEXT ? [...message.bytes!] : message.inline;
}

/** A ring with capacities of 2 to these powers of units of 8 bytes. */
function tinyRing(first: number, last: number, maxItems = 0, who = locker) {
  const region = createRegion(HEADER_BYTES + 2 ** last * 8);
  format(region.words, first, last, maxItems);
  return { ring: new Ring(region, who), words: region.words };
}

Deno.test("Ring.create() rounds its bytes up to a power of two", () => {
  const sizes = [1, 4096, 4097, 2 ** 20].map((maxBytes) =>
    Ring.create(maxBytes, 0, locker).maxMessage
  );
  assertEquals(sizes, [4088, 4088, 8184, 2 ** 20 - 8]);
  assertEquals(Ring.create(MAX_BYTES, 0, locker).maxMessage, MAX_BYTES - 8);
});

Deno.test("Ring.open() sees what another view has put", () => {
  const ring = Ring.create(1, 5, locker);
  ring.tryPut(intFrame(-3));
  const other = Ring.open(ring.handle, { ...locker, token: 2 });
  assertEquals(other.maxItems, 5);
  assertEquals(valueOf(other.tryTake()), -3);
  assertEquals(ring.tryTake(), undefined);
});

Deno.test("Ring.tryTake() returns messages in order, of every size", () => {
  const { ring } = tinyRing(4, 10);
  const sizes = Array.from({ length: 65 }, (_, i) => i);
  for (const size of sizes) {
    const bytes = new Uint8Array(size).fill(size);
    assertEquals(ring.tryPut(bytesFrame(bytes)), "put");
  }
  for (const size of sizes) {
    assertEquals(valueOf(ring.tryTake()), new Array(size).fill(size));
  }
});

Deno.test("Ring.tryPut() puts whole or not at all", () => {
  const { ring } = tinyRing(2, 2);
  const bytes = new Uint8Array(16).fill(1);
  assertEquals(ring.tryPut(bytesFrame(bytes)), "put");
  assertEquals(ring.tryPut(bytesFrame(bytes)), "full");
  assertEquals(ring.count(), 1);
  assertEquals(ring.tryPut(intFrame(2)), "put");
  assertEquals(ring.tryPut(intFrame(3)), "full");
  assertEquals(valueOf(ring.tryTake()), [...bytes]);
  assertEquals(valueOf(ring.tryTake()), 2);
  assertEquals(ring.tryTake(), undefined);
});

Deno.test("Ring.tryPut() takes a message as long as the ring", () => {
  const { ring } = tinyRing(1, 3);
  const bytes = new Uint8Array(ring.maxMessage).fill(9);
  for (let i = 0; i < 3; i++) {
    assertEquals(ring.tryPut(bytesFrame(bytes)), "put");
    assertEquals(ring.tryPut(intFrame(1)), "full");
    assertEquals(valueOf(ring.tryTake()), [...bytes]);
  }
});

Deno.test("Ring.tryPut() refuses more messages than maxItems", () => {
  const { ring } = tinyRing(4, 4, 2);
  assertEquals(ring.tryPut(intFrame(1)), "put");
  assertEquals(ring.tryPut(intFrame(2)), "put");
  assertEquals(ring.tryPut(intFrame(3)), "full");
  ring.tryTake();
  assertEquals(ring.tryPut(intFrame(4)), "put");
  assertEquals(ring.count(), 2);
});

Deno.test("Ring grows with what it holds, wherever it begins", () => {
  for (let skip = 0; skip < 8; skip++) {
    for (let size = 0; size <= 24; size += 8) {
      const { ring } = tinyRing(2, 6);
      for (let i = 0; i < skip; i++) {
        ring.tryPut(intFrame(0));
        ring.tryTake();
      }
      const messages = Array.from(
        { length: 12 },
        (_, i) => new Uint8Array(size).fill(i + 1),
      );
      for (const message of messages) {
        assertEquals(ring.tryPut(bytesFrame(message)), "put");
      }
      for (const message of messages) {
        assertEquals(valueOf(ring.tryTake()), [...message]);
      }
    }
  }
});

Deno.test("Ring agrees with a list under random operations", () => {
  for (let seed = 0; seed < ROUNDS; seed++) {
    const random = randomOf(seed);
    const last = 2 + Math.floor(random() * 6);
    const maxItems = random() < 0.5 ? 0 : 1 + Math.floor(random() * 9);
    const { ring } = tinyRing(1, last, maxItems);
    const list: (number | number[])[] = [];
    let used = 0;
    for (let i = 0; i < 2_000; i++) {
      if (random() < 0.55) {
        const size = random() < 0.3
          ? 0
          : Math.floor(random() * ring.maxMessage / 2) + 1;
        const bytes = new Uint8Array(size).map(() => random() * 256);
        const frame = size === 0 ? intFrame(i) : bytesFrame(bytes);
        const need = 1 + Math.ceil(size / 8);
        const fits = used + need <= 2 ** last &&
          (maxItems === 0 || list.length < maxItems);
        assertEquals(ring.tryPut(frame), fits ? "put" : "full");
        if (!fits) continue;
        used += need;
        list.push(size === 0 ? i : [...bytes]);
      } else {
        const value = list.shift();
        assertEquals(valueOf(ring.tryTake()), value);
        if (value === undefined) continue;
        used -= 1 +
          (typeof value === "number" ? 0 : Math.ceil(value.length / 8));
      }
      assertEquals(ring.count(), list.length);
      assertEquals(ring.isEmpty(), list.length === 0);
    }
  }
});

Deno.test("Ring goes on when its positions begin again at 0", () => {
  const { ring, words } = tinyRing(2, 4, 9);
  const last = 2 ** 30 - 3;
  for (const index of [TAIL, HEAD]) words.store(index, last << 2);
  for (const index of [SEEN_HEAD, SEEN_TAIL]) words.store(index, last);
  for (const index of [PUT_COUNT, TAKEN_COUNT]) words.store(index, 2 ** 31 - 2);
  for (let i = 0; i < 6; i++) {
    const bytes = new Uint8Array(9).fill(i);
    assertEquals(ring.tryPut(bytesFrame(bytes)), "put");
    assertEquals(ring.tryPut(intFrame(i)), "put");
    assertEquals(ring.count(), 2);
    assertEquals(valueOf(ring.tryTake()), [...bytes]);
    assertEquals(valueOf(ring.tryTake()), i);
    assertEquals(ring.count(), 0);
  }
});

Deno.test("Ring.close() refuses puts and leaves what is there", () => {
  const { ring } = tinyRing(3, 3);
  ring.tryPut(intFrame(1));
  ring.close();
  ring.close();
  assert(ring.isClosed());
  assertEquals(ring.tryPut(intFrame(2)), "closed");
  assertEquals(valueOf(ring.tryTake()), 1);
  assertEquals(ring.tryTake(), undefined);
});

Deno.test("Ring.close() with drain throws everything away", () => {
  const { ring } = tinyRing(3, 3);
  for (const i of [1, 2, 3]) ring.tryPut(intFrame(i));
  ring.close({ drain: true });
  assertEquals(ring.count(), 0);
  assertEquals(ring.tryTake(), undefined);
});

Deno.test("Ring.parkForMessage() has nowhere to sleep if there is one", () => {
  const { ring } = tinyRing(3, 3);
  assert(ring.parkForMessage() !== undefined);
  ring.tryPut(intFrame(1));
  assertEquals(ring.parkForMessage(), undefined);
  ring.tryTake();
  ring.close();
  assertEquals(ring.parkForMessage(), undefined);
});

Deno.test("Ring.parkForRoom() has nowhere to sleep if HEAD has moved", () => {
  const { ring } = tinyRing(3, 3, 1);
  ring.tryPut(intFrame(1));
  const seen = ring.seenRoom();
  assert(ring.parkForRoom(seen) !== undefined);
  ring.tryTake();
  assertEquals(ring.parkForRoom(seen), undefined);
  const after = ring.seenRoom();
  ring.close();
  assertEquals(ring.parkForRoom(after), undefined);
});

Deno.test("Ring.count() counts again after a writer that died counting", () => {
  const { ring, words } = tinyRing(3, 3, 3, mourner);
  ring.tryPut(intFrame(1));
  words.store(WRITE_LOCK, DEAD << 1);
  words.add(PUT_COUNT, 1);
  assertEquals(ring.count(), 1);
  assertEquals(words.load(WRITE_LOCK), 0);
  assertEquals(valueOf(ring.tryTake()), 1);
  assertEquals(ring.count(), 0);
});

Deno.test("Ring.count() counts again after a reader that died counting", () => {
  const { ring, words } = tinyRing(3, 3, 3, mourner);
  for (const i of [1, 2, 3]) ring.tryPut(intFrame(i));
  words.store(READ_LOCK, DEAD << 1);
  words.add(TAKEN_COUNT, 1);
  assertEquals(ring.count(), 3);
  assertEquals(words.load(READ_LOCK), 0);
  assertEquals(ring.tryPut(intFrame(4)), "full");
});

Deno.test("Ring.tryPut() goes on after a writer that died in it", () => {
  const { ring, words } = tinyRing(3, 3, 2, mourner);
  ring.tryPut(intFrame(1));
  words.store(WRITE_LOCK, DEAD << 1);
  words.add(PUT_COUNT, 1);
  assertEquals(ring.tryPut(intFrame(2)), "put");
  assertEquals(ring.tryPut(intFrame(3)), "full");
  assertEquals(ring.count(), 2);
});

Deno.test("Ring.tryTake() goes on after a reader that died in it", () => {
  const { ring, words } = tinyRing(3, 3, 2, mourner);
  for (const i of [1, 2]) ring.tryPut(intFrame(i));
  words.store(READ_LOCK, DEAD << 1);
  words.add(TAKEN_COUNT, 1);
  assertEquals(valueOf(ring.tryTake()), 1);
  assertEquals(ring.count(), 1);
  assertEquals(ring.tryPut(intFrame(3)), "put");
  assertEquals(ring.tryPut(intFrame(4)), "full");
});
