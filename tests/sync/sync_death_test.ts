// Copyright 2026 the authors. MIT license.

// Processes that are terminated at seeded random points while they use a
// primitive: no process waits for ever, the state stays usable, and the
// survivor is told where it matters.

import { assert, assertEquals, assertFalse } from "@std/assert";
import { delay } from "@std/async";
import {
  AbandonedLockError,
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  Event,
  type Process,
  RawArray,
  RLock,
  Semaphore,
} from "../../mod.ts";
import { HUNG, many, SHORT } from "../_support/delays.ts";
import { contract, type Method } from "../_support/contract.ts";
import { startIn } from "../_support/processes.ts";
import { randomOf } from "../_support/random.ts";
import {
  borrow,
  consume,
  flash,
  ITEMS,
  nest,
  take,
  walk,
} from "../testdata/sync_victims.ts";

/** Of each of the six primitives. */
const ROUNDS = many(8, 1_000);

/** How many die in one round, each at a point of its own. */
const VICTIMS = 2;

const VICTIMS_MODULE = new URL("../testdata/sync_victims.ts", import.meta.url);

const PATIENT = { timeout: HUNG };

interface Rounds<T> {
  make(): T;
  target(...args: never[]): void;
  args(shared: T): unknown[];
  /** What the survivor does for the victims to begin. */
  begin?(shared: T): Promise<unknown>;
  /** What the survivor does until the victims are dead. */
  meanwhile?(shared: T, victims: readonly Process[]): Promise<void>;
  /** What must hold once they are. */
  afterwards(shared: T, victims: readonly Process[]): Promise<void>;
}

function deathRounds<T>(name: string, rounds: Rounds<T>): void {
  contract.test(`${name} survives ${ROUNDS} rounds of deaths`, async (method) => {
    for (let seed = 0; seed < ROUNDS; seed += VICTIMS) {
      await deathRound(rounds, seed, method);
    }
  });
}

async function deathRound<T>(
  rounds: Rounds<T>,
  seed: number,
  method: Method,
): Promise<void> {
  const random = randomOf(seed);
  const shared = rounds.make();
  const begun = new Semaphore(0);
  const start = startIn.bind(undefined, VICTIMS_MODULE, method);
  const victims = Array.from(
    { length: VICTIMS },
    () => start(rounds.target, ...rounds.args(shared), begun),
  );
  await rounds.begin?.(shared);
  for (const _ of victims) assert(await begun.acquire(PATIENT));
  const deaths = victims.map(async (victim) => {
    await delay(random(SHORT / 4));
    victim.terminate();
    assert(await victim.join(PATIENT), `seed ${seed}: it does not end`);
  });
  try {
    await rounds.meanwhile?.(shared, victims);
  } finally {
    await Promise.all(deaths);
  }
  await rounds.afterwards(shared, victims);
}

/** Takes the lock, and counts how often it was told of a death instead. */
async function takeTold(acquire: () => Promise<boolean>): Promise<number> {
  for (let told = 0;; told++) {
    try {
      assert(await acquire(), "the wait for the lock had no end");
      return told;
    } catch (error) {
      if (!(error instanceof AbandonedLockError)) throw error;
      assertEquals(error.holder.exitCode, -15);
    }
  }
}

deathRounds("RLock", {
  make: () => new RLock(),
  target: nest,
  args: (lock) => [lock],
  async meanwhile(lock) {
    await takeTold(() => lock.acquire(PATIENT));
    lock.release();
  },
  async afterwards(lock) {
    const told = await takeTold(() => lock.acquire(PATIENT));
    assert(told <= 1, `told ${told} times of one holder`);
    lock.release();
    assertFalse(lock.locked());
  },
});

deathRounds("BoundedSemaphore", {
  make: () => new BoundedSemaphore(2),
  target: borrow,
  args: (semaphore) => [semaphore],
  async meanwhile(semaphore) {
    assert(await semaphore.acquire(PATIENT));
    semaphore.release();
  },
  async afterwards(semaphore) {
    for (let i = 0; i < 2; i++) assert(await semaphore.acquire(PATIENT));
    assertEquals(await semaphore.acquire({ block: false }), false);
    semaphore.release(2);
    assertEquals(semaphore.getValue(), 2);
  },
});

deathRounds("Semaphore", {
  make: () => new Semaphore(0),
  target: take,
  args: (semaphore) => [semaphore],
  async meanwhile(semaphore) {
    for (let i = 0; i < 20; i++) {
      semaphore.release();
      if (i % 5 === 0) await delay(1);
    }
  },
  async afterwards(semaphore) {
    // The sleepers have taken nothing with them.
    const left = semaphore.getValue();
    semaphore.release();
    assertEquals(semaphore.getValue(), left + 1);
    assert(await semaphore.acquire(PATIENT));
  },
});

deathRounds("Condition", {
  make: () => ({ condition: new Condition(), cells: new RawArray("i", 1) }),
  target: consume,
  args: ({ condition, cells }) => [condition, cells],
  async meanwhile({ condition, cells }) {
    for (let i = 0; i < 10; i++) {
      await takeTold(() => condition.acquire(PATIENT));
      cells.set(ITEMS, cells.get(ITEMS) + 1);
      condition.notify();
      condition.release();
      await delay(0);
    }
  },
  async afterwards({ condition, cells }) {
    // One more consumer: whatever the dead were woken for, it is told of what
    // is there.
    await takeTold(() => condition.acquire(PATIENT));
    const consumer = (async () => {
      using _ = await condition.hold();
      const isThere = () => cells.get(ITEMS) >= 1_000;
      return await condition.waitFor(isThere, PATIENT);
    })();
    condition.release();
    await takeTold(() => condition.acquire(PATIENT));
    cells.set(ITEMS, cells.get(ITEMS) + 1_000);
    condition.notify();
    condition.release();
    assertEquals(await consumer, true);
  },
});

deathRounds("Event", {
  make: () => new Event(),
  target: flash,
  args: (event) => [event],
  async meanwhile(event) {
    // The process that would set it may be dead already.
    for (let i = 0; i < 5; i++) await event.wait({ timeout: 1 });
  },
  async afterwards(event) {
    event.clear();
    const waiting = event.wait(PATIENT);
    event.set();
    event.clear();
    assertEquals(await waiting, true);
  },
});

deathRounds("Barrier", {
  make: () => new Barrier(VICTIMS + 1),
  target: walk,
  args: (barrier) => [barrier],
  begin: (barrier) => barrier.wait(PATIENT),
  async meanwhile(barrier, victims) {
    try {
      while (true) await barrier.wait(PATIENT);
    } catch (error) {
      assert(error instanceof BrokenBarrierError);
      const names = victims.map((victim) => victim.name);
      assert(names.includes(error.party?.name ?? ""), "who died is not told");
    }
  },
  async afterwards(barrier) {
    assert(barrier.broken);
    barrier.reset();
    const round = Array.from({ length: VICTIMS + 1 }, () => barrier.wait());
    assertEquals(await Promise.all(round), [0, 1, 2]);
  },
});
