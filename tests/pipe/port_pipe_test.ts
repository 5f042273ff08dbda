// Copyright 2026 the authors. MIT license.

// Pipes that move objects. What they have in common with others stands in
// pipe_test.ts and pipe_death_test.ts.

import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  BrokenPipeError,
  type Connection,
  EOFError,
  Pipe,
  Process,
  Queue,
  StateError,
} from "../../mod.ts";
import { MOST_MESSAGES } from "../../pipe/port_link.ts";
import { SHORT } from "../_support/delays.ts";
import { contractOf, PORT_METHODS } from "../_support/contract.ts";
import { FORMS, SOON, withPipe } from "../_support/pipes.ts";
import { joinAll, startIn } from "../_support/processes.ts";

const here = import.meta.url;

const MOVING = { transfer: true } as const;

const pipes = withPipe(Deno, MOVING);

export function sumAndReturn(end: Connection): void {
  const bytes = new Uint8Array(end.recvSync(SOON) as ArrayBuffer);
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes[0] = 100;
  end.sendSync({ sum, bytes }, { transfer: [bytes.buffer] });
}

export function touch(end: Connection): void {
  while (true) {
    const buffer = end.recvSync(SOON);
    if (!(buffer instanceof ArrayBuffer)) return;
    end.sendSync(new Uint8Array(buffer)[buffer.byteLength - 1]);
  }
}

export async function answerOnPort(end: Connection): Promise<void> {
  const { port } = await end.recv(SOON) as { port: MessagePort };
  const { promise, resolve } = Promise.withResolvers<void>();
  port.onmessage = ({ data }) => {
    port.postMessage(data * 2);
    resolve();
  };
  await promise;
  await end.send("answered");
  port.close();
}

export async function readStream(end: Connection): Promise<void> {
  const stream = await end.recv(SOON) as ReadableStream<number>;
  const values = await Array.fromAsync(stream);
  await end.send(values);
}

export function sendAndDie(end: Connection, ready: Queue): void {
  for (let i = 0; i < 3; i++) {
    const buffer = new Uint8Array([i]).buffer;
    end.sendSync(buffer, { transfer: [buffer] });
  }
  ready.putSync(true);
  while (true) end.recvSync();
}

export function hold(end: Connection, ready: Queue): Promise<void> {
  ready.putSync(end.readable);
  return new Promise(() => {});
}

export function takeAll(end: Connection, got: Queue): void {
  try {
    while (true) got.putSync(end.recvSync(SOON));
  } catch (error) {
    got.putSync((error as Error).name);
  }
}

export function passOn(end: Connection, depth: number, got: Queue): void {
  if (depth === 0) return takeAll(end, got);
  const args = [end, depth - 1, got];
  const child = new Process({ target: passOn, args, module: here });
  child.start();
  got.putSync(end.closed);
  child.joinSync(SOON);
}

for (const form of FORMS) {
  pipes.test(`Connection.send({ transfer }) moves an ArrayBuffer (${form.name})`, async ([a, b]) => {
    const bytes = new Uint8Array([1, 2, 3]);
    await form.send(a, { bytes }, { transfer: [bytes.buffer] });
    assertEquals(bytes.buffer.detached, true);
    assertEquals(bytes.length, 0);
    assertEquals(await form.recv(b), { bytes: new Uint8Array([1, 2, 3]) });
  });

  pipes.test(`Connection.send() copies what is not in transfer (${form.name})`, async ([a, b]) => {
    const kept = new Uint8Array([1]);
    const moved = new Uint8Array([2]);
    await form.send(a, [kept, moved], { transfer: [moved.buffer] });
    assertEquals([kept.buffer.detached, moved.buffer.detached], [false, true]);
    assertEquals(await form.recv(b), [
      new Uint8Array([1]),
      new Uint8Array([2]),
    ]);
  });

  pipes.test(`Connection.sendBytes() copies, whatever the pipe (${form.name})`, async ([a, b]) => {
    const bytes = new Uint8Array([1, 2, 3]);
    await form.sendBytes(a, bytes, 1);
    assertFalse(bytes.buffer.detached);
    assertEquals(await form.recvBytes(b), new Uint8Array([2, 3]));
  });

  pipes.test(`Connection.send({ transfer }) moves nothing if it is refused (${form.name})`, async ([a, b]) => {
    for (let i = 0; i < MOST_MESSAGES; i++) a.sendSync(i);
    const { buffer } = new Uint8Array(8);
    const send = (options: object) =>
      form.send(a, buffer, { transfer: [buffer], ...options });
    await assertRejects(() => send({ timeout: SHORT }), DOMException);
    await assertRejects(() => send({ block: false }), DOMException);
    await assertRejects(() => send({ timeout: -1 }), RangeError);
    assertFalse(buffer.detached);
    assertEquals(await form.recv(b), 0);
    await send({ block: false });
    assert(buffer.detached);
    b.close();
    const other = new ArrayBuffer(8);
    await assertRejects(
      () => form.send(a, other, { transfer: [other] }),
      BrokenPipeError,
    );
    assertFalse(other.detached);
  });

  pipes.test(`Connection.send() refuses what is no transferable, and sends nothing (${form.name})`, async ([a, b]) => {
    for (const transfer of [[{}], [1], [new ArrayBuffer(1), {}]]) {
      await assertRejects(
        () => form.send(a, 1, { transfer: transfer as never }),
      );
    }
    assertEquals(await form.poll(b), false);
  });

  pipes.test(`Connection.recvBytes() keeps a refused message in its place (${form.name})`, async ([a, b]) => {
    await form.send(a, "first");
    await form.sendBytes(a, new Uint8Array(2));
    await assertRejects(() => form.recvBytes(b), TypeError);
    const child = new Process({ target: takeAll, args: [b], module: here });
    assertThrows(() => child.start(), StateError, "refused");
    assertEquals(await form.recv(b), "first");
    assertEquals((await form.recvBytes(b)).length, 2);
  });
}

