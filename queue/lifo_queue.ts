// Copyright 2026 the authors. MIT license.

/**
 * A queue from which the newest item is taken first.
 *
 * @module
 */

import { revivedHandle, setReviver } from "../message/handle.ts";
import {
  BaseQueue,
  limitsOf,
  type QueueHandle,
  type QueueOptions,
} from "./base_queue.ts";
import { me } from "../program/self.ts";
import { Stack } from "./stack.ts";

/**
 * A last-in-first-out queue: a get takes the item that was put last.
 *
 * Python: `queue.LifoQueue`, here between processes too.
 *
 * Limits, backpressure and what a death leaves behind are those of
 * {@linkcode Queue}. `getMany` returns the newest item first.
 *
 * @typeParam T The type of the items.
 *
 * @example
 * ```ts
 * import { LifoQueue } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const q = new LifoQueue<string>();
 * q.putManySync(["A", "B", "C"]);
 * assertEquals(await q.get(), "C");
 * assertEquals(await q.getMany(), ["B", "A"]);
 * ```
 */
export class LifoQueue<T = unknown> extends BaseQueue<T> {
  /**
   * Makes an empty queue.
   *
   * @param options The most items, or {@linkcode QueueOptions}.
   * @throws {TypeError} If a limit is not a number.
   * @throws {RangeError} If a limit is not an integer in its range.
   */
  constructor(options: number | QueueOptions = {}) {
    const handle = revivedHandle<QueueHandle>();
    super("LifoQueue", handle === undefined ? create(options) : open(handle));
  }
}

setReviver("LifoQueue", LifoQueue);

function create(options: number | QueueOptions): Stack {
  const { maxBytes, maxItems } = limitsOf(options);
  return Stack.create(maxBytes, maxItems, me().locker);
}

function open({ store }: QueueHandle): Stack {
  return Stack.open(store, me().locker);
}
