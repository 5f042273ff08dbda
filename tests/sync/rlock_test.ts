// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { delay } from "@std/async";
import {
  AbandonedLockError,
  Queue,
  RawArray,
  RLock,
  StateError,
  Value,
} from "../../mod.ts";
import { HUNG, many, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { joinAll, startIn } from "../_support/processes.ts";
import { runProgram } from "../_support/programs.ts";
import { assertAborts, assertTimesOut } from "../_support/refusals.ts";
import { isPending } from "../_support/until.ts";

const COUNT = many(500, 20_000);

/** Takes it so often, says so, and gives it back when it is told to. */
export function holdDeep(
  lock: RLock,
  depth: number,
  said: Queue<string>,
  told: Queue<string>,
): void {
  for (let i = 0; i < depth; i++) lock.acquireSync();
  said.putSync("held");
  told.getSync();
  for (let i = 0; i < depth; i++) {
    said.putSync(lock.locked() ? "locked" : "free");
    lock.release();
  }
}

/** Takes it twice and ends with it. */
export function endHolding(lock: RLock): void {
  lock.acquireSync();
  lock.acquireSync();
}

/** Counts in two steps under the lock, sometimes deeper. */
export function countDeep(lock: RLock, cells: RawArray<"i">, rounds: number) {
  for (let i = 0; i < rounds; i++) {
    using _ = lock.holdSync();
    const before = cells.get(0);
    addUnder(lock, cells, i % 3);
    if (cells.get(0) !== before + 1) throw new RangeError("somebody got in");
  }
}

function addUnder(lock: RLock, cells: RawArray<"i">, depth: number): void {
  using _ = lock.holdSync();
  if (depth > 0) addUnder(lock, cells, depth - 1);
  else cells.set(0, cells.get(0) + 1);
}

const run = startIn.bind(undefined, import.meta.url);

Deno.test("RLock.acquireSync() may be called again by its holder", () => {
  const lock = new RLock();
  for (let i = 0; i < 3; i++) assertEquals(lock.acquireSync(), true);
  for (let i = 0; i < 3; i++) {
    assert(lock.locked());
    lock.release();
  }
  assertFalse(lock.locked());
});

Deno.test("RLock.acquire() may be called again by its holder", async () => {
  const lock = new RLock();
  for (let i = 0; i < 4; i++) assertEquals(await lock.acquire(), true);
  assertEquals(lock.acquireSync(), true);
  for (let i = 0; i < 5; i++) {
    assert(lock.locked());
    lock.release();
  }
  assertFalse(lock.locked());
});

Deno.test("RLock.acquire() knows its holder in what that calls and awaits", async () => {
  const lock = new RLock();
  const log: string[] = [];
  async function part(name: string) {
    using _ = await lock.hold();
    log.push(name);
    await delay(1);
  }
  async function whole(name: string) {
    await lock.acquire();
    await part(`${name}1`);
    await delay(1);
    log.push(`${name}-`);
    await part(`${name}2`);
    lock.release();
  }
  await Promise.all([whole("a"), whole("b")]);
  assertEquals(log, ["a1", "a-", "a2", "b1", "b-", "b2"]);
  assertFalse(lock.locked());
});

Deno.test("RLock.acquire() takes no other task for the holder", async () => {
  const lock = new RLock();
  const { promise: end, resolve } = Promise.withResolvers<void>();
  async function hold() {
    await lock.acquire();
    await lock.acquire();
    await end;
    lock.release();
    lock.release();
  }
  const holder = hold();
  assertEquals(await lock.acquire({ timeout: SHORT }), false, "same stretch");
  await delay(1);
  assertEquals(await lock.acquire({ block: false }), false, "after an await");
  assertEquals(lock.acquireSync({ block: false }), false, "synchronous");
  const other = lock.acquire();
  assert(await isPending(other, SHORT));
  resolve();
  await holder;
  assertEquals(await other, true);
  lock.release();
  assertFalse(lock.locked());
});

Deno.test("RLock.acquireSync() refuses to wait for a task of its own process", async () => {
  const lock = new RLock();
  await lock.acquire();
  await delay(1);
  assertThrows(() => lock.acquireSync(), StateError, "would block for ever");
  assertEquals(lock.acquireSync({ timeout: SHORT }), false);
  lock.release();
  assertFalse(lock.locked());
});

Deno.test("RLock says once that a task may wait for itself", async () => {
  const { code, lines, stderr } = await runProgram("rlock_of_another_task");
  assertEquals([code, lines], [0, ["false", "false", "true"]]);
  const told = stderr.trimEnd().split("\n");
  assertEquals(told.length, 1, stderr);
  assertMatch(
    told[0]!,
    /^RLock: a task of MainProcess has waited .*held\.hold/,
  );
});

Deno.test("RLock.release() must be called as often as acquire()", async () => {
  const lock = new RLock();
  await lock.acquire();
  await lock.acquire();
  lock.release();
  assert(lock.locked());
  lock.release();
  assertThrows(() => lock.release(), StateError, "it is not held");
});

Deno.test("RLock.hold() releases one level", async () => {
  const lock = new RLock();
  {
    using _ = await lock.hold();
    {
      using _ = await lock.hold();
      using _again = lock.holdSync();
    }
    assert(lock.locked());
  }
  assertFalse(lock.locked());
});

Deno.test("RLock.hold() throws a TimeoutError at the timeout", async () => {
  const lock = new RLock();
  await lock.acquire();
  await delay(1);
  await assertTimesOut(() => lock.hold({ timeout: SHORT }));
  await assertTimesOut(() => lock.holdSync({ timeout: SHORT }));
  lock.release();
});

Deno.test("RLockHolder.hold() takes the lock again from any task", async () => {
  const lock = new RLock();
  {
    using held = await lock.hold();
    await delay(1);
    assertEquals(await lock.acquire({ block: false }), false);
    {
      using inner = held.hold();
      using _ = inner.hold();
    }
    assert(lock.locked());
  }
  assertFalse(lock.locked());
});

Deno.test("RLockHolder.hold() is refused after its release", async () => {
  const lock = new RLock();
  const held = await lock.hold();
  held[Symbol.dispose]();
  held[Symbol.dispose]();
  assertThrows(() => held.hold(), StateError, "has released it");
  const second = await lock.hold();
  lock.release();
  assertThrows(() => second.hold(), StateError, "it is not held");
  assertThrows(() => second[Symbol.dispose](), StateError, "it is not held");
});

Deno.test("RLock.acquire() gives up at the timeout and by the signal", async () => {
  const lock = new RLock();
  await lock.acquire();
  await delay(1);
  const begin = performance.now();
  assertEquals(await lock.acquire({ timeout: SHORT }), false);
  assert(performance.now() - begin >= SHORT, "it gave up too soon");
  await assertAborts((signal) => lock.acquire({ signal }));
  await assertRejects(() => lock.acquire({ timeout: -1 }), RangeError);
  assertThrows(() => lock.acquireSync({ timeout: -1 }), RangeError);
  lock.release();
  assertFalse(lock.locked(), "one that gave up has it");
});

Deno.test("RLock.acquire() serves 1,000 promises in the order of their calls", async () => {
  const lock = new RLock();
  await lock.acquire();
  await delay(1);
  const order: number[] = [];
  const waiting = Array.from({ length: 1_000 }, async (_, i) => {
    await lock.acquire();
    order.push(i);
    lock.release();
  });
  lock.release();
  await Promise.all(waiting);
  assertEquals(order, Array.from({ length: 1_000 }, (_, i) => i));
  assertFalse(lock.locked());
});

contract.test("RLock.acquire() waits while another process holds it", async (method) => {
  const lock = new RLock();
  const [said, told] = [new Queue<string>(), new Queue<string>()];
  await using _ = run(method, holdDeep, lock, 3, said, told);
  assertEquals(await said.get(), "held");
  assertEquals(lock.acquireSync({ timeout: SHORT }), false);
  const error = assertThrows(() => lock.release(), StateError);
  assertStringIncludes(error.message, "it is held by");
  const acquired = lock.acquire();
  assert(await isPending(acquired, SHORT));
  told.putSync("release");
  for (let i = 0; i < 3; i++) assertEquals(await said.get(), "locked");
  assertEquals(await acquired, true);
  lock.release();
});

contract.test("RLock.acquire() tells who died with it, however deep", async (method) => {
  const lock = new RLock();
  await using dead = run(method, endHolding, lock);
  await dead.join();
  const { name, ident } = dead;
  const error = await assertRejects(() => lock.acquire(), AbandonedLockError);
  assertEquals(error.holder, { name, ident, exitCode: 0 });
  assertFalse(lock.locked());
  assertEquals(lock.acquireSync({ timeout: HUNG }), true);
  lock.release();
});

contract.test("RLock that another task is about to tell of a death blocks nothing", async (method) => {
  const lock = new RLock();
  const value = new Value("i", 5, { lock });
  await joinAll(run(method, endHolding, lock));
  const told = lock.acquire();
  // Its process has taken the lock back, and gives it up with the error.
  assertEquals(value.value, 5);
  assertThrows(() => lock.acquireSync(), StateError, "would block for ever");
  assertEquals(lock.acquireSync({ timeout: 0 }), false);
  await assertRejects(() => told, AbandonedLockError);
  assertEquals(lock.acquireSync(), true);
  lock.release();
  assertFalse(lock.locked());
});

contract.test("RLock keeps processes apart at any depth", async (method) => {
  const lock = new RLock();
  const cells = new RawArray("i", 1);
  const workers = [0, 1, 2].map(() =>
    run(method, countDeep, lock, cells, COUNT)
  );
  await joinAll(...workers);
  assertEquals(cells.get(0), 3 * COUNT);
  assertFalse(lock.locked());
});
