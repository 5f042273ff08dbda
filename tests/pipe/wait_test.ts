// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertLess,
  assertRejects,
} from "@std/assert";
import {
  type Connection,
  JoinableQueue,
  LifoQueue,
  Lock,
  parentProcess,
  Pipe,
  PriorityQueue,
  Process,
  Queue,
  SimpleQueue,
  StateError,
  wait,
  type Waitable,
} from "../../mod.ts";
import { READINESS } from "../../memory/ready.ts";
import type { Words } from "../../memory/word.ts";
import { HUNG, LONG, many, SHORT } from "../_support/delays.ts";
import { contract, contractOf } from "../_support/contract.ts";
import { FORMS, KINDS, SOON } from "../_support/pipes.ts";
import { joinAll, startIn } from "../_support/processes.ts";
import { isPending } from "../_support/until.ts";
import { assertAborts } from "../_support/refusals.ts";

const here = import.meta.url;

const ROUNDS = many(50, 1000);

export function idle(ready: Queue): Promise<void> {
  ready.putSync(true);
  return new Promise(() => {});
}

export function endWhenTold(go: Queue): void {
  go.getSync(SOON);
}

export function sendWhenTold(end: Connection, go: Queue): void {
  end.sendSync(go.getSync(SOON));
}

export function putWhenTold(queue: Queue, go: Queue): void {
  queue.putSync(go.getSync(SOON));
}

