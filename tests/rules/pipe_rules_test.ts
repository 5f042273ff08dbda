// Copyright 2026 the authors. MIT license.

// The rules of the tutorials on pipes, R-48 to R-55.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  BufferTooShort,
  type Connection,
  EOFError,
  Pipe,
  Queue,
  StateError,
} from "../../mod.ts";
import { MEDIUM, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { SOON } from "../_support/pipes.ts";
import { joinAll, startIn } from "../_support/processes.ts";
import { isPending } from "../_support/until.ts";

const here = import.meta.url;

export function answer(end: Connection<string>): void {
  end.sendSync(end.recvSync(SOON) + "!");
}

export function receiveOne(end: Connection, got: Queue): void {
  got.putSync(end.recvSync(SOON));
}

export function sendSome(end: Connection, name: string, count: number): void {
  for (let i = 0; i < count; i++) end.sendSync(name.repeat(i));
}

export function consume(
  [left, right]: [Connection, Connection],
  closesLeft: boolean,
  got: Queue,
): void {
  if (closesLeft) left.close();
  try {
    while (true) got.putSync(right.recvSync(SOON));
  } catch (error) {
    got.putSync((error as Error).name);
  }
}

contract.test("R-48 Pipe() goes both ways, and is made before the process", async (method) => {
  const [near, far] = Pipe<string>();
  const child = startIn(here, method, answer, far);
  near.sendSync("hello");
  assertEquals(near.recvSync(SOON), "hello!");
  await joinAll(child);
});

contract.test("R-54 each process closes the ends it does not use, or the end never comes", async (method) => {
  for (const closesLeft of [true, false]) {
    const ends = Pipe();
    const got = new Queue();
    const child = startIn(here, method, consume, ends, closesLeft, got);
    ends[1].close();
    ends[0].sendSync(1);
    ends[0].close();
    assertEquals(await got.get(SOON), 1);
    const told = got.get(SOON);
    if (closesLeft) assertEquals(await told, "EOFError");
    else assert(await isPending(told, 2 * MEDIUM), "it ended");
    child.terminate();
    assert(await child.join(SOON));
    // What waits must not outlive the test.
    got.putSync("over");
    await told;
  }
});

contract.test("R-55 several processes share one end: each message whole, to one of them", async (method) => {
  const [near, far] = Pipe();
  const got = new Queue<string>();
  const takers = [1, 2, 3, 4].map(() =>
    startIn(here, method, receiveOne, far, got)
  );
  for (const letter of "abcd") near.sendSync(letter.repeat(10_000));
  const texts = [];
  for (const _ of takers) texts.push(await got.get(SOON));
  assertEquals(texts.map((text) => text.length), [1e4, 1e4, 1e4, 1e4]);
  assertEquals(texts.map((text) => text[0]).sort(), ["a", "b", "c", "d"]);
  await joinAll(...takers);

  const senders = ["x", "y", "z"].map((name) =>
    startIn(here, method, sendSome, far, name, 100)
  );
  const next: Record<string, number> = { x: 1, y: 1, z: 1 };
  for (let i = 0; i < 300; i++) {
    const text = near.recvSync(SOON) as string;
    const name = text[0] ?? "";
    assertEquals(text, name.repeat(text.length), "it is damaged");
    if (name !== "") assertEquals(text.length, next[name]!++);
  }
  assertEquals(next, { x: 100, y: 100, z: 100 });
  await joinAll(...senders);
});

Deno.test("R-48 Pipe({ duplex: false }): the first end receives, the second sends", () => {
  const [reader, writer] = Pipe({ duplex: false });
  writer.sendSync(1);
  assertEquals(reader.recvSync(), 1);
  assertThrows(() => reader.sendSync(1 as never), StateError);
  assertThrows(() => writer.recvSync(), StateError);
});

Deno.test("R-49 recv() blocks; types are kept; a closed other end is EOFError", async () => {
  const [near, far] = Pipe();
  const received = far.recv();
  assert(await isPending(received, SHORT), "it did not block");
  const value = { list: [1, "two", null], when: new Date(0), big: 2n ** 70n };
  near.sendSync(value);
  assertEquals(await received, value);
  near.close();
  await assertRejects(() => far.recv(), EOFError);
});

Deno.test("R-50 close() closes; there is no fileno()", () => {
  const [near, far] = Pipe();
  near.close();
  assert(near.closed);
  assertThrows(() => near.sendSync(1), StateError);
  assertThrows(() => far.fileno(), StateError);
});

Deno.test("R-51 poll(): at once; at most so long; for ever", async () => {
  const [near, far] = Pipe();
  const start = performance.now();
  assertEquals(far.pollSync(), false);
  assertEquals(far.pollSync(SHORT), false);
  assert(performance.now() - start >= SHORT, "it gave up too soon");
  const polled = far.poll(Infinity);
  assert(await isPending(polled, 2 * SHORT), "it gave up");
  near.sendSync(1);
  assertEquals(await polled, true);
});

Deno.test("R-52 sendBytes(buffer, offset, size) is one message; recvBytes(maxLength)", () => {
  const [near, far] = Pipe();
  const bytes = new Uint8Array([1, 2, 3, 4]);
  near.sendBytesSync(bytes);
  near.sendBytesSync(bytes, 2);
  near.sendBytesSync(bytes, 1, 2);
  assertEquals(far.recvBytesSync(), bytes);
  assertEquals(far.recvBytesSync(2), new Uint8Array([3, 4]));
  assertThrows(() => far.recvBytesSync(1), RangeError);
  assertThrows(() => far.recvBytesSync(), StateError);
  near.close();
  const [other, end] = Pipe();
  other.close();
  assertThrows(() => end.recvBytesSync(), EOFError);
});

Deno.test("R-53 recvBytesInto(buffer, offset) counts; BufferTooShort", () => {
  const [near, far] = Pipe();
  near.sendBytesSync(new Uint8Array([1, 2]));
  near.sendBytesSync(new Uint8Array([1, 2]));
  const buffer = new Uint8Array(3);
  assertEquals(far.recvBytesIntoSync(buffer, 1), 2);
  assertEquals(buffer, new Uint8Array([0, 1, 2]));
  assertThrows(() => far.recvBytesIntoSync(buffer, 2), BufferTooShort);
});
