// Copyright 2026 the authors. MIT license.

// Traffic between OS processes that are killed at any moment. What is checked
// by the parent stands in shared memory, or in the messages themselves.

import * as mp from "../../mod.ts";

/** A message: its sender, its number among that sender's, and its length. */
export type Parcel = [sender: number, turn: number, body: Uint8Array];

/** Bytes that cannot be taken for others. */
export function bodyOf(sender: number, turn: number): Uint8Array {
  const length = turn % 7 === 0 ? 5000 + turn % 3000 : turn % 100;
  return new Uint8Array(length).fill((sender * 31 + turn) % 251);
}

export function isWhole([sender, turn, body]: Parcel): boolean {
  const wanted = bodyOf(sender, turn);
  return body.length === wanted.length &&
    body.every((byte, i) => byte === wanted[i]);
}

/** Counts two numbers up together, for ever. */
export function count(lock: mp.Lock, cells: mp.RawArray<"i">): void {
  while (true) {
    try {
      lock.acquireSync();
    } catch (error) {
      if (!(error instanceof mp.AbandonedLockError)) throw error;
      // The dead process may have been between its two steps. The lock is free
      // again.
      continue;
    }
    // The next process after a death mends what that left.
    const both = Math.max(cells.get(0), cells.get(1)) + 1;
    cells.set(0, both);
    cells.set(1, both);
    lock.release();
  }
}

/** Puts for ever. */
export function put(queue: mp.Queue<Parcel>, sender: number): void {
  for (let turn = 0;; turn++) {
    queue.putSync([sender, turn, bodyOf(sender, turn)]);
  }
}

/** Sends for ever. */
export function send(end: mp.Connection, sender: number): void {
  for (let turn = 0;; turn++) {
    end.sendSync([sender, turn, bodyOf(sender, turn)]);
  }
}

/** Meets the others again and again, until the barrier breaks. */
export function meet(barrier: mp.Barrier, cells: mp.RawArray<"i">, me: number) {
  try {
    while (true) {
      barrier.waitSync();
      cells.add(me, 1);
    }
  } catch (error) {
    if (!(error instanceof mp.BrokenBarrierError)) throw error;
  }
}

/** A task that takes a while. */
export function work(x: number): number {
  const end = performance.now() + 1;
  while (performance.now() < end);
  return x * x;
}

export function pid(): number {
  return Deno.pid;
}