for (const form of FORMS) {
  for (const { name: kind, options } of KINDS) {
    Deno.test(`wait() returns the connections that are ready, in their order (${kind}, ${form.name})`, async () => {
      const pipes = [1, 2, 3].map(() => Pipe(options));
      const near = pipes.map(([near]) => near);
      assertEquals(await form.wait(near, { timeout: SHORT }), []);
      assertEquals(await form.wait(near, { block: false }), []);
      pipes[2]![1].sendSync(1);
      pipes[0]![1].sendSync(1);
      const ready = await form.wait(near);
      assert(ready.length === 2);
      assert(ready[0] === near[0] && ready[1] === near[2]);
      pipes[1]![1].close();
      assertEquals((await form.wait(near, { block: false })).length, 3);
      assertEquals(near[0]!.recvSync(), 1);
      assertEquals((await form.wait(near)).length, 2);
      for (const ends of pipes) for (const end of ends) end.close();
    });
  }

  Deno.test(`wait() returns at once without objects (${form.name})`, async () => {
    assertEquals(await form.wait([]), []);
  });

  Deno.test(`wait() takes nothing (${form.name})`, async () => {
    const queue = new Queue();
    queue.putSync(1);
    for (let i = 0; i < 3; i++) {
      assert((await form.wait([queue]))[0] === queue);
    }
    assertEquals(queue.getNowait(), 1);
    assertEquals(await form.wait([queue], { timeout: 0 }), []);
  });

  Deno.test(`wait() takes any iterable, and an object twice (${form.name})`, async () => {
    const queue = new Queue();
    queue.putSync(1);
    assertEquals((await form.wait(new Set([queue]))).length, 1);
    assertEquals((await form.wait([queue, queue])).length, 2);
  });

  const queues: [string, new () => Queue][] = [
    ["Queue", Queue],
    ["SimpleQueue", SimpleQueue as never],
    ["JoinableQueue", JoinableQueue as never],
    ["LifoQueue", LifoQueue as never],
    ["PriorityQueue", PriorityQueue as never],
  ];
  for (const [name, Kind] of queues) {
    Deno.test(`wait() sees a ${name} with an item, or shut down (${form.name})`, async () => {
      const queue = new Kind();
      const idle = new Kind();
      assertEquals(await form.wait([queue, idle], { timeout: SHORT }), []);
      queue.putSync(1);
      assert((await form.wait([idle, queue]))[0] === queue);
      queue.getSync();
      assertEquals(await form.wait([queue, idle], { timeout: 0 }), []);
      idle.shutdown();
      const ready = await form.wait([queue, idle]);
      assert(ready.length === 1 && ready[0] === idle);
      queue.close();
      await assertRejects(() => form.wait([queue]), StateError);
    });
  }

  Deno.test(`wait() refuses what it cannot wait for (${form.name})`, async () => {
    const kinds = [1, "x", undefined, null, {}, new Lock(), () => {}];
    for (const object of kinds) {
      await assertRejects(() => form.wait([object as never]), TypeError);
    }
    await assertRejects(() => form.wait(1 as never), TypeError);
    const process = new Process({ target: idle });
    await assertRejects(() => form.wait([process]), StateError);
    const [reader, writer] = Pipe({ duplex: false });
    await assertRejects(() => form.wait([writer]), StateError);
    await assertRejects(() => form.wait([reader], { timeout: -1 }), RangeError);
    await assertRejects(
      () => form.wait([reader], { timeout: "1" as never }),
      TypeError,
    );
    reader.close();
    await assertRejects(() => form.wait([reader]), StateError);
  });

  const suite = contractOf({ variant: form.name });

  suite.test("wait() mixes connections, processes and queues", async (method) => {
    const go = [1, 2, 3].map(() => new Queue());
    const [near, far] = Pipe();
    const queue = new Queue();
    const ending = startIn(here, method, endWhenTold, go[0]);
    const sending = startIn(here, method, sendWhenTold, far, go[1]);
    const putting = startIn(here, method, putWhenTold, queue, go[2]);
    far.close();
    const all: Waitable[] = [near, ending, queue];
    assertEquals(await form.wait(all, { timeout: SHORT }), []);
    go[2]!.putSync("item");
    let ready = await form.wait(all, SOON);
    assert(ready.length === 1 && ready[0] === queue);
    assertEquals(queue.getSync(), "item");
    go[0]!.putSync("end");
    ready = await form.wait(all, SOON);
    assert(ready.length === 1 && ready[0] === ending);
    assertEquals(ending.exitCode, 0);
    go[1]!.putSync("message");
    ready = await form.wait([near, queue], SOON);
    assert(ready.length === 1 && ready[0] === near);
    assertEquals(near.recvSync(), "message");
    ready = await form.wait([near, queue], SOON);
    assert(ready.length === 1 && ready[0] === near, "the end is no message");
    await joinAll(ending, sending, putting);
    near.close();
  });

  suite.test("wait() sees a process that was terminated", async (method) => {
    const ready = new Queue();
    const processes = [1, 2].map(() => startIn(here, method, idle, ready));
    for (const _ of processes) await ready.get(SOON);
    processes[1]!.terminate();
    const ended = await form.wait(processes, SOON);
    assert(ended.length === 1 && ended[0] === processes[1]);
    assertEquals(await ended[0]!.join({ timeout: 0 }), true);
    processes[0]!.terminate();
    assertEquals(await processes[0]!.join(SOON), true);
    assertEquals((await form.wait(processes, SOON)).length, 2);
    for (const process of processes) assert(await process.join(SOON));
  });

  suite.test("wait() serves many connections to their ends", async (method) => {
    const pipes = [0, 1, 2, 3].map(() => Pipe({ duplex: false }));
    const children = pipes.map(([, writer], id) =>
      startIn(here, method, sendOneWay, writer, ROUNDS, id)
    );
    for (const [, writer] of pipes) writer.close();
    const next = [0, 0, 0, 0];
    const open = new Map(pipes.map(([reader], id) => [reader, id]));
    const start = performance.now();
    while (open.size > 0) {
      const ready = await form.wait(open.keys(), SOON);
      assert(ready.length > 0, "nothing came");
      for (const reader of ready) {
        const id = open.get(reader)!;
        try {
          assertEquals(reader.recvSync({ block: false }), next[id]!++);
        } catch (error) {
          if ((error as Error).name !== "EOFError") throw error;
          open.delete(reader);
        }
      }
    }
    assertEquals(next, [ROUNDS, ROUNDS, ROUNDS, ROUNDS]);
    assertLess(performance.now() - start, HUNG);
    await joinAll(...children);
  });
}

export function sendOneWay(end: Connection, count: number): void {
  for (let i = 0; i < count; i++) end.sendSync(i);
  end.close();
}

export function receiveOne(end: Connection, got: Queue): void {
  got.putSync(end.recvSync(SOON));
}

