// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { delay } from "@std/async";
import {
  asCompleted,
  BrokenPoolError,
  BrokenProcessPool,
  CancelledError,
  type ExecutorOptions,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  Future,
  ProcessPoolExecutor,
  type ReturnWhen,
  StateError,
  ThreadPoolExecutor,
  Value,
  waitFutures,
  WorkerExitError,
} from "../../mod.ts";
import { HUNG, LONG, many, SHORT } from "../_support/delays.ts";
import { contract, type Method } from "../_support/contract.ts";
import { inTime, numbers } from "../_support/pools.ts";
import * as tasks from "../testdata/pool_tasks.ts";
import { assertTimesOut } from "../_support/refusals.ts";
import { isPending, until } from "../_support/until.ts";

const COUNT = many(1_000, 100_000);
const MODULE = new URL("../testdata/pool_tasks.ts", import.meta.url);

function executorOf(
  method: Method,
  options: ExecutorOptions = {},
): ProcessPoolExecutor {
  return new ProcessPoolExecutor({
    maxWorkers: 2,
    method,
    module: MODULE,
    ...options,
  });
}

/** One worker, which stays in a task until the counter is not 0. */
function heldExecutorOf(method: Method, maxWorkers = 1) {
  const counter = new Value("i");
  const executor = executorOf(method, {
    maxWorkers,
    initializer: tasks.setUp,
    initargs: [counter],
  });
  return { executor, release: () => counter.store(1) };
}

contract.test("ProcessPoolExecutor.submit() gives a future of the result", async (method) => {
  await using executor = executorOf(method);
  const future: Future<number> = executor.submit(tasks.add, 1, 2);
  assertInstanceOf(future, Future);
  assertEquals(await inTime(future.result()), 3);
  assertEquals(await inTime(future.exception()), undefined);
  assert(future.done() && !future.running() && !future.cancelled());
  const later = executor.submit(tasks.squareLater, 4);
  assertEquals(await inTime(later.result()), 16);
});

contract.test("Future fails with what the task throws", async (method) => {
  await using executor = executorOf(method);
  const future = executor.submit(tasks.fail, "no");
  const error = await assertRejects(() => inTime(future.result()), Error);
  assertEquals([error.name, error.message], ["OwnError", "no"]);
  assertStrictEquals(await inTime(future.exception()), error);
  assert(future.done());
});

contract.test("Future of an uncloneable argument fails alone", async (method) => {
  await using executor = executorOf(method);
  const bad = executor.submit(tasks.same, () => 1);
  const good = executor.submit(tasks.same, 1);
  assert(bad.done());
  const error = await inTime(bad.exception());
  assertEquals((error as Error).name, "DataCloneError");
  assertEquals(await inTime(good.result()), 1);
  const result = executor.submit(tasks.giveFunction);
  const refusal = await inTime(result.exception());
  assertEquals((refusal as Error).name, "DataCloneError");
});

contract.test("Future.running() is true from the begin to the end", async (method) => {
  const { executor, release } = heldExecutorOf(method);
  const first = executor.submit(tasks.waitForRelease);
  const second = executor.submit(tasks.square, 2);
  await until(() => first.running());
  assertFalse(first.done());
  assertFalse(second.running() || second.done());
  release();
  assertEquals(
    await inTime(Promise.all([first.result(), second.result()])),
    [1, 4],
  );
  assertFalse(first.running() || second.running());
  await inTime(executor.shutdown());
});

contract.test("Future.result() gives up after its timeout", async (method) => {
  const { executor, release } = heldExecutorOf(method);
  const future = executor.submit(tasks.waitForRelease);
  for (const timeout of [0, SHORT]) {
    await assertTimesOut(() => inTime(future.result({ timeout })));
    await assertRejects(() => inTime(future.exception({ timeout })));
  }
  const giveUp = AbortSignal.abort(new RangeError("given up"));
  await assertRejects(
    () => inTime(future.result({ signal: giveUp })),
    RangeError,
  );
  release();
  assertEquals(await inTime(future.result({ timeout: HUNG })), 1);
  await inTime(executor.shutdown());
});

contract.test("Future.cancel() takes what no worker has begun", async (method) => {
  const { executor, release } = heldExecutorOf(method);
  const first = executor.submit(tasks.waitForRelease);
  const others = numbers(20).map((i) => executor.submit(tasks.square, i));
  await until(() => first.running());
  assertFalse(first.cancel());
  // Some of them stand in the worker's ring already, others wait.
  for (const [i, future] of others.entries()) {
    if (i % 2 === 0) assert(future.cancel(), `${i}`);
  }
  assert(others[0]!.cancel(), "cancelled again");
  assert(others[0]!.cancelled() && others[0]!.done());
  await assertRejects(() => inTime(others[0]!.result()), CancelledError);
  await assertRejects(() => inTime(others[0]!.exception()), CancelledError);
  release();
  for (const [i, future] of others.entries()) {
    if (i % 2 === 1) assertEquals(await inTime(future.result()), i * i);
  }
  assertEquals(await inTime(first.result()), 1);
  assertFalse(first.cancel());
  await inTime(executor.shutdown());
});

