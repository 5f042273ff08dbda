// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Blocks, DIRECTORY } from "../../shared/blocks.ts";
import { hasKernel } from "../../memory/kernel.ts";
import { openRegion, type ProcessHandle } from "../../memory/region.ts";
import { blocks, me } from "../../program/self.ts";
import * as mp from "../../mod.ts";
import { HUNG, many, SHORT } from "../_support/delays.ts";
import { runIn, startIn } from "../_support/processes.ts";
import { contract, type Method } from "../_support/contract.ts";

const ROUNDS = many(10, 100);

const start = startIn.bind(undefined, import.meta.url);
const run = runIn.bind(undefined, import.meta.url);

Deno.test("SharedMemory begins with zeroes and the size asked for", () => {
  using shm = create(100);
  assertEquals([shm.size, shm.buf.length], [100, 100]);
  assert(shm.buf.every((byte) => byte === 0));
  shm.unlink();
});

Deno.test("SharedMemory attaches by name alone", () => {
  using mine = new mp.SharedMemory({ name: "attach", create: true, size: 8 });
  using yours = new mp.SharedMemory("attach");
  using theirs = new mp.SharedMemory({ name: "attach", size: 1000 });
  mine.buf[0] = 7;
  yours.buf[1] = 8;
  assertEquals([...theirs.buf.slice(0, 3)], [7, 8, 0]);
  assertEquals([yours.name, yours.size], ["attach", 8]);
  mine.unlink();
});

Deno.test("SharedMemory makes names that nothing else has", () => {
  const blocks = Array.from({ length: 100 }, () => create(1));
  assertEquals(new Set(blocks.map(({ name }) => name)).size, 100);
  for (const shm of blocks) discard(shm);
});

Deno.test("SharedMemory takes any name of 1 to 255 bytes", () => {
  for (const name of ["a", "/a/b c", "é".repeat(127), "x".repeat(255)]) {
    using shm = new mp.SharedMemory({ name, create: true, size: 1 });
    using other = new mp.SharedMemory(name);
    assertEquals(other.name, name);
    shm.unlink();
  }
  for (const name of ["", "x".repeat(256), "é".repeat(128)]) {
    const options = { name, create: true, size: 1 };
    assertThrows(() => new mp.SharedMemory(options), RangeError, "255 bytes");
    assertThrows(() => new mp.SharedMemory(name), RangeError);
  }
});

Deno.test("SharedMemory refuses a name that exists", () => {
  using shm = new mp.SharedMemory({ name: "twice", create: true, size: 1 });
  const again = () =>
    new mp.SharedMemory({ name: "twice", create: true, size: 1 });
  assertThrows(again, mp.StateError, "exists already");
  shm.unlink();
  const second = again();
  assertThrows(again, mp.StateError);
  discard(second);
});

Deno.test("SharedMemory refuses a name that does not exist", () => {
  assertThrows(() => new mp.SharedMemory("nowhere"), mp.StateError, "nowhere");
  const shm = new mp.SharedMemory({ name: "gone", create: true, size: 1 });
  shm.unlink();
  assertThrows(() => new mp.SharedMemory("gone"), mp.StateError);
  shm.close();
});

Deno.test("SharedMemory refuses options of the wrong kind", () => {
  for (const options of [{}, { size: 5 }, { name: 5 }, { name: {} }]) {
    assertThrows(() => new mp.SharedMemory(options as never), TypeError);
  }
  for (const size of [undefined, "5", NaN, 5n]) {
    const options = { create: true, size } as never;
    assertThrows(() => new mp.SharedMemory(options), TypeError, "size");
  }
  for (const size of [0, -1, 1.5, Infinity, 2 ** 40]) {
    const options = { create: true, size };
    assertThrows(() => new mp.SharedMemory(options), RangeError, "size");
  }
});

Deno.test("SharedMemory.buf refuses a closed one", () => {
  const shm = create(8);
  shm.close();
  shm.close();
  assertThrows(() => shm.buf, mp.StateError, "closed");
  assertThrows(() => shm.view(Uint8Array), mp.StateError);
  assertThrows(
    () => new mp.Process({ target: () => {}, args: [shm] }).start(),
    mp.StateError,
  );
  assertEquals(shm.size, 8);
  shm.unlink();
});

Deno.test("SharedMemory.unlink() works once, also after close()", () => {
  const shm = create(8);
  const other = new mp.SharedMemory(shm.name);
  shm.close();
  shm.unlink();
  assertThrows(() => shm.unlink(), mp.StateError, "unlinked already");
  assertThrows(() => other.unlink(), mp.StateError);
  other.close();
});

