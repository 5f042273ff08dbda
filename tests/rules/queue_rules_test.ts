// Copyright 2026 the authors. MIT license.

// The rules of the tutorials on queues, one by one.

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import * as mp from "../../mod.ts";
import { HUNG, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { start } from "../_support/queues.ts";
import * as workers from "../testdata/queue_workers.ts";
import { isPending } from "../_support/until.ts";

/** Long enough for a child to start on a busy machine. */
const LIMITED = { timeout: HUNG };

/** How long `wait` takes, at least a millisecond less than it says. */
async function timed(wait: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await wait();
  return performance.now() - start + 1;
}

Deno.test("R-36 maxsize limits a queue, and without it there is no limit", () => {
  const limited = new mp.Queue<number>(2);
  assertEquals(limited.putManySync([1, 2, 3], { block: false }), 2);
  const unlimited = new mp.Queue<number>();
  const many = Array.from({ length: 100_000 }, (_, i) => i);
  assertEquals(unlimited.putManySync(many, { block: false }), 100_000);
});

Deno.test("R-37 put waits while it is full, for timeout at most", async () => {
  const q = new mp.Queue<number>(1);
  await q.put(1);
  const waiting = q.put(2, LIMITED);
  assert(await isPending(waiting, SHORT));
  q.getSync();
  await waiting;
  const wait = () => assertRejects(() => q.put(3, { timeout: SHORT }), mp.Full);
  assertGreaterOrEqual(await timed(wait), SHORT);
  await assertRejects(() => q.put(3, { block: false }), mp.Full);
});

Deno.test("R-38 get waits while it is empty, for timeout at most", async () => {
  const q = new mp.Queue<number>();
  const waiting = q.get(LIMITED);
  assert(await isPending(waiting, SHORT));
  q.putSync(1);
  assertEquals(await waiting, 1);
  const wait = () => assertRejects(() => q.get({ timeout: SHORT }), mp.Empty);
  assertGreaterOrEqual(await timed(wait), SHORT);
  await assertRejects(() => q.get({ block: false }), mp.Empty);
  q.putSync(2);
  assertEquals(await q.get({ block: false }), 2);
});

Deno.test("R-39 nowait forms are those that do not block", () => {
  const q = new mp.Queue<string>(1);
  q.putNowait("A");
  assertThrows(() => q.putNowait("B"), mp.Full);
  assertThrows(() => q.putSync("B", { block: false }), mp.Full);
  assertEquals(q.getNowait(), "A");
  assertThrows(() => q.getNowait(), mp.Empty);
  assertThrows(() => q.getSync({ block: false }), mp.Empty);
});

Deno.test("R-40 empty full and qsize are exact where nobody else is at it", () => {
  const q = new mp.Queue<number>(2);
  for (
    const [size, empty, full] of [[0, true, false], [1, false, false], [
      2,
      false,
      true,
    ]] as const
  ) {
    assertEquals([q.qsize(), q.empty(), q.full()], [size, empty, full]);
    if (!full) q.putNowait(size);
  }
});

contract.test("R-41 close keeps what was put, and tells nobody", async (method) => {
  const q = new mp.Queue<number>();
  const back = new mp.Queue<number>();
  await using _ = start(workers.passOn, [q, back], { method });
  await using _b = start(workers.passOn, [q, back], { method });
  q.putSync(7);
  q.close();
  assertThrows(() => q.putSync(8), mp.StateError);
  assertEquals(await back.get(LIMITED), 7);
  // The other one still waits.
  await assertRejects(() => back.get({ timeout: SHORT }), mp.Empty);
});

contract.test("R-45 a plain variable does not cross, a queue does", async (method) => {
  const list: number[] = [];
  const q = new mp.Queue<number>();
  await using child = start(appendTwice, [list, q], {
    method,
    module: import.meta.url,
  });
  assert(await child.join(LIMITED));
  assertEquals(list, []);
  assertEquals(await q.get(LIMITED), 1);
});

contract.test("R-44 one end signal for each consumer ends them all", async (method) => {
  const q = new mp.Queue<number | undefined>();
  const told = new mp.Queue<number>();
  const options = { method, module: import.meta.url };
  await using a = start(eatUntilTheEnd, [q, told], options);
  await using b = start(eatUntilTheEnd, [q, told], options);
  await q.putMany([1, 2, 3, 4, undefined, undefined]);
  assert(await a.join(LIMITED));
  assert(await b.join(LIMITED));
  assertEquals(told.getManySync().toSorted(), [1, 2, 3, 4]);
  assert(q.empty());
});

contract.test("R-46 join waits until every task is done", async (method) => {
  const q = new mp.JoinableQueue<number>();
  const done = new mp.Queue<number>();
  await q.putMany([1, 2, 3]);
  assertEquals(await q.join({ timeout: SHORT }), false);
  await using _ = start(workers.workOff, [q, done], { method });
  assert(await q.join(LIMITED));
  assertEquals(done.getManySync(), [1, 2, 3]);
  q.shutdown();
});

Deno.test("R-42 joinThread has nothing to wait for after close", () => {
  const q = new mp.Queue<number>();
  q.putSync(1);
  assertThrows(() => q.joinThread(), mp.StateError);
  q.close();
  q.joinThread();
});

Deno.test("R-43 cancelJoinThread loses nothing", () => {
  const q = new mp.Queue<number>();
  q.putSync(1);
  q.cancelJoinThread();
  assertEquals(q.getNowait(), 1);
});

Deno.test("R-47 items leave first in first out, last in first out, or least first", () => {
  const orders = [mp.Queue, mp.LifoQueue, mp.PriorityQueue].map((Kind) => {
    const q = new Kind<number>();
    for (const item of [2, 3, 1]) q.putSync(item);
    return [q.getSync(), q.getSync(), q.getSync()];
  });
  assertEquals(orders, [[2, 3, 1], [1, 3, 2], [1, 2, 3]]);
});

export function appendTwice(list: number[], q: mp.Queue<number>): void {
  list.push(1);
  q.putSync(list.length);
}

export function eatUntilTheEnd(
  q: mp.Queue<number | undefined>,
  told: mp.Queue<number>,
): void {
  for (let item = q.getSync(); item !== undefined; item = q.getSync()) {
    told.putSync(item);
  }
}
