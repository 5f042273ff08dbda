// Copyright 2026 the authors. MIT license.

// Makes many of something, or takes much from it, and prints by how many bytes
// that made the program grow.

import { Pool, Queue, setStartMethod, type StartMethod } from "../../../mod.ts";
import * as tasks from "../pool_tasks.ts";

function rss(): number {
  return Deno.memoryUsage().rss;
}

async function regions(): Promise<number> {
  // The built library has no rooms, and no test of them.
  const { createRegion } = await import("../../../memory/region.ts");
  const before = rss();
  const all = Array.from({ length: 100 }, () => createRegion(2 ** 28));
  const grown = rss() - before;
  // So that none is collected before it was counted.
  all.length = 0;
  return grown;
}

function queues(): number {
  const before = rss();
  const all = Array.from({ length: 1_000 }, (_, i) => new Queue<number>(i));
  for (const q of all.slice(1)) q.putNowait(1);
  const grown = rss() - before;
  all.length = 0;
  return grown;
}

/** What the second half of `count` results of an endless source takes. */
async function imap(count: number): Promise<number> {
  const module = new URL("../pool_tasks.ts", import.meta.url);
  await using pool = new Pool({ processes: 2, module });
  function* endless() {
    while (true) yield "x".repeat(1000);
  }
  let left = count;
  let early = 0;
  for await (const text of pool.imap(tasks.same<string>, endless())) {
    if (text.length !== 1000) throw new RangeError(`${text.length}`);
    if (left === count / 2) early = rss();
    if (--left === 0) break;
  }
  return rss() - early;
}

if (import.meta.main) {
  const [what, method, count] = Deno.args;
  setStartMethod(method as StartMethod);
  if (what === "regions") console.log(await regions());
  else if (what === "queues") console.log(queues());
  else console.log(await imap(Number(count)));
}
