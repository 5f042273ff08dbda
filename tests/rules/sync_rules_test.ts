// Copyright 2026 the authors. MIT license.

// The rules that the tutorials state on locks and their friends, one assertion
// each. Where a tutorial has threads, here are processes.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { delay } from "@std/async";
import * as mp from "../../mod.ts";
import { HUNG, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { ended, startIn } from "../_support/processes.ts";

const start = startIn.bind(undefined, import.meta.url);

/** Enters and leaves twice, so that others can be seen between. */
export function speak(lock: mp.Lock, said: mp.Queue<number>, me: number): void {
  using _ = lock.holdSync();
  said.putSync(me);
  mp.currentProcess();
  said.putSync(me);
}

/** Adds one, under the lock or without it. */
export function add(
  lock: mp.Lock | undefined,
  cells: mp.RawArray<"i">,
  rounds: number,
): void {
  for (let i = 0; i < rounds; i++) {
    using _ = lock?.holdSync();
    cells.set(0, cells.get(0) + 1);
  }
}

/** Waits for the event and says so. */
export function waitAndTell(event: mp.Event, said: mp.Queue<string>): void {
  said.putSync("waits");
  event.waitSync();
  said.putSync("goes on");
}

/** Works until it is asked to stop, and cleans up. */
export function workUntil(stop: mp.Event, said: mp.Queue<string>): void {
  try {
    said.putSync("works");
    stop.waitSync();
  } finally {
    said.putSync("has cleaned up");
  }
}

/** Is cut wherever it stands. */
export function workForEver(stop: mp.Event, said: mp.Queue<string>): void {
  workUntil(stop, said);
}

let own = "nobody";

/** Writes its name where every process has its own place. */
export function setOwn(name: string, said: mp.Queue<string>): void {
  said.putSync(own);
  own = name;
  said.putSync(own);
}

/** Starts a child that outlives the question. */
export function startOne(said: mp.Queue<string>): void {
  try {
    new mp.Process({ target: setOwn, args: ["", said] }).start();
  } catch (error) {
    said.putSync((error as Error).name);
  }
}

contract.test("R-25 under a lock the output of processes does not mix", async (method) => {
  const lock = new mp.Lock();
  const said = new mp.Queue<number>();
  const speakers = [0, 1, 2, 3].map((me) =>
    start(method, speak, lock, said, me)
  );
  await ended(...speakers);
  const pairs = speakers.map(() => [said.getNowait(), said.getNowait()]);
  assert(pairs.every(([first, second]) => first === second));
});

contract.test("R-26 messages need no lock of the user's", async (method) => {
  const said = new mp.Queue<string>();
  const senders = [0, 1, 2].map((me) => start(method, setOwn, `${me}`, said));
  await ended(...senders);
  assertEquals(said.qsize(), 6);
});

contract.test("R-29 an event lets any number through once it is set", async (method) => {
  const event = new mp.Event();
  const said = new mp.Queue<string>();
  const waiters = [0, 1, 2].map(() => start(method, waitAndTell, event, said));
  for (const _ of waiters) await said.get();
  const before = said.qsize();
  event.set();
  await ended(...waiters);
  assertEquals([before, said.qsize()], [0, 3]);
});

contract.test("R-31 a daemon is cut, one that waits for an event ends well", async (method) => {
  const stop = new mp.Event();
  const said = new mp.Queue<string>();
  const cut = new mp.Process({
    target: workForEver,
    args: [new mp.Event(), new mp.Queue()],
    daemon: true,
    method,
  });
  cut.start();
  const graceful = start(method, workUntil, stop, said);
  await said.get();
  cut.terminate();
  stop.set();
  await Promise.all([cut.join(), graceful.join()]);
  const end = said.getNowait();
  assertEquals(
    [cut.exitCode, graceful.exitCode, end],
    [-15, 0, "has cleaned up"],
  );
});

contract.test("R-32 what a daemon starts could outlive it, so it may not", async (method) => {
  const said = new mp.Queue<string>();
  await using daemon = new mp.Process({
    target: startOne,
    args: [said],
    daemon: true,
    method,
  });
  daemon.start();
  assertEquals(await said.get({ timeout: HUNG }), "StateError");
});

contract.test("R-33 each process has its own value of a variable", async (method) => {
  const said = new mp.Queue<string>();
  for (const name of ["first", "second"]) {
    await using child = start(method, setOwn, name, said);
    await child.join();
  }
  const texts = Array.from({ length: 4 }, () => said.getNowait());
  assertEquals(texts, ["nobody", "first", "nobody", "second"]);
});

contract.test("R-34 unlocked updates may be lost, locked ones are not", async (method) => {
  const rounds = 20_000;
  const totals: number[] = [];
  for (const lock of [undefined, new mp.Lock()]) {
    const cells = new mp.RawArray("i", 1);
    const workers = [0, 1].map(() => start(method, add, lock, cells, rounds));
    await ended(...workers);
    totals.push(cells.get(0));
  }
  assert(totals[0]! <= 2 * rounds && totals[1] === 2 * rounds);
});

contract.test("R-35 a child has its own memory, name and end", async (method) => {
  own = "the parent's";
  const said = new mp.Queue<string>();
  await using child = start(method, setOwn, "the child's", said);
  await child.join();
  assertEquals(
    [await said.get(), await said.get(), own, child.isAlive()],
    ["nobody", "the child's", "the parent's", false],
  );
});

Deno.test("R-27 an RLock may be taken again and needs as many releases", () => {
  const lock = new mp.RLock();
  lock.acquireSync();
  lock.acquireSync();
  lock.release();
  const isStillHeld = lock.locked();
  lock.release();
  assertEquals([isStillHeld, lock.locked()], [true, false]);
});

Deno.test("R-28 a Semaphore lets n in, a BoundedSemaphore counts the releases", () => {
  const semaphore = new mp.BoundedSemaphore(2);
  const entered = [0, 1, 2].map(() => semaphore.acquireSync({ block: false }));
  assertEquals(entered, [true, true, false]);
  semaphore.release(2);
  assertThrows(() => semaphore.release(), mp.StateError);
});

Deno.test("R-30 what waits with a timeout acts once after it, unless it is cancelled", async () => {
  const cancelled = new mp.Event();
  const acts: string[] = [];
  const timer = async (name: string, cancel: mp.Event) => {
    if (!await cancel.wait({ timeout: SHORT })) acts.push(name);
  };
  const timers = [timer("acts", new mp.Event()), timer("cancelled", cancelled)];
  cancelled.set();
  await Promise.all(timers);
  await delay(SHORT);
  assertEquals(acts, ["acts"]);
});