Deno.test("SharedMemory.unlink() spares a new block of that name", () => {
  const first = new mp.SharedMemory({ name: "again", create: true, size: 8 });
  const late = new mp.SharedMemory("again");
  discard(first);
  const second = new mp.SharedMemory({ name: "again", create: true, size: 8 });
  assertThrows(() => late.unlink(), mp.StateError);
  late.close();
  new mp.SharedMemory("again").close();
  discard(second);
});

Deno.test("SharedMemory that is unlinked lasts until it is closed", () => {
  const first = create(64);
  first.unlink();
  first.buf.fill(7);
  const second = create(64);
  assert(second.buf.every((byte) => byte === 0));
  second.buf.fill(8);
  assert(first.buf.every((byte) => byte === 7));
  first.close();
  discard(second);
});

Deno.test("SharedMemory that is reused holds nothing of the old", () => {
  const before = usage();
  for (let size = 1; size < 1000; size += 13) {
    const shm = create(size);
    assert(shm.buf.every((byte) => byte === 0));
    shm.buf.fill(255);
    discard(shm);
  }
  assertEquals(usage(), before);
});

Deno.test({
  name: "SharedMemory takes the memory that was written, until it is gone",
  // Only process memory can be given back.
  ignore: !hasKernel(),
  fn() {
    const size = 2 ** 28;
    const before = resident();
    const grown = () => (resident() - before) / size;
    let shm = create(size);
    shm.buf.fill(255);
    assert(grown() >= 1, `it takes ${grown()}`);
    discard(shm);
    assert(grown() < 0.01, `it still takes ${grown()}`);
    // Nor where another was before.
    shm = create(size);
    assert(grown() < 0.01, `it takes ${grown()}`);
    assertEquals([0, 5000, size - 1].map((at) => shm.buf[at]), [0, 0, 0]);
    discard(shm);
  },
});

Deno.test("SharedMemory leaves nothing behind after 10,000 blocks", () => {
  const before = usage();
  const first = create(500);
  const { byteOffset } = first.buf;
  discard(first);
  for (let i = 0; i < 10_000; i++) discard(create(500));
  const last = create(500);
  assertEquals(last.buf.byteOffset, byteOffset);
  discard(last);
  assertEquals(usage(), before);
});

Deno.test("SharedMemory fills the holes that are left", () => {
  const blocks = [create(64), create(192), create(64)];
  const hole = blocks[1]!.buf.byteOffset;
  discard(blocks[1]!);
  const small = create(64);
  const rest = create(100);
  assertEquals(small.buf.byteOffset, hole);
  assertEquals(rest.buf.byteOffset, hole + 64);
  for (const shm of [blocks[0]!, blocks[2]!, small, rest]) discard(shm);
});

Deno.test("SharedMemory refuses what there is no room for", () => {
  const all = create(largest());
  assertThrows(() => create(64), mp.StateError, "no free space");
  discard(all);
  discard(create(64));
});

Deno.test("SharedMemory refuses more blocks than there may be", () => {
  const room = DIRECTORY.entries - usage().blocks;
  const blocks = Array.from({ length: room }, () => create(1));
  assertThrows(() => create(1), mp.StateError, `${DIRECTORY.entries} blocks`);
  for (const shm of blocks) discard(shm);
});

Deno.test("SharedMemory.view() lays other elements over the bytes", () => {
  using shm = create(20);
  const ints = shm.view(Int32Array, 4, 2);
  ints[0] = -1;
  assertEquals([ints.length, shm.buf[4], shm.buf[3]], [2, 255, 0]);
  assertEquals(shm.view(Float64Array).length, 2);
  assertEquals(shm.view(DataView).byteLength, 20);
  assertEquals(shm.view(DataView, 3).getUint8(1), 255);
  assertEquals(shm.view(Int32Array, 20).length, 0);
  shm.unlink();
});

Deno.test("SharedMemory.view() refuses what is not within it", () => {
  using shm = create(20);
  assertThrows(() => shm.view(Int32Array, 0, 6), RangeError, "not within");
  assertThrows(() => shm.view(Int32Array, 2), RangeError);
  assertThrows(() => shm.view(Int32Array, -4), RangeError);
  assertThrows(() => shm.view(Int32Array, 24), RangeError);
  assertThrows(() => shm.view(Int32Array, 0, -1), RangeError);
  assertThrows(() => shm.view(Int32Array, 0, 1.5), RangeError);
  shm.unlink();
});

