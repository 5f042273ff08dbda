// Copyright 2026 the authors. MIT license.

// Every item comes out once and whole, for each kind of queue and number of
// users, also if some are terminated in the middle.

import { assert, assertEquals, assertLess } from "@std/assert";
import { delay } from "@std/async";
import { HANDLE } from "../../message/handle.ts";
import { openRegion, type RegionHandle } from "../../memory/region.ts";
import * as mp from "../../mod.ts";
import { many, SHORT } from "../_support/delays.ts";
import { contract, type Method } from "../_support/contract.ts";
import { startIn } from "../_support/processes.ts";
import { randomOf } from "../_support/random.ts";
import {
  BATCH,
  type Books,
  consume,
  done,
  type Item,
  produce,
  taken,
  type Way,
  WRONG,
} from "../testdata/queue_stressors.ts";
import { putIntegers } from "../testdata/put_integers.ts";

/** Items of one run; the full million with STRESS. */
const COUNT = many(3_000, 1_000_000);
const ROUNDS = many(2, 50);
/** Integers in the stream; the full ten million with STRESS. */
const STREAM = many(500_000, 10_000_000);

const MODULE = new URL("../testdata/queue_stressors.ts", import.meta.url).href;

const PUTTER = new URL("../testdata/put_integers.ts", import.meta.url).href;

const WAYS: readonly Way[] = ["sync", "many", "async"];

type Maker = (options: mp.QueueOptions) => mp.BaseQueue<Item>;

/** Queues in which an item may come again. */
const redelivers = new WeakSet<mp.BaseQueue<Item>>();

const MAKERS: readonly [string, Maker][] = [
  ["Queue", (options) => new mp.Queue(options)],
  ["LifoQueue", (options) => new mp.LifoQueue(options)],
  ["PriorityQueue", (options) => new mp.PriorityQueue(options)],
  ["JoinableQueue", (options) => new mp.JoinableQueue(options)],
  [
    "JoinableQueue that redelivers",
    (options) => {
      const queue = new mp.JoinableQueue<Item>({ ...options, redeliver: true });
      redelivers.add(queue);
      return queue;
    },
  ],
];

function openBooks(count: number, producers: number): Books {
  return {
    items: new mp.RawArray("B", count),
    put: new mp.RawArray("i", producers),
  };
}

function startAll(
  method: Method,
  queue: mp.BaseQueue<Item>,
  books: Books,
  producers: number,
  consumers: number,
  count: number,
): [producers: mp.Process[], consumers: mp.Process[]] {
  const share = count / producers;
  const again = redelivers.has(queue);
  const start = startIn.bind(undefined, MODULE, method);
  const makers = Array.from(
    { length: producers },
    (_, i) => start(produce, queue, books, i, i * share, share),
  );
  const eaters = Array.from({ length: consumers }, (_, i) => {
    const way = WAYS[i % WAYS.length];
    return start(consume, queue, books, i, way, again);
  });
  return [makers, eaters];
}

/** How many put, and how many take. */
const SIZES = many(
  [[1, 1], [2, 3]] as const,
  [[1, 1], [2, 3], [4, 4]] as const,
);

for (const [name, make] of MAKERS) {
  for (const [producers, consumers] of SIZES) {
    const sizes = `${producers} × ${consumers}`;
    contract.test(`${name} carries everything once: ${sizes}`, async (method) => {
      const queue = make({ maxsize: 100, maxBytes: 2 ** 25 });
      const books = openBooks(COUNT, producers);
      const [makers, eaters] = startAll(
        method,
        queue,
        books,
        producers,
        consumers,
        COUNT,
      );
      for (const maker of makers) await maker.join();
      queue.shutdown();
      for (const eater of eaters) await eater.join();
      const codes = [...makers, ...eaters].map(({ exitCode }) => exitCode);
      assertEquals(new Set(codes), new Set([0]));
      const entries = new Set(books.items.slice());
      assert(!entries.has(WRONG), "an item came twice or torn");
      assert(!entries.has(0), "an item is lost");
      for (let i = 0; i < consumers; i++) entries.delete(done(i));
      assertEquals(entries, new Set());
      assertEquals(queue.qsize(), 0);
    });
  }

  for (let seed = 1; seed <= ROUNDS; seed++) {
    contract.test(`${name} loses what the dead had taken, and no more: ${seed}`, async (method) => {
      await killSome(method, make, seed);
    });
  }
}

contract.test(`Queue with maxsize keeps memory flat under ${STREAM} integers`, async (method) => {
  const queue = new mp.Queue<number>(1000);
  const child = startIn(PUTTER, method, putIntegers, queue, STREAM);
  for (let i = 0; i < STREAM; i++) {
    const item = i % 2 === 0 ? queue.getSync() : await queue.get();
    if (item !== i) assertEquals(item, i);
    if (i % 1000 === 500) assert(queue.qsize() <= 1000);
  }
  await child.join();
  // What was ever touched of the ring's memory: each item takes 8 bytes of it,
  // so without a limit it would be megabytes. The resident size of the whole
  // program would say little, since other tests run in it.
  assertLess(touchedBytes(queue), 2 ** 20);
});

/** Up to where a queue's memory was ever written. */
function touchedBytes(queue: mp.BaseQueue<number>): number {
  const { store } = queue[HANDLE]() as unknown as { store: RegionHandle };
  const { bytes } = openRegion(store);
  const { buffer, byteOffset, byteLength } = bytes;
  const words = new Int32Array(buffer, byteOffset, byteLength / 4);
  return (words.findLastIndex((word) => word !== 0) + 1) * 4;
}

async function killSome(
  method: Method,
  make: Maker,
  seed: number,
): Promise<void> {
  const random = randomOf(seed);
  const [producers, consumers] = [1 + random(3), 2 + random(3)];
  const count = producers * 1000;
  const queue = make({ maxsize: 1 + random(50), maxBytes: 2 ** 23 });
  const books = openBooks(count, producers);
  const [makers, eaters] = startAll(
    method,
    queue,
    books,
    producers,
    consumers,
    count,
  );
  // At least one consumer survives.
  const dead = random(consumers);
  const victims = [makers[random(producers)]!, eaters[dead]!];
  for (const victim of victims) {
    await delay(random() * SHORT * 5);
    victim.terminate();
  }
  for (const maker of makers) await maker.join();
  queue.shutdown();
  for (const eater of eaters) await eater.join();

  let lost = 0;
  // A signal may reach the consumer before it has noted what it took.
  const most = method === "spawn" ? BATCH : 0;
  let unnoted = most;
  for (let producer = 0; producer < producers; producer++) {
    const first = producer * count / producers;
    const put = books.put.get(producer);
    for (let i = 0; i < count / producers; i++) {
      const entry = books.items.get(first + i);
      assert(entry !== WRONG, `${first + i} came twice or torn`);
      if (entry === taken(dead)) lost++;
      else if (entry === 0 && i < put && unnoted > 0) unnoted--;
      else if (i < put) {
        assert(entry % 2 === 0 && entry > 0, `${first + i} lost`);
      }
    }
  }
  assertEquals(queue.qsize(), 0);
  if (!(queue instanceof mp.JoinableQueue)) return;
  try {
    assert(await queue.join());
    // The items that the dead process had taken came to another.
    assertEquals(lost, 0);
  } catch (error) {
    if (!(error instanceof mp.AbandonedTaskError)) throw error;
    // It may have been terminated as it was about to say that one is done. What
    // it took and did not note is lost with it, too.
    const least = lost + most - unnoted;
    const { count } = error;
    assert(count === least || count === least + 1, `${count}, not ${least}`);
  }
}
