// Copyright 2026 the authors. MIT license.

// A queue from which the newest item is taken first.

import { checkCount } from "../memory/check.ts";
import { setReviver } from "../message/handle.ts";
import {
  BaseQueue,
  CREATE,
  QUEUE_OPTIONS,
  type QueueOptions,
  storeOf,
} from "./base_queue.ts";
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
  /** Makes an empty queue, as the constructor of {@linkcode Queue} does. */
  constructor(options: number | QueueOptions = {}) {
    checkCount(CREATE, arguments, 1, QUEUE_OPTIONS);
    super("LifoQueue", storeOf(Stack, () => options));
  }
}

setReviver("LifoQueue", LifoQueue);
