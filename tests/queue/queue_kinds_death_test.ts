// Copyright 2026 the authors. MIT license.

// Processes are terminated at seeded random points while they use a queue: who
// is left can use it, and what it says of itself is true.

import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import * as mp from "../../mod.ts";
import { HUNG, many, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { KINDS, start } from "../_support/queues.ts";
import { randomOf } from "../_support/random.ts";
import * as workers from "../testdata/queue_workers.ts";

const ROUNDS = many(5, 200);

const LIMITED = { timeout: HUNG };

for (const { name, make } of KINDS) {
  contract.test(`${name} is whole after ${ROUNDS} rounds of deaths`, async (method) => {
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = randomOf(seed);
      const queue = make({ maxsize: random(2) * 3, maxBytes: 2 ** 14 });
      const rank = queue instanceof mp.PriorityQueue ? { priority: 1 } : {};
      const begun = new mp.Semaphore(0);
      const children = [seed, -seed].map((seed) =>
        start(workers.churn, [queue, seed, rank, begun], { method })
      );
      for (const _ of children) assert(await begun.acquire(LIMITED));
      for (const child of children) {
        await delay(random() * SHORT * 2);
        child.terminate();
      }
      for (const child of children) {
        assert(await child.join(LIMITED));
        // It was killed, and had not failed before.
        assertEquals(child.exitCode, -15);
      }
      const count = queue.qsize();
      const items = queue.getManySync({ min: 0 });
      assertEquals(items.length, count);
      assertEquals([queue.qsize(), queue.empty()], [0, true]);
      assertEquals(queue.putManySync([1, 2, 3], { timeout: HUNG }), 3);
      const got = await queue.getMany({ min: 3, ...LIMITED });
      assertEquals(got.toSorted(), [1, 2, 3]);
      if (queue instanceof mp.JoinableQueue) {
        await finish(queue, items.length + 3);
      }
    }
  });
}

/**
 * Says that all is done; a death with tasks in hand is told of at most once.
 */
async function finish(
  queue: mp.JoinableQueue<number>,
  inHand: number,
): Promise<void> {
  for (let i = 0; i < inHand; i++) queue.taskDone();
  try {
    assert(await queue.join(LIMITED));
  } catch (error) {
    if (!(error instanceof mp.AbandonedTaskError)) throw error;
    assert(error.count > 0);
    assert(await queue.join(LIMITED));
  }
}
