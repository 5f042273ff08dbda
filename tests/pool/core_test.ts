// Copyright 2026 the authors. MIT license.

// The core of a pool, between its plan and real workers: what it tells the plan
// first.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { activeChildren, WorkerExitError } from "../../mod.ts";
import { Core } from "../../pool/core.ts";
import { Functions } from "../../pool/functions.ts";
import { submitCall } from "../../pool/submit.ts";
import type { Task } from "../../pool/task.ts";
import { contract, type Method } from "../_support/contract.ts";
import { HUNG } from "../_support/delays.ts";
import { inTime, MODULE } from "../_support/pools.ts";
import { importWith, type Mistake } from "../model/testdata/mistake.ts";
import * as tasks from "../testdata/pool_tasks.ts";

/** A deliberate error in `core.ts`, which the test of the order must find. */
const LATE = "a worker's death is told before its results";
const MISTAKES: Readonly<Record<string, Mistake>> = {
  [LATE]: [[
    "    this.#drainAll();\n    if (this.#seats[number] !== seat) return;\n",
    "    if (this.#seats[number] !== seat) return;\n",
  ], [
    "    seat.leave();\n",
    "    this.#drainAll();\n    seat.leave();\n",
  ]],
};

/** Has a worker answer two tasks, die in the third, and leave the fourth. */
async function checkDeath(Class: typeof Core, method: Method): Promise<void> {
  const core = new Class(
    {
      initializer: undefined,
      initargs: [],
      method,
      maxTasks: Infinity,
      areDaemons: true,
    },
    { min: 1, max: 1, idleTimeout: Infinity },
    new Functions(MODULE),
  );
  const func = core.functions.placeOf(tasks.exitAtSeven);
  let latest: Task | undefined;
  const apply = (x: number) =>
    new Promise<unknown>((done, failed) => {
      const sink = {
        done: (_: unknown, value: unknown) => done(value),
        failed: (_: unknown, error: unknown) => failed(error),
      };
      latest = submitCall(core, func, [x], sink, undefined);
    });
  try {
    // Else the worker gets nothing ahead.
    while (!latest?.pace.isShort || latest.pace.usual > 100) {
      await inTime(apply(1));
    }
    const { done: before } = core.stats();
    const [worker] = activeChildren();
    const results = [apply(2), apply(3), apply(7), apply(4)];
    const settled = Promise.allSettled(results);
    // This thread is blocked: no turn takes results until the worker is dead.
    assert(worker!.joinSync({ timeout: HUNG }));
    core.tick();
    const { done, failed } = core.stats();
    assertEquals([done - before, failed], [2, 1]);
    await inTime(settled);
    assertEquals(core.stats().restarts, 1);
    assertEquals(await results[0], 2);
    assertEquals(await results[1], 3);
    const error = await assertRejects(() => results[2]!, WorkerExitError);
    assertEquals(error.exitCode, 7);
    assertEquals(await results[3], 4);
  } finally {
    core.terminate();
    await inTime(new Promise<void>((ended) => core.join(ended)));
  }
}

contract.test("Core passes on all results of a worker before its death", (method) =>
  checkDeath(Core, method));

contract.test(`the test of Core notices that ${LATE}`, async (method) => {
  const url = `file:///core.ts?mistake=${encodeURIComponent(LATE)}`;
  const module = await importWith("pool/core.ts", url, MISTAKES);
  const Class = (module as { Core: typeof Core }).Core;
  await assertRejects(() => checkDeath(Class, method), Error, "not equal");
});