const suite = contractOf({ methods: PORT_METHODS });
const piped = withPipe(suite, MOVING);

for (const form of FORMS) {
  const variant = form.name;
  const suite = contractOf({ variant, methods: PORT_METHODS });
  const piped = withPipe(suite, MOVING);
  piped.test("Connection.send({ transfer }) moves a buffer there and back", async ([near, far, method]) => {
    const child = startIn(here, method, sumAndReturn, far);
    const { buffer } = new Uint8Array([1, 2, 3]);
    await form.send(near, buffer, { transfer: [buffer] });
    assert(buffer.detached);
    assertEquals(await form.recv(near), {
      sum: 6,
      bytes: new Uint8Array([100, 2, 3]),
    });
    await joinAll(child);
  });

  piped.test("Connection.send({ transfer }) moves a MessagePort", async ([near, far, method]) => {
    const child = startIn(here, method, answerOnPort, far);
    const { port1, port2 } = new MessageChannel();
    await form.send(near, { port: port2 }, { transfer: [port2] });
    const { promise, resolve } = Promise.withResolvers<number>();
    port1.onmessage = ({ data }) => resolve(data);
    port1.postMessage(21);
    assertEquals(await promise, 42);
    assertEquals(await near.recv(SOON), "answered");
    port1.close();
    await joinAll(child);
  });

  piped.test("Connection.send({ transfer }) moves a stream", async ([near, far, method]) => {
    const child = startIn(here, method, readStream, far);
    const stream = ReadableStream.from([1, 2, 3]);
    await form.send(near, stream, { transfer: [stream as never] });
    assert(stream.locked);
    assertEquals(await near.recv(SOON), [1, 2, 3]);
    await joinAll(child);
  });
}

piped.test("Connection.send({ transfer }) takes no time for 256 MiB", async ([near, far, method]) => {
  const child = startIn(here, method, touch, far);
  const cross = (size: number, isMoved: boolean) => {
    const { buffer } = new Uint8Array(size);
    new Uint8Array(buffer)[size - 1] = 7;
    const start = performance.now();
    near.sendSync(buffer, { transfer: isMoved ? [buffer] : [] });
    assertEquals(near.recvSync(SOON), 7);
    assertEquals(buffer.detached, isMoved);
    return performance.now() - start;
  };
  cross(1, true);
  const best = (size: number, isMoved: boolean) =>
    Math.min(...[1, 2, 3].map(() => cross(size, isMoved)));
  const moved = best(2 ** 28, true);
  const copied = best(2 ** 26, false);
  assert(
    moved * 5 < copied,
    `256 MiB took ${moved} ms to move, 64 MiB ${copied} ms to copy`,
  );
  near.sendSync("end");
  await joinAll(child);
});

