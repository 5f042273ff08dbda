// Copyright 2026 the authors. MIT license.

// One child puts, the main process gets, over the other kinds of queue:
// joinable_queue, priority_queue, lifo_queue; and put_many, which puts and gets
// a hundred at a time.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

const MANY = 100;

/** The child: puts as many numbers as it is told to, until told zero. */
export function produce(
  scenario: string,
  queue: mp.BaseQueue<number>,
  go: mp.Queue<number>,
): void {
  const batch = Array.from({ length: MANY }, (_, i) => i);
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    if (scenario === "put_many") {
      for (let i = 0; i < size; i += MANY) queue.putManySync(batch);
    } else {
      for (let i = 0; i < size; i++) queue.putSync(i & 255);
    }
  }
}

async function main(scenario: string): Promise<void> {
  const queue = create(scenario);
  const go = new mp.Queue<number>();
  const child = new mp.Process({
    target: produce,
    args: [scenario, queue, go],
  });
  child.start();
  measure(scenario, function batch(size) {
    go.putSync(size);
    if (scenario === "put_many") {
      for (let got = 0; got < size;) {
        got += queue.getManySync({ max: MANY }).length;
      }
    } else {
      for (let i = 0; i < size; i++) {
        queue.getSync();
        if (queue instanceof mp.JoinableQueue) queue.taskDone();
      }
    }
  }, "items/s");
  go.putSync(0);
  await child.join();
}

function create(scenario: string): mp.BaseQueue<number> {
  switch (scenario) {
    case "joinable_queue":
      return new mp.JoinableQueue<number>();
    case "priority_queue":
      return new mp.PriorityQueue<number>();
    case "lifo_queue":
      return new mp.LifoQueue<number>();
    default:
      return new mp.Queue<number>();
  }
}

if (import.meta.main) await main(Deno.args[0]!);
