// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RawArray,
  RLock,
  Semaphore,
} from "../../mod.ts";
import { LONG, many } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { startIn } from "../_support/processes.ts";
import {
  BALANCE,
  foretell,
  LANES,
  LOCKED,
  NESTED,
  type Park,
  stroll,
  type Walk,
  WORDS,
} from "../testdata/sync_strollers.ts";

const ROUNDS = many(400, 20_000);
const STROLLERS = many([2, 5, 8], [2, 3, 4, 5, 6, 7, 8]);
const TURNS = many(500, 20_000);

const start = startIn.bind(undefined, import.meta.url);

/** Takes it so often, and notes the longest wait in microseconds. */
export function hammer(
  lock: Lock | RLock | Semaphore,
  begun: Barrier,
  longest: RawArray<"i">,
  me: number,
  turns: number,
): void {
  begun.waitSync();
  for (let i = 0; i < turns; i++) {
    const begin = performance.now();
    lock.acquireSync();
    const waited = (performance.now() - begin) * 1_000;
    longest.set(me, Math.max(longest.get(me), Math.ceil(waited)));
    lock.release();
  }
}

for (const strollers of STROLLERS) {
  contract.test(`sync primitives agree with a model of one thread, ${strollers} strollers`, async (method) => {
    const walk: Walk = { seed: strollers * 1_000, strollers, rounds: ROUNDS };
    const park: Park = {
      lock: new Lock(),
      rlock: new RLock(),
      lanes: new BoundedSemaphore(LANES),
      condition: new Condition(),
      started: new Event(),
      barrier: new Barrier(strollers),
      cells: new RawArray("i", WORDS),
    };
    const module = new URL("../testdata/sync_strollers.ts", import.meta.url);
    const workers = Array.from(
      { length: strollers },
      (_, me) => startIn(module, method, stroll, park, me, walk),
    );
    park.started.set();
    for (const worker of workers) {
      await worker.join();
      assertEquals(worker.exitCode, 0);
    }
    const { cells } = park;
    assertEquals(
      [LOCKED, NESTED, BALANCE].map((word) => cells.get(word)),
      foretell(walk),
    );
    assertFalse(park.lock.locked() || park.rlock.locked());
    assertEquals(park.lanes.getValue(), LANES);
    assertFalse(park.barrier.broken);
  });
}

for (const Class of [Lock, RLock, Semaphore, BoundedSemaphore]) {
  contract.test(`${Class.name} starves nobody of four that hammer it`, async (method) => {
    const lock = new Class();
    const begun = new Barrier(4);
    const longest = new RawArray("i", 4);
    const workers = [0, 1, 2, 3]
      .map((me) => start(method, hammer, lock, begun, longest, me, TURNS));
    for (const worker of workers) await worker.join();
    const waits = longest.slice();
    assert(Math.max(...waits) < LONG * 1_000, `one waited ${waits} µs`);
  });
}
