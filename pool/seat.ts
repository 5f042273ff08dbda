// Copyright 2026 the authors. MIT license.

// A seat: a place in a pool where one worker after the other sits. What is to
// be done there, and nowhere else, outlives the worker.

import { Process, type StartMethod } from "../process/process.ts";
import type { Frame } from "../message/codec.ts";
import { engineOf } from "../process/engine.ts";
import { makeIn, memoryOf } from "../memory/method.ts";
import {
  CANCELLED,
  type FunctionLog,
  PoolLink,
  REASON,
} from "../process/pool_link.ts";
import { type Task, TaskQueue, type TaskTable } from "./task.ts";
import { poolWorker } from "./worker.ts";
import { withAttempt } from "./wire.ts";
import type { Ring } from "../queue/ring.ts";
import { me } from "../program/self.ts";
import type { TargetRef } from "../message/target.ts";

/** A worker is given about so much work ahead, in microseconds. */
const AHEAD = 2000;
/** … but never more tasks than this. */
const MOST_AHEAD = 4096;
/** What it is given ahead before anyone knows how long its tasks take. */
const FIRST_AHEAD = 4;
/** … nor more bytes than this, beyond a first task. */
const MOST_BYTES = 2 ** 22;

/** Whether something can be moved to workers of this method: they have ports. */
export function canMove(method: StartMethod): boolean {
  return method === "worker";
}

/** What all workers of a pool are started with. */
export interface Staffing {
  readonly initializer: TargetRef | undefined;
  readonly initargs: readonly unknown[];
  readonly method: StartMethod;
  /** After so many tasks a worker is replaced. */
  readonly maxTasks: number;
}

/** What the seats of a pool share. */
export interface Common {
  readonly results: Ring;
  readonly functions: FunctionLog;
  readonly table: TaskTable;
  readonly staffing: Staffing;
}

// from       to         by
// EMPTY      STARTING   start()
// STARTING   READY      its worker's first message
// STARTING   LEAVING    dismiss() or kill()
// READY      LEAVING    dismiss() or kill()
// any other  EMPTY      vacate(), when the worker is dead
//
// Only a worker that is STARTING or READY is given tasks. One that is LEAVING
// ends when it has done what it has, or is being killed.

/** Nobody sits here. */
const EMPTY = 0;
/** A worker is on its way; it may be given tasks. */
const STARTING = 1;
/** A worker takes tasks. */
const READY = 2;
/** The worker gets no more tasks. */
const LEAVING = 3;

/** A place for a worker. */
export class Seat {
  /** Tasks for this seat alone. */
  readonly own: TaskQueue = new TaskQueue();
  /** The worker's number: no two workers of a pool have the same. */
  worker = 0;
  token = 0;
  /** Tasks that the worker has and that have no result yet. */
  outstanding = 0;
  /** Tasks that the worker was given and did not have taken back. */
  given = 0;
  /** Tasks of the worker that have a result. */
  finished = 0;
  /** When it last had a result, or got a task while it had none. */
  progressAt = 0;
  /** Whether the death of the worker is in order: it was told to leave. */
  isExpected = false;
  /** Since when it has had nothing to do. */
  idleSince = 0;

  readonly #common: Common;
  #state = EMPTY;
  #link: PoolLink | undefined;
  #process: Process | undefined;
  #hasExclusive = false;
  /** Whether what it has is for this worker only; such a task is alone. */
  #hasOwn = false;
  #bytes = 0;
  /** What a task takes: the longest of late, in microseconds; 0: unknown. */
  #usual = 0;

  constructor(readonly number: number, common: Common) {
    this.#common = common;
  }

  get isEmpty(): boolean {
    return this.#state === EMPTY;
  }

  get isReady(): boolean {
    return this.#state === READY;
  }

  get isLeaving(): boolean {
    return this.#state === LEAVING;
  }

  /** Whether its worker waits for a task. */
  get isIdle(): boolean {
    return this.outstanding === 0 && this.#state === READY;
  }

  /** Whether its worker has begun a task that has no result yet. */
  get isRunning(): boolean {
    const isThere = this.#state === READY || this.#state === LEAVING;
    return isThere && this.outstanding > 0;
  }

