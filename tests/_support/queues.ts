// Copyright 2026 the authors. MIT license.

// All kinds of queues: a suite of what they have in common loops over KINDS and
// puts the kind into each test's name. Items are numbers, put from the least
// on, so that a queue that sorts them keeps their order too.

import * as mp from "../../mod.ts";

/** A queue of any kind. */
export type AnyQueue = mp.BaseQueue<number>;

/** One kind: its name, how it is made, and whether the newest leaves first. */
export interface Kind {
  readonly name: string;
  make(options?: mp.QueueOptions): AnyQueue;
  readonly isLifo: boolean;
}

export const KINDS: readonly Kind[] = [
  { name: "Queue", make: (o) => new mp.Queue(o), isLifo: false },
  {
    name: "JoinableQueue",
    make: (o) => new mp.JoinableQueue(o),
    isLifo: false,
  },
  { name: "LifoQueue", make: (o) => new mp.LifoQueue(o), isLifo: true },
  {
    name: "PriorityQueue",
    make: (o) => new mp.PriorityQueue(o),
    isLifo: false,
  },
  {
    name: "PriorityQueue with a function",
    make: (o) => new mp.PriorityQueue({ ...o, priority: (item) => item }),
    isLifo: false,
  },
  {
    name: "JoinableQueue that redelivers",
    make: (o) => new mp.JoinableQueue({ ...o, redeliver: true }),
    isLifo: false,
  },
];

/** The items in the order in which a queue of that kind gives them back. */
export function inOrder({ isLifo }: Kind, items: readonly number[]): number[] {
  return isLifo ? items.toReversed() : [...items];
}

/** Starts a process that is terminated with the test. */
export function start(
  // deno-lint-ignore no-explicit-any -- a target takes anything.
  target: (...args: any[]) => unknown,
  args: readonly unknown[],
  options: Omit<mp.ProcessOptions, "target" | "args"> = {},
): mp.Process & AsyncDisposable {
  const module = new URL("../testdata/queue_workers.ts", import.meta.url);
  const process = new mp.Process({ target, args, module, ...options });
  process.start();
  return Object.assign(process, {
    async [Symbol.asyncDispose]() {
      process.terminate();
      await process.join();
    },
  });
}
