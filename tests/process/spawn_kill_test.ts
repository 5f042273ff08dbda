// Copyright 2026 the authors. MIT license.

// OS processes that are killed with signal 9 at random moments of their
// traffic: no survivor hangs, no message is torn, doubled or out of order, and
// what protects a dead one's section is free again within half a second.
//
// By default some dozen kills; STRESS=1 makes 2,000 of them.

import { assert, assertEquals, assertLess } from "@std/assert";
import { delay } from "@std/async";
import * as mp from "../../mod.ts";
import { HUNG, LONG, many, SHORT } from "../_support/delays.ts";
import { until } from "../_support/until.ts";
import { inTime, numbers } from "../_support/pools.ts";
import { startIn } from "../_support/processes.ts";
import { randomOf } from "../_support/random.ts";
import * as traffic from "../testdata/spawn_traffic.ts";

/** Kills of three of the tests; the other two make half as many. */
const KILLS = many(8, 500);

/** How soon what a dead process held must be usable, in milliseconds. */
const BACK = LONG / 4;

const MODULE = new URL("../testdata/spawn_traffic.ts", import.meta.url).href;

const spawn = mp.getContext("spawn");

const start = startIn.bind(undefined, MODULE, "spawn");

/** What happened, in a long run. */
function tell(text: string): void {
  if (many(false, true)) console.log(text);
}

/** Ends one from outside, as anybody could. */
async function kill(process: mp.Process): Promise<void> {
  Deno.kill(process.pid!, "SIGKILL");
  assert(await process.join({ timeout: HUNG }), "it outlived kill -9");
  assertEquals(process.exitCode, -9);
}

/** Waits a moment of up to `most` milliseconds, or none at all. */
async function moment(random: () => number, most = SHORT): Promise<void> {
  const ms = random() * most;
  if (ms > 1) await delay(ms);
}

/** Waits until it is more than now, and says how long it took. */
async function grows(what: () => number): Promise<number> {
  const from = what();
  const start = performance.now();
  await until(() => what() > from);
  return performance.now() - start;
}

/**
 * Checks the times after the kills. The few of a default run stand beside other
 * tests, where any one may fall into a stall of the machine.
 */
function assertBack(times: number[]): void {
  times.sort((a, b) => a - b);
  const judged = many(times.length >> 1, times.length - 1);
  assertLess(times[judged]!, BACK);
}

Deno.test("Lock comes back from processes killed at any moment", async () => {
  const random = randomOf(1);
  const lock = new spawn.Lock();
  const cells = new spawn.RawArray("i", 2);
  const members = numbers(3).map(() => start(traffic.count, lock, cells));
  const times: number[] = [];
  for (let i = 0; i < KILLS; i++) {
    await grows(() => cells.get(1));
    await moment(random);
    const victim = Math.floor(random() * 3);
    await kill(members[victim]!);
    // Two are left, and one of them has the lock soon.
    times.push(await grows(() => cells.get(1)));
    members[victim] = start(traffic.count, lock, cells);
  }
  assertBack(times);
  for (const member of members) await kill(member);
  // The last one may have left the lock; the process that takes it is told,
  // once.
  try {
    assert(await lock.acquire({ timeout: HUNG }));
  } catch (error) {
    if (!(error instanceof mp.AbandonedLockError)) throw error;
    assert(await lock.acquire({ timeout: HUNG }));
  }
  lock.release();
  tell(`${KILLS} kills, ${cells.get(1)} sections of a lock`);
  // A process that died between the two steps left a difference of one.
  assert(cells.get(0) - cells.get(1) <= 1);
});

/** Checks messages as they come: whole, in order, none twice, none missing. */
class Inbox {
  readonly #next = new Map<number, number>();
  count = 0;

