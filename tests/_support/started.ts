// Copyright 2026 the authors. MIT license.

import type { Process } from "../../mod.ts";
import { LONG } from "./delays.ts";
import type { Method } from "./contract.ts";
import { startIn } from "./processes.ts";

// deno-lint-ignore no-explicit-any -- as `ProcessOptions.target`.
type Target = (...args: any[]) => unknown;

/**
 * Starts `target`, exported by the file of its name under testdata/: `putAll`
 * stands in `put_all.ts`. Is joined at the end of an `await using`.
 */
export function start(
  method: Method,
  target: Target,
  ...args: unknown[]
): Process {
  const file = target.name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
  const module = new URL(`../testdata/${file}.ts`, import.meta.url);
  const process = startIn(module, method, target, ...args);
  // A test that fails must not wait for a process that only it would have
  // ended.
  process[Symbol.asyncDispose] = async () => {
    if (!(await process.join({ timeout: LONG }))) process.terminate();
    await process.join();
    process.close();
  };
  return process;
}
