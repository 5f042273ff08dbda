// Copyright 2026 the authors. MIT license.

// Where the classes of shared objects live, so that a child loads those that it
// is given and no others. A worker builds its own module graph, and each file
// in it costs a third of a millisecond.
//
// The specifiers are written out. Deno then takes the files for a part of the
// program: they are downloaded with it, and need no permission to be imported.

import { builtinModule } from "../memory/builtin.ts";
import { setLoader } from "../message/handle.ts";

/** For each kind of handle, the module that revives it. */
const HOMES: Readonly<Record<string, () => Promise<unknown>>> = {
  Array: () => import("../shared/array.ts"),
  Barrier: () => import("../sync/barrier.ts"),
  BoundedSemaphore: () => import("../sync/semaphore.ts"),
  Condition: () => import("../sync/condition.ts"),
  Connection: () => import("../pipe/connection.ts"),
  Event: () => import("../sync/event.ts"),
  JoinableQueue: () => import("../queue/joinable_queue.ts"),
  LifoQueue: () => import("../queue/lifo_queue.ts"),
  Lock: () => import("../sync/lock.ts"),
  PoolLink: () => import("./pool_link.ts"),
  PriorityQueue: () => import("../queue/priority_queue.ts"),
  Queue: () => import("../queue/fifo_queue.ts"),
  RLock: () => import("../sync/rlock.ts"),
  RawArray: () => import("../shared/raw_array.ts"),
  RawValue: () => import("../shared/raw_value.ts"),
  Semaphore: () => import("../sync/semaphore.ts"),
  ShareableList: () => import("../shared/shareable_list.ts"),
  SharedMemory: () => import("../shared/shared_memory.ts"),
  SimpleQueue: () => import("../queue/fifo_queue.ts"),
  Value: () => import("../shared/value.ts"),
};

/** The kinds of what other objects may come through later. */
const ROADS = [
  "Connection",
  "JoinableQueue",
  "LifoQueue",
  "PoolLink",
  "PriorityQueue",
  "Queue",
  "SimpleQueue",
];

/** Loads the modules that revive handles of these kinds. */
export async function loadHomes(kinds: ReadonlySet<string>): Promise<void> {
  const homes = new Set(Array.from(kinds, (kind) => HOMES[kind]));
  await Promise.all(Array.from(homes, (load) => load?.()));
  if (ROADS.some((kind) => kinds.has(kind))) await loadWhatMayCome();
}

/**
 * Loads the modules of all kinds, if they could not be loaded later: a message
 * may come to a call that blocks, and only a file can be loaded there.
 */
export async function loadWhatMayCome(): Promise<void> {
  if (!canLoadAtOnce()) await import("./every_home.ts");
}

function canLoadAtOnce(): boolean {
  const folder = new URL("..", import.meta.url);
  return folder.protocol === "file:" && !Deno.build.standalone &&
    Deno.permissions.querySync({ name: "read", path: folder }).state ===
      "granted";
}

setLoader(() => {
  const { createRequire } = builtinModule<{
    createRequire(base: string): (specifier: string) => unknown;
  }>("node:module");
  createRequire(import.meta.url)("./every_home.ts");
});
