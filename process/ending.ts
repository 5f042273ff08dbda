// Copyright 2026 the authors. MIT license.

// The duties of a process before it ends: its daemons are told to stop when its
// own code is done, and then it waits for the other children.

import { engineOfProcess } from "./engine.ts";
import { Line, type Steps } from "../memory/park.ts";
import { isHost, isMain, me } from "../program/self.ts";
import { GRACE, stateIndex } from "../program/table.ts";

/** The exit code of a process that was terminated, as SIGTERM gives it. */
export const TERMINATED = -15;

// Set for good: from then on a pool starts no worker.
let hasCodeEnded = false;

/** The time until which daemons that are OS processes may take to end. */
let daemonsEnd = Infinity;

/** Whether this process's own code is done, and its daemons were stopped. */
export function isEnding(): boolean {
  return hasCodeEnded;
}

/** Stops the daemons that this process has started: its own code is done. */
export function stopDaemons(): void {
  if (!hasCodeEnded) daemonsEnd = performance.now() + GRACE;
  hasCodeEnded = true;
  const { table, token } = me();
  for (const child of table.living()) {
    if (table.parentOf(child) !== token || !table.isDaemon(child)) continue;
    engineOfProcess(child).stop(child, TERMINATED);
  }
}

/** Waits for all processes that must end before this one does. */
export async function awaitOthers(): Promise<void> {
  await new Line().run(othersEnded(), Infinity);
}

/**
 * Makes the main process stop its daemons and wait for the others when nothing
 * referenced is left in its event loop: then its own code is done.
 */
export function awaitOthersAtExit(): void {
  if (isInstalled || !isMain()) return;
  isInstalled = true;
  addEventListener("beforeunload", (event) => {
    stopDaemons();
    if (awaited().length === 0) return;
    // The wait below references the event loop; when it is over and nothing
    // else is left, this event comes again.
    event.preventDefault();
    awaitOthers();
  });
}

let isInstalled = false;

function* othersEnded(): Steps<void> {
  const { table } = me();
  for (let first = awaited()[0]; first !== undefined; first = awaited()[0]) {
    const index = stateIndex(first);
    const value = table.words.load(index);
    if (table.isAlive(first)) yield { words: table.words, index, value };
  }
}

// The processes that this one must wait for before it may end:
// - a child of another's OS process: for its own children;
// - a host: for its own children, and for every process that runs as a thread
//   of its OS process, even if that one's parent has died: when a host exits,
//   the system ends all threads of the OS process with it.
// Daemons are not waited for. Only those that are OS processes are given GRACE
// to obey; the kernel kills what is left of them at the exit of their parent.
function awaited(): number[] {
  const { table, token } = me();
  const isMine = isHost()
    ? (other: number) =>
      other !== token &&
      (table.isHostedHere(other) || table.parentOf(other) === token)
    : (other: number) => table.parentOf(other) === token;
  const isInGrace = performance.now() < daemonsEnd;
  const isAwaited = (other: number) =>
    !table.isDaemon(other) || (table.isSpawned(other) && isInGrace);
  return table.living().filter((other) => isMine(other) && isAwaited(other));
}
