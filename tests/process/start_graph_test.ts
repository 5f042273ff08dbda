// Copyright 2026 the authors. MIT license.

// A worker and an OS process build module graphs of their own, and each file of
// one costs 0.2 to 0.4 ms at every start (docs/decisions/0013). So what a start
// loads is counted here: a number may fall, and rises only on purpose.

import { assert } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** The entry of a worker, and what it loads by a computed specifier (0028). */
const WORKER = ["process/worker_entry.js", "process/worker_main.ts"];

/** What every child loads, whatever it is given. */
const CHILD = [
  "errors.ts",
  // To load the rest, if a message with a shared object comes (0026).
  "memory/builtin.ts",
  "memory/futex.ts",
  "memory/kernel.ts",
  "memory/method.ts",
  "memory/park.ts",
  "memory/process_memory.ts",
  "memory/process_words.ts",
  "memory/region.ts",
  "memory/sleepers.ts",
  "memory/timers.ts",
  "memory/word.ts",
  "message/classes.ts",
  "message/handle.ts",
  "message/reader.ts",
  "message/target.ts",
  "message/wire.ts",
  "process/child.ts",
  "process/ending.ts",
  "process/engine.ts",
  "process/homes.ts",
  "program/liveness.ts",
  "program/locker.ts",
  "program/self.ts",
  "program/table.ts",
  "program/table_memory.ts",
];

/** What a child loads besides, if values reach it as messages. */
const CODEC = [
  "message/bytes.ts",
  "message/codec.ts",
  "message/kinds.ts",
  "message/writer.ts",
];

/** What a child loads besides, if they come through a ring. */
const RING = ["queue/ring.ts", "queue/store.ts", "sync/mutex.ts"];

interface Start {
  readonly name: string;
  /** The modules that are loaded, and with each what it reaches. */
  readonly roots: readonly string[];
  /** The most files that they may reach together. */
  readonly most: number;
  /**
   * What they reached when the number was set, for the message of a failure.
   */
  readonly known?: readonly string[];
}

const STARTS: readonly Start[] = [
  {
    name: "a worker",
    roots: WORKER,
    most: 28,
    known: [...CHILD, ...WORKER],
  },
  {
    name: "an OS process",
    roots: ["process/spawn_entry.js"],
    most: 33,
    known: [
      ...CHILD,
      ...CODEC,
      "process/spawn_entry.js",
      "process/spawn_letter.ts",
      "process/spawn_main.ts",
    ],
  },
  {
    name: "a worker of a pool",
    roots: [...WORKER, "process/pool_link.ts", "pool/worker.ts"],
    most: 40,
    known: [
      ...CHILD,
      ...CODEC,
      ...RING,
      "pool/chunk.ts",
      "pool/current.ts",
      "pool/wire.ts",
      "pool/worker.ts",
      "process/pool_link.ts",
      ...WORKER,
    ],
  },
  {
    name: "a worker with one Queue",
    roots: [...WORKER, "queue/fifo_queue.ts"],
    most: 41,
    known: [
      ...CHILD,
      ...CODEC,
      ...RING,
      "memory/check.ts",
      "memory/deadline.ts",
      "memory/ready.ts",
      "memory/wait.ts",
      ...WORKER,
      "queue/base_queue.ts",
      "queue/fifo_queue.ts",
    ],
  },
  // What the program itself loads, and a child again if its target's module
  // imports one of these.
  // Two of them are for spares: an engine looks there for one.
  { name: "process.ts", roots: ["process.ts"], most: 49 },
  { name: "mod.ts", roots: ["mod.ts"], most: 163 },
  // No start, but counted alike: it decides without memory, rings or timers
  // (docs/decisions/0016).
  {
    name: "the plan of a pool",
    roots: ["pool/plan.ts"],
    most: 8,
    known: [
      "errors.ts",
      "pool/desk.ts",
      "pool/desks.ts",
      "pool/failures.ts",
      "pool/pace.ts",
      "pool/phase.ts",
      "pool/plan.ts",
      "pool/task.ts",
    ],
  },
];

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    /** Absent if only types are imported. */
    readonly code?: { readonly specifier: string };
    readonly isDynamic?: boolean;
  }[];
}

async function graphOf(root: string): Promise<Map<string, Module>> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL(root, ROOT).href],
    stderr: "inherit",
  }).output();
  assert(success);
  const { modules } = JSON.parse(new TextDecoder().decode(stdout));
  return new Map(modules.map((module: Module) => [module.specifier, module]));
}

/** The files that are loaded before the first line of `root` runs. */
async function reachedFrom(root: string): Promise<Set<string>> {
  const graph = await graphOf(root);
  const reached = new Set<string>();
  const visit = (url: string) => {
    if (reached.has(url)) return;
    reached.add(url);
    for (const { code, isDynamic } of graph.get(url)!.dependencies ?? []) {
      if (code !== undefined && !isDynamic) visit(code.specifier);
    }
  };
  visit(new URL(root, ROOT).href);
  return new Set(Array.from(reached, (url) => url.slice(ROOT.href.length)));
}

for (const { name, roots, most, known } of STARTS) {
  Deno.test(`${name} loads ${most} files at most`, async () => {
    const reached = new Set<string>();
    for (const root of roots) {
      for (const file of await reachedFrom(root)) reached.add(file);
    }
    const fresh = [...reached].filter((file) => !known?.includes(file));
    assert(
      reached.size <= most,
      known === undefined
        ? `it loads ${reached.size}`
        : `it loads ${reached.size}, and these are new: ${fresh.join(" ")}`,
    );
  });
}
