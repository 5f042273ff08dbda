// Copyright 2026 the authors. MIT license.

// The heart of a pool: takes tasks from the caller and results from the
// workers, tells the plan what happened, and carries out what the plan decides.
//
//   submit, results, deaths, ticks  ->  plan  ->  give, take back, hire, kill

import { StateError, WorkerExitError } from "../errors.ts";
import { advise, strippedIn } from "../message/advice.ts";
import { decode, type Frame, type Road } from "../message/codec.ts";
import { acquaint, acquainted, hasStrangers } from "../message/reader.ts";
import { memoryOf } from "../memory/method.ts";
import { type Steps, watch } from "../memory/park.ts";
import { unuseRegion, useRegion } from "../memory/region.ts";
import { Alarm, doInTurns, dropChore } from "../memory/timers.ts";
import { isEnding } from "../process/ending.ts";
import { ABORTED, createRing, TIMED_OUT } from "../process/pool_link.ts";
import { me } from "../program/self.ts";
import {
  addDebtor,
  type Debt,
  type Debtor,
  removeDebtor,
} from "../program/left_behind.ts";
import { stateIndex } from "../program/table.ts";
import type { Labelled } from "../queue/ring.ts";
import type { Functions } from "./functions.ts";
import type { Feeder, Hands, Size } from "./hands.ts";
import { Plan } from "./plan.ts";
import { Pulse, type PulseOwner } from "./pulse.ts";
import { canMove, Seat, type Staffing } from "./seat.ts";
import { Histogram, type Percentiles } from "./stats.ts";
import type { Sink, Task } from "./task.ts";
import { withTrace } from "./trace.ts";
import * as wire from "./wire.ts";

/** How many submits in one go there are before results are taken in between. */
const SUBMITS = 64;

/**
 * How many results are dealt with in one go, before callers have their turn.
 */
const RESULTS = 256;

/** The results of a chunk of which some elements failed. */
export class Mixed {
  readonly values: unknown[];
  readonly errors: readonly [index: number, error: unknown][];

  constructor(
    values: unknown[],
    errors: readonly [index: number, error: unknown][],
  ) {
    this.values = values;
    this.errors = errors;
  }
}

/** The result of {@linkcode Pool.stats}. */
export interface PoolStats {
  /** Workers that there are, those that are yet to start included. */
  readonly workers: number;
  /**
   * Messages (tasks or chunks) that no worker has begun, as far as is known.
   */
  readonly queued: number;
  /** Messages that workers run. */
  readonly running: number;
  /** Messages that ended well. */
  readonly done: number;
  /** Messages that failed, were cancelled or lost. */
  readonly failed: number;
  /** Workers that ended and were replaced. */
  readonly restarts: number;
  /** How long messages waited, from submit to start. */
  readonly wait: Percentiles;
  /** How long messages ran, from start to result. */
  readonly run: Percentiles;
}

/** The core of one pool. */
export class Core implements Hands, PulseOwner, Debtor {
  readonly functions: Functions;
  readonly pulse: Pulse;
  readonly plan: Plan;
  /** Whether arguments can be moved to its workers. */
  readonly canMove: boolean;
  readonly #staffing: Staffing;
  readonly #results = createRing();
  /** Tasks may be tried again, so their message is for many. */
  readonly road: Road;
  /** The most bytes of a message beside its label. */
  readonly #most = this.#results.maxMessage - 8;
  /** The workers that there are, by seat. */
  readonly #seats: (Seat | undefined)[] = [];
  /** Promises that last until the platform has let go of ended workers. */
  readonly #remains = new Set<Promise<unknown>>();
  readonly #waits = new Histogram();
  readonly #runs = new Histogram();
  readonly #joiners = new Set<() => void>();
  /** Tell of results with errors of classes that are looked for. */
  readonly #held = new Set<() => void>();
  /** The tasks that have an alarm. */
  readonly #timed = new Set<Task>();
  #submits = 0;
  /** The time of the last turn, which is exact enough for the plan. */
  #clock = 0;
  readonly #hireNext = () => this.#hire();
  #isDraining = false;
  #isReleased = false;
  #trace: Error | undefined;
  #recheck: Alarm | undefined;

