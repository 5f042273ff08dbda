// Copyright 2026 the authors. MIT license.

/**
 * Locks and their kin, with which processes wait for each other.
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
 * which blocks the thread, and takes `{ block, timeout, signal }`. A holder,
 * `using _ = await lock.hold()`, gives back what it holds.
 *
 * Each class says what the death of a process means for its waiters.
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
