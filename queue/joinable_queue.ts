// Copyright 2026 the authors. MIT license.

// A queue of tasks that counts which of them are done.

import { AbandonedTaskError, StateError } from "../errors.ts";
import { deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import { revivedHandle, setReviver } from "../message/handle.ts";
import type { Loss } from "./in_hand.ts";
import { EXPIRED, Line } from "../memory/park.ts";
import { Wait } from "../memory/wait.ts";
import { checkBoolean, checkCount } from "../memory/check.ts";
import {
  BaseQueue,
  CREATE,
  limitsOf,
  QUEUE_OPTIONS,
  type QueueHandle,
  type QueueOptions,
} from "./base_queue.ts";
import { checkpoint, me } from "../program/self.ts";
import { HOLDS, REDELIVERS } from "./slot_layout.ts";
import { Slots } from "./slots.ts";

/** How much a {@linkcode JoinableQueue} may hold, and what a death means. */
export interface JoinableQueueOptions extends QueueOptions {
  /**
   * Whether the tasks that a dead process had taken and not done go back to the
   * front of the queue, for another process to do. They may have been done in
   * part, or wholly: a task is done at least once.
   *
   * @default {false}
   */
  redeliver?: boolean | undefined;
}

/**
 * A first-in-first-out queue that counts its tasks: an item counts from its put
 * until the process that got it says {@linkcode JoinableQueue.taskDone}.
 *
 * Python: `multiprocessing.JoinableQueue`.
 *
 * - **Done**: `taskDone` means the oldest task that this process has taken and
 *   not done. Only the process that has taken a task can say that it is done;
 *   in Python any process can.
 * - **Death**: a process that ends with tasks in hand does not do them. Calls
 *   of {@linkcode JoinableQueue.join} are told by
 *   {@linkcode AbandonedTaskError}. With `redeliver`, the tasks go back to the
 *   front of the queue instead, in their order: as soon as a process finds the
 *   queue empty, waits for it, or has got 64 items.
 * - **Shutdown** with `redeliver`: gets go on until no other process has tasks
 *   in hand, for these might come back.
 *
 * A process that works on several tasks at once says `taskDone` in the order in
 * which it got them: after a death, what goes back is what it got last.
 *
 * Limits and backpressure are those of {@linkcode Queue}; `maxsize` does not
 * count tasks in hand, and it has at most one task for every 32 bytes of
 * `maxBytes`.
 *
 * @typeParam T The type of the items.
 *
 * @example
 * ```ts
 * import { JoinableQueue } from "../mod.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const q = new JoinableQueue<string>();
 * q.putManySync(["A", "B"]);
 * for (const task of await q.getMany()) {
 *   assertEquals(task.length, 1);
 *   q.taskDone();
 * }
 * assert(await q.join());
 * ```
 */
export class JoinableQueue<T = unknown> extends BaseQueue<T> {
  readonly #slots: Slots;
  readonly #joining = Wait.toSee<number, readonly Loss[]>(
    new Line("JoinableQueue.join()"),
    {
      now: (since) => this.#slots.finished(since) ?? EXPIRED,
      steps: (since) => this.#slots.finishing(since),
    },
  );

  /**
   * Makes an empty queue.
   *
   * @param options The most items, or {@linkcode JoinableQueueOptions}.
   * @throws {TypeError} If a limit is not a number, or `redeliver` no boolean.
   * @throws {RangeError} If a limit is not an integer in its range.
   */
  constructor(options: number | JoinableQueueOptions = {}) {
    checkCount(CREATE, arguments, 1, QUEUE_OPTIONS);
    const handle = revivedHandle<QueueHandle>();
    const slots = handle === undefined
      ? create(options)
      : Slots.open(handle.store, me().locker);
    super("JoinableQueue", slots);
    this.#slots = slots;
  }

  /**
   * Says that the oldest task that this process has taken and not done is done.
   *
   * Python: `JoinableQueue.task_done()`.
   *
   * @throws {StateError} If this process has no task in hand; nothing changes.
   */
  taskDone(): void {
    checkpoint();
    if (this.#slots.done()) return;
    throw new StateError(
      "Cannot mark task as done: this process has no task in hand",
    );
  }

  /**
   * Waits until all tasks that were put are done.
   *
   * Python: `JoinableQueue.join()`.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns True if all are done; false if `timeout` passed.
   * @throws {AbandonedTaskError} If processes died with tasks in hand, now or
   * before, and no join was told yet. All joins that wait are told. The lost
   * tasks do not count any more: another join waits for the rest. Never with
   * `redeliver`.
   */
  async join(options?: WaitOptions): Promise<boolean> {
    const deadline = deadlineOf(options);
    checkpoint();
    const since = this.#slots.told();
    return areDone(
      await this.#joining.inLine(since, deadline, options?.signal),
    );
  }

  /** As {@linkcode JoinableQueue.join}, blocking this thread. */
  joinSync(options?: WaitOptions): boolean {
    const deadline = deadlineOf(options);
    checkpoint();
    return areDone(this.#joining.blocking(this.#slots.told(), deadline));
  }
}

setReviver("JoinableQueue", JoinableQueue);

function create(options: number | JoinableQueueOptions): Slots {
  const { maxBytes, maxItems } = limitsOf(options, [
    ...QUEUE_OPTIONS,
    "redeliver",
  ]);
  const redeliver = typeof options === "object" ? options.redeliver : undefined;
  if (redeliver !== undefined) checkBoolean(CREATE, "redeliver", redeliver);
  const flags = redeliver ? HOLDS | REDELIVERS : HOLDS;
  return Slots.create({ maxBytes, maxItems, flags }, me().locker);
}

function areDone(losses: readonly Loss[] | typeof EXPIRED): boolean {
  if (losses === EXPIRED) return false;
  if (losses.length === 0) return true;
  const { table } = me();
  const consumers = losses
    .map(({ token, count }) => ({ ...table.epitaph(token), count }));
  const names = consumers
    .map(({ name = "a process", count }) => `${name} (${count})`);
  throw new AbandonedTaskError(
    `Cannot join queue: tasks will not be done, since their consumers died: ${
      names.join(", ")
    }`,
    consumers,
  );
}