piped.test("Process.start() moves an end: it is closed here", async ([near, far, method]) => {
  near.sendSync("before");
  const got = new Queue();
  const child = startIn(here, method, takeAll, far, got);
  assertEquals([far.closed, far.readable, far.writable], [true, false, false]);
  for (
    const use of [
      () => far.sendSync(1),
      () => far.recvSync(),
      () => far.pollSync(),
    ]
  ) {
    assertThrows(use, StateError, "given it to another");
  }
  const again = new Process({ target: takeAll, args: [far], module: here });
  assertThrows(() => again.start(), StateError, "given it to another");
  far.close();
  near.sendSync("after");
  near.close();
  for (const value of ["before", "after", "EOFError"]) {
    assertEquals(await got.get(SOON), value);
  }
  await joinAll(child);
});

piped.test("Process.start() refuses what waits at an end that moves", async ([near, far, method]) => {
  const waits = [far.recv(SOON), far.poll(Infinity)].map((wait) =>
    assertRejects(() => wait, StateError, "given it")
  );
  const got = new Queue();
  const child = startIn(here, method, takeAll, far, got);
  await Promise.all(waits);
  near.sendSync(1);
  near.close();
  assertEquals(await got.get(SOON), 1);
  await joinAll(child);
});

piped.test("Process.start() moves an end on and on, with what is in it", async ([near, far, method]) => {
  const got = new Queue();
  const { buffer } = new Uint8Array([5]);
  near.sendSync(buffer, { transfer: [buffer] });
  near.sendSync("in between");
  const child = startIn(here, method, passOn, far, 2, got);
  const values = [
    true,
    true,
    new Uint8Array([5]).buffer,
    "in between",
    "later",
    "EOFError",
  ];
  for (const value of values.slice(0, 4)) {
    assertEquals(await got.get(SOON), value);
  }
  near.sendSync("later");
  near.close();
  for (const value of values.slice(4)) {
    assertEquals(await got.get(SOON), value);
  }
  await joinAll(child);
});

piped.test("Process.start() moves an end whose other end was closed", async ([near, far, method]) => {
  near.sendSync(1);
  near.sendSync(2);
  near.close();
  const got = new Queue();
  const child = startIn(here, method, takeAll, far, got);
  for (const value of [1, 2, "EOFError"]) {
    assertEquals(await got.get(SOON), value);
  }
  await joinAll(child);
});

suite.test("Process.start() moves both ends to two children", async (method) => {
  const [near, far] = Pipe(MOVING);
  const got = new Queue();
  const ready = new Queue();
  const taker = startIn(here, method, takeAll, far, got);
  const giver = startIn(here, method, sendAndDie, near, ready);
  await ready.get(SOON);
  for (let i = 0; i < 3; i++) {
    assertEquals(await got.get(SOON), new Uint8Array([i]).buffer);
  }
  giver.terminate();
  assertEquals(await got.get(SOON), "EOFError");
  await joinAll(taker);
  await giver.join(SOON);
});

piped.test("Process.start() that fails does not move an end", ([near, far, method]) => {
  const buffer = new ArrayBuffer(8);
  near.sendSync(buffer, { transfer: [buffer] });
  const child = new Process({
    target: takeAll,
    args: [far, () => {}],
    module: here,
    method,
  });
  assertThrows(() => child.start(), DOMException);
  assertFalse(far.closed);
  assertEquals(far.recvSync(SOON), new ArrayBuffer(8));
  far.sendSync(1);
  assertEquals(near.recvSync(SOON), 1);
});

piped.test("Connection gives what its sender had sent when it died", async ([near, far, method]) => {
  const ready = new Queue();
  const child = startIn(here, method, sendAndDie, far, ready);
  await ready.get(SOON);
  child.terminate();
  assert(await child.join(SOON));
  for (let i = 0; i < 3; i++) {
    assertEquals(await near.recv(SOON), new Uint8Array([i]).buffer);
  }
  await assertRejects(() => near.recv(SOON), EOFError);
});

piped.test("Connection loses what moved to a receiver that died", async ([near, far, method]) => {
  const ready = new Queue();
  const child = startIn(here, method, hold, far, ready);
  await ready.get(SOON);
  const lost = new ArrayBuffer(8);
  await near.send(lost, { transfer: [lost] });
  child.terminate();
  assert(await child.join(SOON));
  assert(lost.detached);
  const kept = new ArrayBuffer(8);
  await assertRejects(
    () => near.send(kept, { transfer: [kept] }),
    BrokenPipeError,
  );
  assertFalse(kept.detached);
  await assertRejects(() => near.recv(SOON), EOFError);
});
