// Copyright 2026 the authors. MIT license.

// What those at one end of a pipe see when those at the other die.

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  BrokenPipeError,
  type Connection,
  EOFError,
  Pipe,
  type PipeOptions,
  type Process,
  Queue,
} from "../../mod.ts";
import { GRACE } from "../../program/table.ts";
import { HUNG, LONG, many, MEDIUM, SHORT } from "../_support/delays.ts";
import { contract, contractOf, type Method } from "../_support/contract.ts";
import { FORMS, KINDS, SOON } from "../_support/pipes.ts";
import { startIn, type Target } from "../_support/processes.ts";
import { randomOf } from "../_support/random.ts";
import { until } from "../_support/until.ts";

const here = import.meta.url;

const ROUNDS = many(6, 100);

/** The time in which a death is noticed, once it is one, in milliseconds. */
const NOTICED = GRACE + 3 * LONG;

export function idle(end: Connection, ready: Queue): Promise<void> {
  ready.putSync(end.readable);
  return new Promise(() => {});
}

export function sendThenIdle(
  end: Connection,
  values: unknown[],
  ready: Queue,
): Promise<void> {
  for (const value of values) end.sendSync(value);
  return idle(end, ready);
}

export function block(end: Connection, ready: Queue): void {
  ready.putSync(true);
  end.recvSync();
}

export function compute(end: Connection, ready: Queue): void {
  ready.putSync(end.readable);
  // It is given up long before, and must not burn a core for ever.
  const start = performance.now();
  while (performance.now() - start < GRACE + MEDIUM);
}

export function sendForEver(end: Connection, ready: Queue): void {
  ready.putSync(true);
  const bytes = new Uint8Array(5000);
  const view = new DataView(bytes.buffer);
  for (let i = 0;; i++) {
    view.setInt32(0, i);
    bytes.fill(i, 4);
    end.sendBytesSync(bytes, 0, i % 50 === 0 ? 5000 : 4 + i % 100);
  }
}

export function receiveForEver(
  end: Connection,
  ready: Queue,
  taken: Queue<number>,
): void {
  ready.putSync(true);
  while (true) taken.putSync(end.recvSync() as number);
}

export function receiveToEnd(end: Connection, taken: Queue<number>): void {
  try {
    while (true) taken.putSync(end.recvSync(SOON) as number);
  } catch (error) {
    if (!(error instanceof EOFError)) throw error;
  }
}

/** The near end of a pipe, and a child that has the far one and has begun. */
async function begun(
  method: Method,
  target: Target,
  options: PipeOptions,
  ...args: unknown[]
): Promise<[Connection, Process]> {
  const [near, far] = Pipe(options);
  const ready = new Queue();
  const child = startIn(here, method, target, far, ...args, ready);
  far.close();
  await ready.get(SOON);
  return [near, child];
}

async function terminate(...processes: Process[]): Promise<void> {
  for (const process of processes) process.terminate();
  for (const process of processes) {
    assert(await process.join(SOON), `${process.name} hangs`);
  }
}

for (const { name: kind, options, methods } of KINDS) {
  for (const form of FORMS) {
    const suite = contractOf({ variant: `${kind}, ${form.name}`, methods });

    for (const target of [idle, block, compute]) {
      suite.test(`Connection.recv() ends when the other end was terminated: ${target.name}`, async (method) => {
        const [near, child] = await begun(method, target, options);
        using _ = near;
        const start = performance.now();
        child.terminate();
        await assertRejects(() => form.recv(near), EOFError);
        assert(performance.now() - start < NOTICED, "it took too long");
        await assertRejects(() => form.send(near, 1), BrokenPipeError);
        assert(await form.poll(near));
        await child.join(SOON);
      });
    }

    suite.test("Connection.recv() gives all that a process sent before it was terminated", async (method) => {
      const values = [1, "two", new Uint8Array(100_000)];
      const [near, child] = await begun(method, sendThenIdle, options, values);
      using _ = near;
      await terminate(child);
      for (const value of values) {
        assertEquals(await form.recv(near), value);
      }
      await assertRejects(() => form.recv(near), EOFError);
    });

    suite.test("Connection.send() that waits ends when the other end was terminated", async (method) => {
      const [near, child] = await begun(method, idle, {
        ...options,
        maxBytes: 4096,
      });
      using _ = near;
      await assertRejects(async () => {
        child.terminate();
        while (true) await form.send(near, "x".repeat(1000), SOON);
      }, BrokenPipeError);
      await child.join(SOON);
    });

    suite.test("Connection.poll() is true when the other end was terminated", async (method) => {
      const [near, child] = await begun(method, idle, options);
      using _ = near;
      assertEquals(await form.poll(near, SHORT), false);
      child.terminate();
      assertEquals(await form.poll(near, HUNG), true);
      await assertRejects(() => form.recv(near), EOFError);
      await child.join(SOON);
    });
  }
}

