// Copyright 2026 the authors. MIT license.

// What the children of the queues' tests do.

import type * as mp from "../../mod.ts";
import { randomOf } from "../_support/random.ts";

type AnyQueue = mp.BaseQueue<number>;

/** Puts 0, 1 … and ends. */
export function putNumbers(queue: AnyQueue, count: number): void {
  for (let i = 0; i < count; i++) put(queue, i);
}

/** Puts 0, 1 … in one batch. */
export function putBatch(queue: AnyQueue, count: number): void {
  const items = Array.from({ length: count }, (_, i) => i);
  queue.putManySync(items);
}

/** Gets one item and puts it into the other queue. */
export function passOn(from: AnyQueue, to: AnyQueue): void {
  put(to, from.getSync());
}

/** As {@linkcode passOn}, without blocking the thread. */
export async function passOnAsync(from: AnyQueue, to: AnyQueue): Promise<void> {
  put(to, await from.get());
}

/** Says how the get of a queue that is shut down ends. */
export function reportShutdown(
  queue: AnyQueue,
  ready: mp.Queue<string>,
  told: mp.Queue<string>,
): void {
  ready.putSync("ready");
  tell(told, "got", () => void queue.getSync());
}

/** As {@linkcode reportShutdown}, of a put into a full queue. */
export function reportRefusal(
  queue: AnyQueue,
  ready: mp.Queue<string>,
  told: mp.Queue<string>,
): void {
  ready.putSync("ready");
  tell(told, "put", () => put(queue, 1000));
}

/** Takes `count` tasks, says so, and ends in the way it is told. */
export function takeAndEnd(
  queue: mp.JoinableQueue<number>,
  count: number,
  code: number,
): void {
  for (let i = 0; i < count; i++) queue.getSync();
  Deno.exit(code);
}

/** Takes `count` tasks, says so, and waits to be terminated. */
export async function takeAndWait(
  queue: mp.JoinableQueue<number>,
  count: number,
  told: mp.Queue<number>,
): Promise<void> {
  for (let i = 0; i < count; i++) told.putSync(queue.getSync());
  await new Promise(() => setInterval(() => {}, 1_000));
}

/** Works on all tasks until the queue is shut down. */
export async function workOff(
  queue: mp.JoinableQueue<number>,
  done: mp.Queue<number>,
): Promise<void> {
  for await (const task of queue) {
    done.putSync(task);
    queue.taskDone();
  }
}

/** Tries to mark a task as done that another has taken. */
export function markForOthers(
  queue: mp.JoinableQueue<number>,
  told: mp.Queue<string>,
): void {
  tell(told, "done", () => queue.taskDone());
}

/** Tells what came of it: the word, or the name of its error. */
function tell(told: mp.Queue<string>, word: string, run: () => void): void {
  try {
    run();
    told.putSync(word);
  } catch (error) {
    told.putSync((error as Error).name);
  }
}

/**
 * Puts one item with and one without a priority into a queue with a function.
 */
export function putRanked(
  queue: mp.PriorityQueue<string>,
  told: mp.Queue<string>,
): void {
  queue.putSync("second", { priority: 2 });
  queue.putManySync(["first", "also first"], { priority: 1 });
  tell(told, "put", () => queue.putSync("nowhere"));
}

/**
 * Puts and takes at random until it is terminated; `begun` is released before.
 * `rank` is what a kind wants to know of an item.
 */
export function churn(
  queue: AnyQueue,
  seed: number,
  rank: { priority?: number },
  begun: mp.Semaphore,
): void {
  begun.release();
  const random = randomOf(seed);
  const options = { block: false, ...rank };
  while (true) {
    const items = Array.from({ length: 1 + random(3) }, (_, i) => i);
    try {
      if (random() < 0.5) queue.putManySync(items, options);
      else queue.getManySync({ min: random(2), max: 3, timeout: 1 });
    } catch (error) {
      const { name } = error as Error;
      if (name !== "Full" && name !== "Empty") throw error;
    }
    if ("taskDone" in queue) markAll(queue as mp.JoinableQueue<number>);
  }
}

function markAll(queue: mp.JoinableQueue<number>): void {
  try {
    while (true) queue.taskDone();
  } catch (error) {
    if ((error as Error).name !== "StateError") throw error;
  }
}

function put(queue: AnyQueue, item: number): void {
  if (queue.constructor.name !== "PriorityQueue") return queue.putSync(item);
  (queue as mp.PriorityQueue<number>).putSync(item, { priority: item });
}
