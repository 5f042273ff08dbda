// Copyright 2026 the authors. MIT license.

/**
 * Queues that processes share.
 *
 * | items leave | take |
 * |---|---|
 * | in the order they came | {@linkcode Queue} |
 * | the same, with no limit on their number | {@linkcode SimpleQueue} |
 * | the same, and a process waits until all were worked on | {@linkcode JoinableQueue} |
 * | the newest first | {@linkcode LifoQueue} |
 * | the least first | {@linkcode PriorityQueue} |
 *
 * All are {@linkcode BaseQueue}s: the same methods, limits and guarantees.
 *
 * @module
 */

import "./message/transit.ts";
export type { WaitOptions } from "./memory/deadline.ts";
export type {
  BaseQueue,
  GetManyOptions,
  QueueOptions,
} from "./queue/base_queue.ts";
export * from "./queue/fifo_queue.ts";
export * from "./queue/joinable_queue.ts";
export * from "./queue/lifo_queue.ts";
export * from "./queue/priority_queue.ts";
