// Copyright 2026 the authors. MIT license.

// The forms of pools and futures that block: no turn of the event loop is
// needed, for results, deaths, timeouts and new workers alike.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { contract } from "../_support/contract.ts";
import { HUNG, MEDIUM, SHORT } from "../_support/delays.ts";
import { runIn } from "../_support/processes.ts";
import * as mp from "../../mod.ts";
import * as tasks from "../testdata/pool_tasks.ts";

/** Runs `block`, in which no turn of the event loop may happen. */
function blocked<T>(block: () => T): T {
  let turns = 0;
  const timer = setTimeout(() => turns++);
  queueMicrotask(() => turns++);
  try {
    return block();
  } finally {
    assertEquals(turns, 0, "the event loop turned");
    clearTimeout(timer);
  }
}

function fails(): never {
  throw new RangeError("it failed");
}

contract.test("Pool.applySync(), mapSync() and starmapSync() block for results", async (method) => {
  const pool = new mp.Pool({ processes: 2, method });
  blocked(() => {
    assertEquals(pool.applySync(tasks.square, [3]), 9);
    assertEquals(pool.applySync(tasks.squareLater, [4]), 16);
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    assertEquals(
      pool.mapSync(tasks.square, numbers),
      numbers.map((i) => i * i),
    );
    assertEquals(pool.mapSync(tasks.square, []), []);
    assertEquals(pool.starmapSync(tasks.add, [[1, 2], [3, 4]]), [3, 7]);
    assertThrows(() => pool.applySync(fails), RangeError, "it failed");
    assertThrows(() => pool.mapSync(fails, [1]), RangeError, "it failed");
    pool.close();
    assert(pool.joinSync());
    assertThrows(() => pool.applySync(tasks.square, [1]), mp.StateError);
  });
  assert(await pool.join());
});

contract.test("AsyncResult.getSync() and waitSync() give up at their timeout", async (method) => {
  await using pool = new mp.Pool({ processes: 1, method });
  blocked(() => {
    const result = pool.applyAsync(tasks.nap, [MEDIUM]);
    assertFalse(result.waitSync({ timeout: 0 }));
    assertThrows(
      () => result.getSync({ timeout: SHORT }),
      DOMException,
      "Cannot get result: the timeout passed",
    );
    assert(result.waitSync({ timeout: HUNG }));
    assertEquals(typeof result.getSync(), "string");
    assertThrows(() => pool.joinSync(), mp.StateError);
  });
});

contract.test("Future.resultSync(), exceptionSync() and shutdownSync() block", (method) => {
  const executor = new mp.ProcessPoolExecutor({ maxWorkers: 1, method });
  blocked(() => {
    const future = executor.submit(tasks.square, 5);
    assertEquals(future.resultSync({ timeout: HUNG }), 25);
    assertEquals(future.exceptionSync(), undefined);
    const failed = executor.submit(fails);
    assertInstanceOf(failed.exceptionSync(), RangeError);
    assertThrows(() => failed.resultSync(), RangeError, "it failed");
    const slow = executor.submit(tasks.nap, MEDIUM);
    assertThrows(
      () => slow.resultSync({ timeout: 0 }),
      DOMException,
      "Cannot get result: the timeout passed",
    );
    executor.shutdownSync();
    assert(slow.done());
  });
});

contract.test("an imap can be read by a plain for", async (method) => {
  await using pool = new mp.Pool({ processes: 2, method });
  let isClosed = false;
  function* endless() {
    try {
      for (let i = 0;; i++) yield i;
    } finally {
      isClosed = true;
    }
  }
  blocked(() => {
    const squares: number[] = [];
    for (const square of pool.imap(tasks.square, [1, 2, 3])) {
      squares.push(square);
    }
    assertEquals(squares, [1, 4, 9]);
    let last = 0;
    for (last of pool.imap(tasks.square, endless())) if (last > 50) break;
    assertEquals(last, 64);
    assert(isClosed);
    const loose = [...pool.imapUnordered(tasks.square, [1, 2, 3])];
    assertEquals(loose.sort(), [1, 4, 9]);
    const naps = pool.imap(tasks.nap, [MEDIUM]);
    assertThrows(
      () => naps.nextSync({ timeout: 0 }),
      DOMException,
      "Cannot get next result: the timeout passed",
    );
    assertFalse(naps.nextSync().done);
    assert(naps.nextSync().done);
    assertThrows(() => [...pool.imap(fails, [1])], RangeError, "it failed");
  });
});

contract.test("a blocking call of a pool hears of deaths and timeouts", async (method) => {
  await using pool = new mp.Pool({ processes: 1, method, maxTasksPerChild: 3 });
  blocked(() => {
    assertThrows(
      () => pool.applySync(tasks.exit, [3]),
      mp.WorkerExitError,
      "exit code 3",
    );
    const timeout = SHORT;
    const error = assertThrows(
      () => pool.applySync(tasks.spinForEver, [], { timeout }),
      DOMException,
    );
    assertEquals(error.name, "TimeoutError");
    const numbers = Array.from({ length: 8 }, (_, i) => i);
    assertEquals(
      pool.mapSync(tasks.square, numbers, { chunkSize: 1 }),
      numbers.map((i) => i * i),
    );
  });
});

/** A child whose thread never turns its event loop. */
function squaresInside(): number[] {
  const pool = new mp.Pool(1);
  const squares = pool.mapSync(tasks.square, [1, 2, 3]);
  pool.close();
  pool.joinSync();
  return squares;
}

contract.test("a child may use the blocking calls of a pool", async (method) => {
  const q = new mp.Queue<number[]>();
  await runIn(import.meta.url, method, putSquares, q);
  assertEquals(q.getNowait(), [1, 4, 9]);
});

export function putSquares(q: mp.Queue<number[]>): void {
  q.putSync(squaresInside());
}

contract.test("Pool.joinSync() withdraws an imap that nobody reads", (method) => {
  const pool = new mp.Pool({ processes: 1, method });
  blocked(() => {
    pool.imap(
      tasks.square,
      function* () {
        for (let i = 0;; i++) yield i;
      }(),
    );
    pool.close();
    assert(pool.joinSync({ timeout: HUNG }));
  });
});

Deno.test("a blocking call refuses elements that come in the event loop", async () => {
  await using pool = new mp.Pool(1);
  const items = ReadableStream.from([1, 2]);
  assertThrows(
    () => pool.mapSync(tasks.square, items as never),
    TypeError,
    "Cannot map: a blocking call needs elements that are iterable",
  );
  const job = pool.imap(tasks.square, ReadableStream.from([1]));
  assertThrows(() => job.nextSync(), TypeError, "use next()");
  assertEquals(await job.next(), { value: 1, done: false });
});
