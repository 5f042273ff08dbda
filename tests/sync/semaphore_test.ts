// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { lockerOf } from "../../program/locker.ts";
import { Custody, custodyWords, formatCustody } from "../../sync/custody.ts";
import { createRegion } from "../../memory/region.ts";
import {
  BoundedSemaphore,
  Queue,
  RawArray,
  Semaphore,
  StateError,
} from "../../mod.ts";
import { HUNG, many, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { joinAll, startIn } from "../_support/processes.ts";
import { assertAborts, assertTimesOut } from "../_support/refusals.ts";
import { isPending } from "../_support/until.ts";

const COUNT = many(500, 20_000);
const CLASSES = [Semaphore, BoundedSemaphore];

const start = startIn.bind(undefined, import.meta.url);

/** Goes through it, and looks how many others do. */
export function passThrough(
  semaphore: Semaphore,
  cells: RawArray<"i">,
  rounds: number,
): void {
  for (let i = 0; i < rounds; i++) {
    using _ = semaphore.holdSync();
    const inside = cells.add(0, 1) + 1;
    if (inside > cells.get(1)) cells.store(1, inside);
    cells.add(0, -1);
  }
}

/** Takes some permits and ends with them. */
export function endWith(semaphore: Semaphore, count: number): void {
  for (let i = 0; i < count; i++) semaphore.acquireSync();
}

/** Takes a permit when there is one, and says so. */
export function takeAndTell(semaphore: Semaphore, said: Queue<string>): void {
  said.putSync("waits");
  semaphore.acquireSync();
  said.putSync("has it");
}

for (const Class of CLASSES) {
  const { name } = Class;

  Deno.test(`${name} has as many permits as it was made with`, async () => {
    const semaphore = new Class(2);
    assertEquals(semaphore.getValue(), 2);
    assertEquals(await semaphore.acquire(), true);
    assertFalse(semaphore.locked());
    assertEquals(semaphore.acquireSync(), true);
    assertEquals(semaphore.getValue(), 0);
    assert(semaphore.locked());
    assertEquals(semaphore.acquireSync({ block: false }), false);
    assertEquals(await semaphore.acquire({ timeout: 0 }), false);
    semaphore.release(2);
    assertEquals(semaphore.getValue(), 2);
    assertEquals(new Class().getValue(), 1);
  });

  Deno.test(`${name}.acquire() waits for a release`, async () => {
    const semaphore = new Class(1);
    await semaphore.acquire();
    const second = semaphore.acquire();
    assert(await isPending(second, SHORT));
    semaphore.release();
    assertEquals(await second, true);
    assertEquals(semaphore.getValue(), 0);
    semaphore.release();
  });

  Deno.test(`${name}.acquire() gives up without a trace`, async () => {
    const semaphore = new Class(1);
    semaphore.acquireSync();
    const begin = performance.now();
    assertEquals(await semaphore.acquire({ timeout: SHORT }), false);
    assertEquals(semaphore.acquireSync({ timeout: SHORT }), false);
    assert(performance.now() - begin >= 2 * SHORT, "it gave up too soon");
    const signal = await assertAborts((signal) =>
      semaphore.acquire({ signal })
    );
    assertThrows(() => semaphore.acquireSync({ signal }), RangeError);
    semaphore.release();
    assertEquals(semaphore.getValue(), 1);
  });

  Deno.test(`${name}.hold() gives its permit back`, async () => {
    const semaphore = new Class(1);
    {
      using _ = await semaphore.hold();
      assert(semaphore.locked());
      await assertTimesOut(() => semaphore.hold({ timeout: SHORT }));
      assertThrows(() => semaphore.holdSync({ block: false }), DOMException);
    }
    {
      using _ = semaphore.holdSync();
    }
    assertEquals(semaphore.getValue(), 1);
  });

  Deno.test(`${name}.hold() gives its permit back once`, async () => {
    const semaphore = new Class(2);
    const held = await semaphore.hold();
    semaphore.acquireSync();
    held[Symbol.dispose]();
    held[Symbol.dispose]();
    assertEquals(semaphore.getValue(), 1);
    semaphore.release();
  });

  Deno.test(`${name} refuses counts that are none`, () => {
    for (const value of [-1, 1.5, NaN, Infinity, 2 ** 29 + 1]) {
      assertThrows(() => new Class(value), RangeError);
    }
    assertThrows(() => new Class("1" as unknown as number), TypeError);
    const semaphore = new Class(1);
    for (const count of [0, -1, 1.5, NaN]) {
      assertThrows(() => semaphore.release(count), RangeError);
    }
    assertThrows(() => semaphore.release("1" as never), TypeError);
    assertEquals(semaphore.getValue(), 1);
  });

  Deno.test(`${name}.acquire() serves 1,000 promises in the order of their calls`, async () => {
    const semaphore = new Class(2);
    await semaphore.acquire();
    await semaphore.acquire();
    const order: number[] = [];
    const waiting = Array.from({ length: 1_000 }, async (_, i) => {
      await semaphore.acquire();
      order.push(i);
      semaphore.release();
    });
    semaphore.release(2);
    await Promise.all(waiting);
    assertEquals(order, Array.from({ length: 1_000 }, (_, i) => i));
    assertEquals(semaphore.getValue(), 2);
  });

  contract.test(`${name} lets so many processes in and no more`, async (method) => {
    const semaphore = new Class(2);
    const cells = new RawArray("i", 2);
    const workers = [0, 1, 2, 3]
      .map(() => start(method, passThrough, semaphore, cells, COUNT));
    await joinAll(...workers);
    assertEquals(cells.get(0), 0);
    assert(cells.get(1) <= 2, `${cells.get(1)} were inside at once`);
    assertEquals(semaphore.getValue(), 2);
  });
}

Deno.test("Semaphore.release() may make permits", async () => {
  const semaphore = new Semaphore(0);
  semaphore.release(3);
  assertEquals(semaphore.getValue(), 3);
  for (let i = 0; i < 3; i++) assertEquals(await semaphore.acquire(), true);
  assertThrows(() => new Semaphore(2 ** 29).release(), StateError, "at most");
});

Deno.test("BoundedSemaphore has no more permits than at first when a place changes hands", () => {
  const { words } = createRegion(custodyWords(1) * 4, "thread");
  formatCustody(words, 1);
  const isAlive = (token: number) => token === 2;
  assert(new Custody(words, lockerOf(1, isAlive), 1).tryAcquire());
  // The dead one's permit comes back, and there is none to release.
  const next = new Custody(words, lockerOf(2, isAlive), 1);
  assertFalse(next.release(1));
  assertEquals(next.permits, 1);
});

Deno.test("BoundedSemaphore.release() refuses more releases than acquires", () => {
  const semaphore = new BoundedSemaphore(2);
  assertInstanceOf(semaphore, Semaphore);
  assertThrows(() => semaphore.release(), StateError, "more releases");
  semaphore.acquireSync();
  assertThrows(() => semaphore.release(2), StateError, "more releases");
  assertEquals(semaphore.getValue(), 1);
  semaphore.release();
  assertEquals(semaphore.getValue(), 2);
});

contract.test("Semaphore.release() may give back what another took", async (method) => {
  for (const Class of CLASSES) {
    const semaphore = new Class(1);
    const said = new Queue<string>();
    semaphore.acquireSync();
    await using _ = start(method, takeAndTell, semaphore, said);
    assertEquals(await said.get(), "waits");
    semaphore.release();
    assertEquals(await said.get(), "has it");
  }
});

contract.test("BoundedSemaphore brings back what the dead had", async (method) => {
  const semaphore = new BoundedSemaphore(3);
  semaphore.acquireSync();
  await using dead = start(method, endWith, semaphore, 2);
  await dead.join();
  assertEquals(semaphore.getValue(), 0);
  assertEquals(await semaphore.acquire({ timeout: HUNG }), true);
  assertEquals(semaphore.acquireSync({ block: false }), true);
  assertEquals(semaphore.acquireSync({ block: false }), false);
  semaphore.release(3);
  assertThrows(() => semaphore.release(), StateError);
});

contract.test("Semaphore does not bring back what the dead had", async (method) => {
  const semaphore = new Semaphore(1);
  await using dead = start(method, endWith, semaphore, 1);
  await dead.join();
  assertEquals(await semaphore.acquire({ timeout: SHORT }), false);
  semaphore.release();
  assertEquals(await semaphore.acquire(), true);
});
