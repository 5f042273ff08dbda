// Copyright 2026 the authors. MIT license.

// Does one thing by one start method, and prints how many files of shared
// memory this process has open after it, beyond those before: CASE METHOD COUNT

import {
  Array as SharedArray,
  Barrier,
  Condition,
  type Connection,
  JoinableQueue,
  LifoQueue,
  Lock,
  Pipe,
  Pool,
  PriorityQueue,
  Process,
  Queue,
  setStartMethod,
  SimpleQueue,
  type StartMethod,
  Value,
} from "../../../mod.ts";

const QUEUES = { Queue, SimpleQueue, JoinableQueue, LifoQueue, PriorityQueue };

/** How many files of shared memory this process has open. */
function files(): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      const file = Deno.readLinkSync(`/proc/self/fd/${name}`);
      if (file.startsWith("/memfd:multiprocessing")) count++;
    } catch {
      // That of the folder itself.
    }
  }
  return count;
}

export function double(x: number): number {
  return x * 2;
}

export function answer(q: Queue<string>, end: Connection<string>): void {
  q.putSync("queue");
  end.sendSync("pipe");
}

/** Gives what it was given to a child of its own. */
export async function handOn(
  q: Queue<string>,
  end: Connection<string>,
  method: StartMethod,
): Promise<void> {
  const child = new Process({ target: answer, args: [q, end], method });
  child.start();
  q.close();
  end.close();
  await child.join();
}

type Case = (count: number, method: StartMethod) => unknown;

const cases: Record<string, Case> = {
  closedQueues(count) {
    for (const Kind of Object.values(QUEUES)) {
      for (let i = 0; i < count; i++) {
        const q = new Kind();
        q.putSync(i);
        q.getSync();
        q.close();
      }
    }
  },

  unreadQueues(count) {
    for (let i = 0; i < count; i++) {
      const q = new Queue();
      q.putSync(i);
      q.close();
    }
  },

  closedPipes(count) {
    for (let i = 0; i < count; i++) {
      const [a, b] = Pipe({ duplex: i % 2 === 0 });
      b.sendSync(i);
      a.recvSync();
      a.close();
      using _ = b;
    }
  },

  livePipes(count) {
    return Array.from({ length: count }, () => Pipe());
  },

  arrays(count) {
    return Array.from({ length: count }, (_, i) => {
      const array = new SharedArray("d", 10_000 + 200 * i);
      array.set(i, 1);
      return array;
    });
  },

  locks(count) {
    return Array.from({ length: count }, (_, i) => [
      new Lock(),
      new Condition(),
      new Barrier(2),
      new Value("i", i),
    ]);
  },

  queuesWithoutEnd() {
    const live: unknown[] = [];
    while (true) live.push(new Queue());
  },

  async replacedWorkers(count) {
    await using pool = new Pool({ processes: 1, maxTasksPerChild: 1 });
    const items = Array.from({ length: count }, (_, i) => i);
    const results = await pool.map(double, items, { chunkSize: 1 });
    console.log(results.at(-1));
  },

  async pools(count) {
    for (let i = 0; i < count; i++) {
      const pool = new Pool(1);
      await pool.apply(double, [i]);
      if (i % 2 === 0) pool.close();
      else pool.terminate();
      await pool.join();
    }
  },

  async closedAtOnce(_count, method) {
    for (const target of [answer, handOn]) {
      const [q, [near, far]] = [new Queue<string>(), Pipe<string>()];
      const args = [q, far, method];
      const child = new Process({ target, args, method, daemon: false });
      child.start();
      q.close();
      far.close();
      console.log(await near.recv());
      near.close();
      await child.join();
    }
  },

  async killedAtOnce(count, method) {
    for (let i = 0; i < count; i++) {
      const [q, [near, far]] = [new Queue<string>(), Pipe<string>()];
      const args = [q, far, new Uint8Array(2 ** 18)];
      const child = new Process({ target: answer, args, method });
      child.start();
      child.kill();
      await child.join();
      q.close();
      near.close();
      far.close();
    }
  },
};

if (import.meta.main) {
  const [name, method, count] = Deno.args as [string, StartMethod, string];
  setStartMethod(method);
  // What a program has once: memory for what is small, and its table.
  const first = new Process({ target: double, args: [1] });
  first.start();
  await first.join();
  new Lock();
  const before = files();
  try {
    const held = await cases[name]!(Number(count), method);
    console.log("more files:", files() - before);
    void held;
  } catch (error) {
    console.log(String(error));
  }
}
