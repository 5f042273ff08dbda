// Copyright 2026 the authors. MIT license.

// How a process ends with regard to its children: its daemons are told to stop
// when its own code is done, and then it waits for the others.

import { Line, type Steps } from "./park.ts";
import { isMain, me } from "./self.ts";
import { stateIndex } from "./table.ts";

/** The exit code of a process that was terminated, as SIGTERM gives it. */
export const TERMINATED = -15;

// Set for good: who starts daemons afterwards would start them for nobody.
let isEnding = false;

/** Whether this process's own code is done, and its daemons were stopped. */
export function isFamilyEnding(): boolean {
  return isEnding;
}

/** Tells the daemons that this process has started to stop. */
export function stopDaemons(): void {
  isEnding = true;
  const { table, token } = me();
  for (const child of table.living()) {
    if (table.parentOf(child) !== token || !table.isDaemon(child)) continue;
    table.stop(child, TERMINATED);
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

// A child waits for its own; the main process for all, since it takes every
// worker with it when it goes, also those whose parent has died.
function awaited(): number[] {
  const { table, token } = me();
  const isMine = isMain()
    ? (other: number) => other !== token
    : (other: number) => table.parentOf(other) === token;
  return table.living().filter((other) =>
    isMine(other) && !table.isDaemon(other)
  );
}
