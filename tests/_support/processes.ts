// Copyright 2026 the authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Process } from "../../mod.ts";
import type { Method } from "./contract.ts";
import { HUNG } from "./delays.ts";

// deno-lint-ignore no-explicit-any -- as `ProcessOptions.target`.
export type Target = (...args: any[]) => unknown;

/** Starts `target`, which the module at `module` exports. */
export function startIn(
  module: string | URL,
  method: Method,
  target: Target,
  ...args: unknown[]
): Process {
  const process = new Process({ target, args, module, method });
  process.start();
  return process;
}

/** Runs `target` in a process, which must end well. */
export async function runIn(
  module: string | URL,
  method: Method,
  target: Target,
  ...args: unknown[]
): Promise<void> {
  const process = startIn(module, method, target, ...args);
  await process.join();
  assertEquals(process.exitCode, 0);
}

/** Waits for their ends, which must come. */
export async function ended(...processes: Process[]): Promise<void> {
  for (const process of processes) {
    assert(await process.join({ timeout: HUNG }), `${process.name} hangs`);
  }
}

/** Waits for their ends, which must be good ones. */
export async function joinAll(...processes: Process[]): Promise<void> {
  await ended(...processes);
  for (const { name, exitCode } of processes) {
    assert(exitCode === 0, `${name}: ${exitCode}`);
  }
}
