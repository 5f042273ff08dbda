// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { AbandonedLockError, Lock, type Process, Queue } from "../../mod.ts";
import { GRACE } from "../../program/table.ts";
import { atBest } from "../_support/at_best.ts";
import { many, MEDIUM, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { start } from "../_support/started.ts";
import { acquireAndTell } from "../testdata/acquire_and_tell.ts";
import { computeWithLock } from "../testdata/compute_with_lock.ts";
import { endWithLock } from "../testdata/end_with_lock.ts";
import { holdUntilTold } from "../testdata/hold_until_told.ts";
import { isPending } from "../_support/until.ts";

/** The time in which a dead holder is found, in milliseconds. */
const FOUND = 5 * MEDIUM;

const ROUNDS = many(3, 50);

function assertTold(error: AbandonedLockError, dead: Process, code: number) {
  const { name, ident } = dead;
  assertEquals(error.holder, { name, ident, exitCode: code });
  assertEquals(error.name, "AbandonedLockError");
  assert(error.message.includes(name));
}

for (const code of [0, 3]) {
  contract.test(`Lock.acquire() tells who ended with it, exit code ${code}`, async (method) => {
    const lock = new Lock();
    await using dead = start(method, endWithLock, lock, code);
    await dead.join();
    assert(lock.locked());
    const error = await assertRejects(() => lock.acquire(), AbandonedLockError);
    assertTold(error, dead, code);
    assertFalse(lock.locked());
    assertEquals(await lock.acquire(), true);
    lock.release();
  });
}

for (
  const [name, attempt] of [
    ["acquireSync()", (lock: Lock) => lock.acquireSync()],
    [
      "acquireSync({ timeout })",
      (lock: Lock) => lock.acquireSync({ timeout: FOUND }),
    ],
    [
      "acquireSync({ block: false })",
      (lock: Lock) => lock.acquireSync({ block: false }),
    ],
    ["holdSync()", (lock: Lock) => lock.holdSync()],
  ] as const
) {
  contract.test(`Lock.${name} tells who died with it`, async (method) => {
    const lock = new Lock();
    await using dead = start(method, endWithLock, lock, 0);
    await dead.join();
    const error = assertThrows(() => attempt(lock), AbandonedLockError);
    assertTold(error, dead, 0);
    assertEquals(lock.acquireSync({ block: false }), true);
    lock.release();
  });
}

for (
  const [name, attempt] of [
    ["acquire({ timeout })", (lock: Lock) => lock.acquire({ timeout: FOUND })],
    [
      "acquire({ block: false })",
      (lock: Lock) => lock.acquire({ block: false }),
    ],
    ["hold()", (lock: Lock) => lock.hold()],
  ] as const
) {
  contract.test(`Lock.${name} rejects with who died with it`, async (method) => {
    const lock = new Lock();
    await using dead = start(method, endWithLock, lock, 0);
    await dead.join();
    const error = await assertRejects(
      () => Promise.resolve(attempt(lock)),
      AbandonedLockError,
    );
    assertTold(error, dead, 0);
    assertEquals(await lock.acquire({ block: false }), true);
    lock.release();
  });
}

for (const signal of ["terminate", "kill"] as const) {
  contract.test(`Lock.acquire() is told within 500 ms of a ${signal}()`, async (method) => {
    const timeToTell = async () => {
      const lock = new Lock();
      const [said, told] = [new Queue<string>(), new Queue<string>()];
      await using holder = start(method, holdUntilTold, lock, said, told);
      await said.get();
      const wait = lock.acquire();
      assert(await isPending(wait, SHORT));
      const begin = performance.now();
      holder[signal]();
      const error = await assertRejects(() => wait, AbandonedLockError);
      assertTold(error, holder, signal === "kill" ? -9 : -15);
      return performance.now() - begin;
    };
    assertLess(await atBest(FOUND, timeToTell), FOUND);
  });
}

contract.test("Lock.acquireSync() is told of a holder that cannot stop", async (method) => {
  const limit = GRACE + FOUND;
  const timeToTell = async () => {
    const lock = new Lock();
    const said = new Queue<string>();
    const args = [lock, said, GRACE + limit] as const;
    await using holder = start(method, computeWithLock, ...args);
    await said.get();
    const begin = performance.now();
    holder.terminate();
    const error = assertThrows(() => lock.acquireSync(), AbandonedLockError);
    assertTold(error, holder, -15);
    return performance.now() - begin;
  };
  assertLess(await atBest(limit, timeToTell), limit);
});

contract.test("Lock tells one waiter of a death, the others get it", async (method) => {
  for (let round = 0; round < ROUNDS; round++) {
    const lock = new Lock();
    const [said, told] = [new Queue<string>(), new Queue<string>()];
    const [heard, held] = [new Queue<string>(), said];
    await using holder = start(method, holdUntilTold, lock, held, told);
    await held.get();
    await using first = start(method, acquireAndTell, lock, heard, true);
    await using second = start(method, acquireAndTell, lock, heard, true);
    await using third = start(method, acquireAndTell, lock, heard, false);
    for (let i = 0; i < 3; i++) assertEquals(await heard.get(), "begins");
    const own = Array.from({ length: 5 }, async () => {
      let text = "acquired";
      await lock.acquire().catch(() => {
        text = "told";
        return lock.acquire();
      });
      lock.release();
      return text;
    });
    holder.terminate();
    const texts = await Promise.all(own);
    for (let i = 0; i < 3; i++) texts.push(await heard.get());
    const expected = new Array(7).fill("acquired");
    assertEquals(texts.sort(), [...expected, "told"]);
    await Promise.all([first.join(), second.join(), third.join()]);
    assertFalse(lock.locked());
  }
});

contract.test("Lock outlives a waiter that dies", async (method) => {
  const lock = new Lock();
  const heard = new Queue<string>();
  await lock.acquire();
  await using waiter = start(method, acquireAndTell, lock, heard, true);
  await using other = start(method, acquireAndTell, lock, heard, true);
  for (let i = 0; i < 2; i++) assertEquals(await heard.get(), "begins");
  waiter.terminate();
  lock.release();
  // Told if the waiter got it before it stopped.
  const text = await heard.get();
  assert(["acquired", "told"].includes(text));
  await Promise.all([waiter.join(), other.join()]);
  const isFree = await lock.acquire().catch(() => lock.acquire());
  assert(isFree);
  lock.release();
});

// An OS process has none: it is gone, or it is not.
Deno.test("Lock is not taken from under a holder within its grace", async () => {
  const lock = new Lock();
  const said = new Queue<string>();
  const args = [lock, said, GRACE / 2] as const;
  await using holder = start("worker", computeWithLock, ...args);
  await said.get();
  holder.terminate();
  assertEquals(await lock.acquire({ timeout: SHORT }), false);
  // It stops as it tries to release: dead, and told so.
  const error = await assertRejects(() => lock.acquire(), AbandonedLockError);
  assertTold(error, holder, -15);
});
