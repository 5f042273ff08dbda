// Copyright 2026 the authors. MIT license.

// The link of a pool and one of its workers: the ring of the worker's tasks,
// the ring of all workers' results, the functions, and two words to cancel a
// task.
//
// Functions cross once. The pool writes a reference to a function to the end of
// a log before it puts the first task that names its place. The log only grows
// and its end is one word, so a worker that reads a task finds the function in
// it, also if the task was taken back from another worker.

import {
  HANDLE,
  type Handle,
  type Movable,
  MOVER,
  type Mover,
  revivedHandle,
  setReviver,
} from "../message/handle.ts";
import {
  createClosable,
  createRegion,
  openRegion,
  type Region,
  type RegionHandle,
  unuseRegion,
  useRegion,
} from "../memory/region.ts";
import { Ring, type RingHandle } from "../queue/ring.ts";
import { me } from "../program/self.ts";
import type { TargetRef } from "../message/target.ts";

const LOG_BYTES = 2 ** 25;
const RING_BYTES = 2 ** 28;

// The words of the log; records { length:32, JSON } follow from RECORDS on.
const END = 0;
const RECORDS = 16;

// The words of the control region.
/** The id of the task that is cancelled. */
export const CANCELLED = 0;
/** Why: one of the reasons below. */
export const REASON = 1;
/** The caller's signal. */
export const ABORTED = 1;
/** The task's timeout. */
export const TIMED_OUT = 2;
const CONTROL_BYTES = 64;

/** The functions that a pool was given, in shared memory; one writer. */
export class FunctionLog {
  readonly handle: RegionHandle;
  readonly #region: Region;
  #seen = RECORDS * 4;

  constructor(handle?: RegionHandle) {
    if (handle === undefined) {
      [this.#region] = createClosable([LOG_BYTES]) as [Region];
      useRegion(this.#region.handle);
    } else {
      this.#region = openRegion(handle);
    }
    this.handle = this.#region.handle;
  }

  /** Gives it back, in the pool that made it. */
  release(): void {
    unuseRegion(this.handle);
  }

  /** Writes one to the end. */
  append(ref: TargetRef): void {
    const { words, bytes } = this.#region;
    const text = new TextEncoder().encode(JSON.stringify(ref));
    const end = this.#seen + 4 + (text.length + 3 & ~3);
    if (end > LOG_BYTES) {
      throw new RangeError(
        `Cannot submit task: the functions of this pool take more than ${LOG_BYTES} bytes`,
      );
    }
    words.poke(this.#seen / 4, text.length);
    bytes.set(text, this.#seen + 4);
    this.#seen = end;
    // Publishes the record; pairs with the load in readNew().
    words.store(END, end);
  }

  /** The functions that were written since the last call. */
  *readNew(): Generator<TargetRef> {
    const { words, bytes } = this.#region;
    const end = words.load(END);
    while (this.#seen < end) {
      const length = words.peek(this.#seen / 4);
      const start = this.#seen + 4;
      // Copied, since a decoder does not read shared memory.
      const text = new TextDecoder().decode(
        bytes.slice(start, start + length),
      );
      this.#seen = start + (length + 3 & ~3);
      yield JSON.parse(text);
    }
  }
}

/** A view of what a pool and one worker share. */
export class PoolLink implements Movable {
  readonly tasks: Ring;
  readonly results: Ring;
  readonly functions: FunctionLog;
  readonly control: Region;
  /** For what is moved instead of copied; an OS process has none. */
  readonly port: MessagePort | undefined;
  readonly #farPort: MessagePort | undefined;

  /** A link to a new worker; in the worker, the link that is revived there. */
  constructor(results?: Ring, functions?: FunctionLog, hasPort = false) {
    const handle = revivedHandle<LinkHandle>();
    const { locker } = me();
    if (handle === undefined) {
      this.tasks = createRing();
      this.results = results!;
      this.functions = functions!;
      this.control = createRegion(CONTROL_BYTES);
      useRegion(this.tasks.handle);
      if (!hasPort) return;
      const { port1, port2 } = new MessageChannel();
      this.port = port1;
      this.#farPort = port2;
    } else {
      this.tasks = Ring.open(handle.tasks, locker);
      this.results = Ring.open(handle.results, locker);
      this.functions = new FunctionLog(handle.functions);
      this.control = openRegion(handle.control);
      this.port = handle.port;
    }
  }

  /** Gives the link back: its worker is dead, or was never started. */
  release(): void {
    this.port?.close();
    this.#farPort?.close();
    unuseRegion(this.tasks.handle);
  }

  /** The handles that cross to the worker. */
  [HANDLE](): LinkHandle {
    return {
      kind: "PoolLink",
      tasks: this.tasks.handle,
      results: this.results.handle,
      functions: this.functions.handle,
      control: this.control.handle,
      port: this.#farPort,
    };
  }

  /** The worker's end of the port goes with it. */
  [MOVER](): Mover | undefined {
    if (this.#farPort === undefined) return undefined;
    return { transfer: [this.#farPort], moved: () => {} };
  }
}

interface LinkHandle extends Handle {
  readonly tasks: RingHandle;
  readonly results: RingHandle;
  readonly functions: RegionHandle;
  readonly control: RegionHandle;
  readonly port: MessagePort | undefined;
}

setReviver("PoolLink", PoolLink);

/** A ring for tasks or for results. */
export function createRing(): Ring {
  return Ring.create(RING_BYTES, 0, me().locker);
}
