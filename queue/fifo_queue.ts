// Copyright 2026 the authors. MIT license.

// Queues whose items leave in the order in which they came.

import { StateError } from "../errors.ts";
import { setReviver } from "../message/handle.ts";
import { checkCount, checkOptions } from "../memory/check.ts";
import {
  BaseQueue,
  CREATE,
  QUEUE_OPTIONS,
  type QueueOptions,
  storeOf,
} from "./base_queue.ts";
import { Ring } from "./ring.ts";

/**
 * A first-in-first-out queue that any number of processes put into and get
 * from.
 *
 * Python: `multiprocessing.Queue`, with `shutdown` from `queue.Queue` (3.13).
 *
 * Give it to a process in its arguments, or send it through a queue or a pipe;
 * every process then has its own view of the same queue. So may its items have
 * queues, locks and connections in them. Their sender holds them, and must live
 * until they are received.
 *
 * - **Copies**: an item arrives as a structured clone, taken at the put.
 *   Errors keep their class name, fields and cause.
 * - **Order**: items of one putter are got in the order they were put, and
 *   every item by exactly one getter.
 * - **Backpressure**: `maxsize` items and `maxBytes` bytes; then a put waits.
 * - **Death**: an item is in the queue wholly or not at all. One that a process
 *   had got when it died is gone; nothing else is, and no call is left waiting.
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
 *
 * @example A reply channel
 * ```ts
 * import { type Connection, Pipe, Process, Queue } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const requests = new Queue<{ n: number; reply: Connection<number> }>();
 * const server = new Process({
 *   target: async (requests) => {
 *     const { n, reply } = await requests.get();
 *     await reply.send(n * 2);
 *   },
 *   args: [requests],
 * });
 * server.start();
 * const [mine, reply] = Pipe<number>();
 * await requests.put({ n: 21, reply });
 * assertEquals(await mine.recv(), 42);
 * await server.join();
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
    checkCount(CREATE, arguments, 1, QUEUE_OPTIONS);
    super("Queue", storeOf(Ring, () => options));
  }
}

setReviver("Queue", Queue);

/**
 * A first-in-first-out queue that takes any number of items.
 *
 * Python: `multiprocessing.SimpleQueue`, which has only `put`, `get`, `empty`
 * and `close`. Here it is a {@linkcode Queue} in all but the limit. Python's
 * saves the thread that feeds a pipe; no queue of this module has one.
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
    checkCount(CREATE, arguments, 1);
    super(
      "SimpleQueue",
      storeOf(Ring, () => {
        checkOptions(CREATE, options, ["maxBytes"]);
        const { maxBytes } = options;
        return maxBytes === undefined ? {} : { maxBytes };
      }),
    );
  }

  /**
   * Whether there are no items.
   *
   * Python: `SimpleQueue.empty()`.
   *
   * @throws {StateError} If this process has closed the queue.
   */
  override empty(): boolean {
    if (!this.isClosed) return super.empty();
    throw new StateError(
      "Cannot tell whether queue is empty: this process has closed it",
    );
  }
}

setReviver("SimpleQueue", SimpleQueue);