  /** How many tasks its worker has not begun that another may have as well. */
  get ahead(): number {
    if (this.#hasOwn || this.outstanding === 0) return 0;
    return this.#state === STARTING ? this.outstanding : this.outstanding - 1;
  }

  /** Whether its worker may be given one more. */
  get hasRoom(): boolean {
    const { outstanding } = this;
    if (this.#state !== READY && this.#state !== STARTING) return false;
    if (outstanding === 0) return true;
    return outstanding < this.#window() && !this.#hasExclusive &&
      this.#bytes < MOST_BYTES && this.given < this.#common.staffing.maxTasks;
  }

  /** What a task takes here, in microseconds; 0: unknown. */
  get usual(): number {
    return this.#usual;
  }

  /** Whether it should be refilled: half of what it had ahead is done. */
  get isLow(): boolean {
    return this.outstanding * 2 <= this.#window();
  }

  /** How its worker ended. */
  get exitCode(): number | undefined {
    return this.#process?.exitCode;
  }

  /** What remains of its dead worker, until the platform is rid of it too. */
  get remains(): Promise<unknown> | undefined {
    return engineOf(this.#common.staffing.method).remains?.(this.token);
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Seats a new worker. */
  start(worker: number): void {
    const { results, functions, staffing } = this.#common;
    const { initializer, initargs, method } = staffing;
    const self = me();
    const path = [...self.path, self.childCount + 1].join(":");
    const link = makeIn(
      memoryOf(method),
      () => new PoolLink(results, functions, canMove(method)),
    );
    const process = new Process({
      target: poolWorker,
      args: [link, worker, initializer, initargs],
      name: `PoolWorker-${path}`,
      daemon: true,
      module: new URL("./worker.ts", import.meta.url),
      method,
    });
    try {
      process.start();
    } catch (error) {
      link.abandon();
      throw error;
    }
    const { ident } = process;
    const { table } = self;
    this.token = table.living().find((token) =>
      table.identOf(token) === ident
    )!;
    this.#process = process;
    this.#link = link;
    this.#state = STARTING;
    this.worker = worker;
    this.given =
      this.finished =
      this.#bytes =
      this.#usual =
        0;
    this.isExpected = false;
  }

  /** Its worker has said that it takes tasks. */
  welcome(): void {
    if (this.#state !== STARTING) return;
    this.#state = READY;
    this.idleSince = performance.now();
  }

  /** Gives the worker a task; false if there is no room in its ring. */
  give(task: Task, frame: Frame, now: number): boolean {
    const { table } = this.#common;
    const id = table.enter(task);
    const { tasks } = this.#link!;
    const note = withAttempt(task.note, task.losses);
    if (tasks.tryPut(frame, id, note) !== "put") {
      table.leave(task);
      return false;
    }
    const isMoved = task.parcel !== undefined;
    if (task.parcel !== undefined) {
      const { args, transfer } = task.parcel;
      this.#link!.port!.postMessage({ id, args }, [...transfer]);
      task.parcel = undefined;
    }
    task.seat = this;
    task.size = frame.bytes === undefined ? 0 : frame.bytes.length;
    if (task.triesLeft <= 0) task.bytes = undefined;
    if (this.outstanding++ === 0) this.progressAt = now;
    this.given++;
    this.#bytes += task.size;
    this.#hasExclusive = task.isExclusive;
    // What was moved to it no other can have.
    this.#hasOwn = task.pinned !== undefined || isMoved;
    return true;
  }

  /** One of its tasks has a result, after so many microseconds. */
  finish(task: Task, micros: number, now: number): void {
    this.#drop(task);
    this.finished++;
    this.progressAt = now;
    if (this.outstanding === 0) this.idleSince = now;
    // Quick to believe that tasks are long, slow to believe that they are
    // short: what is ahead of a long one can be taken back, but at a price.
    this.#usual = micros >= this.#usual
      ? Math.max(micros, 0.5)
      : this.#usual + (micros - this.#usual) / 8;
    if (this.given >= this.#common.staffing.maxTasks) this.dismiss();
  }

  /**
   * Takes tasks back that the worker has not taken, the oldest first. The ring
   * says which: what is in it was not taken, what is not was.
   */
  takeBack(most: number): Task[] {
    const taken: Task[] = [];
    while (taken.length < most) {
      const message = this.#link?.tasks.tryTake();
      if (message === undefined) break;
      const task = this.#common.table.get(message.id);
      if (task === undefined) continue;
      task.keep(message);
      this.#drop(task);
      this.given--;
      taken.push(task);
    }
    return taken;
  }

  /** Assumes that its tasks are long, since this one is. */
  suspect(micros: number): void {
    this.#usual = Math.max(this.#usual, micros);
  }

  /** Tells the worker that the task it runs is cancelled. */
  cancel(id: number, reason: number): void {
    const { words } = this.#link!.control;
    words.store(REASON, reason);
    words.store(CANCELLED, id);
    words.notify(CANCELLED, Infinity);
  }

  /** Lets the worker end when it has done what it has. */
  dismiss(): void {
    if (this.#state !== STARTING && this.#state !== READY) return;
    this.#state = LEAVING;
    this.isExpected = true;
    this.#link!.tasks.close(false);
  }

  /** Ends the worker wherever it stands. */
  kill(): void {
    if (this.#state === EMPTY) return;
    this.#state = LEAVING;
    this.#process!.terminate();
  }

  /** Its worker was told to stop by somebody else. */
  condemn(): void {
    if (this.#state !== EMPTY) this.#state = LEAVING;
  }

  /** Its worker is dead. Returns the tasks that died with it: one at most. */
  vacate(): Task[] {
    const lost = this.#common.table.of(this);
    for (const task of lost) this.#drop(task);
    this.#state = EMPTY;
    this.#link?.port?.close();
    this.#link = undefined;
    this.#process = undefined;
    this.#hasExclusive = false;
    return lost;
  }

  #drop(task: Task): void {
    this.#common.table.leave(task);
    task.seat = undefined;
    task.isStarted = false;
    this.outstanding--;
    this.#bytes -= task.size;
    this.#hasExclusive = false;
  }

  #window(): number {
    if (this.#usual === 0) return FIRST_AHEAD;
    return Math.min(MOST_AHEAD, Math.max(1, AHEAD / this.#usual));
  }
}
