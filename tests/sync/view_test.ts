// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  Process,
  Queue,
  RLock,
  Semaphore,
  Value,
} from "../../mod.ts";
import { contract } from "../_support/contract.ts";
import { HUNG } from "../_support/delays.ts";

/** Whether the second of each pair is the very view that the first is. */
export function compare(
  pairs: readonly (readonly [object, { readonly inside: object }])[],
  said: Queue<boolean[]>,
): void {
  said.putSync(pairs.map(([view, other]) => view === other.inside));
}

contract.test("a process has one view of a primitive that it is given twice", async (method) => {
  const primitives = [
    new Lock(),
    new RLock(),
    new BoundedSemaphore(1),
    new Event(),
    new Condition(),
  ];
  const said = new Queue<boolean[]>();
  const pairs = primitives.map((one) => [one, { inside: one }]);
  const module = import.meta.url;
  const child = new Process({
    target: compare,
    args: [pairs, said],
    module,
    method,
  });
  child.start();
  assertEquals(await said.get({ timeout: HUNG }), primitives.map(() => true));
  assert(await child.join({ timeout: HUNG }));
});

/** What a lock says of itself that is reached in two ways. */
export async function meet(
  condition: Condition,
  rlock: RLock,
  value: Value<"i">,
  lock: Lock,
  said: Queue<unknown[]>,
): Promise<void> {
  using _ = condition.holdSync();
  // Known again as the holder by the view that the condition does not have.
  rlock.acquireSync();
  rlock.release();
  const order: number[] = [];
  lock.acquireSync();
  const waits = [lock, value.getLock(), lock, value.getLock()].map(
    async (way, i) => {
      await way!.acquire();
      order.push(i);
      way!.release();
    },
  );
  lock.release();
  await Promise.all(waits);
  said.putSync([lock === value.getLock(), order]);
}

contract.test("a process has one line for a lock that it reaches in two ways", async (method) => {
  const rlock = new RLock();
  const lock = new Lock();
  const condition = new Condition(rlock);
  const value = new Value("i", 0, { lock });
  const said = new Queue<unknown[]>();
  const args = [condition, rlock, value, lock, said];
  const module = import.meta.url;
  const child = new Process({ target: meet, args, module, method });
  child.start();
  assertEquals(await said.get({ timeout: HUNG }), [true, [0, 1, 2, 3]]);
  assert(await child.join({ timeout: HUNG }));
});

for (
  const [name, lock, whole] of [
    ["Lock", new Lock(), "lock"],
    ["RLock", new RLock(), "lock"],
    ["Semaphore", new Semaphore(1), "semaphore"],
  ] as const
) {
  Deno.test(`${name}.holdSync() gives what stays in its process`, () => {
    using held = lock.holdSync();
    const queue = new Queue<unknown>();
    const error = assertThrows(() => queue.putSync([held]), DOMException);
    assertEquals(error.name, "DataCloneError");
    assert(error.message.endsWith(`: send its ${whole}`), error.message);
    assert(queue.empty());
  });
}
