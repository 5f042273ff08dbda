// Copyright 2026 the authors. MIT license.

// The staff of a pool: how many workers there are, and what happens when one
// ends. A dead worker is buried once: its results are taken in, what it has not
// taken goes back, what it had taken is lost, and then its seat is free.

import { BrokenPoolError } from "../errors.ts";
import { isEnding } from "../process/ending.ts";
import { watch } from "../memory/park.ts";
import { type Common, Seat } from "./seat.ts";
import type { Task } from "./task.ts";
import { me } from "../program/self.ts";
import { stateIndex } from "../program/table.ts";

/** So many workers in a row may end before they have done anything. */
const MOST_FAILURES = 3;

/** A pool grows if its workers have more than this to do, in microseconds. */
const LOAD = 10_000;

/** How many workers there are to be. */
export interface Size {
  readonly min: number;
  readonly max: number;
  /** Beyond `min`, a worker leaves after so many idle milliseconds. */
  readonly idleTimeout: number;
}

/** What the staff needs of its pool. */
export interface Employer {
  /** Whether there are, or may yet be, tasks. */
  readonly isHiring: boolean;
  /** How many tasks wait that any worker may have. */
  readonly waiting: number;
  /** Takes in all results that there are. */
  settleAll(): void;
  /** Takes tasks back that no worker has touched. */
  requeue(tasks: Task[], exitCode: number | undefined): void;
  /** A worker died in the middle of a task. */
  lose(task: Task, exitCode: number | undefined): void;
  /** The pool cannot go on. */
  ruin(error: BrokenPoolError): void;
  /** There are other workers than before. */
  changed(): void;
}

/** The workers of one pool. */
export class Staff {
  readonly seats: Seat[] = [];
  readonly size: Size;
  /** What remains of workers that have ended. */
  readonly remains: Set<Promise<unknown>> = new Set();
  /** Workers that ended and were replaced. */
  restarts = 0;
  readonly #employer: Employer;
  readonly #common: Common;
  #workerCount = 0;
  #failures = 0;
  #cause: unknown;

  constructor(employer: Employer, common: Common, size: Size) {
    this.#employer = employer;
    this.#common = common;
    this.size = size;
  }

  /** How many workers there are, also those that start or leave. */
  get count(): number {
    let count = 0;
    for (const seat of this.seats) if (!seat.isEmpty) count++;
    return count;
  }

  /** Whether there is something to look after, although there are no tasks. */
  get isUneasy(): boolean {
    return this.count > this.size.min ||
      this.seats.some((seat) => seat.isEmpty || seat.isLeaving);
  }

  /** Starts the workers that there are at least. */
  open(): void {
    while (this.seats.length < this.size.min) {
      const seat = this.#add(this.#freeNumber());
      this.#start(seat);
    }
  }

  /**
   * The seat of this number, from 1 to `size.max`; one that nobody sits in yet
   * gets a worker. Undefined if there are to be no more.
   */
  seatAt(number: number): Seat | undefined {
    const known = this.seats.find((seat) => seat.number === number);
    if (known !== undefined || isEnding()) return known;
    const seat = this.#add(number);
    this.#tryStart(seat);
    return seat;
  }

  /** One worker more if the load is worth it; `usual` is what a task takes. */
  grow(load: number, usual: number): void {
    const { count, seats, size } = this;
    // A seat whose worker has just failed gets its next one from a tick.
    if (seats.length >= size.max || isEnding()) return;
    const isWorthIt = count === 0 ||
      (usual === 0 ? load > count : load * usual > LOAD * count);
    if (!isWorthIt) return;
    const seat = this.#add(this.#freeNumber());
    // Those that there are can do without it.
    if (!this.#tryStart(seat) && count > 0) this.#remove(seat);
  }

  /** A worker is ready to take tasks. */
  welcome(worker: number): void {
    this.seats.find((seat) => seat.worker === worker)?.welcome();
  }

  /** A worker's initializer threw: it is about to end. */
  blame(error: unknown): void {
    this.#cause = error;
  }

  /** A task has come to its end: so workers do work. */
  vindicate(): void {
    this.#failures = 0;
  }

  /** No more tasks will come: every worker ends when it has none. */
  dismiss(): void {
    for (const seat of this.seats) seat.dismiss();
    this.#clear();
  }

  kill(): void {
    for (const seat of this.seats) seat.kill();
    this.#clear();
  }

  /** What a lost wake may have kept from us, and what takes its time. */
  tick(now: number): void {
    for (const seat of [...this.seats]) {
      if (!seat.isEmpty) this.#look(seat);
      else if (this.#isWanted(seat)) this.#restart(seat);
    }
    // Those that leave already do not count as ones that stay.
    let staying = 0;
    for (const seat of this.seats) {
      if (!seat.isEmpty && !seat.isLeaving) staying++;
    }
    for (const seat of this.seats) {
      if (staying <= this.size.min) break;
      const isTired = seat.isIdle &&
        now - seat.idleSince >= this.size.idleTimeout;
      if (!isTired) continue;
      seat.dismiss();
      staying--;
    }
  }

  #add(number: number): Seat {
    const seat = new Seat(number, this.#common);
    this.seats.push(seat);
    return seat;
  }

  /** The lowest number that no seat has. */
  #freeNumber(): number {
    for (let number = 1;; number++) {
      if (!this.seats.some((seat) => seat.number === number)) return number;
    }
  }

  #start(seat: Seat): void {
    seat.start(++this.#workerCount);
    this.#watch(seat, seat.token);
  }

  /** False if there is no starting one now: a tick tries again, and counts. */
  #tryStart(seat: Seat): boolean {
    try {
      this.#start(seat);
      return true;
    } catch (error) {
      this.#cause = error;
      return false;
    }
  }

