// Copyright 2026 the authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { Queue } from "../../mod.ts";
import { many, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { randomOf } from "../_support/random.ts";
import { start } from "../_support/started.ts";
import { passOn } from "../testdata/pass_on.ts";
import { putIntegers } from "../testdata/put_integers.ts";
import { until } from "../_support/until.ts";

const ROUNDS = many(8, 200);

/** More than a process can put before it is ended. */
const ENDLESS = 2 ** 30;

for (const maxsize of [0, 5]) {
  contract.test(`Queue(${maxsize}) keeps what a putter put before it died`, async (method) => {
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = randomOf(seed);
      const q = new Queue<number>(maxsize);
      await using putter = start(method, putIntegers, q, ENDLESS);
      const items = [await q.get(), await q.get()];
      await delay(random() * SHORT);
      for (let i = 0; i < random() * 20; i++) items.push(q.getSync());
      if (random() < 0.5) putter.terminate();
      else putter.kill();
      await putter.join();
      const count = q.qsize();
      const rest: number[] = [];
      while (!q.empty()) rest.push(q.getNowait());
      assertEquals(rest.length, count, `seed ${seed}`);
      for (const item of rest) items.push(item);
      assert(items.every((item, i) => item === i), `seed ${seed}`);
      q.putNowait(-1);
      assertEquals([q.qsize(), await q.get()], [1, -1]);
    }
  });

  contract.test(`Queue(${maxsize}) loses only what a dead getter had got`, async (method) => {
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = randomOf(-seed);
      const [q, out] = [new Queue<number>(maxsize), new Queue<number>(maxsize)];
      const blocking = seed % 2 === 0;
      await using victim = start(method, passOn, q, out, blocking);
      await using other = start(method, passOn, q, out, !blocking);
      const count = 300 + Math.floor(random() * 2_000);
      const got: number[] = [];
      const collecting = (async () => {
        for await (const item of out) got.push(item);
      })();
      const moment = Math.floor(random() * count);
      for (let i = 0; i < count; i++) {
        await q.put(i);
        if (i === moment) victim.terminate();
      }
      await victim.join();
      // The other goes on alone, until there is nothing left.
      await until(() => q.empty());
      other.terminate();
      await other.join();
      out.shutdown();
      await collecting;
      const seen = new Set(got);
      assertEquals(seen.size, got.length, `seed ${seed}: doubled`);
      const missing = count - seen.size;
      assert(missing <= 2, `seed ${seed}: ${missing} are missing`);
      assert(q.empty(), `seed ${seed}: ${q.qsize()} are stuck`);
    }
  });
}

contract.test("Queue goes on after getters that died waiting", async (method) => {
  const [q, out] = [new Queue<number>(), new Queue<number>()];
  for (let i = 0; i < 4; i++) {
    await using waiting = start(method, passOn, q, out, i % 2 === 0);
    // It has passed one on, and waits for the next.
    q.putNowait(i);
    assertEquals(await out.get(), i);
    waiting.terminate();
  }
  await using heir = start(method, passOn, q, out, true);
  for (let i = 0; i < 100; i++) q.putNowait(i);
  for (let i = 0; i < 100; i++) assertEquals(await out.get(), i);
  heir.terminate();
});
