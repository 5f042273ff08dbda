// Copyright 2026 the authors. MIT license.

// Readiness: what `wait()` asks of a connection, a process, a queue, and how it
// sleeps until one of many is ready.

import { type Park, type Steps, unwatch, type Watch, watch } from "./park.ts";

/** The method of an object that one can wait for. */
export const READINESS: unique symbol = Symbol.for("multiprocessing.readiness");

/** Whether an object is ready, and where to sleep until it may be. */
export interface Readiness {
  /** Whether the operation it is ready for would not wait now. */
  isReady(): boolean;
  /** Undefined: look again. Asked right after it was not ready. */
  park(): Park | undefined;
}

/** Something that {@linkcode wait} can wait for. */
export interface Waitable {
  /** @internal */
  [READINESS](): Readiness;
}

/** How long a thread sleeps on one of several words before it looks at all. */
export const SHORT_SLICE = 1;

/** A line, as a wait sees it that sleeps on several words at once. */
export interface Sleeper {
  /** Lets the line look. */
  readonly wake: () => void;
  /** Calls to the system that the wait has left behind, until they end. */
  readonly leftovers: Set<Promise<unknown>>;
}

/**
 * Waits until some of `sources` are ready, and returns which. A line, which can
 * hear of several words at once, drives it with a `sleeper`. A thread sleeps on
 * one word only: it drives it without, and the steps name one word after
 * another.
 */
export function* waitingForAny(
  sources: readonly Readiness[],
  sleeper?: Sleeper,
): Steps<number[]> {
  let slept: Park[] = [];
  const watching = new Set<Watch>();
  const forget = () => {
    for (const watched of watching) leave(watched, sleeper!);
    watching.clear();
  };
  let turn = 0;
  try {
    while (true) {
      forget();
      const ready = readyOf(sources);
      if (ready.length > 0) {
        // A wake of one sleeper was meant for a call that takes what came. This
        // one does not, and its caller need not.
        for (const i of ready) passOn(slept[i]);
        return ready;
      }
      const parks = sources.map((source) => source.park());
      if (!parks.every((park) => park !== undefined)) continue;
      slept = parks;
      const first = parks[turn++ % parks.length]!;
      if (sleeper === undefined) yield first;
      else if (watchOthers(parks, first, sleeper.wake, watching)) yield first;
    }
  } finally {
    forget();
  }
}

/** Which of `sources` are ready now. */
export function readyOf(sources: readonly Readiness[]): number[] {
  return [...sources.keys()].filter((i) => sources[i]!.isReady());
}

/** False if one of them has changed already. */
function watchOthers(
  parks: readonly Park[],
  first: Park,
  wake: () => void,
  watching: Set<Watch>,
): boolean {
  for (const park of parks) {
    if (park === first) continue;
    const watched = watch(park, wake);
    if (watched === undefined) return false;
    watching.add(watched);
  }
  return true;
}

function leave(watched: Watch, { wake, leftovers }: Sleeper): void {
  const end = unwatch(watched, wake);
  if (end === undefined) return;
  leftovers.add(end);
  end.then(() => leftovers.delete(end));
}

/** Hands a wake on to the next sleeper there. */
export function passOn(park: Park | undefined): void {
  park?.words.notify(park.index, 1);
}
