// Copyright 2026 the authors. MIT license.

// The end of a process (docs/decisions/0019-end-of-a-program.md), in order:
//
// 1. Its own code is done.
// 2. Its duties are: what was submitted to executors, also if no code awaits
//    it. They may yet use daemons.
// 3. Its daemons are told to stop.
// 4. Its other children have ended, among them the workers of executors, which
//    were let go in 2.

import { engineOfProcess } from "./engine.ts";
import { hasKernel } from "../memory/kernel.ts";
import { Line, type Steps } from "../memory/park.ts";
import { endProgram, isHost, isMain, me } from "../program/self.ts";
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

/** Work of this process that is finished before its daemons are stopped. */
export interface Duty {
  /** A wait for what is under way; undefined if there is nothing. */
  pending(): Promise<unknown> | undefined;
  /** Takes nothing more, and lets go of the children that it has. */
  close(): void;
}

const duties = new Set<Duty>();

/** Has a duty finished at the end of this process. */
export function addDuty(duty: Duty): void {
  duties.add(duty);
}

/** A duty is over. */
export function removeDuty(duty: Duty): void {
  duties.delete(duty);
}

/** Finishes the duties of a child: its target has ended. */
export async function finishDuties(): Promise<void> {
  let waits = pendingDuties();
  // What is finished may have a callback that submits more.
  while (waits.length > 0) {
    await Promise.all(waits);
    waits = pendingDuties();
  }
  closeDuties();
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
  if (awaited().length === 0) return;
  await new Line().run(othersEnded(), Infinity);
}

/**
 * Makes the main process stop its daemons and wait for the others when nothing
 * referenced is left in its event loop: then its own code is done. If it is
 * over before that, and its OS process goes on, as under `--watch`, all others
 * are killed.
 */
export function awaitOthersAtExit(): void {
  if (!isMain()) return;
  // There is a new child.
  mayLeaveOthers = false;
  if (isInstalled) return;
  isInstalled = true;
  addEventListener("beforeunload", (event) => {
    // None is pending: that would keep something in the event loop.
    closeDuties();
    stopDaemons();
    mayLeaveOthers = awaited().length === 0;
    if (mayLeaveOthers) return;
    // The wait below references the event loop; when it is over and nothing
    // else is left, this event comes again.
    event.preventDefault();
    awaitOthers();
  });
  addEventListener("unload", () => {
    if (!mayLeaveOthers && hasKernel()) endProgram();
  });
  const { exit } = Deno;
  Deno.exit = (code) => {
    mayLeaveOthers = true;
    return exit(code);
  };
}

let isInstalled = false;

/** Whether this end of the main process leaves orphans, which go on. */
let mayLeaveOthers = false;

function pendingDuties(): Promise<unknown>[] {
  return [...duties].map((duty) => duty.pending())
    .filter((wait) => wait !== undefined);
}

function closeDuties(): void {
  for (const duty of duties) duty.close();
  duties.clear();
}

function* othersEnded(): Steps<void> {
  const { table } = me();
  for (let first = awaited()[0]; first !== undefined; first = awaited()[0]) {
    for (const other of awaited()) engineOfProcess(other)?.wake?.(other);
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
