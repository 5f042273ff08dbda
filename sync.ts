// Copyright 2026 the authors. MIT license.

/**
 * What processes wait for each other with.
 *
 * | you want | take |
 * |---|---|
 * | one process at a time in a section | {@linkcode Lock} |
 * | the same, where functions that lock call each other | {@linkcode RLock} |
 * | at most n in a section | {@linkcode BoundedSemaphore} |
 * | to count what one process makes and another takes | {@linkcode Semaphore} |
 * | to wait until something that a lock protects has become so | {@linkcode Condition} |
 * | to tell any number of processes that something has happened | {@linkcode Event} |
 * | n processes to go from step to step together | {@linkcode Barrier} |
 * | to hand over values | a queue |
 *
 * Every wait has two forms, `await lock.acquire()` and `lock.acquireSync()`,
 * which blocks the thread, and takes `{ block, timeout, signal }`. What holds
 * something gives it back by `using _ = await lock.hold()`.
 *
 * What happens to those who wait when a process dies stands at each class.
 *
 * @module
 */

export type { WaitOptions } from "./memory/deadline.ts";
export * from "./sync/barrier.ts";
export * from "./sync/condition.ts";
export * from "./sync/event.ts";
export * from "./sync/lock.ts";
export * from "./sync/rlock.ts";
export * from "./sync/semaphore.ts";
