// Copyright 2026 the authors. MIT license.

// The async contexts of a worker's tasks: what a task leaves behind runs in the
// task's context, so an error there tells whose it is. A worker loads this file
// when it first needs to tell two tasks apart.

import type { AsyncLocalStorage } from "node:async_hooks";
import { builtinModule } from "../memory/builtin.ts";
import { enter } from "./current.ts";
import { isThenable } from "./chunk.ts";
import type { Callable } from "../message/target.ts";

let storage: AsyncLocalStorage<number> | undefined;
let last = 0;

/** The last error that a timer threw, and the context that it ran in. */
let thrown: { error: unknown; context: number } | undefined;

/**
 * A function that calls `func` in a context of its own each time. If the first
 * call returns no promise, `isSync` is called: none need have one.
 */
export function inOwnContext(func: Callable, isSync: () => void): Callable {
  let isKnown = false;
  return (...args) => {
    const context = enter(++last);
    const result = storage!.run(context, func, ...args);
    if (!isKnown && !isThenable(result)) isSync();
    isKnown = true;
    return result;
  };
}

/** The context in which `error` was thrown, which is being told of; 0: none. */
export function contextOf(error: unknown): number {
  if (thrown?.error === error) return thrown!.context;
  return storage?.getStore() ?? 0;
}

/**
 * Begins with contexts: loads Node's, which the built file would do at every
 * start if it stood at the top of this one.
 */
export function beginContexts(): void {
  if (storage !== undefined) return;
  const hooks = builtinModule<typeof import("node:async_hooks")>(
    "node:async_hooks",
  );
  storage = new hooks.AsyncLocalStorage();
  // The platform tells of an error in a timer when it has left the context.
  for (const name of ["setTimeout", "setInterval"] as const) {
    const set = globalThis[name] as Callable;
    const mine = (callback: unknown, ...rest: unknown[]) =>
      set(
        typeof callback === "function" ? noting(callback) : callback,
        ...rest,
      );
    Object.defineProperties(mine, Object.getOwnPropertyDescriptors(set));
    Object.assign(globalThis, { [name]: mine });
  }
}

// deno-lint-ignore ban-types -- anything that can be called.
function noting(callback: Function): Callable {
  return function (this: unknown, ...args) {
    try {
      return callback.apply(this, args);
    } catch (error) {
      thrown = { error, context: storage!.getStore() ?? 0 };
      throw error;
    }
  };
}
