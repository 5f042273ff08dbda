// Copyright 2026 the authors. MIT license.

// Shared objects at the top of a module, which each process makes anew.

import * as mp from "../../mod.ts";

const queue = new mp.Queue<number>();
const simple = new mp.SimpleQueue<number>();
const joinable = new mp.JoinableQueue<number>();
const lifo = new mp.LifoQueue<number>();
const priority = new mp.PriorityQueue<number>();
const lock = new mp.Lock();
const rlock = new mp.RLock();
const semaphore = new mp.Semaphore(2);
const bounded = new mp.BoundedSemaphore(2);
const condition = new mp.Condition();
const event = new mp.Event();
const barrier = new mp.Barrier(1);
const value = new mp.Value("i", 1);
const struct = new mp.Value({ x: "i" }, { x: 1 });
const rawValue = new mp.RawValue("i", 1);
const array = new mp.Array("i", 2);
const rawArray = new mp.RawArray("i", 2);
const memory = new mp.SharedMemory({ create: true, size: 8 });
const list = new mp.ShareableList([1, 2]);
const [end] = mp.Pipe<number>();
const [movable] = mp.Pipe<number>({ transfer: true });

/** Uses of them, by the class that the error names. */
export const USES: Record<string, () => unknown> = {
  "Queue": () => queue.putSync(42),
  "SimpleQueue": () => simple.get(),
  "JoinableQueue": () => joinable.taskDone(),
  "LifoQueue": () => lifo.qsize(),
  "PriorityQueue": () => priority.putNowait(1),
  "Lock": () => lock.holdSync(),
  "RLock": () => rlock.acquire(),
  "Semaphore": () => semaphore.release(),
  "BoundedSemaphore": () => bounded.acquireSync(),
  "Condition": () => condition.notifyAll(),
  "Event": () => event.set(),
  "Barrier": () => barrier.wait(),
  "Value": () => value.value++,
  "Value of a struct": () => struct.x++,
  "RawValue": () => rawValue.value = 3,
  "Array": () => array.set(0, 1),
  "Array by a loop": () => [...array],
  "RawArray": () => rawArray.at(0),
  "SharedMemory": () => memory.buf,
  "ShareableList": () => list.get(0),
  "Connection": () => end.sendSync(1),
  "Connection that moves": () => movable.recv(),
  "Connection in a wait": () => mp.wait([end]),
};

/** Lets one be used, and throws what that throws. */
export async function use(name: string): Promise<void> {
  await USES[name]!();
}

/** Gives one to a child of its own, and tells what comes of it. */
export function giveOn(answers: mp.Queue<unknown>): void {
  try {
    new mp.Process({ target: () => {}, args: [{ queue }] }).start();
  } catch (error) {
    answers.putSync(error);
  }
}

const used = new mp.Queue<number>();
used.putSync(1);
const seen = used.getNowait();

/** Tells what was used while the module was imported, and makes its own. */
export function useOwn(answers: mp.Queue<unknown>): void {
  const own = new mp.Queue<number>();
  own.putSync(2);
  queue.close();
  answers.putSync([seen, own.getSync(), Deno.inspect(lock)]);
}

const NAME = "module_objects";

/** One that every process makes or finds by the same name. */
export const named = () => {
  try {
    return new mp.SharedMemory({ name: NAME, create: true, size: 8 });
  } catch {
    return new mp.SharedMemory(NAME);
  }
};
const block = named();

export function writeNamed(): void {
  block.buf[0] = 7;
}