contract.test("Future.cancel() of one that is cancelled runs nothing", async (method) => {
  const counter = new Value("i", 1);
  await using executor = executorOf(method, {
    initializer: tasks.setUp,
    initargs: [counter],
  });
  let cancelled = 0;
  const futures = numbers(COUNT).map(() => executor.submit(tasks.count));
  for (const future of futures) if (future.cancel()) cancelled++;
  await inTime(waitFutures(futures));
  assertEquals(counter.load() - 1, COUNT - cancelled);
  assertEquals(futures.filter((it) => it.cancelled()).length, cancelled);
});

contract.test("Future.addDoneCallback() calls in order, before the awaiter", async (method) => {
  await using executor = executorOf(method);
  const future = executor.submit(tasks.square, 3);
  const calls: string[] = [];
  future.addDoneCallback((it) => {
    assertStrictEquals(it, future);
    calls.push("first");
  });
  future.addDoneCallback(() => calls.push("second"));
  await inTime(future.result());
  assertEquals(calls, ["first", "second"]);
  future.addDoneCallback(() => calls.push("late"));
  await delay(0);
  assertEquals(calls, ["first", "second", "late"]);
  assertThrows(
    () => future.addDoneCallback(1 as unknown as () => void),
    TypeError,
  );
});

contract.test("Future of a worker that died fails alone", async (method) => {
  await using executor = executorOf(method);
  const futures = numbers(50).map((i) => executor.submit(tasks.exitFor, i, 20));
  const { done, notDone } = await inTime(waitFutures(futures));
  assertEquals([done.size, notDone.size], [50, 0]);
  for (const [i, future] of futures.entries()) {
    if (i !== 20) {
      assertEquals(await future.result(), i);
      continue;
    }
    const error = await assertRejects(
      () => inTime(future.result()),
      WorkerExitError,
    );
    assertEquals([error.exitCode, error.task], [7, "exitFor"]);
  }
  assertEquals(await inTime(executor.submit(tasks.square, 5).result()), 25);
});

contract.test("ProcessPoolExecutor that is broken says so", async (method) => {
  const executor = executorOf(method, { initializer: tasks.badInitializer });
  const future = executor.submit(tasks.square, 1);
  const error = await assertRejects(
    () => inTime(future.result()),
    BrokenProcessPool,
  );
  assertStringIncludes(String(error.cause), "no start");
  assertThrows(() => executor.submit(tasks.square, 1), BrokenPoolError);
  assertThrows(() => executor.map(tasks.square, [1]), BrokenPoolError);
  await inTime(executor.shutdown());
});

contract.test("ProcessPoolExecutor.map() goes through one iterable", async (method) => {
  await using executor = executorOf(method);
  const squares = numbers(100).map((i) => i * i);
  const expected = await inTime(
    Array.fromAsync(executor.map(tasks.square, numbers(100))),
  );
  assertEquals(expected, squares);
  for (const chunkSize of [1, 7, 100, 1000]) {
    const results = executor.map(tasks.square, numbers(100), { chunkSize });
    assertEquals(await inTime(Array.fromAsync(results)), squares);
  }
  assertEquals(
    await inTime(Array.fromAsync(executor.map(tasks.square, []))),
    [],
  );
});

contract.test("ProcessPoolExecutor.map() goes through several side by side", async (method) => {
  await using executor = executorOf(method);
  const left = new Set([1, 2, 3]);
  for (const chunkSize of [1, 2]) {
    const sums = executor.map(tasks.add, left, [10, 20, 30, 40], { chunkSize });
    assertEquals(await inTime(Array.fromAsync(sums)), [11, 22, 33]);
  }
});

contract.test("ProcessPoolExecutor.map() leaves an endless source when the shortest ends", async (method) => {
  await using executor = executorOf(method);
  let taken = 0;
  let closed = 0;
  function* endless() {
    try {
      while (true) {
        assert(taken < 1000, "it goes on");
        yield taken++;
      }
    } finally {
      closed++;
    }
  }
  const right = executor.map(tasks.add, [1, 2, 3], endless());
  assertEquals(await inTime(Array.fromAsync(right)), [1, 3, 5]);
  assertEquals([taken, closed], [3, 1]);
  const left = executor.map(tasks.add, endless(), [1, 2, 3]);
  assertEquals(await inTime(Array.fromAsync(left)), [4, 6, 8]);
  assertEquals([taken, closed], [7, 2]);
});

