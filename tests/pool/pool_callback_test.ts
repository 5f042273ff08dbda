// Copyright 2026 the authors. MIT license.

// The functions that callers hand to a pool: what they throw, and the async
// context that they run in.

import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { AsyncLocalStorage } from "node:async_hooks";
import { asCompleted, ProcessPoolExecutor } from "../../mod.ts";
import { contract, type Method } from "../_support/contract.ts";
import { HUNG } from "../_support/delays.ts";
import { inTime, numbers, poolOf } from "../_support/pools.ts";
import { until } from "../_support/until.ts";
import * as tasks from "../testdata/pool_tasks.ts";

const context = new AsyncLocalStorage<string>();

function executorOf(method: Method): ProcessPoolExecutor {
  const module = new URL("../testdata/pool_tasks.ts", import.meta.url);
  return new ProcessPoolExecutor({ maxWorkers: 1, method, module });
}

/** What is told on stderr while `body` runs. */
async function toldBy(body: () => Promise<void>): Promise<string> {
  const { writeSync } = Deno.stderr;
  let told = "";
  Deno.stderr.writeSync = (bytes) => {
    told += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  try {
    await body();
  } finally {
    Deno.stderr.writeSync = writeSync;
  }
  return told;
}

contract.test("Pool.applyAsync() fails with the error of its callback", async (method) => {
  await using pool = poolOf(method, 1);
  const error = new RangeError("from the callback");
  const callbacks = [
    () => {
      throw error;
    },
    async () => {
      await undefined;
      throw error;
    },
  ];
  for (const callback of callbacks) {
    const result = pool.applyAsync(tasks.square, [3], { callback });
    const reason = await inTime(result.get().catch((reason) => reason));
    assertStrictEquals(reason, error);
    assertEquals([result.ready(), result.successful()], [true, false]);
    assertStrictEquals(
      await inTime(
        pool.map(tasks.square, [1, 2], { callback }).catch((it) => it),
      ),
      error,
    );
  }
  assertEquals(await inTime(pool.apply(tasks.square, [4])), 16);
});

contract.test("Pool.applyAsync() keeps the task's error behind that of its errorCallback", async (method) => {
  await using pool = poolOf(method, 1);
  const middle = new TypeError("middle");
  const error = new RangeError("from the callback", { cause: middle });
  let original: unknown;
  const result = pool.applyAsync(tasks.fail, ["no"], {
    errorCallback: (reason) => {
      original = reason;
      throw error;
    },
  });
  assertStrictEquals(await inTime(result.get().catch((it) => it)), error);
  assertStrictEquals(error.cause, middle);
  assertStrictEquals(middle.cause, original);
  for (const thrown of ["text", Object.freeze(new Error("frozen"))]) {
    const errorCallback = () => {
      throw thrown;
    };
    const failing = pool.applyAsync(tasks.fail, ["no"], { errorCallback });
    assertStrictEquals(await inTime(failing.get().catch((it) => it)), thrown);
  }
  const again = pool.applyAsync(tasks.fail, ["no"], {
    errorCallback: (reason) => {
      throw reason;
    },
  });
  await assertRejects(() => inTime(again), Error, "no");
});

contract.test("AsyncResult is ready when its callback has run", async (method) => {
  await using pool = poolOf(method, 1);
  const ready: boolean[] = [];
  const rest = Promise.withResolvers<void>();
  const result = pool.applyAsync(tasks.square, [3], {
    callback: async () => {
      ready.push(result.ready());
      await rest.promise;
      ready.push(result.ready());
    },
  });
  await until(() => ready.length === 1);
  assertFalse(result.ready());
  rest.resolve();
  assertEquals(await inTime(result), 9);
  assertEquals(ready, [false, false]);
});

contract.test("Pool.map() fails with the error of onProgress", async (method) => {
  await using pool = poolOf(method, 1);
  for (const at of [1, 2, 3]) {
    for (const isAsync of [false, true]) {
      const fail = () => {
        throw new RangeError("from onProgress");
      };
      const onProgress = ({ done }: { done: number }) => {
        if (done !== at) return;
        return isAsync ? Promise.resolve().then(fail) : fail();
      };
      const options = { onProgress: onProgress as () => void, chunkSize: 1 };
      await assertRejects(
        () => inTime(pool.map(tasks.square, [1, 2, 3], options)),
        RangeError,
        "from onProgress",
      );
    }
  }
  assertEquals(await inTime(pool.apply(tasks.square, [4])), 16);
});

contract.test("Pool.imap() fails with the error of onProgress", async (method) => {
  await using pool = poolOf(method, 1);
  let isClosed = false;
  function* source() {
    try {
      while (true) yield 1;
    } finally {
      isClosed = true;
    }
  }
  const onProgress = ({ done }: { done: number }) => {
    if (done === 3) throw new RangeError("from onProgress");
  };
  await assertRejects(
    async () => {
      for await (const _ of pool.imap(tasks.same, source(), { onProgress }));
    },
    RangeError,
    "from onProgress",
  );
  assert(isClosed);
  assertEquals(await inTime(pool.apply(tasks.square, [4])), 16);
});

contract.test("Pool calls back in the async context of the call", async (method) => {
  await using pool = poolOf(method, 1);
  const seen: unknown[] = [];
  const callback = () => seen.push(context.getStore());
  const results = ["A", "B"].map((name) =>
    context.run(name, () => [
      pool.applyAsync(tasks.square, [2], { callback }),
      pool.applyAsync(tasks.fail, ["no"], { errorCallback: callback }),
      pool.mapAsync(tasks.square, [1, 2], { callback, onProgress: callback }),
    ])
  );
  await context.run("C", () => inTime(Promise.allSettled(results.flat())));
  const expected = ["A", "B"].flatMap((name) => Array(5).fill(name));
  assertEquals(seen.toSorted(), expected);
});

contract.test("Future calls back in the async context of the call", async (method) => {
  await using executor = executorOf(method);
  const seen: unknown[] = [];
  const future = executor.submit(tasks.square, 2);
  const callback = () => seen.push(context.getStore());
  for (const name of ["A", "B"]) {
    context.run(name, () => future.addDoneCallback(callback));
  }
  await context.run("C", () => inTime(future.result()));
  context.run("D", () => future.addDoneCallback(callback));
  await until(() => seen.length === 3);
  assertEquals(seen, ["A", "B", "D"]);
});

contract.test("Future tells what its callbacks throw, and calls the others", async (method) => {
  let calls = 0;
  const told = await toldBy(async () => {
    await using executor = executorOf(method);
    const future = executor.submit(tasks.square, 2);
    future.addDoneCallback(() => {
      throw new RangeError("the first");
    });
    future.addDoneCallback(async () => {
      await undefined;
      throw new RangeError("the second");
    });
    future.addDoneCallback(() => {
      throw {
        [Symbol.for("Deno.customInspect")]() {
          throw new TypeError("it does not print");
        },
      };
    });
    future.addDoneCallback(() => calls++);
    assertEquals(await inTime(future.result()), 4);
  });
  assertEquals(calls, 1);
  for (const text of ["the first", "the second"]) {
    assert(told.includes(`RangeError: ${text}`), told);
  }
  assertEquals(told.match(/callback of a future/g)?.length, 3);
});

contract.test("Future can be awaited", async (method) => {
  await using executor = executorOf(method);
  const future = executor.submit(tasks.square, 3);
  const value: number = await inTime(future);
  assertEquals([value, await future], [9, 9]);
  const all: number[] = await Promise.all(
    numbers(3).map((x) => executor.submit(tasks.square, x)),
  );
  assertEquals(all, [0, 1, 4]);
  await assertRejects(
    async () => await inTime(executor.submit(tasks.fail, "no")),
    Error,
    "no",
  );
  const lost = executor.submit(tasks.fail, "no").then(() => 1, () => 2);
  assertEquals(await inTime(lost), 2);
  // Whoever waits for several gets the futures, not their results.
  for await (const done of asCompleted([future])) {
    assertStrictEquals<unknown>(done.result, future.result);
    assertEquals(await done.result(), 9);
  }
  const [first] = await Array.fromAsync(asCompleted([future]));
  assert(first!.done());
});

contract.test("Pool[Symbol.dispose]() terminates", async (method) => {
  let result;
  let ended;
  {
    using pool = poolOf(method, 1);
    result = pool.apply(tasks.nap, [1_000_000]);
    ended = () => pool.join();
  }
  await assertRejects(() => inTime(result!), DOMException, "terminated");
  assertEquals(await inTime(ended()), true);
});

contract.test("Pool calls back before a blocking wait returns", (method) => {
  const pool = poolOf(method, 1);
  const calls: string[] = [];
  const callback = () => calls.push("called");
  const result = pool.applyAsync(tasks.square, [3], { callback });
  assertEquals(result.getSync({ timeout: HUNG }), 9);
  const onProgress = () => calls.push("progress");
  const items = numbers(2);
  assertEquals(
    pool.mapSync(tasks.square, items, { onProgress, chunkSize: 1 }),
    [0, 1],
  );
  assertEquals(calls, ["called", "progress", "progress"]);
  const fail = () => {
    throw new RangeError("from the callback");
  };
  const failing = pool.applyAsync(tasks.square, [3], { callback: fail });
  assertThrows(() => failing.getSync({ timeout: HUNG }), RangeError);
  pool.terminate();
  pool.joinSync();
});
