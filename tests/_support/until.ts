// Copyright 2026 the authors. MIT license.

import { delay } from "@std/async";
import { setImmediate } from "node:timers";
import { HUNG } from "./delays.ts";

/**
 * Waits for a condition that another process makes true; fails if it does not.
 */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + HUNG;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new TypeError(`Cannot wait longer until ${condition}`);
    }
    await delay(1);
  }
}

/** Waits for one turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Whether `promise` is still pending after `ms`. */
export function isPending(
  promise: Promise<unknown>,
  ms: number,
): Promise<boolean> {
  const settled = promise.then(() => false, () => false);
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, ms, true);
  return Promise.race([settled, late]).finally(() => clearTimeout(timer));
}