contract.test("SharedMemory is found by a child by name", async (method) => {
  using shm = create(16);
  await run(method, writeByName, shm.name);
  assertEquals([...shm.buf.slice(0, 3)], [1, 2, 3]);
  shm.unlink();
});

contract.test("SharedMemory made by a child is found", async (method) => {
  await run(method, make, "of a child");
  using shm = new mp.SharedMemory("of a child");
  assertEquals([shm.size, shm.buf[0]], [10, 5]);
  shm.unlink();
});

contract.test("SharedMemory is found by a grandchild", async (method) => {
  using shm = create(16);
  await run(method, delegate, shm.name, method);
  assertEquals([...shm.buf.slice(0, 3)], [1, 2, 3]);
  shm.unlink();
});

contract.test("SharedMemory crosses in arguments, also unlinked", async (method) => {
  using shm = create(16);
  shm.unlink();
  await run(method, writeInto, { blocks: [shm, shm] });
  assertEquals(shm.buf[15], 9);
});

contract.test("SharedMemory that a dead process had open is freed", async (method) => {
  const before = usage();
  const shm = create(1000);
  const isOpen = new mp.Queue<boolean>();
  const p = start(method, keepOpen, shm, isOpen);
  await isOpen.get();
  discard(shm);
  assertEquals(usage().blocks, before.blocks + 1);
  p.terminate();
  assert(await p.join({ timeout: HUNG }));
  assertEquals(usage(), before);
});

contract.test("SharedMemory survives deaths at any moment", async (method) => {
  const before = usage();
  for (let round = 0; round < ROUNDS; round++) {
    const names = [`dies ${round}`, `dies too ${round}`];
    const isReady = new mp.Queue<boolean>();
    const children = names.map((name) => start(method, churn, name, isReady));
    for (const _ of children) await isReady.get();
    await new Promise((resolve) => setTimeout(resolve, SHORT * round / ROUNDS));
    children[0]!.terminate();
    // While one dies in the middle, the others go on.
    discard(create(300));
    children[1]!.terminate();
    for (const p of children) assert(await p.join({ timeout: HUNG }));
    for (const name of names) removeIfThere(name);
  }
  assertEquals(usage(), before);
});

function create(size: number): mp.SharedMemory {
  return new mp.SharedMemory({ create: true, size });
}

function discard(shm: mp.SharedMemory) {
  shm.close();
  shm.unlink();
}

function removeIfThere(name: string) {
  try {
    discard(new mp.SharedMemory(name));
  } catch (error) {
    if (!(error instanceof mp.StateError)) throw error;
  }
}

function directory(): Blocks {
  return new Blocks(openRegion(blocks()), me().locker, DIRECTORY);
}

function usage() {
  return directory().usage();
}

/**
 * How many bytes all blocks of this program take in memory. What its OS process
 * takes would say little, since other tests run in it.
 */
function resident(): number {
  const { address } = openRegion(blocks()).handle as ProcessHandle;
  const file = Deno.statSync(`/proc/${address.pid}/fd/${address.fd}`);
  return file.blocks! * 512;
}

/** All that is free, if it is in one piece. */
function largest(): number {
  return directory().capacity - usage().bytes;
}

export function writeByName(name: string) {
  using shm = new mp.SharedMemory(name);
  shm.buf.set([1, 2, 3]);
}

export function make(name: string) {
  using shm = new mp.SharedMemory({ name, create: true, size: 10 });
  shm.buf[0] = 5;
}

export async function delegate(name: string, method: Method) {
  await run(method, writeByName, name);
}

export function writeInto({ blocks }: { blocks: mp.SharedMemory[] }) {
  assert(blocks[0] === blocks[1]);
  blocks[0]!.buf[15] = 9;
}

export async function keepOpen(
  shm: mp.SharedMemory,
  isOpen: mp.Queue<boolean>,
) {
  shm.buf[0] = 1;
  await isOpen.put(true);
  await new mp.Queue().get();
}

export function churn(name: string, isReady: mp.Queue<boolean>) {
  isReady.putSync(true);
  while (true) {
    const shm = new mp.SharedMemory({ name, create: true, size: 5000 });
    shm.buf.fill(1);
    const other = new mp.SharedMemory(name);
    shm.unlink();
    shm.close();
    other.close();
  }
}
