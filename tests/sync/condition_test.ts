// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { delay } from "@std/async";
import {
  AbandonedLockError,
  Condition,
  Event,
  Lock,
  Queue,
  RawArray,
  RLock,
  StateError,
  Value,
} from "../../mod.ts";
import { MAX_TICKETS } from "../../sync/tickets.ts";
import { HUNG, many, MEDIUM, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { joinAll, startIn } from "../_support/processes.ts";
import { assertAborts } from "../_support/refusals.ts";
import { isPending, until } from "../_support/until.ts";

const COUNT = many(300, 5_000);
const LOCKS = [Lock, RLock];

const start = startIn.bind(undefined, import.meta.url);

/** Waits under the lock, and tells before and after. */
export function waitAndTell(condition: Condition, said: Queue<string>): void {
  using _ = condition.holdSync();
  said.putSync("waits");
  said.putSync(condition.waitSync() ? "notified" : "timed out");
}

/** Makes its own name the one whose turn it is, so often, in turns. */
export function takeTurns(
  condition: Condition,
  cells: RawArray<"i">,
  me: number,
  rounds: number,
): void {
  for (let i = 0; i < rounds; i++) {
    using _ = condition.holdSync();
    condition.waitForSync(() => cells.get(0) === me);
    cells.set(0, 1 - me);
    condition.notify();
  }
}

/** Takes the lock while another waits, and ends with it. */
export function endHolding(condition: Condition): void {
  condition.acquireSync();
}

/** Notifies one, and ends with the lock when it is told to. */
export function notifyAndEnd(
  condition: Condition,
  said: Queue<string>,
  end: Event,
): void {
  condition.acquireSync();
  condition.notify();
  said.putSync("notified");
  end.waitSync();
}

for (const Class of LOCKS) {
  const { name } = Class;

  Deno.test(`Condition.wait() gives the lock back and has it again (${name})`, async () => {
    const lock = new Class();
    const condition = new Condition(lock);
    await condition.acquire();
    const waiting = condition.wait();
    assertFalse(lock.locked());
    assertEquals(await condition.acquire(), true);
    condition.notify();
    assert(await isPending(waiting, SHORT), "the lock is not free yet");
    condition.release();
    assertEquals(await waiting, true);
    assert(lock.locked());
    condition.release();
    assertFalse(lock.locked());
  });

  Deno.test(`Condition.wait() has the lock again after the timeout (${name})`, async () => {
    const lock = new Class();
    const condition = new Condition(lock);
    await condition.acquire();
    assertEquals(await condition.wait({ timeout: SHORT }), false);
    assert(lock.locked());
    assertEquals(condition.waitSync({ timeout: SHORT }), false);
    assertEquals(condition.waitSync({ timeout: 0 }), false);
    assertEquals(await condition.wait({ block: false }), false);
    assert(lock.locked());
    condition.notifyAll();
    condition.release();
  });

  Deno.test(`Condition.wait() has the lock again when the signal ends it (${name})`, async () => {
    const lock = new Class();
    const condition = new Condition(lock);
    await condition.acquire();
    await assertAborts((signal) => condition.wait({ signal }));
    assert(lock.locked());
    condition.release();
  });

  Deno.test(`Condition.notify() wakes those who wait longest (${name})`, async () => {
    const condition = new Condition(new Class());
    const order: number[] = [];
    const waiting = Array.from({ length: 6 }, async (_, i) => {
      using _held = await condition.hold();
      await condition.wait();
      order.push(i);
    });
    const notified = async (count: number, call: () => void) => {
      {
        using _ = await condition.hold();
        call();
      }
      await until(() => order.length >= count);
      assertEquals(await isPending(Promise.all(waiting), 1), count < 6);
    };
    await notified(1, () => condition.notify());
    await notified(4, () => condition.notify(3));
    await notified(6, () => condition.notifyAll());
    await Promise.all(waiting);
    assertEquals(order, [0, 1, 2, 3, 4, 5]);
  });

  Deno.test(`Condition.notify() passes over those who gave up (${name})`, async () => {
    const condition = new Condition(new Class());
    const results: (boolean | string)[] = [];
    const wait = async (
      options: { timeout?: number; signal?: AbortSignal },
    ) => {
      using _ = await condition.hold();
      const result = await condition.wait(options).catch(() => "aborted");
      results.push(result);
    };
    const controller = new AbortController();
    const early = wait({ timeout: SHORT });
    const aborted = wait({ signal: controller.signal });
    const last = wait({});
    await early;
    controller.abort();
    await aborted;
    {
      using _ = await condition.hold();
      condition.notify();
    }
    await last;
    assertEquals(results, [false, "aborted", true]);
  });

  Deno.test(`Condition.wait() counts a notify that comes before it has the lock (${name})`, async () => {
    const condition = new Condition(new Class());
    await condition.acquire();
    const waiting = condition.wait({ timeout: SHORT });
    await condition.acquire();
    // Its time is over, but it cannot have the lock before it was notified.
    await delay(2 * SHORT);
    condition.notify();
    condition.release();
    assertEquals(await waiting, true);
    condition.release();
  });

  Deno.test(`Condition.wait() and notify() need the lock (${name})`, async () => {
    const condition = new Condition(new Class());
    await assertRejects(() => condition.wait(), StateError);
    await assertRejects(() => condition.waitFor(() => true), StateError);
    assertThrows(() => condition.waitSync(), StateError);
    assertThrows(() => condition.waitForSync(() => true), StateError);
    assertThrows(() => condition.notify(), StateError);
    assertThrows(() => condition.notifyAll(), StateError);
    assertThrows(() => condition.release(), StateError);
  });
}

Deno.test("Condition.wait() gives an RLock back wholly and has it as deep again", async () => {
  const lock = new RLock();
  const condition = new Condition(lock);
  for (let i = 0; i < 3; i++) lock.acquireSync();
  const waiting = condition.wait();
  assertFalse(lock.locked());
  {
    using _ = await lock.hold();
    condition.notify();
  }
  assertEquals(await waiting, true);
  for (let i = 0; i < 3; i++) {
    assert(lock.locked());
    lock.release();
  }
  assertFalse(lock.locked());
});

Deno.test("Condition.wait() leaves its caller known as the holder", async () => {
  const condition = new Condition();
  using _ = await condition.hold();
  assertEquals(await condition.wait({ timeout: 1 }), false);
  assertEquals(await condition.acquire(), true);
  condition.release();
  assertEquals(await condition.waitFor(() => 7), 7);
  assertEquals(condition.acquireSync(), true);
  condition.release();
});

Deno.test("Condition.waitFor() returns what the predicate returned last", async () => {
  const condition = new Condition();
  let value = 0;
  const waiting = (async () => {
    using _ = await condition.hold();
    return await condition.waitFor(() => value);
  })();
  for (let i = 0; i < 2; i++) {
    using _ = await condition.hold();
    condition.notifyAll();
    value = i;
  }
  {
    using _ = await condition.hold();
    value = 7;
    condition.notify();
  }
  assertEquals(await waiting, 7);
  using _ = await condition.hold();
  const never = () => 0;
  assertEquals(await condition.waitFor(never, { timeout: SHORT }), 0);
  assertEquals(condition.waitForSync(never, { timeout: SHORT }), 0);
  assertEquals(condition.waitForSync(never, { block: false }), 0);
  assertEquals(await condition.waitFor(() => Promise.resolve(3)), 3);
});

Deno.test("Condition.waitFor() calls the predicate as the holder each time", async () => {
  const value = new Value("i", 0);
  const condition = new Condition(value.getLock());
  const seen: number[] = [];
  const waiting = (async () => {
    using _ = await condition.hold();
    await condition.waitFor(() => seen.push(value.value) === 3);
    await condition.waitFor(async () => {
      using _again = await condition.hold();
      return seen.push(value.value) === 6;
    });
  })();
  // The second waitFor looks once more before it waits.
  for (const [next, looks] of [[1, 1], [2, 2], [3, 4], [4, 5]] as const) {
    await until(() => seen.length === looks);
    using _ = await condition.hold();
    value.getObj().value = next;
    condition.notifyAll();
  }
  await waiting;
  assertEquals(seen, [0, 1, 2, 2, 3, 4]);
});

Deno.test("Condition refuses wrong arguments", async () => {
  assertThrows(() => new Condition({} as Lock), TypeError);
  const condition = new Condition();
  using _ = await condition.hold();
  for (const count of [0, -1, 1.5, NaN]) {
    assertThrows(() => condition.notify(count), RangeError);
  }
  assertThrows(() => condition.waitSync({ timeout: -1 }), RangeError);
  await assertRejects(() => condition.wait({ timeout: -1 }), RangeError);
});

Deno.test("Condition.wait() times out any number of times while another waits", async () => {
  const condition = new Condition();
  const order: string[] = [];
  const wait = async (name: string) => {
    using _ = await condition.hold();
    await condition.wait();
    order.push(name);
  };
  const waiting = [wait("oldest")];
  await condition.acquire();
  for (let i = 0; i < MAX_TICKETS; i++) condition.waitSync({ timeout: 0 });
  condition.release();
  waiting.push(wait("youngest"));
  for (let i = 1; i <= 2; i++) {
    {
      using _ = await condition.hold();
      condition.notify();
    }
    await until(() => order.length === i);
  }
  await Promise.all(waiting);
  assertEquals(order, ["oldest", "youngest"]);
});

Deno.test("Condition.wait() is called 1,000 times at once, notified in order", async () => {
  const condition = new Condition();
  const order: number[] = [];
  const waiting = Array.from({ length: 1_000 }, async (_, i) => {
    using _held = await condition.hold();
    await condition.wait();
    order.push(i);
  });
  {
    using _ = await condition.hold();
    condition.notifyAll();
  }
  await Promise.all(waiting);
  assertEquals(order, Array.from({ length: 1_000 }, (_, i) => i));
});

contract.test("Condition.notify(n) wakes n processes", async (method) => {
  for (const Class of LOCKS) {
    const condition = new Condition(new Class());
    const said = new Queue<string>();
    const waiters = [0, 1, 2]
      .map(() => start(method, waitAndTell, condition, said));
    for (const _ of waiters) assertEquals(await said.get(), "waits");
    {
      using _ = await condition.hold();
      condition.notify(2);
    }
    for (let i = 0; i < 2; i++) assertEquals(await said.get(), "notified");
    await assertRejects(() => said.get({ timeout: SHORT }));
    {
      using _ = condition.holdSync();
      condition.notifyAll();
    }
    assertEquals(await said.get(), "notified");
    for (const waiter of waiters) await waiter.join();
  }
});

contract.test("Condition lets two processes take turns", async (method) => {
  for (const Class of LOCKS) {
    const condition = new Condition(new Class());
    const cells = new RawArray("i", 1);
    const workers = [0, 1]
      .map((me) => start(method, takeTurns, condition, cells, me, COUNT));
    await joinAll(...workers);
    assertEquals(cells.get(0), 0);
  }
});

contract.test("Condition.wait() tells one who waits that the holder died", async (method) => {
  for (const Class of LOCKS) {
    const lock = new Class();
    const condition = new Condition(lock);
    const wait = async () => {
      using _ = await condition.hold();
      return await condition.wait({ timeout: HUNG });
    };
    const waiting = [wait(), wait()];
    await using dead = start(method, endHolding, condition);
    await dead.join();
    const told = await assertRejects(
      () =>
        Promise.any(waiting.map(swap)).then((error) => {
          throw error;
        }),
      AbandonedLockError,
    );
    assertEquals(told.holder.name, dead.name);
    {
      using _ = await condition.hold();
      condition.notifyAll();
    }
    const results = await Promise.allSettled(waiting);
    const values = results.map((result) =>
      result.status === "fulfilled" && result.value
    );
    assertEquals(values.sort(), [false, true]);
    assertFalse(lock.locked());
  }
});

contract.test("Condition.wait() that throws leaves the lock to who has it", async (method) => {
  const lock = new Lock();
  const condition = new Condition(lock);
  for (const holder of [condition, lock]) {
    const wait = async () => {
      using _ = await holder.hold();
      await condition.wait({ timeout: HUNG });
    };
    const waiting = wait();
    const said = new Queue<string>();
    const end = new Event();
    await using _dead = start(method, notifyAndEnd, condition, said, end);
    await said.get();
    // Stands in line first, so that this waiter is told.
    await delay(MEDIUM);
    const second = lock.hold();
    end.set();
    const held = await second;
    await delay(SHORT);
    const third = lock.hold();
    held[Symbol.dispose]();
    await assertRejects(() => waiting, AbandonedLockError);
    using _ = await third;
    await delay(SHORT);
    assert(lock.locked());
  }
});

/** Resolves with the error of a promise that rejects. */
function swap(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => Promise.reject(new TypeError(`resolved with ${value}`)),
    (error) => error,
  );
}
