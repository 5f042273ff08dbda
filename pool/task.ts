// Copyright 2026 the authors. MIT license.

// A task of a pool, in the parent: its states, the table of those that seats
// have, and the queue of those that wait.

import type { Packed } from "../message/handle.ts";
import type { Cargo, Frame } from "../message/codec.ts";
import type { Stripped } from "../message/writer.ts";
import type { Alarm } from "../memory/timers.ts";
import type { Parts } from "./core.ts";
import { Pace } from "./pace.ts";

/**
 * Where the end of a task is told: one call of `done` or `failed` for each
 * task, in completion order.
 */
export interface Sink {
  /** The call that has asked for its result and not got it, if any has. */
  readonly caller?: { readonly isDone: boolean } | undefined;
  /** The task returned `value`. */
  done(task: Task, value: unknown): void;
  /** The task threw `error`, or was called off or lost with it. */
  failed(task: Task, error: unknown): void;
  /** Called when a task that takes long starts; only if it is watched. */
  started?(task: Task): void;
}

/** The options of a task, as its user gave them. */
export interface TaskRules {
  /** Milliseconds that it may run. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How often it is tried again after its worker died. */
  readonly retries?: number | undefined;
  /** Tasks of the same key go to the same seat. */
  readonly key?: string | number | undefined;
  /** Whether its sink is to be told when it starts. */
  readonly isAnnounced?: boolean | undefined;
  /** The objects that are moved to the worker instead of copied. */
  readonly transfer?: readonly Transferable[] | undefined;
}

/** Arguments that move; the second list says what of them does. */
export interface Parcel {
  /** The array of all arguments. */
  readonly packed: Packed;
  readonly transfer: readonly Transferable[];
  /** The shared objects among them. */
  readonly cargo?: Cargo | undefined;
}

// from                    to          by
// QUEUED                  GIVEN       giveTo(): a seat has room for it
// GIVEN                   STARTED     start(): its worker's word, if watched
// GIVEN, STARTED          QUEUED      takeBack(): the worker has not begun it,
//                                     or died with it, and it is tried again
// GIVEN, STARTED          CALLED_OFF  settle(): its timeout, its signal, the
//                                     end of the pool
// CALLED_OFF              OVER        takeBack(): its result came, its worker
//                                     died or had not begun it
// QUEUED                  OVER        settle(): its result came (the seat gave
//                                     it up first), it was lost or called off
//
// A seat has it from GIVEN to CALLED_OFF, and only then it has an id. Its sink
// is told by the code that calls settle(), which works once: a sink hears of a
// task once, and never of a late result of a task that was called off.

/** No seat has it. */
const QUEUED = 0;
/** It is in the ring of a seat, or its worker has taken it. */
const GIVEN = 1;
/** Its worker has said that it runs it. */
const STARTED = 2;
/** Its sink was told; a seat still has it. */
const CALLED_OFF = 3;
/** Its sink was told, and no seat has it. */
const OVER = 4;

/** The pace of a task that no plan has. */
const UNKNOWN = new Pace();

/** One message to a worker, and what became of it. */
export class Task {
  /** Its place in the order of submission. */
  place = 0;
  /** How long tasks of its function take. */
  pace: Pace = UNKNOWN;
  /** The number under which a seat has it; 0: none has. */
  id = 0;
  /** How many bytes its message has. */
  size = 0;
  /** Whether it goes only to a seat that has nothing else, and stays alone. */
  isExclusive: boolean;
  /** The seat that has it; 0: none. */
  seat = 0;
  /** The seat it must go to; 0: any. */
  pinned = 0;
  /** How many workers it has been lost with. */
  losses = 0;
  /** The message, as long as it may have to be sent again. */
  tag = 0;
  inline = 0;
  bytes: Uint8Array | undefined;
  /** The shared objects in the message, which are held until it is settled. */
  cargo: Cargo | undefined;
  /** The arguments that go over the port. */
  parcel: Parcel | undefined;
  /** What its worker has answered of a chunk that it has not ended. */
  parts: Parts | undefined;
  /** The reminder that the hands have set for it. */
  alarm: Alarm | undefined;
  forget: (() => void) | undefined;
  /** The arguments that arrive without their class; undefined: none do. */
  stripped: readonly Stripped[] | undefined;
  /** Where it was submitted; undefined in a long burst. */
  trace: Error | undefined;
  readonly note: number;
  sink: Sink;
  readonly rules: TaskRules | undefined;
  readonly submittedAt: number;
  #state: number = QUEUED;

  constructor(
    note: number,
    sink: Sink,
    rules: TaskRules | undefined,
    submittedAt: number,
  ) {
    this.note = note;
    this.sink = sink;
    this.rules = rules;
    this.submittedAt = submittedAt;
    this.isExclusive = rules !== undefined && isStrict(rules);
  }

  /** Whether its sink was told. */
  get isSettled(): boolean {
    return this.#state >= CALLED_OFF;
  }