Deno.test("wait() is woken by whatever comes first", async () => {
  const [near, far] = Pipe();
  const [other, peer] = Pipe({ transfer: true });
  const queue = new Queue();
  const things = [near, other, queue];
  for (
    const act of [
      () => far.sendSync(1),
      () => peer.sendSync(1),
      () => queue.putSync(1),
    ]
  ) {
    const ready = wait(things);
    assert(await isPending(ready, 1), "something was left");
    const start = performance.now();
    act();
    assertEquals((await ready).length, 1);
    assertLess(performance.now() - start, LONG);
    if (near.pollSync()) near.recvSync();
    if (other.pollSync()) other.recvSync();
    if (!queue.empty()) queue.getSync();
  }
  for (const end of [near, far, other, peer]) end.close();
});

Deno.test("wait() ends after the calls to the system that it made", async () => {
  const ended = Promise.withResolvers<"ok">();
  const waits = [1, 2].map(() => Promise.withResolvers<"ok">());
  let isReady = false;
  const objects = waits.map((call): Waitable => {
    const words = {
      load: () => 0,
      waitAsync: () => call.promise,
      forget: () => ended.promise,
      notify: () => 0,
    } as unknown as Words;
    const park = () => ({ words, index: 0, value: 0 });
    return { [READINESS]: () => ({ isReady: () => isReady, park }) };
  });
  const waiting = wait(objects, SOON);
  isReady = true;
  waits[0]!.resolve("ok");
  assert(await isPending(waiting, SHORT), "a call is left behind");
  ended.resolve("ok");
  assertEquals(await waiting, objects);
});

Deno.test("wait({ signal }) gives up and loses nothing", async () => {
  const [near, far] = Pipe();
  const queue = new Queue();
  await assertAborts((signal) => wait([near, queue], { signal }));
  far.sendSync(1);
  queue.putSync(2);
  assertEquals([await near.recv(SOON), await queue.get(SOON)], [1, 2]);
  await assertRejects(
    () => wait([near], { signal: AbortSignal.abort(new RangeError("no")) }),
    RangeError,
  );
});

Deno.test("wait() throws when one of its objects is closed meanwhile", async () => {
  const [near, far] = Pipe();
  const queue = new Queue();
  const ready = assertRejects(() => wait([queue, near], SOON), StateError);
  near.close();
  await ready;
  assert(far.pollSync());
});

Deno.test("wait() throws though nobody else could end it", async () => {
  const other = new Queue();
  for (
    const queue of [new Queue(), new LifoQueue(), new JoinableQueue(), other]
  ) {
    const ready = assertRejects(() => wait([other, queue]), StateError);
    queue.close();
    assertFalse(await isPending(ready, LONG));
    await ready;
  }
  for (const duplex of [true, false]) {
    const [near, far] = Pipe({ transfer: true, duplex });
    const ready = assertRejects(() => wait([near]), StateError);
    near.close();
    assertFalse(await isPending(ready, LONG));
    await ready;
    far.close();
  }
});

contract.test("wait() leaves the wake to who receives", async (method) => {
  // All sleep at one end, and one message wakes one of them. If that is the
  // waiting one, the receiver must be woken by it, not by chance.
  for (let round = 0; round < 5; round++) {
    const [near, far] = Pipe();
    const queue = new Queue();
    const got = new Queue();
    const ready = wait([queue, far], SOON);
    const child = startIn(here, method, receiveOne, far, got);
    near.sendSync(round);
    assertEquals(await got.get(SOON), round);
    await Promise.race([ready, queue.put(1)]);
    await joinAll(child);
  }
});

contract.test("wait() can be asked in a child, of its parent too", async (method) => {
  const [near, far] = Pipe();
  const child = startIn(here, method, waitInChild, far);
  far.close();
  assertEquals(await near.recv(SOON), [0, 1]);
  await joinAll(child);
  near.close();
});

export async function waitInChild(end: Connection): Promise<void> {
  const parent = parentProcess()!;
  const first = await wait<Waitable>([parent, end], { timeout: 1 });
  const queue = new Queue();
  queue.putSync(1);
  const second = await wait<Waitable>([parent, end, queue], SOON);
  end.sendSync([first.length, second.length]);
}