for (const form of FORMS) {
  const suite = contractOf({ variant: form.name });

  suite.test("Connection.recv() goes on until every holder of the other end is dead", async (method) => {
    const [near, far] = Pipe();
    using _ = near;
    const ready = new Queue();
    const children = [1, 2, 3].map(() =>
      startIn(here, method, idle, far, ready)
    );
    far.close();
    for (const _ of children) await ready.get(SOON);
    await terminate(children[0]!, children[1]!);
    await assertRejects(
      () => form.recv(near, { timeout: 2 * MEDIUM }),
      DOMException,
      "timeout",
    );
    await form.send(near, "somebody lives");
    await terminate(children[2]!);
    await assertRejects(() => form.recv(near), EOFError);
    await assertRejects(() => form.send(near, 1), BrokenPipeError);
  });

  suite.test("Connection ends although a dead process never closed its own end", async (method) => {
    const [near, far] = Pipe();
    using _ = near;
    const ready = new Queue();
    // It holds both ends, so it keeps its own receive waiting.
    const child = startIn(here, method, holdBoth, [near, far], ready);
    far.close();
    await ready.get(SOON);
    await terminate(child);
    await assertRejects(() => form.recv(near), EOFError);
  });

  suite.test("Connection works on after one of two receivers was terminated in recv()", async (method) => {
    for (let round = 0; round < ROUNDS; round++) {
      const [near, far] = Pipe();
      using ends = near;
      const ready = new Queue();
      const child = startIn(here, method, block, far, ready);
      await ready.get(SOON);
      await terminate(child);
      await form.send(ends, round);
      assertEquals(await form.recv(far), round);
      far.close();
    }
  });
}

export function holdBoth([near, far]: [Connection, Connection], ready: Queue) {
  ready.putSync([near.readable, far.readable]);
  near.recvSync();
}

contract.test("Connection gives whole messages of a sender that was terminated anywhere", async (method) => {
  const random = randomOf(4);
  for (let round = 0; round < ROUNDS; round++) {
    const [near, child] = await begun(method, sendForEver, {
      duplex: false,
      maxBytes: 4096,
    });
    using _ = near;
    const stopAt = Math.floor(random() * 3000);
    let next = 0;
    try {
      while (true) {
        const bytes = near.recvBytesSync(undefined, SOON);
        const number = new DataView(bytes.buffer).getInt32(0);
        assertEquals(number, next++);
        const size = number % 50 === 0 ? 5000 : 4 + number % 100;
        assertEquals(bytes.length, size);
        assert(bytes.subarray(4).every((byte) => byte === (number & 0xff)));
        if (number === stopAt) child.terminate();
      }
    } catch (error) {
      if (!(error instanceof EOFError)) throw error;
    }
    assert(next > stopAt);
    assert(await child.join(SOON));
  }
});

contract.test("Connection loses only what a terminated receiver had taken", async (method) => {
  const random = randomOf(5);
  for (let round = 0; round < ROUNDS; round++) {
    const count = 2000;
    const [near, far] = Pipe<number>();
    const ready = new Queue();
    const taken = new Queue<number>();
    const dying = startIn(here, method, receiveForEver, far, ready, taken);
    const living = startIn(here, method, receiveToEnd, far, taken);
    far.close();
    await ready.get(SOON);
    const stopAt = Math.floor(random() * count);
    for (let i = 0; i < count; i++) {
      near.sendSync(i);
      if (i === stopAt) dying.terminate();
    }
    near.close();
    assert(await dying.join(SOON));
    assert(await living.join(SOON));
    const got: number[] = [];
    while (!taken.empty()) got.push(taken.getNowait());
    got.sort((a, b) => a - b);
    assertEquals(new Set(got).size, got.length, "something came twice");
    // It may have died between taking one and telling.
    assert(got.length >= count - 1, `${count - got.length} are lost`);
  }
});

contract.test("Connection ends when a child dies before it begins", async (method) => {
  const [near, far] = Pipe();
  using _ = near;
  const child = startIn(here, method, idle, far, new Queue());
  far.close();
  child.kill();
  await assertRejects(() => near.recv(SOON), EOFError);
  await until(() => !child.isAlive());
  await child.join(SOON);
});
