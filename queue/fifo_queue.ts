// Copyright 2026 the authors. MIT license.

/**
 * Queues whose items leave in the order in which they came.
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
import { Ring } from "./ring.ts";

export type { WaitOptions } from "../memory/deadline.ts";
export type { BaseQueue, GetManyOptions, QueueOptions } from "./base_queue.ts";

/**
 * A first-in-first-out queue that any number of processes put into and get
 * from.
 *
 * Python: `multiprocessing.Queue`, with `shutdown` from `queue.Queue` (3.13).
 *
 * Give it to a process in its arguments; every process then has its own view of
 * the same queue.
 *
 * - **Copies**: an item arrives as a structured clone, taken at the put.
 *   Errors keep their class name, fields and cause.
 * - **Order**: items of one putter are got in the order they were put, and every
 *   item by exactly one getter.
 * - **Backpressure**: `maxsize` items and `maxBytes` bytes; then a put waits.
 * - **Death**: an item is in the queue wholly or not at all. One that a process
 *   had got when it died is gone; nothing else is, and nobody is left waiting.
 *
 * A put is complete when it returns: there is no feeder thread as in Python,
 * and so nothing to flush at exit.
 *
 * @typeParam T The type of the items.
 *
 * @example One process, both ends
 * ```ts
 * import { Queue } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const q = new Queue<string>();
 * await q.put("A");
 * q.putSync("B");
 * q.shutdown();
 *
 * const got: string[] = [];
 * for await (const item of q) got.push(item);
 * assertEquals(got, ["A", "B"]);
 * ```
 */
export class Queue<T = unknown> extends BaseQueue<T> {
  /**
   * Makes an empty queue.
   *
   * @param options The most items, or {@linkcode QueueOptions}.
   * @throws {TypeError} If a limit is not a number.
   * @throws {RangeError} If a limit is not an integer in its range.
   */
  constructor(options: number | QueueOptions = {}) {
    const handle = revivedHandle<QueueHandle>();
    super("Queue", handle === undefined ? create(options) : open(handle));
  }
}

setReviver("Queue", Queue);

function create(options: number | QueueOptions): Ring {
  const { maxBytes, maxItems } = limitsOf(options);
  return Ring.create(maxBytes, maxItems, me().locker);
}

function open({ store }: QueueHandle): Ring {
  return Ring.open(store, me().locker);
}
