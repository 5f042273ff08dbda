// Copyright 2026 the authors. MIT license.

// How a pool or an executor begins: its options are checked, then its workers
// start.

import { checkArray, checkFunction, checkInteger } from "../memory/check.ts";
import { StateError } from "../errors.ts";
import { checkMethod, makeIn, memoryOf, usedMethod } from "../memory/method.ts";
import { Core } from "./core.ts";
import { Functions } from "./functions.ts";
import { type PoolOptions, sizeOf } from "./options.ts";
import { GUARDED, me } from "../program/self.ts";
import { moduleOf, refer } from "../message/target.ts";

/** Makes the core of a pool or an executor, and starts its workers. */
export function openCore(
  options: PoolOptions,
  what: "pool" | "executor",
): Core {
  const action = `create ${what}`;
  if (me().importing) {
    throw new StateError(
      `Cannot ${action}: this process is still importing the module of its ` +
        `task: create ${what}s ${GUARDED}`,
    );
  }
  const size = sizeOf(options);
  const { initializer, initargs = [], maxTasksPerChild } = options;
  if (options.method !== undefined) checkMethod(options.method, action);
  if (maxTasksPerChild !== undefined) {
    checkInteger(action, "maxTasksPerChild", maxTasksPerChild, 1);
  }
  if (initializer !== undefined) {
    checkFunction(action, "initializer", initializer);
  }
  checkArray(action, "initargs", initargs);
  const module = moduleOf(action, options.module);
  const ref = initializer === undefined
    ? undefined
    : refer(initializer, module, me().mainModule, action);
  const method = options.method ?? usedMethod();
  const staffing = {
    initializer: ref,
    initargs,
    method,
    maxTasks: maxTasksPerChild ?? Infinity,
    areDaemons: what === "pool",
  };
  return makeIn(
    memoryOf(method),
    () => new Core(staffing, size, new Functions(options.module)),
  );
}
