// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Lock, Queue, StateError } from "../../mod.ts";
import { HUNG, many, SHORT } from "../_support/delays.ts";
import { contract, type Method } from "../_support/contract.ts";
import { joinAll } from "../_support/processes.ts";
import { assertAborts, assertTimesOut } from "../_support/refusals.ts";
import { start } from "../_support/started.ts";
import { countUnderLock } from "../testdata/count_under_lock.ts";
import { holdUntilTold } from "../testdata/hold_until_told.ts";
import { releaseForOthers } from "../testdata/release_for_others.ts";
import { isPending } from "../_support/until.ts";

const COUNT = many(500, 20_000);

/** A lock that a process holds until it is told to release it. */
function held(method: Method) {
  const lock = new Lock();
  const [said, told] = [new Queue<string>(), new Queue<string>()];
  const holder = start(method, holdUntilTold, lock, said, told);
  return { lock, said, told, holder };
}

Deno.test("Lock.acquire() takes a free lock at once", async () => {
  const lock = new Lock();
  assertFalse(lock.locked());
  assertEquals(await lock.acquire(), true);
  assert(lock.locked());
  lock.release();
  assertFalse(lock.locked());
});

Deno.test("Lock.acquire() waits while another task holds it", async () => {
  const lock = new Lock();
  await lock.acquire();
  const second = lock.acquire();
  assert(await isPending(second, SHORT));
  lock.release();
  assertEquals(await second, true);
  lock.release();
});

Deno.test("Lock.acquire() resolves with false at the timeout", async () => {
  const lock = new Lock();
  await lock.acquire();
  const begin = performance.now();
  assertEquals(await lock.acquire({ timeout: SHORT }), false);
  assert(performance.now() - begin >= SHORT, "it gave up too soon");
  lock.release();
  assertFalse(lock.locked());
});

Deno.test("Lock.acquire() does not wait without `block` or with timeout 0", async () => {
  const lock = new Lock();
  for (const options of [{ block: false }, { timeout: 0 }]) {
    assertEquals(await lock.acquire(options), true);
    assertEquals(await lock.acquire(options), false);
    assertEquals(lock.acquireSync(options), false);
    lock.release();
    assertEquals(lock.acquireSync(options), true);
    lock.release();
  }
});

Deno.test("Lock.acquire() rejects with the reason of the signal", async () => {
  const lock = new Lock();
  await lock.acquire();
  const signal = await assertAborts((signal) => lock.acquire({ signal }));
  await assertRejects(() => lock.acquire({ signal }), RangeError, "enough");
  assertThrows(() => lock.acquireSync({ signal }), RangeError, "enough");
  lock.release();
  assertFalse(lock.locked(), "the one that gave up has it");
});

Deno.test("Lock.acquire() refuses a negative timeout", async () => {
  const lock = new Lock();
  await assertRejects(() => lock.acquire({ timeout: -1 }), RangeError);
  assertThrows(() => lock.acquireSync({ timeout: -1 }), RangeError);
  assertFalse(lock.locked());
});

Deno.test("Lock.acquire() serves after others in the line gave up", async () => {
  const lock = new Lock();
  await lock.acquire();
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = [1, 2, 3].map(() => lock.acquire({ signal }));
  const late = [1, 2, 3].map(() => lock.acquire({ timeout: SHORT }));
  const last = lock.acquire();
  controller.abort(new RangeError("enough"));
  for (const wait of aborted) await assertRejects(() => wait, RangeError);
  assertEquals(await Promise.all(late), [false, false, false]);
  lock.release();
  assertEquals(await last, true);
  lock.release();
});

Deno.test("Lock.acquire() completes a thousand in order", async () => {
  const lock = new Lock();
  const order: number[] = [];
  let inside = 0;
  const expected = Array.from({ length: 1_000 }, (_, i) => i);
  await Promise.all(expected.map(async (i) => {
    await lock.acquire();
    assertEquals(++inside, 1);
    order.push(i);
    await Promise.resolve();
    inside--;
    lock.release();
  }));
  assertEquals(order, expected);
  assertFalse(lock.locked());
});

Deno.test("Lock.acquireSync() returns false at the timeout", () => {
  const lock = new Lock();
  assertEquals(lock.acquireSync(), true);
  const begin = performance.now();
  assertEquals(lock.acquireSync({ timeout: SHORT }), false);
  assert(performance.now() - begin >= SHORT, "it gave up too soon");
  lock.release();
});

