// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as mp from "../../mod.ts";
import { HUNG, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { start } from "../_support/queues.ts";
import * as workers from "../testdata/queue_workers.ts";
import { isPending } from "../_support/until.ts";
import { assertAborts } from "../_support/refusals.ts";

/** Long enough for a child to start on a busy machine. */
const LIMITED = { timeout: HUNG };

Deno.test("JoinableQueue.join() resolves with true when all is done", async () => {
  const queue = new mp.JoinableQueue<number>();
  assert(await queue.join());
  assert(queue.joinSync());
  queue.putManySync([1, 2]);
  const joining = queue.join(LIMITED);
  assert(await isPending(joining, SHORT));
  queue.getSync();
  queue.taskDone();
  await queue.get();
  assert(await isPending(joining, SHORT));
  queue.taskDone();
  assert(await joining);
});

Deno.test("JoinableQueue.join() resolves with false at the timeout", async () => {
  const queue = new mp.JoinableQueue<number>();
  queue.putSync(1);
  assertEquals(await queue.join({ timeout: SHORT }), false);
  assertEquals(await queue.join({ block: false }), false);
  assertEquals(queue.joinSync({ timeout: SHORT }), false);
  assertEquals(queue.joinSync({ block: false }), false);
});

Deno.test("JoinableQueue.join() rejects with the reason of its signal", async () => {
  const queue = new mp.JoinableQueue<number>();
  queue.putSync(1);
  await assertAborts((signal) => queue.join({ signal }));
});

Deno.test("JoinableQueue.taskDone() throws if nothing is in hand", () => {
  const queue = new mp.JoinableQueue<number>();
  assertThrows(() => queue.taskDone(), mp.StateError);
  queue.putSync(1);
  assertThrows(() => queue.taskDone(), mp.StateError);
  queue.getSync();
  queue.taskDone();
  assertThrows(() => queue.taskDone(), mp.StateError);
  assert(queue.joinSync());
});

Deno.test("JoinableQueue.shutdown() counts what it throws away as done", async () => {
  const queue = new mp.JoinableQueue<number>();
  queue.putManySync([1, 2, 3]);
  queue.getSync();
  const joining = queue.join(LIMITED);
  queue.shutdown({ immediate: true });
  assert(await isPending(joining, SHORT));
  queue.taskDone();
  assert(await joining);
});

Deno.test("JoinableQueue does not count tasks in hand as items", () => {
  const queue = new mp.JoinableQueue<number>({ maxsize: 1, redeliver: true });
  for (let i = 0; i < 100; i++) {
    queue.putNowait(i);
    queue.getNowait();
  }
  assertEquals(queue.qsize(), 0);
  assertEquals(queue.joinSync({ block: false }), false);
  for (let i = 0; i < 100; i++) queue.taskDone();
  assert(queue.joinSync());
});

Deno.test("JoinableQueue waits for the bytes of tasks that it may redeliver", async () => {
  const options = { maxBytes: 4096, redeliver: true };
  const queue = new mp.JoinableQueue<Uint8Array>(options);
  const item = new Uint8Array(3000);
  queue.putSync(item);
  queue.getSync();
  const putting = queue.put(item, LIMITED);
  assert(await isPending(putting, SHORT));
  queue.taskDone();
  await putting;
  const plain = new mp.JoinableQueue<Uint8Array>({ maxBytes: 4096 });
  plain.putNowait(item);
  plain.getSync();
  plain.putNowait(item);
});

Deno.test("JoinableQueue refuses wrong options", () => {
  const redeliver = 1 as unknown as boolean;
  assertThrows(() => new mp.JoinableQueue({ redeliver }), TypeError);
  assertThrows(() => new mp.JoinableQueue(-1), RangeError);
});

contract.test("JoinableQueue.taskDone() throws for tasks of others", async (method) => {
  const queue = new mp.JoinableQueue<number>();
  const told = new mp.Queue<string>();
  queue.putSync(1);
  queue.getSync();
  await using _ = start(workers.markForOthers, [queue, told], { method });
  assertEquals(await told.get(LIMITED), "StateError");
  queue.taskDone();
});

contract.test("JoinableQueue.join() waits for children", async (method) => {
  const queue = new mp.JoinableQueue<number>();
  const done = new mp.Queue<number>();
  const args = [queue, done];
  await using _a = start(workers.workOff, args, { method });
  await using _b = start(workers.workOff, args, { method });
  queue.putManySync(Array.from({ length: 50 }, (_, i) => i));
  assert(await queue.join(LIMITED));
  assertEquals(done.qsize(), 50);
  queue.shutdown();
});

for (const code of [0, 3]) {
  contract.test(`JoinableQueue.join() is told who exited with ${code}`, async (method) => {
    const queue = new mp.JoinableQueue<number>();
    queue.putManySync([1, 2, 3]);
    const options = { method, name: "Consumer" };
    await using child = start(workers.takeAndEnd, [queue, 2, code], options);
    const waiting = [queue.join(LIMITED), queue.join(LIMITED)];
    for (const joining of waiting) {
      const error = await assertRejects(
        () => joining,
        mp.AbandonedTaskError,
        "Consumer (2)",
      );
      assertEquals(error.count, 2);
      assertEquals(error.consumers, [
        { name: "Consumer", ident: child.ident, exitCode: code, count: 2 },
      ]);
    }
    // Those do not count any more.
    assertEquals(await queue.join({ timeout: SHORT }), false);
    queue.getSync();
    queue.taskDone();
    assert(await queue.join());
  });
}

contract.test("JoinableQueue.join() is told of deaths before it", async (method) => {
  const queue = new mp.JoinableQueue<number>();
  const told = new mp.Queue<number>();
  queue.putManySync([1, 2, 3]);
  await using one = start(workers.takeAndWait, [queue, 1, told], { method });
  await using two = start(workers.takeAndWait, [queue, 2, told], { method });
  await told.getMany({ min: 3, ...LIMITED });
  one.terminate();
  two.terminate();
  await one.join(LIMITED);
  await two.join(LIMITED);
  const error = assertThrows(() => queue.joinSync(), mp.AbandonedTaskError);
  assertEquals(error.count, 3);
  const codes = error.consumers.map(({ exitCode }) => exitCode);
  assertEquals(codes, [-15, -15]);
  assert(queue.joinSync());
});

contract.test("JoinableQueue redelivers in order, at the front", async (method) => {
  const queue = new mp.JoinableQueue<number>({ redeliver: true });
  const told = new mp.Queue<number>();
  queue.putManySync([1, 2, 3, 4, 5]);
  await using child = start(workers.takeAndWait, [queue, 3, told], { method });
  await told.getMany({ min: 3, ...LIMITED });
  assertEquals(queue.qsize(), 2);
  child.terminate();
  await child.join(LIMITED);
  assertEquals(queue.qsize(), 5);
  assertEquals(queue.getManySync(), [1, 2, 3, 4, 5]);
  for (let i = 0; i < 5; i++) queue.taskDone();
  assert(await queue.join(LIMITED));
});

contract.test("JoinableQueue that is shut down redelivers to who waits", async (method) => {
  const queue = new mp.JoinableQueue<number>({ redeliver: true });
  const told = new mp.Queue<number>();
  queue.putManySync([1, 2]);
  await using child = start(workers.takeAndWait, [queue, 2, told], { method });
  await told.getMany({ min: 2, ...LIMITED });
  queue.shutdown();
  const getting = queue.get(LIMITED);
  assert(await isPending(getting, SHORT));
  assertThrows(() => queue.getNowait(), mp.Empty);
  child.terminate();
  assertEquals([await getting, await queue.get(LIMITED)], [1, 2]);
  // What it has in hand itself can only come back to others.
  await assertRejects(() => queue.get(LIMITED), mp.ShutDown);
  queue.taskDone();
  queue.taskDone();
  assert(await queue.join(LIMITED));
});

contract.test("JoinableQueue that is shut down ends those who wait for others", async (method) => {
  const queue = new mp.JoinableQueue<number>({ redeliver: true });
  const done = new mp.Queue<number>();
  queue.putSync(1);
  queue.getSync();
  queue.shutdown();
  await using child = start(workers.workOff, [queue, done], { method });
  assertEquals(await child.join({ timeout: SHORT }), false);
  queue.taskDone();
  assert(await child.join(LIMITED));
  assertEquals(child.exitCode, 0);
});
