// Copyright 2026 the authors. MIT license.

// How a process ends with regard to its children: its daemons are told to stop
// when its own code is done, and then it waits for the others.

import { engineOfProcess } from "./engine.ts";
import { Line, type Steps } from "../memory/park.ts";
import { isHost, isMain, me } from "../program/self.ts";
import { GRACE, stateIndex } from "../program/table.ts";

/** The exit code of a process that was terminated, as SIGTERM gives it. */
export const TERMINATED = -15;

// Set for good: who starts daemons afterwards would start them for nobody.
let isEnding = false;

/** Until when daemons that are OS processes may take to end. */
let daemonsEnd = Infinity;

/** Whether this process's own code is done, and its daemons were stopped. */
export function isFamilyEnding(): boolean {
  return isEnding;
}

/** Tells the daemons that this process has started to stop. */
export function stopDaemons(): void {
  if (!isEnding) daemonsEnd = performance.now() + GRACE;
  isEnding = true;
  const { table, token } = me();
  for (const child of table.living()) {
    if (table.parentOf(child) !== token || !table.isDaemon(child)) continue;
    engineOfProcess(child).stop(child, TERMINATED);
  }
}

/** Stops the daemons, then waits for everyone this process must wait for. */
export async function endFamily(): Promise<void> {
  stopDaemons();
  await new Line().run(othersEnded(), Infinity);
}

/**
 * Makes the main process end like that when nothing referenced is left in its
 * event loop: the moment at which its own code is done.
 */
export function endFamilyAtExit(): void {
  if (isInstalled || !isMain()) return;
  isInstalled = true;
  addEventListener("beforeunload", (event) => {
    stopDaemons();
    if (awaited().length === 0) return;
    // The wait below references the event loop; when it is over and nothing
    // else is left, this event comes again.
    event.preventDefault();
    endFamily();
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

// A child waits for its own; a host for all that run in its OS process, since it
// takes every worker with it when it goes, also those whose parent has died. A
// daemon of its own OS process is given the time to obey; the kernel ends what
// is left of it together with its parent.
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
