// Copyright 2026 the authors. MIT license.

/**
 * A queue without a limit on its items.
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
 * A first-in-first-out queue that takes any number of items.
 *
 * Python: `multiprocessing.SimpleQueue`, which has only `put`, `get`, `empty` and
 * `close`. Here it is a {@linkcode Queue} in all but the limit: what Python's
 * `Queue` pays for and this one saves, a thread that feeds a pipe, no queue of
 * this module has.
 *
 * @typeParam T The type of the items.
 *
 * @example
 * ```ts
 * import { SimpleQueue } from "../mod.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const q = new SimpleQueue<string>();
 * q.putSync("A");
 * assertEquals(await q.get(), "A");
 * assert(q.empty());
 * ```
 */
export class SimpleQueue<T = unknown> extends BaseQueue<T> {
  /**
   * Makes an empty queue.
   *
   * @param options `maxBytes`, as in {@linkcode QueueOptions}.
   * @throws {TypeError} If it is not a number.
   * @throws {RangeError} If it is not an integer in its range.
   */
  constructor(options: Pick<QueueOptions, "maxBytes"> = {}) {
    const handle = revivedHandle<QueueHandle>();
    super(
      "SimpleQueue",
      handle === undefined ? create(options) : Ring.open(
        handle.store,
        me().locker,
      ),
    );
  }
}

setReviver("SimpleQueue", SimpleQueue);

function create(options: Pick<QueueOptions, "maxBytes">): Ring {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `Cannot create queue: options must be an object: got ${typeof options}`,
    );
  }
  const { maxBytes } = options;
  const limits = limitsOf(maxBytes === undefined ? {} : { maxBytes });
  return Ring.create(limits.maxBytes, 0, me().locker);
}
