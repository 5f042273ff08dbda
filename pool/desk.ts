// Copyright 2026 the authors. MIT license.

// The plan's knowledge of one seat of the pool: its worker's state, what the
// worker has, and how much more it may be given.

import { type Task, TaskQueue } from "./task.ts";

/** About how much work a worker is given ahead, in microseconds. */
const AHEAD = 2000;
/** The most tasks that a worker is given ahead. */
const MOST_AHEAD = 4096;
/**
 * How long a worker may take for what it has ahead before that is taken back,
 * in milliseconds: its tasks are longer than they were, or it stands still.
 */
const LATE = 5;
/** The most bytes that a worker is given, beyond a first task. */
const MOST_BYTES = 2 ** 22;

// from       to         by
// EMPTY      DUE        summon()
// DUE        STARTING   start()
// DUE        EMPTY      vacate(): it could not be started, or is not wanted now
// STARTING   READY      welcome(): its worker's first message
// STARTING   LEAVING    leave(): dismissed, killed, or condemned by others
// READY      LEAVING    leave()
// any other  EMPTY      vacate(): the worker is dead
//
// Only a worker that is STARTING or READY is given tasks. One that is LEAVING
// ends when it has done what it has, or is being killed. At a seat that is DUE
// there is none: a start holds the event loop for some 10 ms, so that one is
// made a turn.

/** It has no worker. */
const EMPTY = 0;
/** Its worker is to be started at one of the next turns. */
const DUE = 1;
/** A worker is on its way; it may be given tasks. */
const STARTING = 2;
/** A worker takes tasks. */
const READY = 3;
/** The worker gets no more tasks. */
const LEAVING = 4;

/** The books of one seat. */
export class Desk {
  /** Tasks for this seat alone; they outlive its worker. */
  readonly own: TaskQueue = new TaskQueue();
  /** The worker's number: no two workers of a pool have the same. */
  worker = 0;
  /** Tasks that the worker has and that have no result yet. */
  outstanding = 0;
  /** Tasks of the worker that have a result. */
  finished = 0;
  /** When it last had a result, or got a task while it had none. */
  progressAt = 0;
  /** Since when it has had nothing to do. */
  idleSince = 0;
  /** Whether its worker was told to leave: its death is in order. */
  isExpected = false;
  /** Whether the hands have refused to give it a task in this round. */
  isRefused = false;
  readonly #maxTasks: number;
  readonly number: number;
  #state: number = EMPTY;
  /** Tasks that the worker was given and did not have taken back. */
  #given = 0;
  #bytes = 0;
  /** Whether nothing may wait behind what its worker has. */
  #isShut = false;
  /** Whether its worker is known to have begun the first of its tasks. */
  #hasBegun = false;
  /** By which moment it should have finished so many. */
  #dueAt = 0;
  #dueCount = 0;
  /** Whether its worker has a task that no other may have; it is alone then. */
  #hasOwn = false;

  /** The desk of a seat; its worker is replaced after `maxTasks` tasks. */
  constructor(number: number, maxTasks: number) {
    this.number = number;
    this.#maxTasks = maxTasks;
  }

  get isEmpty(): boolean {
    return this.#state === EMPTY;
  }

  get isDue(): boolean {
    return this.#state === DUE;
  }

  /** Whether it has had a worker. */
  get wasFilled(): boolean {
    return this.worker > 0;
  }

  get isLeaving(): boolean {
    return this.#state === LEAVING;
  }

  get isStarting(): boolean {
    return this.#state === STARTING;
  }

  get isReady(): boolean {
    return this.#state === READY;
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

  /** Whether its worker may be given this task now. */
  hasRoomFor(task: Task): boolean {
    const { outstanding, own } = this;
    if (this.#state !== READY && this.#state !== STARTING) return false;
    // What waits for this worker alone has its turn, too.
    if (own.length > 0 && own.peek()!.place < task.place) return false;
    if (outstanding === 0) return true;
    return this.#state === READY && !this.#isShut && task.isLight &&
      outstanding * task.pace.usual < AHEAD && outstanding < MOST_AHEAD &&
      this.#bytes < MOST_BYTES && this.#given < this.#maxTasks;
  }

  /** Whether what waits for its worker alone goes before `first`, and now. */
  hasTurn(first: Task | undefined): boolean {
    const task = this.own.peek();
    return task !== undefined && !this.isRefused && this.hasRoomFor(task) &&
      (first === undefined || task.place < first.place);
  }

  /** Whether half of what its worker had ahead is done: tasks like this. */
  isLow({ pace }: Task): boolean {
    return this.outstanding * pace.usual * 2 <= AHEAD;
  }

  /** Whether its worker is not as far with what it has as it should be. */
  isLate(now: number): boolean {
    return now > this.#dueAt && !this.#isShut;
  }

  /** Whether its worker may not have woken for the one task that it has. */
  get mayBeAsleep(): boolean {
    return this.outstanding === 1 && this.#state === READY &&
      !this.#hasBegun && !this.#hasOwn;
  }

  /** Whether its worker has done, or is to do, all that one worker may. */
  get isUsedUp(): boolean {
    return this.#given >= this.#maxTasks;
  }

  /** A worker is to be started. */
  summon(): void {
    this.#state = DUE;
  }

  /** A new worker is on its way. */
  start(worker: number): void {
    this.worker = worker;
    this.#state = STARTING;
    this.finished =
      this.#given =
      this.#bytes =
        0;
    this.isExpected = false;
  }

  /** Its worker has said that it takes tasks. */
  welcome(now: number): void {
    if (this.#state !== STARTING) return;
    this.#state = READY;
    this.idleSince = now;
  }

  /** False if there is no worker that takes tasks. */
  leave(): boolean {
    if (this.#state !== STARTING && this.#state !== READY) return false;
    this.#state = LEAVING;
    return true;
  }

  /** Its worker is dead, and has nothing any more; or it gets none. */
  vacate(): void {
    this.#state = EMPTY;
    this.#isShut = false;
  }

  /** Its worker has begun all that it has. */
  noteBegun(): void {
    this.#hasBegun = true;
  }

  /** The worker gets nothing more until it has finished what it runs. */
  shut(): void {
    this.#isShut = true;
  }

  /** The worker has a task more; with `isMoved`, one that no other can have. */
  add(task: Task, isMoved: boolean, now: number): void {
    if (this.outstanding++ === 0) {
      this.progressAt = now;
      this.#hasBegun = false;
    }
    this.#given++;
    this.#bytes += task.size;
    this.#isShut = !task.isLight;
    this.#hasOwn = task.pinned !== 0 || isMoved;
    if (this.outstanding === 2) this.#promise(now);
  }

  /** The worker has a task less. */
  drop(task: Task): void {
    this.outstanding--;
    this.#bytes -= task.size;
    this.#isShut = this.#hasBegun = false;
  }

  /** A task that the worker has not begun was taken back. */
  takeBack(task: Task): void {
    this.drop(task);
    this.#given--;
    const left = this.finished + this.outstanding;
    if (this.#dueCount > left) this.#dueCount = left;
  }

  /** A task of the worker has a result; it took `micros` microseconds. */
  finish(task: Task, micros: number, now: number): void {
    this.drop(task);
    this.finished++;
    this.progressAt = now;
    task.pace.note(micros);
    if (this.outstanding === 0) this.idleSince = now;
    else if (this.finished >= this.#dueCount) this.#promise(now);
  }

  /** From now on, what the worker has is to be done in time. */
  #promise(now: number): void {
    this.#dueAt = now + LATE;
    this.#dueCount = this.finished + this.outstanding;
  }
}
