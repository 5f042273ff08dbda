// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLessOrEqual,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { delay } from "@std/async";
import {
  activeChildren,
  BrokenPoolError,
  getContext,
  StateError,
  Value,
  WorkerExitError,
} from "../../mod.ts";
import { LONG, many, MEDIUM, SHORT } from "../_support/delays.ts";
import { contract, type Method } from "../_support/contract.ts";
import {
  endPool,
  inTime,
  numbers,
  poolOf,
  poolWith,
} from "../_support/pools.ts";
import { isPending, until } from "../_support/until.ts";
import { randomOf } from "../_support/random.ts";
import { double } from "../testdata/pool_module_without_guard.ts";
import * as tasks from "../testdata/pool_tasks.ts";

const ROUNDS = many(4, 200);

/** Two workers, one of which has died; the next is ready after `release()`. */
async function poolWithSlowSuccessor(method: Method) {
  const counter = new Value("i");
  const pool = poolOf(method, {
    processes: 2,
    initializer: tasks.setUpTwo,
    initargs: [counter],
  });
  await inTime(pool.runOnAll(tasks.nothing));
  await assertRejects(() => inTime(pool.apply(tasks.exit, [1])));
  return { pool, release: () => counter.store(100) };
}

contract.test("Pool rejects the task whose worker exits, and no other", async (method) => {
  await using pool = poolOf(method);
  const results = numbers(100).map((i) =>
    pool.applyAsync(tasks.exitFor, [i, 50])
  );
  for (const [i, result] of results.entries()) {
    if (i !== 50) {
      assertEquals(await inTime(result), i);
      continue;
    }
    const error = await assertRejects(() => inTime(result), WorkerExitError);
    assertEquals(error.exitCode, 7);
    assertEquals(error.task, "exitFor");
    assertEquals(error.attempt, 1);
    assertStringIncludes(error.stack!, "pool_death_test.ts");
  }
  await until(() => pool.stats().restarts === 1);
  const { done, failed } = pool.stats();
  assertEquals([done, failed], [99, 1]);
});

contract.test("Pool tells a task whose module starts a process of the guard", async (method) => {
  await using pool = poolOf(method, {
    module: new URL(
      "../testdata/pool_module_without_guard.ts",
      import.meta.url,
    ),
  });
  const error = await assertRejects(
    () => inTime(pool.apply(double, [2])),
    StateError,
    "this process is still importing the module of its target: start " +
      "processes only under `if (import.meta.main)`",
  );
  assertStringIncludes(error.message, "in Deno.test() or Deno.bench()");
});

contract.test("Pool rejects the task whose worker fails beside it", async (method) => {
  await using pool = poolOf(method);
  const error = await assertRejects(
    () => inTime(pool.apply(tasks.failBeside)),
    WorkerExitError,
  );
  assertEquals(error.exitCode, 1);
  assertEquals(await inTime(pool.apply(tasks.square, [2])), 4);
});

const LEAVERS = [
  tasks.leaveTimer,
  tasks.leaveTimerAsync,
  tasks.leaveRejection,
  tasks.leaveRejectionAsync,
];
for (const leave of LEAVERS) {
  for (const next of [tasks.sleepFor, tasks.promiseAfter]) {
    contract.test(`Pool runs ${next.name} although ${leave.name} fails beside it`, async (method) => {
      await using pool = poolOf(method, { processes: 1 });
      await inTime(pool.apply(leave, [SHORT]));
      assertEquals(await inTime(pool.apply(next, [3 * SHORT])), 3 * SHORT);
      assertEquals(await inTime(pool.apply(leave, [SHORT])), undefined);
      const ms = [3 * SHORT, 1];
      assertEquals(await inTime(pool.map(next, ms, { chunkSize: 2 })), ms);
      const { done, failed, restarts } = pool.stats();
      assertEquals([done, failed, restarts], [4, 0, 0]);
    });
  }
}

