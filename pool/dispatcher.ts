// Copyright 2026 the authors. MIT license.

// Which worker gets which task.
//
// Tasks wait in one queue. A worker is given some two milliseconds of them
// ahead, so that it need not wait for the parent between short tasks; what it
// was given and has not taken can be had back, so that a long task holds none
// of the others up: an idle worker gets half of what the fullest has.
//
// A task with rules (timeout, signal, key, transfer) is only given to a worker
// that has nothing, and nothing is given after it: so it can be called off.

import type { Frame } from "../message/codec.ts";
import type { Seat } from "./seat.ts";
import type { Staff } from "./staff.ts";
import { type Task, TaskQueue } from "./task.ts";
import { callAfter, cancel, type Timer } from "../memory/timers.ts";

/** Work that is worth taking back, in microseconds. */
const WORTH = 200;
/** A worker without a result for so long is in a long task, in milliseconds. */
const STUCK = 1;
/** … and so long, that what it has ahead goes to the others at once. */
const LONG_STUCK = 20;
/** Results of tasks this short come soon, in microseconds. */
const QUICK = 30;
/** Most tasks that are under way for one who takes results one by one. */
const MOST_AHEAD = 16_384;

/** Hands tasks to the workers of one pool. */
export class Dispatcher {
  readonly #staff: Staff;
  readonly #queue = new TaskQueue();
  /** How many tasks no worker has. */
  waiting = 0;
  /** What tasks took of late, in microseconds; 0: unknown. */
  #usual = 0;
  #latest: Seat | undefined;
  #recheck: Timer | undefined;

  constructor(staff: Staff) {
    this.#staff = staff;
  }

  /** Whether tasks were so short of late that a result may be there soon. */
  get isQuick(): boolean {
    return this.#usual > 0 && this.#usual < QUICK;
  }

  /** How many tasks wait that any worker may have. */
  get free(): number {
    return this.#queue.length;
  }

