// Copyright 2026 the authors. MIT license.

// S-86 a pool of one's own (开发一个线程池).
//
// Python: threads that take callables from a Queue until they get None.
//
// A closure cannot cross, so a job says which function is meant.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

type Job = ["square" | "negate", number] | undefined;

const FUNCTIONS = {
  square: (n: number) => n * n,
  negate: (n: number) => -n,
};

export function worker(jobs: mp.Queue<Job>, results: mp.Queue<string>) {
  const { name } = mp.currentProcess();
  for (let job = jobs.getSync(); job !== undefined; job = jobs.getSync()) {
    const [func, n] = job;
    sleepSync(0.1);
    results.putSync(`${name} ${func}(${n}) = ${FUNCTIONS[func](n)}`);
  }
}

class ThreadPool {
  #jobs = new mp.Queue<Job>();
  #results = new mp.Queue<string>();
  #workers: mp.Process[] = [];

  constructor(size: number) {
    for (let i = 1; i <= size; i++) {
      const args = [this.#jobs, this.#results] as const;
      const p = new mp.Process({ target: worker, args, name: `线程${i}` });
      p.start();
      this.#workers.push(p);
    }
  }

  async run(job: Job) {
    await this.#jobs.put(job);
  }

  async result(): Promise<string> {
    return await this.#results.get();
  }

  async close() {
    for (const _ of this.#workers) await this.#jobs.put(undefined);
    for (const p of this.#workers) await p.join();
  }
}

if (import.meta.main) {
  const pool = new ThreadPool(3);
  for (let n = 0; n < 12; n++) {
    await pool.run([n % 2 === 0 ? "square" : "negate", n]);
  }
  for (let n = 0; n < 12; n++) console.log(await pool.result());
  await pool.close();
  console.log("done");
}
