// Copyright 2026 the authors. MIT license.

// Starts and joins many processes in a row and tells what they leave behind:
// after a warm-up, and at the end.

import * as mp from "../../../mod.ts";
import { me } from "../../../program/self.ts";

export function nothing(_lock: mp.Lock) {}

export function stuck(q: mp.Queue) {
  q.getSync();
}

const [how, warmUp, count] = Deno.args as [string, string, string];

function tasks(): number {
  return [...Deno.readDirSync("/proc/self/task")].length;
}

// Threads end soon after their processes have. Settled is what did not change
// for many looks in a row.
async function settle(): Promise<void> {
  let last = tasks();
  for (let quiet = 0; quiet < 50; quiet++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (tasks() !== last) quiet = 0;
    last = tasks();
  }
}

async function one(): Promise<void> {
  switch (how) {
    case "join": {
      const p = new mp.Process({ target: nothing, args: [new mp.Lock()] });
      p.start();
      await p.join();
      return p.close();
    }
    case "joinSync": {
      const p = new mp.Process({ target: nothing, args: [new mp.Lock()] });
      p.start();
      p.joinSync();
      return;
    }
    case "terminate": {
      const p = new mp.Process({ target: stuck, args: [new mp.Queue()] });
      p.start();
      p.terminate();
      await p.join();
      return;
    }
    case "refused": {
      const p = new mp.Process({ target: nothing, args: [() => {}] });
      try {
        p.start();
      } catch {
        return;
      }
    }
  }
  throw new Error(how);
}

interface Usage {
  rss: number;
  tasks: number;
  living: number;
}

async function usage(): Promise<Usage> {
  await settle();
  (globalThis as { gc?: () => void }).gc?.();
  const living = me().table.living().length;
  return { rss: Deno.memoryUsage().rss, tasks: tasks(), living };
}

if (import.meta.main) {
  for (let i = 0; i < Number(warmUp); i++) await one();
  const before = await usage();
  for (let i = 0; i < Number(count); i++) await one();
  const after = await usage();
  console.log(JSON.stringify({ before, after }));
}
