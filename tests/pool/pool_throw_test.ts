// Copyright 2026 the authors. MIT license.

// Throws in the middle of the pool's own work: the call concerned fails, all
// else goes on.

import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { Pool, Process } from "../../mod.ts";
import { contract, type Method } from "../_support/contract.ts";
import { inTime, poolOf } from "../_support/pools.ts";
import { assertUncloneable } from "../_support/refusals.ts";
import * as odd from "../testdata/pool_odd_errors.ts";
import * as tasks from "../testdata/pool_tasks.ts";

const ODD = new URL("../testdata/pool_odd_errors.ts", import.meta.url);

function poolOfOdd(method: Method): Pool {
  return new Pool({ processes: 1, method, module: ODD });
}

/** Runs `body` in a program that makes stacks in its own way. */
async function withStacks(
  prepare: NonNullable<typeof Error.prepareStackTrace>,
  body: () => Promise<void>,
): Promise<void> {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = prepare;
  try {
    await body();
  } finally {
    Error.prepareStackTrace = before;
  }
}

contract.test("Pool.apply() refuses what is to be transferred twice", async (method) => {
  await using pool = poolOf(method, 1);
  for (const [first, second] of [[0, 1], [1, 0], [0, 0]]) {
    const buffers = [new ArrayBuffer(8), new ArrayBuffer(16)];
    const transfer = [buffers[first!]!, buffers[0]!, buffers[second!]!];
    await assertUncloneable(
      () => inTime(pool.apply(tasks.bytesOf, [buffers[0]!], { transfer })),
      "transfer[",
    );
    assertEquals(buffers.map(({ detached }) => detached), [false, false]);
  }
  const one = new ArrayBuffer(8);
  const transfer = [one];
  const results = [
    pool.apply(tasks.bytesOf, [one], { transfer }),
    pool.apply(tasks.square, [3]),
  ];
  assertEquals(await inTime(Promise.all(results)), [8, 9]);
  // Gone by now, so it cannot go again.
  await assertRejects(() =>
    inTime(pool.apply(tasks.bytesOf, [one], { transfer }))
  );
  assertEquals(await inTime(pool.apply(tasks.square, [4])), 16);
  assertEquals(pool.stats().queued + pool.stats().running, 0);
});

contract.test("Pool goes on in a program whose stacks are call sites", async (method) => {
  await withStacks((_, sites) => sites, async () => {
    await using pool = poolOf(method, 1);
    for (let i = 0; i < 3; i++) {
      const error = await assertRejects(
        () => inTime(pool.apply(tasks.failAt, [1, 1])),
        RangeError,
        "bad: 1",
      );
      assertInstanceOf(error, RangeError);
      const items = [0, 1, 2].map((x): [number, number] => [x, 1]);
      await assertRejects(
        () => inTime(pool.starmap(tasks.failAt, items)),
        RangeError,
      );
    }
    assertEquals(await inTime(pool.apply(tasks.square, [3])), 9);
  });
});

contract.test("Pool goes on in a program whose stacks cannot be made", async (method) => {
  const refuse = () => {
    throw new TypeError("no stacks here");
  };
  await withStacks(refuse, async () => {
    await using pool = poolOf(method, 1);
    // By hand: what asserts reads stacks.
    for (const func of [tasks.fail, tasks.throwUncloneable]) {
      const outcome = pool.apply(func as (text: string) => never, ["cold"])
        .then(() => "it ran", () => "it failed");
      assertEquals(await inTime(outcome), "it failed");
    }
    const lost = pool.apply(tasks.exit, [3])
      .then(() => "it ran", ({ name }) => name);
    assertEquals(await inTime(lost), "WorkerExitError");
    assertEquals(await inTime(pool.apply(tasks.square, [3])), 9);
  });
});

contract.test("Pool goes on if its workers make stacks in their own way", async (method) => {
  await using pool = poolOfOdd(method);
  for (const func of [odd.failWithSites, odd.failWithSites]) {
    const error = await assertRejects(
      () => inTime(pool.apply(func, ["cold"])),
      RangeError,
      "cold",
    );
    assertEquals(typeof error.stack, "string");
  }
  for (let i = 0; i < 2; i++) {
    await assertUncloneable(() =>
      inTime(pool.apply(odd.failWithoutStack, ["cold"]))
    );
  }
  assertEquals(await inTime(pool.apply(odd.half, [4])), 2);
  assertEquals(pool.stats().restarts, 0);
});

contract.test("Pool goes on in a program that has frozen Error", async (method) => {
  const process = new Process({
    target: odd.useFrozenErrors,
    args: [method],
    module: ODD,
    method,
  });
  process.start();
  await inTime(process.join());
  assertEquals(process.exitCode, 0);
});