for (const fail of [tasks.failByTimer, tasks.failByRejection]) {
  contract.test(`Pool rejects ${fail.name}, first and later`, async (method) => {
    await using pool = poolOf(method, { processes: 1 });
    await assertRejects(() => inTime(pool.apply(fail)), WorkerExitError);
    for (const before of [tasks.nothing, tasks.square, tasks.sleepFor]) {
      await inTime(pool.apply(before as (ms: number) => unknown, [1]));
      const error = await assertRejects(
        () => inTime(pool.apply(fail)),
        WorkerExitError,
      );
      assertEquals(error.exitCode, 1);
    }
  });
}

contract.test("Pool keeps an idle worker whose task left an error behind", async (method) => {
  await using pool = poolOf(method, { processes: 1 });
  await inTime(pool.apply(tasks.leaveTimer, [1]));
  await delay(SHORT);
  assertEquals(await inTime(pool.apply(tasks.square, [3])), 9);
  assertEquals(pool.stats().restarts, 0);
});

contract.test("Pool rejects the task whose worker is terminated", async (method) => {
  const counter = new Value("i");
  await using pool = poolWith(counter, method, 1);
  const result = pool.applyAsync(tasks.crowd, [LONG * 10]);
  const next = pool.applyAsync(tasks.square, [3]);
  await until(() => counter.load() === 1);
  activeChildren()[0]!.terminate();
  const error = await assertRejects(() => inTime(result), WorkerExitError);
  assertEquals(error.exitCode, -15);
  assertEquals(await inTime(next), 9);
});

contract.test("Pool loses no task when idle workers are killed", async (method) => {
  await using pool = poolOf(method);
  await inTime(pool.runOnAll(tasks.nothing));
  for (const child of activeChildren()) child.kill();
  assertEquals(await inTime(pool.map(tasks.square, [1, 2, 3])), [1, 4, 9]);
  await until(() => activeChildren().length === 2);
});

contract.test("Pool runs every task once while workers are killed", async (method) => {
  const next = randomOf(method.length);
  for (let round = 0; round < ROUNDS; round++) {
    const counter = new Value("i");
    const pool = poolWith(counter, method, 3);
    const length = 300;
    const results = numbers(length).map(() => pool.applyAsync(tasks.count));
    for (let i = 0; i < 3; i++) {
      const goal = counter.load() + next(80);
      await until(() => counter.load() >= Math.min(goal, length - 60));
      const children = activeChildren();
      children[next(children.length || 1)]?.kill();
    }
    pool.close();
    await inTime(pool.join());
    const settled = await inTime(Promise.allSettled(results));
    const lost = settled.filter(({ status }) => status === "rejected");
    for (const result of lost as PromiseRejectedResult[]) {
      assertInstanceOf(result.reason, WorkerExitError);
    }
    const values = settled.flatMap((result) =>
      result.status === "fulfilled" ? [result.value] : []
    );
    assertEquals(new Set(values).size, values.length);
    assertLessOrEqual(lost.length, 3);
    // A task that was lost may have counted before its worker died.
    assertGreaterOrEqual(counter.load(), length - lost.length);
    assertLessOrEqual(counter.load(), length);
  }
});

contract.test("Pool tries a lost task again as often as told", async (method) => {
  await using pool = poolOf(method);
  const before = numbers(10).map((i) => pool.applyAsync(tasks.square, [i]));
  const options = { retries: 2 };
  assertEquals(await inTime(pool.apply(tasks.exitAtFirst, [2], options)), 3);
  const error = await assertRejects(
    () => inTime(pool.apply(tasks.exitAtFirst, [3], options)),
    WorkerExitError,
  );
  assertEquals([error.attempt, error.exitCode], [3, 9]);
  assertEquals(
    await inTime(Promise.all(before)),
    numbers(10).map((i) => i * i),
  );
});

contract.test("Pool that is closed tries its last task again", async (method) => {
  await using pool = poolOf(method, 1);
  const result = pool.applyAsync(tasks.exitAtFirst, [2], { retries: 2 });
  pool.close();
  assertEquals(await inTime(result), 3);
});

