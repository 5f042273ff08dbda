// Copyright 2026 the authors. MIT license.

// What every kind of queue promises, for each kind and each form.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { stub } from "@std/testing/mock";
import { Ring } from "../../queue/ring.ts";
import { Slots } from "../../queue/slots.ts";
import { Stack } from "../../queue/stack.ts";
import * as mp from "../../mod.ts";
import { HUNG, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { inOrder, KINDS, start } from "../_support/queues.ts";
import { assertAborts } from "../_support/refusals.ts";
import * as workers from "../testdata/queue_workers.ts";

/** Long enough for a child to start on a busy machine. */
const LIMITED = { timeout: HUNG };

for (const kind of KINDS) {
  const { name, make } = kind;

  Deno.test(`${name}.put() and get() keep the order of the kind`, async () => {
    const queue = make();
    for (const item of [1, 2, 3]) await queue.put(item);
    const got = [await queue.get(), queue.getSync(), queue.getNowait()];
    assertEquals(got, inOrder(kind, [1, 2, 3]));
  });

  Deno.test(`${name}.qsize() empty() and full() are exact`, () => {
    const queue = make({ maxsize: 2 });
    const state = () => [queue.qsize(), queue.empty(), queue.full()];
    assertEquals(state(), [0, true, false]);
    queue.putSync(1);
    assertEquals(state(), [1, false, false]);
    queue.putSync(2);
    assertEquals(state(), [2, false, true]);
    queue.getSync();
    assertEquals([queue.qsize(), queue.full()], [1, false]);
  });

  Deno.test(`${name}.put() throws Full, and nothing is put`, async () => {
    const queue = make({ maxsize: 1 });
    queue.putSync(1);
    assertThrows(() => queue.putNowait(2), mp.Full);
    assertThrows(() => queue.putSync(2, { timeout: SHORT }), mp.Full);
    await assertRejects(() => queue.put(2, { timeout: SHORT }), mp.Full);
    await assertRejects(() => queue.put(2, { block: false }), mp.Full);
    assertEquals(queue.qsize(), 1);
  });

  Deno.test(`${name}.get() throws Empty, and nothing is lost`, async () => {
    const queue = make();
    assertThrows(() => queue.getNowait(), mp.Empty);
    assertThrows(() => queue.getSync({ timeout: SHORT }), mp.Empty);
    await assertRejects(() => queue.get({ timeout: SHORT }), mp.Empty);
    await queue.put(7);
    assertEquals(await queue.get(LIMITED), 7);
  });

  Deno.test(`${name}.get() resolves with what is put later`, async () => {
    const queue = make();
    const waiting = queue.get(LIMITED);
    await queue.put(5);
    assertEquals(await waiting, 5);
  });

  Deno.test(`${name}.put() resolves when there is room`, async () => {
    const queue = make({ maxsize: 1 });
    queue.putSync(1);
    const waiting = queue.put(2, LIMITED);
    assertEquals(queue.getSync(), 1);
    await waiting;
    assertEquals(queue.qsize(), 1);
  });

  Deno.test(`${name}.get() rejects with the reason of its signal`, async () => {
    const queue = make();
    await assertAborts((signal) => queue.get({ signal }));
    await queue.put(1);
    assertEquals(queue.qsize(), 1);
  });

  Deno.test(`${name}.putMany() puts what fits and says how many`, async () => {
    const queue = make({ maxsize: 3 });
    assertEquals(queue.putManySync([], { block: false }), 0);
    assertEquals(queue.putManySync([1, 2], { block: false }), 2);
    assertEquals(queue.putManySync([3, 4], { timeout: SHORT }), 1);
    assertEquals(await queue.putMany([], { timeout: 0 }), 0);
    await assertRejects(() => queue.putMany([4], { timeout: SHORT }), mp.Full);
    assertThrows(() => queue.putManySync([4], { block: false }), mp.Full);
    assertEquals(await queue.getMany(), inOrder(kind, [1, 2, 3]));
  });

  Deno.test(`${name}.putMany() waits for room for the rest`, async () => {
    const queue = make({ maxsize: 2 });
    const waiting = queue.putMany([1, 2, 3, 4, 5], LIMITED);
    const got: number[] = [];
    while (got.length < 5) got.push(await queue.get(LIMITED));
    assertEquals(await waiting, 5);
    assertEquals(got.toSorted(), [1, 2, 3, 4, 5]);
  });

  Deno.test(`${name}.putMany() says how many were put when aborted`, async () => {
    const queue = make({ maxsize: 2 });
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = queue.putMany([1, 2, 3], { signal });
    const refused = queue.putMany([4], { signal });
    controller.abort();
    assertEquals(await waiting, 2);
    await assertRejects(() => refused, DOMException);
    assertEquals(queue.qsize(), 2);
  });

  Deno.test(`${name}.getMany() takes from min to max`, async () => {
    const queue = make();
    queue.putManySync([1, 2, 3, 4, 5]);
    const ordered = inOrder(kind, [1, 2, 3, 4, 5]);
    assertEquals(queue.getManySync({ max: 2 }), ordered.slice(0, 2));
    assertEquals((await queue.getMany({ min: 3 })).length, 3);
    assertEquals(await queue.getMany({ min: 0 }), []);
    assertEquals(queue.getManySync({ min: 0 }), []);
    const waiting = queue.getMany({ min: 2, ...LIMITED });
    await queue.put(6);
    await queue.put(7);
    assertEquals((await waiting).toSorted(), [6, 7]);
  });

  Deno.test(`${name}.getMany() ends though puts are faster than it`, async () => {
    const queue = make();
    // Each time it has taken something, something else has been put.
    let left = 100;
    const stubs = [Ring, Slots, Stack].map(({ prototype }) => {
      const take = prototype.tryTakeMany;
      return stub(prototype, "tryTakeMany", function (most) {
        const taken = take.call(this, most);
        if (taken.length > 0 && left-- > 0) queue.putSync(left);
        return taken;
      });
    });
    try {
      queue.putManySync([1, 2]);
      assertEquals(queue.getManySync().length, 2);
      assertEquals((await queue.getMany()).length, 1);
      assertEquals((await queue.getMany({ min: 0 })).length, 1);
      assertEquals((await queue.getMany({ min: 5 })).length, 5);
    } finally {
      for (const stub of stubs) stub.restore();
    }
  });

  Deno.test(`${name}.getMany() keeps what it took at the timeout`, async () => {
    const queue = make();
    queue.putSync(1);
    const options = { min: 2, timeout: SHORT };
    assertEquals(await queue.getMany(options), [1]);
    queue.putSync(2);
    assertEquals(queue.getManySync(options), [2]);
    assertThrows(() => queue.getManySync(options), mp.Empty);
    await assertRejects(() => queue.getMany(options), mp.Empty);
    assertThrows(() => queue.getManySync({ block: false }), mp.Empty);
  });

  Deno.test(`${name}.getMany() keeps what it took when aborted`, async () => {
    const queue = make();
    queue.putSync(1);
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = queue.getMany({ min: 2, signal });
    controller.abort();
    assertEquals(await waiting, [1]);
  });

  Deno.test(`${name}.shutdown() lets gets go on until it is empty`, async () => {
    const queue = make();
    queue.putManySync([1, 2, 3]);
    queue.shutdown();
    await assertRejects(() => queue.put(4), mp.ShutDown);
    assertThrows(() => queue.putManySync([4, 5]), mp.ShutDown);
    const got = [queue.getSync(), ...await queue.getMany({ min: 2, max: 2 })];
    assertEquals(got, inOrder(kind, [1, 2, 3]));
    assertThrows(() => queue.getNowait(), mp.ShutDown);
    await assertRejects(() => queue.get(), mp.ShutDown);
    await assertRejects(() => queue.getMany(), mp.ShutDown);
  });

  Deno.test(`${name}.shutdown() throws the items away if immediate`, async () => {
    const queue = make();
    queue.putManySync([1, 2, 3]);
    queue.shutdown({ immediate: true });
    assertEquals(queue.qsize(), 0);
    await assertRejects(() => queue.get(), mp.ShutDown);
  });

  Deno.test(`${name}.shutdown() refuses those that wait`, async () => {
    const queue = make({ maxsize: 1 });
    const getting = queue.get();
    const taking = queue.getMany({ min: 2 });
    queue.shutdown();
    await assertRejects(() => getting, mp.ShutDown);
    await assertRejects(() => taking, mp.ShutDown);
    const other = make({ maxsize: 1 });
    other.putSync(1);
    const putting = other.put(2);
    const many = other.putMany([3]);
    other.shutdown();
    await assertRejects(() => putting, mp.ShutDown);
    await assertRejects(() => many, mp.ShutDown);
  });

  Deno.test(`${name} is iterated until it is shut down`, async () => {
    const queue = make();
    queue.putManySync([1, 2, 3]);
    queue.shutdown();
    const got: number[] = [];
    for await (const item of queue) got.push(item);
    assertEquals(got, inOrder(kind, [1, 2, 3]));
  });

  Deno.test(`${name}.close() is for this process alone`, async () => {
    const queue = make();
    assertThrows(() => queue.joinThread(), mp.StateError);
    const waiting = queue.get();
    queue.close();
    await assertRejects(() => waiting, mp.StateError);
    queue.joinThread();
    assertThrows(() => queue.putSync(1), mp.StateError);
    assertThrows(() => queue.putManySync([1]), mp.StateError);
    assertThrows(() => queue.getManySync(), mp.StateError);
    await assertRejects(() => queue.get(), mp.StateError);
  });

  Deno.test(`${name} refuses wrong calls, and nothing changes`, async () => {
    const queue = make({ maxBytes: 4096 });
    const wrong = queue as mp.BaseQueue<unknown>;
    const ranked = rankedIn(queue, 1);
    const large = new Uint8Array(5000);
    const isKeyed = name === "PriorityQueue";
    if (!isKeyed) {
      assertThrows(
        () => wrong.putSync(() => {}),
        name.includes("function") ? TypeError : DOMException,
      );
    }
    assertThrows(() => wrong.putSync(large, ranked), RangeError);
    assertThrows(() => wrong.putManySync([large], ranked), RangeError);
    await assertRejects(() => wrong.put(large, ranked), RangeError);
    assertThrows(() => queue.putSync(1, { timeout: -1 }), RangeError);
    for (const min of [-1, 0.5, NaN]) {
      assertThrows(() => queue.getManySync({ min }), RangeError);
    }
    assertThrows(() => queue.getManySync({ min: 2, max: 1 }), RangeError);
    assertThrows(() => queue.getManySync({ max: "1" as never }), TypeError);
    assertThrows(() => make({ maxsize: -1 }), RangeError);
    assertThrows(() => make({ maxsize: "1" as never }), TypeError);
    assertThrows(() => make({ maxBytes: 0 }), RangeError);
    assertEquals(queue.qsize(), 0);
  });

  Deno.test(`${name} carries from 0 bytes to 3 MiB`, () => {
    const queue = make() as mp.BaseQueue<unknown>;
    for (const size of [0, 1, 7, 8, 31, 32, 33, 4096, 1 << 20, 3 << 20]) {
      const bytes = new Uint8Array(size).fill(size % 251);
      const ranked = rankedIn(queue, size);
      queue.putSync(bytes, ranked);
      assertEquals(queue.getSync(), bytes);
      queue.putManySync([bytes, bytes], ranked);
      assertEquals(queue.getManySync({ min: 2 }), [bytes, bytes]);
    }
  });

  contract.test(`${name} carries items from a child`, async (method) => {
    const queue = make({ maxsize: 5 });
    await using _ = start(workers.putNumbers, [queue, 20], { method });
    const got = await queue.getMany({ min: 20, ...LIMITED });
    assertEquals(got.toSorted((a, b) => a - b), Array.from(got.keys()));
  });

  contract.test(`${name} carries batches from a child`, async (method) => {
    if (name.includes("function")) return;
    const queue = make({ maxsize: 5 });
    await using _ = start(workers.putBatch, [queue, 20], { method });
    const got = await queue.getMany({ min: 20, ...LIMITED });
    assertEquals(got.toSorted((a, b) => a - b), Array.from(got.keys()));
  });

  for (const target of [workers.passOn, workers.passOnAsync]) {
    contract.test(`${name} wakes a child in ${target.name}()`, async (method) => {
      const queue = make();
      const back = make();
      await using _ = start(target, [queue, back], { method });
      await queue.put(42);
      assertEquals(await back.get(LIMITED), 42);
    });
  }

  contract.test(`${name}.shutdown() reaches children that wait`, async (method) => {
    const ready = new mp.Queue<string>();
    const told = new mp.Queue<string>();
    const empty = make();
    const full = make({ maxsize: 1 });
    full.putSync(1);
    const options = { method };
    await using _a = start(
      workers.reportShutdown,
      [empty, ready, told],
      options,
    );
    await using _b = start(workers.reportRefusal, [full, ready, told], options);
    await ready.getMany({ min: 2, ...LIMITED });
    empty.shutdown();
    full.shutdown();
    const names = await told.getMany({ min: 2, ...LIMITED });
    assertEquals(names, ["ShutDown", "ShutDown"]);
  });
}

Deno.test("SimpleQueue takes any number of items, in order", async () => {
  const queue = new mp.SimpleQueue<number>();
  for (let i = 0; i < 1000; i++) await queue.put(i);
  assert(!queue.full());
  assertEquals(
    await queue.getMany(),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  assertThrows(() => new mp.SimpleQueue(3 as never), TypeError);
  assertThrows(() => new mp.SimpleQueue({ maxBytes: 0 }), RangeError);
});

/** The options of a put, with a priority where the queue takes one. */
function rankedIn(
  queue: object,
  priority: number,
): mp.WaitOptions {
  const ranked: mp.PutOptions = { priority };
  return queue instanceof mp.PriorityQueue ? ranked : {};
}