contract.test("ProcessPoolExecutor.map() fails when the bad element's turn comes", async (method) => {
  await using executor = executorOf(method);
  const results = executor.map(tasks.failOdd, [0, 2, 3, 4]);
  assertEquals((await inTime(results.next())).value, 0);
  assertEquals((await inTime(results.next())).value, 2);
  await assertRejects(() => inTime(results.next()), RangeError, "odd: 3");
});

contract.test("ProcessPoolExecutor.map() counts its timeout from the call", async (method) => {
  const { executor, release } = heldExecutorOf(method);
  // The start of a worker is no part of it.
  await inTime(executor.submit(tasks.square, 2).result());
  const results = executor.map(tasks.releasedIf, [1, 0, 1], {
    timeout: LONG / 2,
  });
  assertEquals((await inTime(results.next())).value, 1);
  await assertTimesOut(() => inTime(results.next()));
  release();
  await inTime(executor.shutdown());
});

contract.test("ProcessPoolExecutor.map() that is left cancels the rest", async (method) => {
  const { executor, release } = heldExecutorOf(method);
  const results = executor.map(tasks.releasedIf, [1, 0, 1, 1, 1]);
  for await (const value of results) {
    assertEquals(value, 1);
    break;
  }
  release();
  await inTime(executor.shutdown());
  assert((await results.next()).done);
});

contract.test("asCompleted() gives what is done first", async (method) => {
  const { executor, release } = heldExecutorOf(method, 2);
  const slow = executor.submit(tasks.waitForRelease);
  const quick = executor.submit(tasks.square, 3);
  const order: Future<number>[] = [];
  for await (const future of asCompleted([slow, quick, slow])) {
    order.push(future);
    release();
  }
  assert(order[0] === quick && order[1] === slow && order.length === 2);
  const again = await inTime(asCompleted([slow]).next());
  assert(again.value === slow);
  assert((await inTime(asCompleted([]).next())).done);
  await inTime(executor.shutdown());
});

contract.test("asCompleted() says at its timeout how many are missing", async (method) => {
  const { executor, release } = heldExecutorOf(method, 2);
  const slow = executor.submit(tasks.waitForRelease);
  const quick = executor.submit(tasks.square, 3);
  await inTime(quick.result());
  const completed = asCompleted([slow, quick], { timeout: SHORT });
  assert((await inTime(completed.next())).value === quick);
  await assertTimesOut(() => inTime(completed.next()), "1 (of 2)");
  assert((await inTime(completed.next())).done);
  release();
  await inTime(executor.shutdown());
});

contract.test("waitFutures() returns when its condition holds", async (method) => {
  const { executor, release } = heldExecutorOf(method, 2);
  const slow = executor.submit(tasks.waitForRelease);
  const quick = executor.submit(tasks.square, 3);
  const bad = executor.submit(tasks.failAt, 1, 1);
  const all = [slow, quick, bad];
  const first = await inTime(waitFutures(all, { returnWhen: FIRST_COMPLETED }));
  assert(first.done.size >= 1 && first.notDone.has(slow));
  const failed = await inTime(
    waitFutures(all, { returnWhen: FIRST_EXCEPTION }),
  );
  assert(failed.done.has(bad) && failed.notDone.has(slow));
  const late = await inTime(waitFutures(all, { timeout: SHORT }));
  assertEquals([late.done.size, late.notDone.size], [2, 1]);
  for (const timeout of [2 ** 31, Infinity]) {
    assert(await isPending(waitFutures(all, { timeout }), SHORT));
  }
  assert(await isPending(waitFutures(all), SHORT));
  release();
  const { done, notDone } = await inTime(waitFutures([...all, slow]));
  assertEquals([done.size, notDone.size], [3, 0]);
  assertEquals((await inTime(waitFutures([]))).done.size, 0);
  await inTime(executor.shutdown());
});

contract.test("waitFutures() does not take a cancelled future for a failed one", async (method) => {
  const { executor, release } = heldExecutorOf(method);
  const slow = executor.submit(tasks.waitForRelease);
  const cancelled = executor.submit(tasks.square, 3);
  const others = executor.submit(tasks.square, 4);
  const all = [slow, cancelled, others];
  const waiting = waitFutures(all, { returnWhen: FIRST_EXCEPTION });
  assert(cancelled.cancel());
  assert(await isPending(waiting, SHORT));
  const again = waitFutures(all, { returnWhen: FIRST_EXCEPTION });
  assert(await isPending(again, SHORT));
  release();
  assertEquals((await inTime(waiting)).done.size, 3);
  assertEquals((await inTime(again)).done.size, 3);
  await inTime(executor.shutdown());
});