contract.test("Pool tells a task how often it was tried, also if often", async (method) => {
  await using pool = poolOf(method, 1);
  const retries = many(8, 20);
  const attempt = pool.apply(tasks.exitAtFirst, [retries], { retries });
  assertEquals(await inTime(attempt), retries + 1);
});

contract.test("Pool leaves no task to a worker that is slow to start", async (method) => {
  const { pool, release } = await poolWithSlowSuccessor(method);
  await using _ = pool;
  // Its successor does not start, so the other one does everything.
  const options = { timeout: LONG * 10 };
  const results = numbers(6).map((i) =>
    pool.applyAsync(tasks.squareLater, [i], i % 2 === 0 ? {} : options)
  );
  const squares = await inTime(Promise.all(results));
  assertEquals(squares, numbers(6).map((i) => i * i));
  for (const i of numbers(4)) {
    assertEquals(await inTime(pool.apply(tasks.square, [i])), i * i);
  }
  release();
});

contract.test("Pool leaves what was moved to a worker to that one", async (method) => {
  const { pool, release } = await poolWithSlowSuccessor(method);
  await using _ = pool;
  // The one that lives has this, so the one that starts gets the next.
  const options = { timeout: LONG * 10 };
  const first = pool.applyAsync(tasks.squareLater, [3, 100], options);
  const buffer = new ArrayBuffer(8);
  const transfer = [buffer];
  const second = pool.applyAsync(tasks.bytesOf, [buffer], { transfer });
  assertEquals(await inTime(first), 9);
  // Time for the idle one to take over what the other has not begun.
  await delay(MEDIUM);
  release();
  assertEquals(await inTime(second), 8);
});

contract.test("Pool tries a lost chunk again", async (method) => {
  await using pool = poolOf(method);
  const attempts = await inTime(
    pool.map(tasks.exitAtFirst, [1, 1, 1], { chunkSize: 3, retries: 1 }),
  );
  assertEquals(attempts, [2, 2, 2]);
});

contract.test("Pool.map() and Pool.imap() reject when a worker dies", async (method) => {
  await using pool = poolOf(method);
  const items = numbers(20).map((i): [number, number] => [i, 7]);
  await assertRejects(
    () => inTime(pool.starmap(tasks.exitFor, items, { chunkSize: 2 })),
    WorkerExitError,
  );
  const results = pool.imap(tasks.exitAtSeven, numbers(20));
  let rejected = 0;
  for (let i = 0; i < 20; i++) {
    await inTime(
      results.next().catch((error) => {
        assertInstanceOf(error, WorkerExitError);
        rejected++;
      }),
    );
  }
  assertEquals(rejected, 1);
  assertEquals((await inTime(results.next())).done, true);
});

contract.test("Pool gives up when workers die at their start", async (method) => {
  for (
    const [initializer, name] of [
      [tasks.badInitializer, "RangeError"],
      [tasks.exitingInitializer, "exit code 4"],
    ] as const
  ) {
    for (const processes of [1, 2, 4]) {
      const pool = poolOf(method, { processes, initializer });
      const results = numbers(5).map((i) => pool.applyAsync(tasks.square, [i]));
      for (const result of results) {
        const error = await assertRejects(
          () => inTime(result),
          BrokenPoolError,
        );
        assertStringIncludes(error.message, name);
        if (name === "RangeError") {
          assertInstanceOf(error.cause, RangeError);
        }
      }
      await assertRejects(
        () => inTime(pool.apply(tasks.square, [1])),
        BrokenPoolError,
      );
      pool.close();
      assertEquals(await inTime(pool.join()), true);
      assertEquals(activeChildren(), []);
      assertLessOrEqual(pool.stats().restarts, 3);
    }
  }
});

contract.test("Pool.join() waits for the worker after one that failed", async (method) => {
  const counter = new Value("i");
  const pool = poolOf(method, {
    processes: 1,
    initializer: tasks.failFirst,
    initargs: [counter],
  });
  const result = pool.applyAsync(tasks.square, [3]);
  pool.close();
  assertEquals(await inTime(pool.join()), true);
  assert(result.ready(), "the pool counts as ended between two workers");
  assertEquals(await inTime(result), 9);
  assertEquals([counter.load(), pool.stats().restarts], [2, 1]);
});