  get ahead(): number {
    const window = this.#usual === 0 ? 4 : 4000 / this.#usual;
    return Math.min(MOST_AHEAD, Math.max(2, window) * this.#staff.size.max);
  }

  /** Gives a new task to a worker, or lets it wait. */
  place(task: Task, frame: Frame, now: number): void {
    const key = task.rules?.key;
    if (key !== undefined) task.pinned = this.#seatOf(key);
    const seat = task.pinned ?? this.#choose();
    const mayGo = seat !== undefined && seat.hasRoom &&
      (task.pinned === undefined ? this.#queue : seat.own).length === 0 &&
      !(task.isExclusive && seat.outstanding > 0);
    if (mayGo && seat.give(task, frame, now)) {
      this.#latest = seat;
      if (seat.outstanding > 1) this.#grow();
      return;
    }
    if (task.tag === 0 && task.bytes === undefined) task.keep(frame);
    (task.pinned?.own ?? this.#queue).push(task);
    this.waiting++;
    if (task.pinned === undefined) this.#grow();
  }

  /** The same message for each worker that there is, and for it alone. */
  pinAll(make: () => Task, frame: Frame): void {
    for (const seat of this.#staff.seats) {
      const task = make();
      task.keep(frame);
      task.pinned = seat;
      task.isExclusive = true;
      seat.own.push(task);
      this.waiting++;
    }
  }

  /** A task has a result. */
  finish(task: Task, micros: number, now: number): void {
    const seat = task.seat!;
    seat.finish(task, micros, now);
    this.#usual = this.#usual === 0
      ? Math.max(micros, 0.5)
      : this.#usual + (micros - this.#usual) / 8;
    if (seat.isLow) this.fill(seat, now);
  }

  /** Gives a worker what it has room for. */
  fill(seat: Seat, now: number): void {
    while (this.waiting > 0 && seat.hasRoom) {
      const queue = seat.own.peek() === undefined ? this.#queue : seat.own;
      const task = queue.peek();
      if (task === undefined) return;
      if (task.isExclusive && seat.outstanding > 0) return;
      if (!seat.give(task, task, now)) return;
      queue.shift();
      this.waiting--;
    }
  }

  /** Sees that nobody is idle while others have more than they can do. */
  balance(now: number): void {
    for (const seat of this.#staff.seats) {
      if (this.waiting > 0) this.fill(seat, now);
    }
    for (const seat of this.#staff.seats) {
      if (seat.isIdle && this.waiting === 0) this.#relieve(seat, now);
    }
  }

  /** What takes no result to happen. */
  tick(now: number): void {
    for (const seat of this.#staff.seats) {
      if (seat.outstanding < 2 || now - seat.progressAt < LONG_STUCK) continue;
      seat.suspect((now - seat.progressAt) * 1000);
      this.putBack(seat.takeBack(Infinity));
    }
    this.balance(now);
    if (this.free > 0) this.#staff.grow(Infinity, 1);
  }

  /** Takes tasks back that workers had; they come first. */
  putBack(tasks: readonly Task[]): void {
    const free: Task[] = [];
    for (const task of tasks) {
      if (task.isOver) continue;
      this.waiting++;
      if (task.pinned === undefined) free.push(task);
      else this.#pinnedQueue(task).unshift([task]);
    }
    if (free.length > 0) this.#queue.unshift(free);
  }

  /** A task that waits is over. */
  forget(task: Task): void {
    this.waiting--;
    (task.pinned?.own ?? this.#queue).forget();
  }

  /** Takes all tasks that wait. */
  clear(): Task[] {
    const tasks = this.#queue.clear();
    for (const seat of this.#staff.seats) tasks.push(...seat.own.clear());
    this.waiting = 0;
    return tasks;
  }

  /** There are no workers any more. */
  rest(): void {
    cancel(this.#recheck);
    this.#recheck = undefined;
  }

  /**
   * The worker that has least to do: the last one chosen, if it has nothing; one
   * that is still starting, which may take long, only if no other has nothing.
   */
  #choose(): Seat | undefined {
    const latest = this.#latest;
    if (latest !== undefined && latest.isIdle) return latest;
    let best: Seat | undefined;
    for (const seat of this.#staff.seats) {
      if (!seat.hasRoom) continue;
      if (best === undefined || seat.outstanding < best.outstanding) {
        best = seat;
      }
      if (seat.isIdle) return seat;
    }
    return best;
  }

  /**
   * The seat of a key. Its number follows from the key alone, so that nothing
   * need be remembered of keys, of which there may be endlessly many. Were it
   * drawn among the seats that there are, one that comes would have to get keys
   * that others have, or none; so the key brings its seat along.
   */
  #seatOf(key: string | number): Seat | undefined {
    const { size } = this.#staff;
    return this.#staff.seatAt(hash(`${typeof key}:${key}`) % size.max + 1);
  }

  /** The queue of the seat that a task must go to; another if that is gone. */
  #pinnedQueue(task: Task): TaskQueue {
    const { seats } = this.#staff;
    if (!seats.includes(task.pinned!)) {
      const key = task.rules?.key;
      task.pinned = key === undefined ? undefined : this.#seatOf(key);
    }
    return task.pinned?.own ?? this.#queue;
  }

  #grow(): void {
    const { size } = this.#staff;
    if (size.max > size.min) this.#staff.grow(this.#load(), this.#usual);
  }

  /** Without what waits for one seat, where no other worker is a help. */
  #load(): number {
    let load = this.free;
    for (const seat of this.#staff.seats) load += seat.outstanding;
    return load;
  }

  /** Gives an idle worker half of what the fullest other has ahead. */
  #relieve(idle: Seat, now: number): void {
    let fullest: Seat | undefined;
    for (const seat of this.#staff.seats) {
      if (seat.ahead > (fullest?.ahead ?? 0)) fullest = seat;
    }
    if (fullest === undefined) return;
    const isWorthIt = now - fullest.progressAt > STUCK ||
      fullest.outstanding * fullest.usual > WORTH;
    if (!isWorthIt) return this.#lookAgain();
    this.putBack(fullest.takeBack(Math.ceil(fullest.ahead / 2)));
    this.fill(idle, now);
    this.#lookAgain();
  }

  /** Soon, whether or not there is a result until then. */
  #lookAgain(): void {
    this.#recheck ??= callAfter(STUCK * 2, () => {
      this.#recheck = undefined;
      this.balance(performance.now());
    });
    Deno.unrefTimer(this.#recheck);
  }
}

/** FNV-1a, stirred: 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  value = Math.imul(value ^ value >>> 16, 0x85ebca6b);
  return (value ^ value >>> 13) >>> 0;
}
