// Copyright 2026 the authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { type Process, Queue } from "../../mod.ts";
import { contract } from "../_support/contract.ts";
import { randomOf } from "../_support/random.ts";
import { start } from "../_support/started.ts";
import { getSealed } from "../testdata/get_sealed.ts";
import { putSealed, type Sealed } from "../testdata/put_sealed.ts";
import { many } from "../_support/delays.ts";

const COUNT = many(1_000, 20_000);
const SMALL = many(3, 8);

/** What every getter got must be everything, once, and in order by putter. */
async function assertLossless(
  told: Queue<[number, number][]>,
  getters: number,
  putters: number,
  count: number,
): Promise<void> {
  const seen = new Set<string>();
  for (let i = 0; i < getters; i++) {
    const last = new Map<number, number>();
    for (const [who, n] of await told.get()) {
      assert(n > (last.get(who) ?? -1), `${who} put ${n} earlier`);
      last.set(who, n);
      seen.add(`${who} ${n}`);
      assert(n < count && who < putters);
    }
  }
  assertEquals(seen.size, putters * count);
}

for (
  const [putters, getters, options] of [
    [1, 1, {}],
    [1, 1, { maxsize: 1 }],
    [SMALL, 1, {}],
    [1, SMALL, { maxsize: 10 }],
    [SMALL, SMALL, { maxsize: 7 }],
    [SMALL, SMALL, { maxBytes: 2 ** 15 }],
  ] as const
) {
  const limit = JSON.stringify(options);
  contract.test(`Queue carries everything once: ${putters} × ${getters} ${limit}`, async (method) => {
    const q = new Queue<Sealed>(options);
    const told = new Queue<[number, number][]>();
    const count = Math.ceil(COUNT / putters);
    const readers: Process[] = [];
    for (let i = 0; i < getters; i++) {
      readers.push(start(method, getSealed, q, told, i % 2 === 0));
    }
    const writers: Process[] = [];
    for (let i = 0; i < putters; i++) {
      writers.push(start(method, putSealed, q, i, count, i % 2 === 0));
    }
    for (const writer of writers) await writer.join();
    q.shutdown();
    await assertLossless(told, getters, putters, count);
    for (const process of [...readers, ...writers]) {
      await process.join();
      assertEquals(process.exitCode, 0);
    }
    assertEquals(q.qsize(), 0);
  });
}

Deno.test("Queue agrees with a list under random operations", async () => {
  for (let seed = 0; seed < many(10, 100); seed++) {
    const random = randomOf(seed);
    const maxsize = random() < 0.5 ? 0 : 1 + Math.floor(random() * 8);
    const q = new Queue<unknown>(maxsize);
    const list: unknown[] = [];
    const gets: Promise<void>[] = [];
    for (let i = 0; i < 500; i++) {
      const dice = random();
      const isFull = maxsize > 0 && list.length === maxsize;
      if (dice < 0.5 && !isFull) {
        const item = random() < 0.5
          ? i
          : { i, text: "x".repeat(random() * 99) };
        if (dice < 0.25) q.putSync(item);
        else await q.put(item);
        list.push(item);
      } else if (dice < 0.9 && list.length > 0) {
        assertEquals(dice < 0.7 ? q.getSync() : await q.get(), list.shift());
      } else if (list.length === 0) {
        // One that waits gets what is put next.
        gets.push(q.get().then((item) => assertEquals(item, i)));
        await q.put(i);
        await gets.at(-1);
      }
      assertEquals(q.qsize(), list.length);
      assertEquals(q.empty(), list.length === 0);
      assertEquals(q.full(), maxsize > 0 && list.length === maxsize);
    }
    await Promise.all(gets);
  }
});
