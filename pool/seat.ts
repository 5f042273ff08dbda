// Copyright 2026 the authors. MIT license.

// A worker as its pool reaches it: its process, its ring of tasks, its port. It
// does what it is told; the plan decides.

import { StateError } from "../errors.ts";
import { engineOf, TOKEN } from "../process/engine.ts";
import { CANCELLED, PoolLink, REASON } from "../process/pool_link.ts";
import type { FunctionLog } from "../process/pool_link.ts";
import { Process, type StartMethod } from "../process/process.ts";
import type { Frame } from "../message/codec.ts";
import { ownModule, type TargetRef } from "../message/target.ts";
import { makeIn, memoryOf } from "../memory/method.ts";
import { me } from "../program/self.ts";
import type { Labelled, Ring } from "../queue/ring.ts";
import type { Task } from "./task.ts";
import { withAttempt } from "./wire.ts";
import { poolWorker } from "./worker.ts";

/**
 * Whether something can be moved to workers of this method: they have ports.
 */
export function canMove(method: StartMethod): boolean {
  return method === "worker";
}

/** The start options that all workers of a pool share. */
export interface Staffing {
  readonly initializer: TargetRef | undefined;
  readonly initargs: readonly unknown[];
  readonly method: StartMethod;
  /** How many tasks a worker runs before it is replaced. */
  readonly maxTasks: number;
  /** Whether workers are dropped at the end, and may have no children. */
  readonly areDaemons: boolean;
}

/** One worker, from its start to its end. */
export class Seat {
  /** The worker's token in the table of the program. */
  readonly token: number;
  readonly #method: StartMethod;
  readonly #link: PoolLink;
  readonly #process: Process;

  /** Starts the worker of this number. */
  constructor(
    worker: number,
    results: Ring,
    functions: FunctionLog,
    { initializer, initargs, method, areDaemons }: Staffing,
  ) {
    const self = me();
    const path = [...self.path, self.childCount + 1].join(":");
    this.#method = method;
    this.#link = makeIn(
      memoryOf(method),
      () => new PoolLink(results, functions, canMove(method)),
    );
    this.#process = new Process({
      target: poolWorker,
      args: [this.#link, worker, initializer, initargs],
      name: `PoolWorker-${path}`,
      daemon: areDaemons,
      module: ownModule("pool/worker.ts"),
      method,
    });
    try {
      this.#process.start();
    } catch (error) {
      this.#link.release();
      throw named(error);
    }
    this.token = this.#process[TOKEN]();
  }

  /** How the worker ended; undefined while it has not. */
  get exitCode(): number | undefined {
    return this.#process.exitCode;
  }

  /** A promise that lasts until the platform has let go of a dead worker. */
  get remains(): Promise<unknown> | undefined {
    return engineOf(this.#method).remains?.(this.token);
  }

  /**
   * Puts a task into the ring of the worker; false if there is no room. What
   * moves goes first: if it cannot, the worker has not heard of the task. A
   * throw fails the task.
   */
  give(task: Task, frame: Frame): boolean {
    const { id, parcel } = task;
    const { tasks, port } = this.#link;
    const note = withAttempt(task.note, task.losses);
    if (parcel === undefined) return tasks.tryPut(frame, id, note) === "put";
    const { packed, transfer } = parcel;
    task.parcel = undefined;
    port!.postMessage({ id, packed }, [...transfer]);
    if (tasks.tryPut(frame, id, note) === "put") return true;
    // It is given alone, to a worker with an empty ring: there is room.
    throw new StateError("Cannot give task: its worker takes no tasks");
  }

  /** Takes back the oldest message that the worker has not taken, if any. */
  tryTake(): Labelled | undefined {
    return this.#link.tasks.tryTake();
  }

  /** Tells the worker that the task it runs is cancelled. */
  cancel(id: number, reason: number): void {
    const { words } = this.#link.control;
    // The reason first: a worker that sees its id reads the reason next.
    words.store(REASON, reason);
    words.store(CANCELLED, id);
    words.notify(CANCELLED, Infinity);
  }

  /** Lets the worker end when it has done the tasks in its ring. */
  dismiss(): void {
    this.#link.tasks.close();
  }

  /** Ends the worker wherever it stands. */
  kill(): void {
    this.#process.terminate();
  }

  /** Gives back what linked the pool to a worker that is dead. */
  leave(): void {
    this.#link.release();
  }
}

/** The error of a start, in which `initargs` goes by its own name. */
function named(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  const message = error.message.replace(" args[3]", " initargs");
  return new DOMException(message, error.name);
}