contract.test("Pool goes on while a task runs although no other worker can start", async (method) => {
  const counter = new Value("i");
  await using pool = poolOf(method, {
    processes: 2,
    initializer: tasks.setUpFirst,
    initargs: [counter],
  });
  const result = pool.applyAsync(tasks.awaitNegative);
  const next = pool.applyAsync(tasks.square, [3]);
  await until(() => counter.load() >= 4);
  assert(await isPending(result.get(), MEDIUM));
  assertLessOrEqual(counter.load(), 4);
  counter.store(-100);
  assertEquals(await inTime(result), "negative");
  assertEquals(await inTime(next), 9);
  await inTime(pool.apply(tasks.square, [1]));
  await until(() => pool.stats().workers === 2);
});

contract.test("Pool gives up when workers cannot be started", async (method) => {
  for (const size of [{ processes: 1 }, { min: 0, max: 2 }]) {
    const [near, far] = getContext(method).Pipe();
    const pool = poolOf(method, {
      ...size,
      initializer: tasks.square,
      initargs: [far],
      maxTasksPerChild: 1,
    });
    assertEquals(await inTime(pool.apply(tasks.square, [2])), 4);
    // Now it cannot be given to those that come.
    far.close();
    const error = await assertRejects(
      () => inTime(pool.apply(tasks.square, [3])),
      BrokenPoolError,
    );
    assertInstanceOf(error.cause, StateError);
    await endPool(pool);
    near.close();
  }
});

contract.test("Pool gives up when workers die before they do anything", async (method) => {
  const pool = poolOf(method, { processes: 1, initializer: tasks.dieSoon });
  await until(() => {
    const { restarts, workers } = pool.stats();
    return restarts === 2 && workers === 0;
  });
  await assertRejects(
    () => inTime(pool.apply(tasks.square, [1])),
    BrokenPoolError,
  );
  await endPool(pool);
});

contract.test("Pool goes on after many tasks that kill their workers", async (method) => {
  await using pool = poolOf(method);
  const deadly = numbers(8).map(() => pool.applyAsync(tasks.exit, [1]));
  const good = numbers(8).map((i) => pool.applyAsync(tasks.square, [i]));
  for (const result of deadly) {
    await assertRejects(() => inTime(result), WorkerExitError);
  }
  assertEquals(await inTime(Promise.all(good)), numbers(8).map((i) => i * i));
});

contract.test("Pool survives a function whose module cannot be imported", async (method) => {
  const { Pool } = await import("../../mod.ts");
  const module = new URL("../testdata/pool_bad_module.ts", import.meta.url);
  await using pool = new Pool({ processes: 1, method, module });
  await assertRejects(
    () => inTime(pool.apply(() => 1)),
    TypeError,
    "cannot be imported",
  );
  assertEquals(pool.stats().restarts, 0);
});

contract.test("Pool replaces a worker after maxTasksPerChild tasks", async (method) => {
  await using pool = poolOf(method, { processes: 2, maxTasksPerChild: 3 });
  const results = numbers(18).map(() => pool.applyAsync(tasks.nap, [1]));
  const names = await inTime(Promise.all(results));
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  assert([...counts.values()].every((count) => count <= 3));
  assertGreaterOrEqual(counts.size, 6);
  assertEquals(
    await inTime(pool.map(tasks.square, numbers(40), { chunkSize: 2 })),
    numbers(40).map((i) => i * i),
  );
});

contract.test("Pool.close() and Pool.join() end while workers die", async (method) => {
  const pool = poolOf(method);
  const results = numbers(6).map(() => pool.applyAsync(tasks.exit, [2]));
  pool.close();
  assertEquals(await inTime(pool.join()), true);
  for (const result of results) {
    await assertRejects(() => inTime(result), WorkerExitError);
  }
});
