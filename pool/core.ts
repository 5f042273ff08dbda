// Copyright 2026 the authors. MIT license.

// The heart of a pool: takes tasks from the caller and results from the
// workers, and knows when there will be no more of either.

import {
  type BrokenPoolError,
  StateError,
  WorkerExitError,
} from "../errors.ts";
import { decode, type Frame } from "../message/codec.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { Functions } from "./functions.ts";
import { createRing } from "../process/pool_link.ts";
import { type Heart, Pulse } from "./pulse.ts";
import { canMove, type Staffing } from "./seat.ts";
import { type Employer, type Size, Staff } from "./staff.ts";
import { Histogram, type Percentiles } from "./stats.ts";
import { type Task, TaskTable } from "./task.ts";
import { withTrace } from "./trace.ts";
import { Warden } from "./warden.ts";
import * as wire from "./wire.ts";
import type { Labelled } from "../queue/ring.ts";

// from      to           by
// OPEN      CLOSED       close(): waits for what was submitted
// OPEN      TERMINATED   terminate(): fails what was submitted
// CLOSED    TERMINATED   the same
// OPEN      BROKEN       workers that end at their start, again and again
// CLOSED    BROKEN       the same
//
// In every state but OPEN, no task is taken. The pool has ended when it is not
// OPEN and has no worker left.

/** Takes tasks. */
const OPEN = 0;
/** Takes no more tasks; its workers end when they have done all. */
const CLOSED = 1;
/** Its workers are being killed. */
const TERMINATED = 2;
/** It gave up. */
const BROKEN = 3;

/** After so many submits in one go, results are taken in between. */
const SUBMITS = 64;

/** In one go so many results are dealt with; then callers have their turn. */
const RESULTS = 256;

/** The results of a chunk of which some elements failed. */
export class Mixed {
  constructor(
    readonly values: unknown[],
    readonly errors: readonly [index: number, error: unknown][],
  ) {}
}

/** What {@linkcode Pool.stats} tells. */
export interface PoolStats {
  /** Workers that there are. */
  readonly workers: number;
  /** Messages (tasks or chunks) that no worker has begun, as far as is known. */
  readonly queued: number;
  /** Messages that workers run. */
  readonly running: number;
  /** Messages that ended well. */
  readonly done: number;
  /** Messages that failed, were cancelled or lost. */
  readonly failed: number;
  /** Workers that ended and were replaced. */
  readonly restarts: number;
  /** From submit to start. */
  readonly wait: Percentiles;
  /** From start to result. */
  readonly run: Percentiles;
}

/** One that submits as results are taken. */
export interface Feeder {
  /** The pool was closed: what is to be submitted, must be now. */
  hurry(): void;
  /** The pool was terminated, or gave up: nothing more is to be submitted. */
  stop(error: unknown): void;
}

/** The state of one pool. */
export class Core implements Heart, Employer {
  readonly functions: Functions;
  readonly pulse: Pulse;
  /** Whether arguments can be moved to its workers. */
  readonly canMove: boolean;
  readonly #results = createRing();
  /** The longest message, less its label. */
  readonly #most = this.#results.maxMessage - 8;
  readonly #table = new TaskTable();
  readonly #staff: Staff;
  readonly #dispatcher: Dispatcher;
  readonly #warden: Warden;
  readonly #waits = new Histogram();
  readonly #runs = new Histogram();
  readonly #joiners = new Set<() => void>();
  readonly #feeders = new Set<Feeder>();
  #state = OPEN;
  #ruin: BrokenPoolError | undefined;
  #done = 0;
  #failed = 0;
  #submits = 0;
  /** The time of the last turn: near enough for what it is used for. */
  #clock = 0;
  #isDraining = false;
  #trace: Error | undefined;

