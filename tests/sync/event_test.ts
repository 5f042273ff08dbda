// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { Event, Queue } from "../../mod.ts";
import { many, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { startIn } from "../_support/processes.ts";
import { assertAborts } from "../_support/refusals.ts";
import { isPending } from "../_support/until.ts";

const ROUNDS = many(200, 5_000);

const start = startIn.bind(undefined, import.meta.url);

/** Waits and tells, so often. */
export function waitAndTell(
  event: Event,
  said: Queue<string>,
  rounds: number,
): void {
  for (let i = 0; i < rounds; i++) {
    said.putSync("waits");
    said.putSync(event.waitSync() ? "set" : "not set");
  }
}

/** Waits for its turn and passes it on. */
export function pass(mine: Event, next: Event, rounds: number): void {
  for (let i = 0; i < rounds; i++) {
    mine.waitSync();
    mine.clear();
    next.set();
  }
}

Deno.test("Event is clear at first, and then as it was left", () => {
  const event = new Event();
  assertFalse(event.isSet());
  event.set();
  event.set();
  assert(event.isSet());
  event.clear();
  event.clear();
  assertFalse(event.isSet());
});

Deno.test("Event.wait() returns at once while it is set", async () => {
  const event = new Event();
  event.set();
  assertEquals(await event.wait(), true);
  assertEquals(event.waitSync(), true);
  assertEquals(event.waitSync({ block: false }), true);
});

Deno.test("Event.wait() waits while it is clear", async () => {
  const event = new Event();
  const waiting = event.wait();
  assert(await isPending(waiting, SHORT));
  event.set();
  assertEquals(await waiting, true);
});

Deno.test("Event.wait() is ended by a set() that clear() follows", async () => {
  const event = new Event();
  const waiting = [event.wait(), event.wait(), event.wait()];
  event.set();
  event.clear();
  const late = event.wait();
  assertEquals(await Promise.all(waiting), [true, true, true]);
  assert(await isPending(late, SHORT));
  event.set();
  assertEquals(await late, true);
});

Deno.test("Event.wait() gives up at the timeout and by the signal", async () => {
  const event = new Event();
  const begin = performance.now();
  assertEquals(await event.wait({ timeout: SHORT }), false);
  assertEquals(event.waitSync({ timeout: SHORT }), false);
  assert(performance.now() - begin >= 2 * SHORT, "it gave up too soon");
  assertEquals(await event.wait({ block: false }), false);
  await assertAborts((signal) => event.wait({ signal }));
  await assertRejects(() => event.wait({ timeout: -1 }), RangeError);
  assertThrows(() => event.waitSync({ timeout: NaN }), RangeError);
});

contract.test("Event.set() wakes every process though clear() follows", async (method) => {
  const event = new Event();
  const said = new Queue<string>();
  const waiters = [0, 1, 2].map(() =>
    start(method, waitAndTell, event, said, 3)
  );
  // That one is about to wait does not say that it waits: set it until all
  // have been through.
  for (let ends = 0; ends < 9;) {
    event.set();
    event.clear();
    const text = await said.get({ timeout: SHORT }).catch(() => "nothing");
    assert(text !== "not set");
    if (text === "set") ends++;
  }
  for (const waiter of waiters) await waiter.join();
});

contract.test("Event passes a turn round between processes", async (method) => {
  const events = [new Event(), new Event(), new Event()] as const;
  const [first, second, third] = events;
  await using _one = start(method, pass, second, third, ROUNDS);
  await using _two = start(method, pass, third, first, ROUNDS);
  for (let i = 0; i < ROUNDS; i++) {
    second.set();
    assertEquals(await first.wait(), true);
    first.clear();
  }
  assertEquals(events.map((event) => event.isSet()), [false, false, false]);
});
