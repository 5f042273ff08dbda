// Copyright 2026 the authors. MIT license.

// `@std/testing/time` for tests: see docs/decisions/0001-std-from-npm.md.
//
// The package's time.js imports "../data-structures/", but the folder it ships
// is data_structures: one resolve hook, in place only for this import.

import { registerHooks } from "node:module";
import type * as types from "./time.d.ts";

const hooks = registerHooks({
  resolve(specifier, context, nextResolve) {
    const wrong = context.parentURL?.includes("/deno-std/") &&
      specifier.startsWith("../data-structures/");
    return nextResolve(
      wrong
        ? specifier.replace("data-structures", "data_structures")
        : specifier,
      context,
    );
  },
});
const time: typeof types = await import("deno-std-testing/time.js");
hooks.deregister();

/** A clock that moves only when the test says so. */
export const FakeTime = time.FakeTime;
/** A clock that moves only when the test says so. */
export type FakeTime = types.FakeTime;
/** Time was faked twice, or restored twice. */
export const TimeError = time.TimeError;
export type { DelayOptions, FakeTimeOptions } from "./time.d.ts";