  constructor(staffing: Staffing, size: Size, functions: Functions) {
    this.functions = functions;
    this.canMove = canMove(staffing.method);
    this.#staffing = staffing;
    this.road = { reach: memoryOf(staffing.method), isForMany: true };
    useRegion(this.#results.handle);
    this.pulse = new Pulse(this.#results, this);
    this.plan = new Plan(this, size, staffing.maxTasks);
    addDebtor(this);
    try {
      this.plan.open();
    } catch (error) {
      removeDebtor(this);
      this.plan.killAll();
      this.#giveBack();
      throw error;
    }
  }

  /** The calls that have no result yet, and the names of their functions. */
  owed(): Map<Debt, string> {
    const calls = new Map<Debt, string>();
    for (const { sink, note } of this.plan.tasks()) {
      if (sink.caller === undefined) continue;
      calls.set(sink.caller, this.functions.nameAt(wire.functionOf(note)));
    }
    return calls;
  }

  get isBusy(): boolean {
    return this.plan.isBusy;
  }

  get isUneasy(): boolean {
    return this.#joiners.size > 0 || this.plan.isUneasy;
  }

  get isQuick(): boolean {
    return this.plan.isQuick;
  }

  /** The time, or one of a few submits ago. */
  now(): number {
    if ((this.#submits & 15) === 0) this.#clock = performance.now();
    return this.#clock;
  }

  /**
   * The place that this call came from. A trace costs 3 µs: in a burst, which
   * is one synchronous run, it is that of an earlier call.
   */
  trace(): Error {
    if (this.#submits === 0 || this.#trace === undefined) {
      this.#trace = new Error();
    }
    return this.#trace;
  }

  removeFeeder(feeder: Feeder): void {
    this.plan.removeFeeder(feeder);
    if (!this.plan.phase.isOpen) this.pulse.nudge();
  }

  /** Takes a task; `frame` is its message, good for this call only. */
  submit(task: Task, frame: Frame): void {
    const size = frame.bytes === undefined ? 0 : frame.bytes.length;
    // Held until the task is settled, which any of the next lines may do.
    task.cargo ??= frame.cargo;
    if (size > this.#most) {
      const error = new RangeError(
        `Cannot submit task: its arguments take ${size} bytes, and a task may take ${this.#most}`,
      );
      return this.plan.failed(task, error);
    }
    if (task.rules !== undefined) {
      // Kept, since a worker may be lost with the arguments.
      if (task.triesLeft > 0) task.keep(frame);
      this.#heed(task);
      if (task.isSettled) return;
    }
    this.plan.submit(task, frame, this.#clock);
    this.pulse.nudge();
    if (++this.#submits % SUBMITS === 0) this.drain();
  }

  /** Submits a task for each worker that there is, and no other. */
  submitToAll(make: () => Task, frame: Frame): void {
    this.plan.submitToAll(make, frame);
    this.pulse.nudge();
  }

  /** See {@linkcode Plan.cancel}. */
  cancelTask(task: Task, error: unknown): boolean {
    const isCancelled = this.plan.cancel(task, error, performance.now());
    this.#goOn();
    return isCancelled;
  }

  drain(): number {
    // Not from within itself: the end of a worker takes results in too.
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
      this.plan.look(now, count < RESULTS);
    } finally {
      this.#isDraining = false;
    }
    this.#tellEnd();
    return count;
  }

  tick(): void {
    for (const number of this.#seats.keys()) this.#examine(number);
    if (this.#joiners.size > 0) this.plan.lookAtFeeders();
    this.plan.tick(performance.now());
    this.#tellEnd();
  }

  /** The turns of a call that blocks this thread until `isOver`. */
  *turns(isOver: () => boolean): Steps<true> {
    while (!isOver()) {
      const count = this.drain() + this.#held.size;
      for (const tell of this.#held) tell();
      if (count > 0) continue;
      // Neither ticks nor alarms come by themselves meanwhile.
      this.tick();
      for (const task of this.#timed) task.alarm?.look();
      this.#recheck?.look();
      if (isOver()) break;
      const park = this.#results.parkForMessage();
      if (park !== undefined) yield park;
    }
    return true;
  }

  close(): void {
    this.plan.close();
    this.#goOn();
  }

  /** See {@linkcode Plan.leave}. */
  leave(): void {
    this.plan.leave();
    this.#goOn();
  }

  /** See {@linkcode Plan.withdraw}. */
  withdraw(tasks: ReadonlySet<Task>): void {
    if (tasks.size > 0) this.plan.withdraw(tasks, performance.now());
    this.#goOn();
  }

  terminate(): void {
    this.#drainAll();
    this.plan.terminate();
    this.#goOn();
  }

  /** Calls `ended` when no worker is left; it may be called at once. */
  join(ended: () => void): void {
    if (this.plan.phase.isOpen) {
      throw new StateError(
        "Cannot join pool: it is running: close() or terminate() it first",
      );
    }
    this.#joiners.add(ended);
    this.pulse.ref();
    this.#tellEnd();
  }

  /** As {@linkcode Core.join}, blocking this thread; false at the deadline. */
  joinSync(deadline: number): boolean {
    // As one that joins: so an imap that no code reads is withdrawn.
    const ended = () => {};
    this.join(ended);
    try {
      return this.pulse.block(() => this.plan.hasEnded, deadline);
    } finally {
      this.unjoin(ended);
    }
  }

  /** Gives up a wait for the end. */
  unjoin(ended: () => void): void {
    if (this.#joiners.delete(ended)) this.pulse.unref();
  }

  /** Its load and its phase, for people. */
  state(): string {
    const { workers, running, queued, phase } = this.plan;
    const load = `${workers} worker${
      workers === 1 ? "" : "s"
    }, ${running} running, ${queued} waiting`;
    return phase.isOpen ? load : `${load}, ${phase.name}`;
  }

  stats(): PoolStats {
    const { plan } = this;
    return {
      workers: plan.workers,
      queued: plan.queued,
      running: plan.running,
      done: plan.doneCount,
      failed: plan.failedCount,
      restarts: plan.restarts,
      wait: this.#waits.percentiles(),
      run: this.#runs.percentiles(),
    };
  }

  // The hands, which carry out what the plan decides.

  get isEnding(): boolean {
    return isEnding();
  }

  give(seat: number, task: Task, frame: Frame): boolean {
    return this.#seats[seat]!.give(task, frame);
  }

  takeBack(seat: number, most: number): Task[] {
    const taken: Task[] = [];
    while (taken.length < most) {
      const message = this.#seats[seat]?.tryTake();
      if (message === undefined) break;
      const task = this.plan.taskOf(message.id);
      if (task === undefined) continue;
      task.keep(message);
      taken.push(task);
    }
    return taken;
  }

  cancel(seat: number, task: Task, reason: number): void {
    this.#seats[seat]!.cancel(task.id, reason);
  }

  hireInTurns(): void {
    doInTurns(this.#hireNext);
  }

  hire(seat: number, worker: number): void {
    const { log } = this.functions;
    const hired = new Seat(worker, this.#results, log, this.#staffing);
    this.#seats[seat] = hired;
    this.#watch(seat, hired);
  }

  dismiss(seat: number): void {
    this.#seats[seat]!.dismiss();
  }

  kill(seat: number): void {
    this.#seats[seat]!.kill();
  }

  remind(task: Task, ms: number): void {
    task.alarm?.end();
    this.#timed.add(task);
    task.alarm = new Alarm(
      performance.now() + ms,
      () => this.#remember(task),
    );
    // The caller that awaits the task keeps the program alive.
    task.alarm.unref();
  }

  forgetReminder(task: Task): void {
    this.#timed.delete(task);
    task.alarm?.end();
  }

  release(task: Task): void {
    task.cargo?.end();
    task.cargo = undefined;
    if (task.alarm !== undefined) this.forgetReminder(task);
    task.forget?.();
    task.forget = undefined;
  }

  lookIn(ms: number): void {
    if (this.#recheck !== undefined) return;
    this.#recheck = new Alarm(performance.now() + ms, () => {
      this.#recheck = undefined;
      this.drain();
    });
    this.#recheck.unref();
  }

  lossOf(task: Task, exitCode: number | undefined): unknown {
    const attempt = task.losses + 1;
    const name = this.functions.nameAt(wire.functionOf(task.note));
    const error = new WorkerExitError(
      `Cannot finish task ${name}: its worker ended with exit code ${exitCode} (attempt ${attempt})`,
      { task: name, exitCode, attempt },
    );
    return withTrace(error, task.trace);
  }

  /** Starts a worker that is due; false if there is none, or none can start. */
  #hire(): boolean {
    // No process may start meanwhile: a tick goes on.
    if (me().importing) return false;
    const isMore = this.plan.hireNext(performance.now());
    this.#goOn();
    return isMore;
  }

  #accept(message: Labelled, now: number): void {
    const { id, note } = message;
    const { plan } = this;
    const status = wire.statusOf(note);
    if (status === wire.READY) return plan.ready(id, now);
    if (status === wire.UNFIT) {
      const cause = valueOf(message);
      // It is told when the worker has ended, which takes longer.
      acquainted(cause);
      return plan.unfit(
        cause instanceof Unreadable ? cause.error : this.#ofInitializer(cause),
      );
    }
    const task = plan.taskOf(id);
    // The worker was told to stop, and heard of it too late: its task has gone
    // to another one, or is settled.
    if (task === undefined) return;
    if (status === wire.STARTED) return plan.started(task);
    const micros = wire.microsOf(note);
    const value = valueOf(message);
    if (status === wire.PART || status === wire.PIECE) {
      if (!task.isSettled) (task.parts ??= new Parts()).add(status, value);
      return;
    }
    const { parts } = task;
    plan.finished(task, micros, now);
    if (task.isSettled) return;
    this.#runs.add(micros);
    this.#waits.add((now - task.submittedAt) * 1000 - micros);
    const unread = value instanceof Unreadable ? value : parts?.unread;
    if (unread !== undefined) return plan.failed(task, unread.error);
    if (
      hasStrangers(value) || (parts !== undefined && parts.strangers.length > 0)
    ) {
      const strangers = [...parts?.strangers ?? [], value];
      task.sink = this.#holding(task.sink, strangers.filter(hasStrangers));
    }
    switch (status) {
      case wire.DONE:
        return plan.done(task, parts === undefined ? value : parts.with(value));
      case wire.MIXED: {
        const errors = value as [number, unknown][];
        for (const [, error] of errors) this.#advise(error, task);
        return plan.done(task, new Mixed(parts?.values ?? [], errors));
      }
      default:
        this.#advise(value, task);
        return plan.failed(task, withTrace(value, task.trace));
    }
  }

  /**
   * A sink that is told when the classes of the errors in `values` were looked
   * for; before, if this thread blocks. Its task is settled at once.
   */
  #holding(sink: Sink, values: readonly unknown[]): Sink {
    const hold = (tell: () => void) => {
      const once = () => {
        if (this.#held.delete(once)) tell();
      };
      this.#held.add(once);
      Promise.all(values.map(acquaint)).then(() => {
        once();
        this.#goOn();
      });
    };
    return {
      done: (task, result) => hold(() => sink.done(task, result)),
      failed: (task, error) => hold(() => sink.failed(task, error)),
    };
  }

  #advise(error: unknown, { note, stripped }: Task): void {
    const target = this.functions.refAt(wire.functionOf(note));
    advise(error, { target, stripped });
  }

  /** The error of an initializer, with what to do about it. */
  #ofInitializer(error: unknown): unknown {
    const { initializer, initargs } = this.#staffing;
    if (initializer !== undefined && error instanceof TypeError) {
      const stripped = strippedIn(initargs, "initargs");
      advise(error, { target: initializer, stripped });
    }
    return error;
  }

  #drainAll(): void {
    const now = performance.now();
    for (;;) {
      const message = this.#results.tryTake();
      if (message === undefined) return;
      this.#accept(message, now);
    }
  }

  /** Watches the signal of a new task. */
  #heed(task: Task): void {
    const signal = task.rules?.signal;
    if (signal === undefined) return;
    if (signal.aborted) return this.plan.failed(task, signal.reason);
    const abort = () => {
      this.plan.callOff(task, ABORTED, signal.reason, performance.now());
    };
    signal.addEventListener("abort", abort);
    task.forget = () => signal.removeEventListener("abort", abort);
  }

  /** The time of a task has passed: that to run, or that to end. */
  #remember(task: Task): void {
    this.#timed.delete(task);
    if (task.isSettled) return this.plan.outOfGrace(task);
    const error = new DOMException(
      `Cannot finish task: it has run for ${task.rules?.timeout} ms`,
      "TimeoutError",
    );
    this.plan.callOff(task, TIMED_OUT, error, performance.now());
  }

  /** Waits for the end of a worker, however it comes. */
  #watch(number: number, seat: Seat): void {
    const { words } = me().table;
    const index = stateIndex(seat.token);
    const look = () => {
      if (this.#seats[number] !== seat) return;
      const value = words.load(index);
      if (!this.#examine(number)) return;
      const isKept = watch({ words, index, value }, look) !== undefined;
      if (!isKept) queueMicrotask(look);
    };
    // In a microtask: the plan must know the worker before it hears of its end.
    queueMicrotask(look);
  }

  /** Looks whether the worker of a seat lives; false if the seat has none. */
  #examine(number: number): boolean {
    const seat = this.#seats[number];
    if (seat === undefined) return false;
    const { table } = me();
    if (!table.isAlive(seat.token)) {
      this.#takeLeave(number, seat);
      return false;
    }
    if (!table.isRunning(seat.token)) {
      this.plan.condemned(number, seat.exitCode, performance.now());
      this.#goOn();
    }
    return true;
  }

  /** Tells the plan that a worker is dead, and clears its seat. */
  #takeLeave(number: number, seat: Seat): void {
    // First the results: what has one was not lost. None can follow.
    this.#drainAll();
    if (this.#seats[number] !== seat) return;
    const { exitCode, remains } = seat;
    if (remains !== undefined) {
      this.#remains.add(remains);
      remains.then(() => this.#remains.delete(remains));
    }
    this.plan.died(number, exitCode, performance.now());
    seat.leave();
    // The plan may have hired another worker for the seat already.
    if (this.#seats[number] === seat) this.#seats[number] = undefined;
    this.#goOn();
  }

  /** Gives back what linked the pool to all of its workers. */
  #giveBack(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    unuseRegion(this.#results.handle);
    this.functions.log.release();
  }

  /** Goes on after the plan was told something between two turns. */
  #goOn(): void {
    this.#tellEnd();
    this.pulse.nudge();
  }

  /** Tells the joins that the pool has ended, if it has. */
  #tellEnd(): void {
    if (!this.plan.hasEnded || this.#held.size > 0) return;
    this.#recheck?.end();
    this.#recheck = undefined;
    this.#giveBack();
    removeDebtor(this);
    dropChore(this.#hireNext);
    const joiners = [...this.#joiners];
    for (const ended of joiners) this.unjoin(ended);
    // A caller that joins a pool finds nothing of it running afterwards.
    const leftovers = [...this.#remains, this.pulse.rest()];
    const tell = () => joiners.forEach((ended) => ended());
    if (leftovers.every((leftover) => leftover === undefined)) tell();
    else Promise.all(leftovers).then(tell);
  }
}

/** The error of a result that could not be read. */
class Unreadable {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/**
 * The results of a chunk that came before its last message. Its sink is told of
 * them with those of that one: a chunk whose worker dies is lost as a whole.
 */
export class Parts {
  readonly values: unknown[] = [];
  /** Those with errors of classes that were not found here. */
  readonly strangers: unknown[] = [];
  /** The first that could not be read. */
  unread: Unreadable | undefined;

  /** Adds the value of a message with the status PART or PIECE. */
  add(status: number, value: unknown): void {
    if (value instanceof Unreadable) {
      this.unread ??= value;
      return;
    }
    if (hasStrangers(value)) this.strangers.push(value);
    if (status === wire.PIECE) this.values.push(value);
    else for (const item of value as Iterable<unknown>) this.values.push(item);
  }

  /** All values of the chunk; `last` are those of its last message. */
  with(last: unknown): unknown[] {
    for (const item of last as Iterable<unknown>) this.values.push(item);
    return this.values;
  }
}

/** The value of a result. Its task has ended, whether or not it can be read. */
function valueOf({ tag, inline, bytes }: Labelled): unknown {
  try {
    return decode(tag, inline, bytes);
  } catch (error) {
    return new Unreadable(error);
  }
}