Deno.test("Lock.acquireSync() throws where it would block for ever", () => {
  const lock = new Lock();
  lock.acquireSync();
  assertThrows(() => lock.acquireSync(), StateError, "would block for ever");
  assertThrows(() => lock.acquireSync({}), StateError);
  lock.release();
  assertFalse(lock.locked());
});

Deno.test("Lock.release() throws if it is not held", () => {
  const lock = new Lock();
  assertThrows(() => lock.release(), StateError, "it is not held");
  lock.acquireSync();
  lock.release();
  assertThrows(() => lock.release(), StateError, "it is not held");
});

Deno.test("Lock.hold() releases at the end of the block", async () => {
  const lock = new Lock();
  {
    using _ = await lock.hold();
    assert(lock.locked());
  }
  assertFalse(lock.locked());
  {
    using _ = lock.holdSync();
    assert(lock.locked());
  }
  assertFalse(lock.locked());
});

Deno.test("Lock.hold() releases when the block throws", async () => {
  const lock = new Lock();
  await assertRejects(async () => {
    using _ = await lock.hold();
    throw new RangeError("inside");
  }, RangeError);
  assertFalse(lock.locked());
});

Deno.test("Lock.hold() throws a TimeoutError at the timeout", async () => {
  const lock = new Lock();
  lock.acquireSync();
  const options = { timeout: SHORT };
  await assertTimesOut(() => lock.hold(options));
  await assertTimesOut(() => lock.holdSync(options));
  lock.release();
});

Deno.test("Lock.hold() releases once, however often it is disposed of", async () => {
  const lock = new Lock();
  const held = await lock.hold();
  held[Symbol.dispose]();
  lock.acquireSync();
  held[Symbol.dispose]();
  assert(lock.locked(), "it released what was taken anew");
  lock.release();
});

contract.test("Lock.acquire() waits while another process holds it", async (method) => {
  const { lock, said, told, holder } = held(method);
  await using _ = holder;
  assertEquals(await said.get(), "held");
  assert(lock.locked());
  assertEquals(await lock.acquire({ block: false }), false);
  assertEquals(lock.acquireSync({ timeout: SHORT }), false);
  const wait = lock.acquire();
  assert(await isPending(wait, SHORT));
  told.putNowait("release");
  assertEquals(await wait, true);
  lock.release();
});

contract.test("Lock.acquireSync() waits while another process holds it", async (method) => {
  const { lock, said, told, holder } = held(method);
  await using _ = holder;
  assertEquals(said.getSync(), "held");
  told.putNowait("release");
  assertEquals(lock.acquireSync({ timeout: HUNG }), true);
  lock.release();
});

contract.test("Lock.acquireSync() overtakes the promises of its process", async (method) => {
  const { lock, said, told, holder } = held(method);
  await using _ = holder;
  await said.get();
  const promise = lock.acquire();
  told.putNowait("release");
  assertEquals(lock.acquireSync(), true);
  assert(await isPending(promise, SHORT));
  lock.release();
  assertEquals(await promise, true);
  lock.release();
});

contract.test("Lock.release() throws if another process holds it", async (method) => {
  const { lock, said, told, holder } = held(method);
  await using _holder = holder;
  await said.get();
  assertThrows(() => lock.release(), StateError, `held by ${holder.name}`);
  assert(lock.locked());
  told.putNowait("release");
  await holder.join();
  await lock.acquire();
  await using _ = start(method, releaseForOthers, lock, said);
  assertStringIncludes(await said.get(), "it is held by MainProcess");
  assert(lock.locked());
  lock.release();
});

for (const form of ["blocking", "async", "both"]) {
  contract.test(`Lock lets one in at a time: ${form}`, async (method) => {
    const lock = new Lock();
    const cell = new Queue<number>(1);
    cell.putNowait(0);
    const forms = [form !== "async", form === "blocking"];
    const [first, second] = forms
      .map((form) => start(method, countUnderLock, lock, cell, COUNT, form));
    await countUnderLock(lock, cell, COUNT, form !== "async");
    await joinAll(first!, second!);
    assertEquals(cell.getNowait(), 3 * COUNT);
    assertFalse(lock.locked());
  });
}