  /** Gives a free seat a new worker; a failure to start one counts as a death. */
  #restart(seat: Seat): void {
    if (!this.#tryStart(seat)) {
      this.#countFailure(undefined);
      return;
    }
    this.restarts++;
    this.#employer.changed();
  }

  #watch(seat: Seat, token: number): void {
    const { words } = me().table;
    const index = stateIndex(token);
    const look = () => {
      if (seat.isEmpty || seat.token !== token) return;
      const value = words.load(index);
      if (!this.#look(seat)) return;
      const isKept = watch({ words, index, value }, look) !== undefined;
      if (!isKept) queueMicrotask(look);
    };
    look();
  }

  /** False if its worker is dead, and buried now. */
  #look(seat: Seat): boolean {
    const { table } = me();
    if (!table.isAlive(seat.token)) {
      this.#bury(seat);
      return false;
    }
    if (!table.isRunning(seat.token) && !seat.isLeaving) {
      // Somebody else has told it to stop. It may yet finish what it runs.
      seat.condemn();
      this.#employer.requeue(seat.takeBack(Infinity), seat.exitCode);
      this.#employer.changed();
    }
    return true;
  }

  #bury(seat: Seat): void {
    const employer = this.#employer;
    // First the results: what has one was not lost. None can follow.
    employer.settleAll();
    if (seat.isEmpty) return;
    const { exitCode, finished, isExpected, remains } = seat;
    if (remains !== undefined) {
      this.remains.add(remains);
      remains.then(() => this.remains.delete(remains));
    }
    const untouched = seat.takeBack(Infinity);
    const lost = seat.vacate();
    employer.requeue(untouched, exitCode);
    for (const task of lost) employer.lose(task, exitCode);
    // One that did nothing and was not ended from outside will not do better
    // next time; one that a task ended might.
    const isUseless = !isExpected && finished === 0 && lost.length === 0 &&
      (exitCode === undefined || exitCode >= 0);
    const isLast = isUseless && this.#countFailure(exitCode);
    // After a failure there is a pause: until the next tick.
    if (isLast || !this.#isWanted(seat)) this.#remove(seat);
    else if (!isUseless) this.#restart(seat);
    employer.changed();
  }

  /** True if it was one too many. */
  #countFailure(exitCode: number | undefined): boolean {
    if (++this.#failures < MOST_FAILURES) return false;
    const cause = this.#cause;
    const how = cause === undefined
      ? `with exit code ${exitCode}`
      : `with ${cause instanceof Error ? cause.name : "an error"}: ${
        (cause as Partial<Error>)?.message ?? cause
      }`;
    this.#employer.ruin(
      new BrokenPoolError(
        `Cannot run tasks: ${MOST_FAILURES} workers in a row ended at their start, the last ${how}`,
        cause === undefined ? {} : { cause },
      ),
    );
    return true;
  }

  #isWanted(seat: Seat): boolean {
    const { isHiring, waiting } = this.#employer;
    if (!isHiring || isEnding()) return false;
    const { min, max } = this.size;
    const count = this.count;
    return count < min || (count < max && waiting > 0) || seat.own.length > 0;
  }

  #remove(seat: Seat): void {
    const place = this.seats.indexOf(seat);
    if (place >= 0) this.seats.splice(place, 1);
  }

  #clear(): void {
    for (const seat of [...this.seats]) if (seat.isEmpty) this.#remove(seat);
  }
}
