// Copyright 2026 the authors. MIT license.

// S-89 Master-Worker: one distributes, the others work, the first collects.
//
// Python: a queue of tasks, a queue of results, and a process for each worker.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

type Task = number | undefined;
type Result = [worker: string, n: number, square: number];

export function worker(tasks: mp.Queue<Task>, results: mp.Queue<Result>) {
  const { name } = mp.currentProcess();
  for (let n = tasks.getSync(); n !== undefined; n = tasks.getSync()) {
    sleepSync(0.1);
    results.putSync([name, n, n * n]);
  }
}

if (import.meta.main) {
  const tasks = new mp.Queue<Task>();
  const results = new mp.Queue<Result>();
  const workers: mp.Process[] = [];
  for (let i = 1; i <= 3; i++) {
    const args = [tasks, results] as const;
    workers.push(new mp.Process({ target: worker, args, name: `Worker-${i}` }));
  }
  for (const p of workers) p.start();
  for (let n = 0; n < 10; n++) await tasks.put(n);
  for (const _ of workers) await tasks.put(undefined);
  let sum = 0;
  for (let i = 0; i < 10; i++) {
    const [name, n, square] = await results.get();
    console.log(`${name}: ${n} -> ${square}`);
    sum += square;
  }
  for (const p of workers) await p.join();
  console.log(`master: ${sum}`);
}
