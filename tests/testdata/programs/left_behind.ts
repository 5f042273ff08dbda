// Copyright 2026 the authors. MIT license.

// Programs that end while something is pending, and others that end well.

import {
  Condition,
  Event,
  Lock,
  Pipe,
  Pool,
  Process,
  Queue,
  setStartMethod,
} from "../../../mod.ts";
import type { Method } from "../../_support/contract.ts";

export function nothing(): void {}

export function fails(): void {
  Deno.exit(3);
}

export function put(queue: Queue<number>): void {
  queue.putSync(1);
}

export function double(x: number): number {
  return x * 2;
}

export async function neverEnds(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}

/** Waits for what a child has not put. */
async function getOfTheDead(): Promise<void> {
  const queue = new Queue<number>();
  const process = new Process({ target: fails });
  process.start();
  await process.join();
  await queue.get();
}

function poolOf(count: number, func: () => unknown): Pool {
  const pool = new Pool(1);
  const callback = () => console.log("called back");
  for (let i = 0; i < count; i++) pool.applyAsync(func, [], { callback });
  return pool;
}

const PROGRAMS: Record<string, () => unknown> = {
  getsOfTheDead() {
    getOfTheDead();
  },
  waitsForMany() {
    const [event, queue] = [new Event(), new Queue<number>()];
    queue.get();
    event.wait();
    event.wait();
  },
  async waitsForItself() {
    const lock = new Lock();
    await lock.acquire();
    lock.acquire();
  },
  async waitsForNotify() {
    const condition = new Condition();
    await condition.acquire();
    condition.wait();
  },
  receives() {
    const [near, far] = Pipe();
    near.recv();
    // Open, or the end of the pipe would end the wait.
    PROGRAMS.kept = () => far;
  },
  keepsItsCode() {
    Deno.exitCode = 5;
    new Queue<number>().get();
  },
  callsBack() {
    poolOf(1, neverEnds);
  },
  mapsAsync() {
    const pool = new Pool(1);
    const callback = () => console.log("called back");
    pool.mapAsync(double, [1, 2, 3], { chunkSize: 1, callback });
    pool.applyAsync(neverEnds, [], { callback });
    pool.applyAsync(neverEnds, [], { errorCallback: callback });
  },
  dropsResults() {
    const pool = new Pool(1);
    pool.applyAsync(neverEnds);
  },
  closesPool() {
    poolOf(1, neverEnds).close();
  },
  // These end well.
  async awaitsAll() {
    const queue = new Queue<number>();
    new Process({ target: put, args: [queue] }).start();
    console.log(await queue.get());
    const pool = new Pool(2);
    console.log(await pool.map(double, [1, 2]));
  },
  getsLate() {
    const queue = new Queue<number>();
    new Process({ target: put, args: [queue] }).start();
    queue.get().then(console.log);
  },
  joinsLate() {
    const process = new Process({ target: nothing });
    process.start();
    process.join().then(console.log);
  },
  async waitsInTime() {
    const queue = new Queue<number>();
    await queue.get({ timeout: 1 }).catch((error) => console.log(error.name));
  },
  exits() {
    new Queue<number>().get();
    poolOf(1, neverEnds);
    Deno.exit(0);
  },
  terminatesPool() {
    const pool = new Pool(1);
    pool.applyAsync(neverEnds).wait().then(() => console.log("ended"));
    pool.terminate();
  },
  async leavesImap() {
    const pool = new Pool(1);
    for await (const x of pool.imap(double, [1, 2, 3, 4])) {
      console.log(x);
      break;
    }
  },
  async failsInMap() {
    const pool = new Pool(1);
    const fail = (x: number) => {
      if (x === 0) throw new RangeError("no");
      return new Promise(() => setTimeout(() => {}, 600_000));
    };
    const chunkSize = 1;
    const failed = pool.map(fail, [0, 1, 2, 3], { chunkSize });
    await failed.catch((error) => console.log(error.name));
  },
  async goesOnAtTheEnd() {
    const queue = new Queue<number>();
    addEventListener("beforeunload", (event) => {
      if (queue.empty() && !isPut) {
        isPut = true;
        event.preventDefault();
        queue.put(4);
      }
    });
    let isPut = false;
    queue.get().then(console.log);
    await undefined;
  },
};

if (import.meta.main) {
  const [program, method] = Deno.args as [string, Method];
  setStartMethod(method);
  await PROGRAMS[program]!();
}