  constructor(
    staffing: Staffing,
    size: Size,
    functions: Functions,
  ) {
    this.functions = functions;
    this.canMove = canMove(staffing.method);
    this.pulse = new Pulse(this.#results, this);
    const common = {
      results: this.#results,
      functions: functions.log,
      table: this.#table,
      staffing,
    };
    this.#staff = new Staff(this, common, size);
    this.#dispatcher = new Dispatcher(this.#staff);
    this.#warden = new Warden(this, this.#dispatcher, this.#table);
    try {
      this.#staff.open();
    } catch (error) {
      this.#staff.kill();
      throw error;
    }
  }

  get isBusy(): boolean {
    return this.#table.size > 0 || this.#dispatcher.waiting > 0;
  }

  get isUneasy(): boolean {
    return this.#joiners.size > 0 || this.#staff.isUneasy;
  }

  get isQuick(): boolean {
    return this.#dispatcher.isQuick;
  }

  get isHiring(): boolean {
    return this.#state === OPEN ||
      (this.#state === CLOSED && (this.isBusy || this.#feeders.size > 0));
  }

  get waiting(): number {
    return this.#dispatcher.free;
  }

  /** How many workers there are at most, which chunks are made for. */
  get workers(): number {
    return this.#staff.size.max;
  }

  /** How many tasks may be under way for a caller who takes them one by one. */
  get ahead(): number {
    return this.#dispatcher.ahead;
  }

  /** The time, or that of a little while ago. */
  now(): number {
    if ((this.#submits & 15) === 0) this.#clock = performance.now();
    return this.#clock;
  }

  /**
   * Where this call came from. A trace costs 3 µs, so in a burst, which is one
   * synchronous run, it is that of a call shortly before.
   */
  trace(): Error {
    if (this.#submits === 0 || this.#trace === undefined) {
      this.#trace = new Error();
    }
    return this.#trace;
  }

  /** @throws {StateError} If no tasks are taken any more. */
  checkOpen(): void {
    if (this.#state === OPEN) return;
    if (this.#state === BROKEN) throw this.#ruin!;
    throw new StateError(
      `Cannot submit task: the pool is ${
        this.#state === CLOSED ? "closed" : "terminated"
      }`,
    );
  }

  /** Throws if tasks of a call that was made in time are not taken either. */
  checkGoingOn(): void {
    if (this.#state === BROKEN) throw this.#ruin!;
    if (this.#state === TERMINATED) throw terminated();
  }

  addFeeder(feeder: Feeder): void {
    this.#feeders.add(feeder);
  }

  removeFeeder(feeder: Feeder): void {
    this.#feeders.delete(feeder);
    if (this.#state !== OPEN) this.pulse.nudge();
  }

  /** Takes a task; `frame` is its message, good for this call only. */
  submit(task: Task, frame: Frame): void {
    const size = frame.bytes === undefined ? 0 : frame.bytes.length;
    if (size > this.#most) {
      const error = new RangeError(
        `Cannot submit task: its arguments take ${size} bytes, and a task may take ${this.#most}`,
      );
      return this.failed(task, error);
    }
    if (task.rules !== undefined) {
      // They must be kept, since the worker may be lost with them.
      if (task.triesLeft > 0) task.keep(frame);
      this.#warden.guard(task);
      if (task.isOver) return;
    }
    this.#dispatcher.place(task, frame, this.#clock);
    this.pulse.nudge();
    if (++this.#submits % SUBMITS === 0) this.drain();
  }

  /** Nobody wants this task any more; if no worker has it, it is dropped. */
  withdraw(task: Task): void {
    if (task.isOver || task.seat !== undefined) return;
    task.isOver = true;
    if (task.rules !== undefined) this.#warden.release(task);
    this.#dispatcher.forget(task);
  }

  /**
   * Fails a task with `error` that no worker has begun; false if one may have.
   * What is still in a worker's ring was not begun, and can be had back.
   */
  callOff(task: Task, error: unknown): boolean {
    if (task.isOver) return false;
    const { seat } = task;
    if (seat === undefined) {
      this.failed(task, error);
      this.#dispatcher.forget(task);
      return true;
    }
    if (task.isStarted) return false;
    const taken = seat.takeBack(Infinity);
    const isMine = taken.includes(task);
    if (isMine) this.failed(task, error);
    this.#dispatcher.putBack(taken);
    this.changed();
    return isMine;
  }

  /** A task has returned: tells its sink, unless it is over. */
  done(task: Task, value: unknown): void {
    if (!this.#end(task)) return;
    this.#done++;
    task.sink.done(task, value);
  }

  /** A task has failed: tells its sink, unless it is over. */
  failed(task: Task, error: unknown): void {
    if (!this.#end(task)) return;
    this.#failed++;
    task.sink.failed(task, error);
  }

  drain(): number {
    // A burial takes in results too, from within this.
    if (this.#isDraining) return 0;
    this.#isDraining = true;
    let count = 0;
    try {
      const results = this.#results;
      const now = this.#clock = performance.now();
      while (count < RESULTS) {
        const message = results.tryTake();
        if (message === undefined) break;
        this.#accept(message, now);
        count++;
      }
      this.#submits = 0;
      this.#dispatcher.balance(now);
    } finally {
      this.#isDraining = false;
    }
    if (this.#state !== OPEN) this.#wrapUp();
    return count;
  }

  settleAll(): void {
    const now = performance.now();
    for (;;) {
      const message = this.#results.tryTake();
      if (message === undefined) return;
      this.#accept(message, now);
    }
  }

  tick(): void {
    const now = performance.now();
    this.#staff.tick(now);
    this.#dispatcher.tick(now);
    if (this.#state !== OPEN) this.#wrapUp();
  }

  requeue(tasks: Task[], exitCode: number | undefined): void {
    for (const task of tasks) {
      // What was moved to the worker is gone with it.
      if (task.rules?.transfer !== undefined) this.lose(task, exitCode);
    }
    this.#dispatcher.putBack(tasks);
  }

  lose(task: Task, exitCode: number | undefined): void {
    if (task.isOver) return this.#warden.release(task);
    const attempt = task.losses + 1;
    // A closed pool too, even if nothing else is left to do.
    if (task.triesLeft > 0 && this.#state < TERMINATED) {
      task.losses++;
      this.#warden.rest(task);
      return this.#dispatcher.putBack([task]);
    }
    const name = this.functions.nameAt(wire.functionOf(task.note));
    const error = new WorkerExitError(
      `Cannot finish task ${name}: its worker ended with exit code ${exitCode} (attempt ${attempt})`,
      { task: name, exitCode, attempt },
    );
    this.failed(task, withTrace(error, task.trace));
  }

  ruin(error: BrokenPoolError): void {
    if (this.#state >= TERMINATED) return;
    this.#state = BROKEN;
    this.#ruin = error;
    this.#failAll(error);
    this.#staff.kill();
    this.changed();
  }

  changed(): void {
    this.#dispatcher.balance(performance.now());
    if (this.#state !== OPEN) this.#wrapUp();
    this.pulse.nudge();
  }

  close(): void {
    if (this.#state !== OPEN) return;
    this.#state = CLOSED;
    for (const feeder of [...this.#feeders]) feeder.hurry();
    this.#wrapUp();
    this.pulse.nudge();
  }

  terminate(): void {
    if (this.#state >= TERMINATED) return;
    this.#state = TERMINATED;
    this.settleAll();
    this.#failAll(terminated());
    this.#staff.kill();
    this.changed();
  }

  /** Calls `ended` when no worker is left; it may be called at once. */
  join(ended: () => void): void {
    if (this.#state === OPEN) {
      throw new StateError(
        "Cannot join pool: it is running: close() or terminate() it first",
      );
    }
    this.#joiners.add(ended);
    this.pulse.hold();
    this.#wrapUp();
  }

  /** Gives a wait for the end up. */
  unjoin(ended: () => void): void {
    if (this.#joiners.delete(ended)) this.pulse.release();
  }

  /** A task for each worker there is, and nobody else: see Dispatcher. */
  pinAll(make: () => Task, frame: Frame): void {
    this.#dispatcher.pinAll(make, frame);
    this.pulse.nudge();
  }

  stats(): PoolStats {
    // A worker runs one of the tasks that it has, once it is there.
    const running = this.#staff.seats.filter((seat) => seat.isRunning);
    return {
      workers: this.#staff.count,
      queued: this.#dispatcher.waiting + this.#table.size - running.length,
      running: running.length,
      done: this.#done,
      failed: this.#failed,
      restarts: this.#staff.restarts,
      wait: this.#waits.percentiles(),
      run: this.#runs.percentiles(),
    };
  }

  #accept(message: Labelled, now: number): void {
    const { id, note, tag, inline, bytes } = message;
    const status = wire.statusOf(note);
    if (status === wire.READY) return this.#staff.welcome(id);
    if (status === wire.UNFIT) {
      return this.#staff.blame(decode(tag, inline, bytes));
    }
    const task = this.#table.get(id);
    // A worker that was told to stop may have been too late to hear of it.
    if (task === undefined) return;
    if (status === wire.STARTED) return this.#warden.started(task);
    const micros = wire.microsOf(note);
    const value = decode(tag, inline, bytes);
    this.#staff.vindicate();
    this.#dispatcher.finish(task, micros, now);
    if (task.isOver) return this.#warden.release(task);
    this.#runs.add(micros);
    this.#waits.add((now - task.submittedAt) * 1000 - micros);
    switch (status) {
      case wire.DONE:
        return this.done(task, value);
      case wire.MIXED: {
        const [values, ...errors] = value as [
          unknown[],
          ...[number, unknown][],
        ];
        return this.done(task, new Mixed(values, errors));
      }
      default:
        return this.failed(task, withTrace(value, task.trace));
    }
  }

  /** False if the task is over already. */
  #end(task: Task): boolean {
    if (task.isOver) return false;
    task.isOver = true;
    if (task.rules !== undefined) this.#warden.release(task);
    task.bytes = undefined;
    return true;
  }

  #failAll(error: unknown): void {
    for (const feeder of [...this.#feeders]) feeder.stop(error);
    for (const task of this.#dispatcher.clear()) {
      this.failed(task, error);
    }
    for (const seat of this.#staff.seats) {
      for (const task of this.#table.of(seat)) {
        this.failed(task, error);
      }
    }
  }

  /** Lets the workers go when nothing is left to do, and tells who waits. */
  #wrapUp(): void {
    const isDone = !this.isBusy && this.#feeders.size === 0;
    if (this.#state === CLOSED && isDone) this.#staff.dismiss();
    if (this.#staff.count > 0) return;
    this.#dispatcher.rest();
    const joiners = [...this.#joiners];
    for (const ended of joiners) this.unjoin(ended);
    // Who joins a pool finds nothing of it running afterwards.
    const leftovers = [...this.#staff.remains, this.pulse.rest()];
    const tell = () => joiners.forEach((ended) => ended());
    if (leftovers.every((leftover) => leftover === undefined)) tell();
    else Promise.all(leftovers).then(tell);
  }
}

function terminated(): DOMException {
  return new DOMException(
    "Cannot finish task: the pool was terminated",
    "AbortError",
  );
}