  /** Whether it may wait behind others at a worker: it is known to be short. */
  get isLight(): boolean {
    return !this.isExclusive && this.pace.isShort;
  }

  get isStarted(): boolean {
    return this.#state === STARTED;
  }

  /** Whether it was settled while a seat has it. */
  get isCalledOff(): boolean {
    return this.#state === CALLED_OFF;
  }

  giveTo(seat: number): void {
    this.seat = seat;
    this.#state = GIVEN;
  }

  start(): void {
    if (this.#state === GIVEN) this.#state = STARTED;
  }

  /** No seat has it any more. */
  takeBack(): void {
    this.seat = 0;
    this.parts = undefined;
    this.#state = this.#state === CALLED_OFF ? OVER : QUEUED;
  }

  /** False if it was settled before; otherwise its sink is to be told now. */
  settle(): boolean {
    if (this.#state >= CALLED_OFF) return false;
    this.#state = this.#state === QUEUED ? OVER : CALLED_OFF;
    this.bytes = this.parts = undefined;
    return true;
  }

  /** How many more times it may be lost. */
  get triesLeft(): number {
    const { rules } = this;
    if (rules === undefined || rules.transfer !== undefined) return 0;
    return (rules.retries ?? 0) - this.losses;
  }

  /**
   * Keeps the message beyond the next encode. By itself: with `keep()` of the
   * codec the plan would load the codec, and shared memory with it.
   */
  keep({ tag, inline, bytes }: Frame): void {
    this.tag = tag;
    this.inline = inline;
    this.bytes = bytes?.slice();
  }
}

// A task that may only be retried needs no seat for itself.
function isStrict({ timeout, signal, key, transfer }: TaskRules): boolean {
  return timeout !== undefined || signal !== undefined || key !== undefined ||
    transfer !== undefined;
}

/** The tasks that seats have, by id: { generation:11, place:20 }, never 0. */
export class TaskTable {
  readonly #tasks: (Task | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #free: number[] = [];
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Enters it under an id that no late result of another task has. */
  enter(task: Task): number {
    const place = this.#free.pop() ?? this.#tasks.length;
    const generation = (this.#generations[place] ?? 0) % 2047 + 1;
    this.#generations[place] = generation;
    this.#tasks[place] = task;
    this.#size++;
    return task.id = generation << 20 | place;
  }

  /** The task of an id; undefined if it has left. */
  get(id: number): Task | undefined {
    const task = this.#tasks[id & 0xfffff];
    return task?.id === id ? task : undefined;
  }

  leave(task: Task): void {
    const place = task.id & 0xfffff;
    this.#tasks[place] = undefined;
    this.#free.push(place);
    this.#size--;
    task.id = 0;
  }

  /** All tasks. */
  all(): Task[] {
    return this.#tasks.filter((task) => task !== undefined);
  }

  /** The tasks of one seat. */
  of(seat: number): Task[] {
    return this.#tasks.filter((task) => task?.seat === seat) as Task[];
  }
}

/** Tasks in the order of their places, also those that are put back. */
export class TaskQueue {
  #items: (Task | undefined)[] = [];
  #head = 0;
  #length = 0;

  /** How many tasks wait; those that were settled meanwhile do not count. */
  get length(): number {
    return this.#length;
  }

  /** The last of all. */
  push(task: Task): void {
    this.#items.push(task);
    this.#length++;
  }

  /**
   * Puts tasks to their places. They have left it from its head, so most often
   * there is room before all others.
   */
  insert(tasks: readonly Task[]): void {
    const sorted = tasks.toSorted((a, b) => a.place - b.place);
    const { length } = sorted;
    const first = this.peek();
    const goesFirst = first === undefined ||
      (length > 0 && sorted[length - 1]!.place < first.place);
    if (goesFirst && this.#head >= length) {
      for (let i = length; i > 0;) this.#items[--this.#head] = sorted[--i];
    } else {
      const waiting = this.#items.slice(this.#head) as Task[];
      this.#items = goesFirst
        ? [...sorted, ...waiting]
        : [...sorted, ...waiting].sort((a, b) => a.place - b.place);
      this.#head = 0;
    }
    this.#length += length;
  }

  /** The first, which stays. */
  peek(): Task | undefined {
    while (this.#head < this.#items.length) {
      const task = this.#items[this.#head]!;
      if (!task.isSettled) return task;
      this.#drop();
    }
    return undefined;
  }

  shift(): Task | undefined {
    const task = this.peek();
    if (task === undefined) return undefined;
    this.#drop();
    this.#length--;
    return task;
  }

  /** Counts one task less: it was settled while it waits, and is passed by. */
  forget(): void {
    this.#length--;
  }

  /** All tasks, which stay. */
  all(): Task[] {
    return this.#items.filter((task) => task?.isSettled === false) as Task[];
  }

  /** Takes all tasks out. */
  clear(): Task[] {
    const tasks: Task[] = [];
    for (let task = this.shift(); task; task = this.shift()) tasks.push(task);
    return tasks;
  }

  #drop(): void {
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