contract.test("Future of a task that throws a CancelledError has failed", async (method) => {
  await using executor = executorOf(method);
  for (const task of [tasks.throwCancelled, tasks.throwNothing]) {
    const future = executor.submit(task);
    await inTime(waitFutures([future]));
    assertFalse(future.cancelled(), task.name);
    assertFalse(future.cancel());
  }
  const error = await inTime(executor.submit(tasks.throwCancelled).exception());
  assertInstanceOf(error, CancelledError);
  assertEquals(error.message, "another");
});

contract.test("ProcessPoolExecutor.shutdown() finishes what was submitted", async (method) => {
  const { executor, release } = heldExecutorOf(method);
  const futures = [
    executor.submit(tasks.waitForRelease),
    executor.submit(tasks.square, 2),
  ];
  const ended = executor.shutdown();
  assertThrows(
    () => executor.submit(tasks.square, 1),
    StateError,
    "was shut down",
  );
  assertThrows(() => executor.map(tasks.square, [1]), StateError);
  assert(await isPending(ended, SHORT));
  release();
  await inTime(ended);
  assert(futures.every((future) => future.done()));
  assertEquals(
    await inTime(Promise.all(futures.map((it) => it.result()))),
    [1, 4],
  );
  await inTime(executor.shutdown());
});

contract.test("ProcessPoolExecutor.shutdown() need not wait", async (method) => {
  const { executor, release } = heldExecutorOf(method);
  const future = executor.submit(tasks.waitForRelease);
  await inTime(executor.shutdown({ wait: false }));
  assertFalse(future.done());
  release();
  assertEquals(await inTime(future.result()), 1);
  await inTime(executor.shutdown());
});

contract.test("ProcessPoolExecutor.shutdown() cancels what is told to", async (method) => {
  const { executor, release } = heldExecutorOf(method);
  const first = executor.submit(tasks.waitForRelease);
  const others = numbers(50).map((i) => executor.submit(tasks.square, i));
  await until(() => first.running());
  const ended = executor.shutdown({ cancelFutures: true });
  assert(others.every((future) => future.cancelled()));
  assertFalse(first.cancelled());
  release();
  await inTime(ended);
  assertEquals(await inTime(first.result()), 1);
});

contract.test(`ProcessPoolExecutor keeps ${COUNT} futures apart`, async (method) => {
  await using executor = executorOf(method);
  const futures = numbers(COUNT).map((i) => executor.submit(tasks.square, i));
  let sum = 0;
  for await (const future of asCompleted(futures)) {
    sum += await future.result();
  }
  assertEquals(sum, numbers(COUNT).reduce((all, i) => all + i * i, 0));
});

Deno.test("ThreadPoolExecutor runs in this OS process", async () => {
  await using executor = new ThreadPoolExecutor({
    maxWorkers: 1,
    module: MODULE,
  });
  assertEquals(
    await inTime(executor.submit(tasks.pidOfWorker).result()),
    Deno.pid,
  );
});

Deno.test("ProcessPoolExecutor refuses bad options at once", () => {
  const bad: [unknown, typeof Error][] = [
    [0, RangeError],
    [-1, RangeError],
    [1.5, RangeError],
    [{ maxWorkers: "2" }, TypeError],
    [{ maxWorkers: 0 }, RangeError],
    [{ maxTasksPerChild: 0 }, RangeError],
    [{ method: "fork" }, RangeError],
  ];
  for (const [options, Class] of bad) {
    assertThrows(
      () => new ProcessPoolExecutor(options as ExecutorOptions),
      Class,
      "Cannot create executor",
    );
  }
});

Deno.test("ProcessPoolExecutor refuses bad calls at once", async () => {
  await using executor = new ThreadPoolExecutor(1);
  const func = 1 as unknown as () => void;
  assertThrows(() => executor.submit(func), TypeError, "func must be");
  assertThrows(() => executor.map(func), TypeError);
  const map = executor.map.bind(executor) as (...all: unknown[]) => unknown;
  assertThrows(() => map(tasks.square, {}), TypeError, "nothing to iterate");
  assertThrows(() => map(tasks.square, [1], 5, {}), TypeError, "iterable");
  assertThrows(() => map(tasks.square, [1], { chunkSize: 0 }), RangeError);
  assertThrows(() => map(tasks.square, [1], { timeout: -1 }), RangeError);
  assertThrows(
    () => asCompleted([1] as unknown as Future[]),
    TypeError,
    "must be futures",
  );
  await assertRejects(() => waitFutures([1] as unknown as Future[]), TypeError);
  await assertRejects(
    () => waitFutures([], { returnWhen: "NONE" as ReturnWhen }),
    RangeError,
    "returnWhen",
  );
});
