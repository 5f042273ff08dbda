// Copyright 2026 the authors. MIT license.

// Waiting for many things at once.

import { checkIterable, typeName } from "../memory/check.ts";
import { AT_ONCE, deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import { EXPIRED, Line } from "../memory/park.ts";
import { type Awaited, Wait } from "../memory/wait.ts";
import {
  READINESS,
  type Readiness,
  readyOf,
  SHORT_SLICE,
  type Sleeper,
  type Waitable,
  waitingForAny,
} from "../memory/ready.ts";
import { checkCopy } from "../message/handle.ts";
import { checkpoint } from "../program/self.ts";

export type { WaitOptions } from "../memory/deadline.ts";
export type { Waitable } from "../memory/ready.ts";

/**
 * Waits until at least one of several objects is ready, and returns all that
 * are.
 *
 * Python: `multiprocessing.connection.wait(object_list, timeout)`.
 *
 * | object | is ready when |
 * |---|---|
 * | {@linkcode Connection} | there is a message, or nobody can send one any more |
 * | {@linkcode Process} | it has ended |
 * | {@linkcode Queue} | there is an item, or it is shut down |
 *
 * Ready is what would not wait now: nothing is taken, and if others receive
 * from the same end or queue, they may be faster.
 *
 * @typeParam T The kind of the objects.
 * @param objects What to wait for.
 * @param options `timeout` in milliseconds from the call; `signal` to give up.
 * @returns Those that are ready, in the order they were given; none if
 * `timeout` passed, or if there are no objects.
 * @throws {TypeError} If one is not something to wait for.
 * @throws {StateError} If a connection or queue is closed, or is closed
 * meanwhile; if a connection cannot receive; if a process was not started.
 * @throws {RangeError} If `timeout` is negative.
 *
 * @example The first of two pipes to say something
 * ```ts
 * import { Pipe, wait } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [near, far] = Pipe<string>();
 * const [other, peer] = Pipe<string>();
 * far.sendSync("hello");
 * assertEquals(await wait([other, near]), [near]);
 * assertEquals(await wait([other], { timeout: 1 }), []);
 * peer.close();
 * assertEquals(await wait([other]), [other]);
 * ```
 */
export function wait<T extends Waitable>(
  objects: Iterable<T>,
  options?: WaitOptions,
): Promise<T[]> {
  try {
    const { list, sources, deadline } = begin(objects, options);
    const line = new Line("wait()");
    const leftovers = new Set<Promise<unknown>>();
    const wake = () => line.look();
    const ready = Wait.toSee(line, awaited(sources, { wake, leftovers }))
      .inLine(undefined, deadline, options?.signal);
    if (!(ready instanceof Promise)) {
      return Promise.resolve(chosen(list, ready));
    }
    // When the caller hears of the end, nothing of the wait runs any more.
    return ready
      .finally(() => Promise.all(leftovers))
      .then((ready) => chosen(list, ready));
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * As {@linkcode wait}, blocking this thread. It looks at all of several objects
 * every millisecond.
 *
 * @example
 * ```ts
 * import { Queue, waitSync } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const q = new Queue<number>();
 * assertEquals(waitSync([q], { timeout: 1 }), []);
 * q.putSync(1);
 * assertEquals(waitSync([q]), [q]);
 * ```
 */
export function waitSync<T extends Waitable>(
  objects: Iterable<T>,
  options?: WaitOptions,
): T[] {
  const { list, sources, deadline } = begin(objects, options);
  const slice = list.length > 1 ? SHORT_SLICE : undefined;
  const ready = Wait.toSee(new Line(), awaited(sources));
  return chosen(list, ready.blocking(undefined, deadline, slice));
}

function begin<T extends Waitable>(
  objects: Iterable<T>,
  options: WaitOptions | undefined,
) {
  const deadline = deadlineOf(options);
  checkpoint();
  checkIterable("wait", "objects", objects);
  const list = [...objects];
  const sources = list.map(readinessOf);
  // Of no objects, none can ever become ready.
  return { list, sources, deadline: list.length === 0 ? AT_ONCE : deadline };
}

function readinessOf(object: Waitable): Readiness {
  const isWaitable = typeof object === "object" && object !== null &&
    typeof object[READINESS] === "function";
  checkCopy("wait", object);
  if (isWaitable) return object[READINESS]();
  throw new TypeError(
    `Cannot wait: expected connections, processes and queues: got ${
      typeName(object)
    }`,
  );
}

function awaited(
  sources: readonly Readiness[],
  sleeper?: Sleeper,
): Awaited<void, number[]> {
  return {
    now: () => {
      const ready = readyOf(sources);
      return ready.length > 0 ? ready : EXPIRED;
    },
    steps: () => waitingForAny(sources, sleeper),
  };
}

function chosen<T>(
  list: readonly T[],
  ready: readonly number[] | typeof EXPIRED,
): T[] {
  return ready === EXPIRED ? [] : ready.map((i) => list[i]!);
}
