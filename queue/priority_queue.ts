// Copyright 2026 the authors. MIT license.

// A queue from which the least item is taken first.

import { StateError } from "../errors.ts";
import { WAIT_OPTIONS, type WaitOptions } from "../memory/deadline.ts";
import { revivedHandle, setReviver } from "../message/handle.ts";
import { type Key, keyOf } from "./order.ts";
import { checkCount, checkFunction, wrongKind } from "../memory/check.ts";
import {
  BaseQueue,
  CREATE,
  limitsOf,
  QUEUE_OPTIONS,
  type QueueHandle,
  type QueueOptions,
} from "./base_queue.ts";
import { me } from "../program/self.ts";
import { USER_FLAG } from "./slot_layout.ts";
import { Slots } from "./slots.ts";

/**
 * The order of items: the least first, numbers and bigints by value, strings by
 * code points.
 */
export type Priority = number | bigint | string;

/** How much a {@linkcode PriorityQueue} may hold, and what it sorts by. */
export interface PriorityQueueOptions<T> extends QueueOptions {
  /**
   * The priority of an item that is put. Without it, items are their own
   * priorities: numbers, bigints, strings, or arrays that begin with one.
   *
   * It runs in the process that made the queue, at the put. It does not cross
   * to other processes: they give the priority with the item, in
   * {@linkcode PutOptions}.
   */
  priority?: ((item: T) => Priority) | undefined;
}

/** How long a put may wait, and where the item goes. */
export interface PutOptions extends WaitOptions {
  /** The priority of the item, instead of what the queue would sort it by. */
  priority?: Priority | undefined;
}

const PUT_OPTIONS = [...WAIT_OPTIONS, "priority"];

/**
 * A queue from which the least item is taken first: any number of processes put
 * into it and get from it.
 *
 * Python: `queue.PriorityQueue`, here between processes too.
 *
 * - **Order**: Python's. Numbers and bigints sort by value, among each other
 *   too, exactly and whatever their size; strings sort by code points. Arrays
 *   sort element by element, the shorter of two that agree first: `[1, "b"]`
 *   before `[2, "a"]`. In an array the first element must be a number, a bigint
 *   or a string; from the first element on that is none, nothing is
 *   compared, so `[1, { any: "thing" }]` sorts by its 1 alone (where Python
 *   would raise an error if two begin with the same number). Eight elements
 *   count.
 * - **Stable**: items of the same priority leave in the order they were put.
 * - **One kind**: numbers cannot be compared with strings, nor either with
 *   arrays. The first item says which kind the queue is of; the same holds for
 *   each element of arrays. Python finds such a mistake only when two that
 *   begin alike happen to meet; here the put that makes it fails, whatever else
 *   is in the queue. Values of several kinds behind a number want a function:
 *   `{ priority: ([rank]) => rank }`.
 * - **Refused**, before anything is put: a priority of another kind, or of none
 *   (a TypeError); NaN (a RangeError); an item without a priority in a process
 *   that has not the function the queue sorts by (a {@linkcode StateError}).
 *   `putMany` puts all of its items in their places, or none.
 * - **Cost**: a put and a get take time in proportion to the logarithm of the
 *   number of items.
 *
 * It holds at most one item for every 32 bytes of `maxBytes`. Backpressure and
 * what a death leaves behind are those of {@linkcode Queue}.
 *
 * Source of the algorithm: J. W. J. Williams, "Algorithm 232: Heapsort" (1964).
 *
 * @typeParam T The type of the items.
 *
 * @example Pairs
 * ```ts
 * import { PriorityQueue } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const q = new PriorityQueue<[number, string]>();
 * q.putManySync([[2, "later"], [1, "soon"], [2, "at last"]]);
 * assertEquals(await q.get(), [1, "soon"]);
 * assertEquals(await q.getMany(), [[2, "at last"], [2, "later"]]);
 * ```
 *
 * @example A priority of its own
 * ```ts
 * import { PriorityQueue } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const q = new PriorityQueue<{ size: number }>({
 *   priority: (job) => job.size,
 * });
 * q.putSync({ size: 7 });
 * q.putSync({ size: 3 });
 * q.putSync({ size: 9 }, { priority: 0 });
 * assertEquals((await q.getMany()).map((job) => job.size), [9, 3, 7]);
 * ```
 */
export class PriorityQueue<T = unknown> extends BaseQueue<T, PutOptions> {
  /**
   * Makes an empty queue.
   *
   * @param options The most items, or {@linkcode PriorityQueueOptions}.
   * @throws {TypeError} If a limit is not a number, or `priority` no function.
   * @throws {RangeError} If a limit is not an integer in its range.
   */
  constructor(options: number | PriorityQueueOptions<T> = {}) {
    checkCount(CREATE, arguments, 1, QUEUE_OPTIONS);
    const handle = revivedHandle<QueueHandle>();
    const slots = handle === undefined
      ? create(options)
      : Slots.open(handle.store, me().locker);
    const rank = typeof options === "object" ? options.priority : undefined;
    super(
      "PriorityQueue",
      slots,
      (item, options) => place(item as T, options, slots, rank),
      PUT_OPTIONS,
    );
  }

  /**
   * As {@linkcode BaseQueue.putNowait}, in its place.
   *
   * Python: `PriorityQueue.put_nowait(item)`.
   *
   * @param item Anything that can be cloned.
   * @param options `priority`.
   * @throws {TypeError} For what this class refuses.
   */
  override putNowait(item: T, options?: Pick<PutOptions, "priority">): void {
    super.putSync(item, { ...options, block: false });
  }
}

setReviver("PriorityQueue", PriorityQueue);

function create<T>(options: number | PriorityQueueOptions<T>): Slots {
  const { maxBytes, maxItems } = limitsOf(options, [
    ...QUEUE_OPTIONS,
    "priority",
  ]);
  const rank = typeof options === "object" ? options.priority : undefined;
  if (rank !== undefined) checkFunction(CREATE, "priority", rank);
  const flags = rank === undefined ? 0 : USER_FLAG;
  return Slots.create({ maxBytes, maxItems, flags }, me().locker);
}

/** The key of an item; the flag of `slots` says that there is a function. */
function place<T>(
  item: T,
  options: PutOptions | undefined,
  slots: Slots,
  rank: ((item: T) => Priority) | undefined,
): Key {
  const given = options?.priority;
  if (given !== undefined) return keyOf(checked(given), "priority");
  if (rank !== undefined) return keyOf(checked(rank(item)), "priority");
  if (!slots.userFlag) return keyOf(item, "item");
  throw new StateError(
    "Cannot put item: the queue's priority function is in the process that made it: give the priority with the item",
  );
}

function checked(priority: unknown): Priority {
  switch (typeof priority) {
    case "number":
    case "bigint":
    case "string":
      return priority;
    default:
      throw wrongKind(
        "put item",
        "priority",
        "a number, a bigint or a string",
        priority,
      );
  }
}