  take(parcel: traffic.Parcel): void {
    const [sender, turn] = parcel;
    assertEquals(turn, this.#next.get(sender) ?? 0, `of sender ${sender}`);
    assert(traffic.isWhole(parcel), `message ${turn} of ${sender} is torn`);
    this.#next.set(sender, turn + 1);
    this.count++;
  }
}

Deno.test("Queue loses and tears nothing of processes killed at any moment", async () => {
  const random = randomOf(2);
  const queue = new spawn.Queue<traffic.Parcel>({ maxsize: 50 });
  const inbox = new Inbox();
  const members = [0, 1].map((id) => start(traffic.put, queue, id));
  for (let id = 2; id < KILLS + 2; id++) {
    const many = Math.floor(random() * 200);
    for (let i = 0; i < many; i++) {
      inbox.take(await queue.get({ timeout: HUNG }));
    }
    await moment(random, 5);
    const victim = Math.floor(random() * 2);
    await kill(members[victim]!);
    members[victim] = start(traffic.put, queue, id);
  }
  for (const member of members) await kill(member);
  while (!queue.empty()) inbox.take(await queue.get({ timeout: BACK }));
  assertEquals(queue.qsize(), 0);
  tell(`${KILLS} kills, ${inbox.count} items of a queue`);
  assert(inbox.count > 0);
});

Deno.test("Connection tears nothing of processes killed at any moment", async () => {
  const random = randomOf(3);
  const [near, far] = spawn.Pipe();
  const inbox = new Inbox();
  const members = [0, 1].map((id) => start(traffic.send, far, id));
  for (let id = 2; id < KILLS + 2; id++) {
    const many = Math.floor(random() * 200);
    for (let i = 0; i < many; i++) {
      assert(await near.poll({ timeout: HUNG }), "nobody sends");
      inbox.take(await near.recv() as traffic.Parcel);
    }
    await moment(random, 5);
    const victim = Math.floor(random() * 2);
    await kill(members[victim]!);
    members[victim] = start(traffic.send, far, id);
  }
  for (const member of members) await kill(member);
  far.close();
  // What was sent comes, and then the end.
  const rest = async () => {
    while (true) inbox.take(await near.recv() as traffic.Parcel);
  };
  const error = await inTime(rest().catch((error) => error));
  assert(error instanceof mp.EOFError, `${error}`);
  tell(`${KILLS} kills, ${inbox.count} messages of a pipe`);
  near.close();
});

Deno.test("Barrier breaks when a party is killed at any moment", async () => {
  const random = randomOf(4);
  const times: number[] = [];
  for (let i = 0; i < KILLS / 2; i++) {
    const barrier = new spawn.Barrier(3);
    const cells = new spawn.RawArray("i", 3);
    const members = numbers(3).map((me) =>
      start(traffic.meet, barrier, cells, me)
    );
    await grows(() => cells.get(0));
    await moment(random);
    const victim = Math.floor(random() * 3);
    await kill(members[victim]!);
    const begin = performance.now();
    for (const [me, member] of members.entries()) {
      if (me === victim) continue;
      assert(await member.join({ timeout: HUNG }), "one waits for ever");
      assertEquals(member.exitCode, 0);
    }
    times.push(performance.now() - begin);
    assert(barrier.broken);
    if (i % 50 === 49) tell(`${i + 1} kills, ${cells.slice()} meetings`);
  }
  assertBack(times);
});

Deno.test("Pool finishes although its workers are killed at any moment", async () => {
  const random = randomOf(5);
  const pool = new spawn.Pool({ processes: 3, module: MODULE });
  const items = numbers(Math.max(600, KILLS * 8));
  const results = pool.map(traffic.work, items, {
    chunkSize: 1,
    retries: KILLS,
  });
  const isOver = results.then(() => true, () => true);
  const isWorker = ({ name }: mp.Process) => name.startsWith("PoolWorker");
  let kills = 0;
  while (kills < KILLS / 2) {
    await moment(random, SHORT * 5);
    const workers = mp.activeChildren().filter(isWorker);
    const victim = workers[Math.floor(random() * workers.length)];
    if (victim === undefined) continue;
    try {
      Deno.kill(victim.pid!, "SIGKILL");
    } catch (error) {
      // Its status is known to the platform, and on its way to the pool.
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    kills++;
  }
  assert(await inTime(isOver));
  assertEquals(await results, items.map((x) => x * x));
  const { restarts } = pool.stats();
  pool.close();
  await inTime(pool.join());
  tell(`${kills} kills, ${items.length} tasks, ${restarts} restarts`);
  assert(restarts > 0);
});
