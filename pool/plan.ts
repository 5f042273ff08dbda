// Copyright 2026 the authors. MIT license.

// The plan of a pool: which worker gets which task, how many workers there are,
// and what follows when one ends. Bookkeeping only: it is told what happened
// and what time it is, and has its hands do what it has decided.
//
// Tasks wait in one queue, in the order in which they were submitted, and the
// first goes to the next worker that has nothing. If tasks of its function are
// known to be short, a worker is given about two milliseconds of them ahead, so
// that it need not wait for the parent between them. What it was given and has
// not begun can be taken back, and goes to its place in the queue: so a task
// that is long after all holds up none of the others, and an idle worker gets
// half of what the fullest has.
//
// A start of a worker holds the thread for some 10 ms. So a seat that wants one
// is only marked as due; the hands ask for one start a turn.
//
// A task with rules (timeout, signal, key, transfer) is only given to a worker
// that has nothing, and nothing is given after it: so it can be called off.

import type { Frame } from "../message/codec.ts";
import type { Desk } from "./desk.ts";
import { Desks, seatOfKey } from "./desks.ts";
import { Failures } from "./failures.ts";
import type { Feeder, Hands, Size } from "./hands.ts";
import { Paces } from "./pace.ts";
import { Phase } from "./phase.ts";
import { type Task, TaskQueue, TaskTable } from "./task.ts";

/** The least work that is worth taking back, in microseconds. */
const WORTH = 200;
/**
 * How long a worker without a result has to be in one task for it to be a long
 * one, in milliseconds.
 */
const STUCK = 1;
/**
 * How long a worker may take to wake, in milliseconds. Mostly it is a tenth of
 * one; on a busy machine it may be dozens, in which others pass by.
 */
const SLOW = 20;
/** After how many milliseconds it is seen whether workers are late. */
const RECALL = 5;
/**
 * How much work a worker gets in one go while others have room, in
 * microseconds: what goes to the next would be begun too early.
 */
const DEAL = 100;
/** How short tasks are whose results are polled for, in microseconds. */
const QUICK = 30;
/** The most tasks under way for a caller that takes results one by one. */
const MOST_AHEAD = 16_384;
/** A pool grows if its workers have more than this to do, in microseconds. */
const LOAD = 10_000;
/** How long a task that was called off may take, in milliseconds. */
const TASK_GRACE = 500;

/** The plan of one pool. */
export class Plan {
  readonly size: Size;
  /** Whether tasks are taken. */
  readonly phase: Phase = new Phase();
  /** Tasks that returned. */
  doneCount = 0;
  /** Tasks that failed, were called off or lost. */
  failedCount = 0;
  /** Workers that ended and were replaced. */
  restarts = 0;
  readonly #hands: Hands;
  readonly #desks: Desks;
  readonly #table = new TaskTable();
  readonly #queue = new TaskQueue();
  readonly #feeders = new Set<Feeder>();
  readonly #failures = new Failures();
  readonly #paces = new Paces();
  /** How many tasks there have been. */
  #places = 0;
  /** How many tasks no seat has. */
  #waiting = 0;
  /** How long tasks took of late, in microseconds; 0: unknown. */
  #usual = 0;
  #latest: Desk | undefined;
  #workerCount = 0;
  #isDealing = false;

  /** A plan for workers that are replaced after `maxTasks` tasks. */
  constructor(hands: Hands, size: Size, maxTasks: number) {
    this.#hands = hands;
    this.size = size;
    this.#desks = new Desks(maxTasks);
  }

  /** Whether there are tasks that have no result. */
  get isBusy(): boolean {
    return this.#table.size > 0 || this.#waiting > 0;
  }

  /** Whether there is something to look after, although there are no tasks. */
  get isUneasy(): boolean {
    return this.workers > this.size.min ||
      this.#desks.all.some((desk) =>
        desk.isEmpty || desk.isDue || desk.isLeaving
      );
  }

  /** Whether tasks were so short of late that a result may be there soon. */
  get isQuick(): boolean {
    return this.#usual > 0 && this.#usual < QUICK;
  }

  /** Whether the last worker has ended, and there will be no more. */
  get hasEnded(): boolean {
    const { isOpen, isGoingOn } = this.phase;
    if (isOpen || this.workers > 0) return false;
    // A closed pool may be between a worker that failed and the next.
    return !isGoingOn || this.#isDone || this.#hands.isEnding;
  }

  /** How many workers there are, also those that are due, start or leave. */
  get workers(): number {
    return this.#desks.workers;
  }

  /** How many workers run a task, as far as is known. */
  get running(): number {
    return this.#desks.all.filter((desk) => desk.isRunning).length;
  }

  /** How many tasks no worker runs, as far as is known. */
  get queued(): number {
    return this.#waiting + this.#table.size - this.running;
  }

  /** How many tasks may be under way for a caller that takes them singly. */
  get ahead(): number {
    const window = this.#usual === 0 ? 4 : 4000 / this.#usual;
    return Math.min(MOST_AHEAD, Math.max(2, window) * this.size.max);
  }

  /** The task that a seat has under this id, if any has. */
  taskOf(id: number): Task | undefined {
    return this.#table.get(id);
  }

  /** The tasks that there are, wherever they are. */
  tasks(): Task[] {
    const queues = [this.#queue, ...this.#desks.all.map(({ own }) => own)];
    return [...this.#table.all(), ...queues.flatMap((queue) => queue.all())];
  }

  addFeeder(feeder: Feeder): void {
    this.#feeders.add(feeder);
  }

  removeFeeder(feeder: Feeder): void {
    this.#feeders.delete(feeder);
  }

  /**
   * Starts the first of the workers that there are at least, and throws if it
   * cannot be started; the others are due.
   */
  open(): void {
    while (this.#desks.all.length < this.size.min) {
      this.#desks.addLowest().summon();
    }
    const { due } = this.#desks;
    if (due !== undefined) this.#hire(due);
    this.hireOn();
  }

  /** Has the workers started that are due. */
  hireOn(): void {
    if (this.#desks.due !== undefined) this.#hands.hireInTurns();
  }

  /**
   * Starts the next worker that is due; true if there are more. One that does
   * not start counts as one that died, unless the others can do without it.
   */
  hireNext(now: number): boolean {
    const desk = this.#desks.due;
    // A pool that is failing all tasks takes its seats away itself.
    if (desk === undefined || !this.phase.isGoingOn) return false;
    if (this.#isWorthwhile(desk)) this.#hireDue(desk);
    else this.#unseat(desk);
    this.look(now, false);
    return this.#desks.due !== undefined;
  }

  /** A new task: a worker gets it, or it waits. */
  submit(task: Task, frame: Frame, now: number): void {
    const key = task.rules?.key;
    if (key !== undefined) task.pinned = this.#seatOf(key);
    this.#number(task);
    const desk = this.#queue.length > 0
      ? undefined
      : task.pinned === 0
      ? this.#desks.leastBusyFor(task, this.#latest)
      : this.#desks.at(task.pinned);
    if (desk?.hasRoomFor(task) && !this.#callIn(task, desk, now)) {
      const given = this.#give(desk, task, frame, now);
      if (given instanceof Refusal) return this.failed(task, given.error);
      if (given) {
        this.#latest = desk;
        if (desk.outstanding > 1) this.#grow();
        return;
      }
    }
    if (task.tag === 0 && task.bytes === undefined) task.keep(frame);
    this.#queueOf(task).push(task);
    this.#waiting++;
    if (task.pinned !== 0) return;
    this.#grow();
    // A worker is free, but tasks came back that go before this one.
    if (desk !== undefined) this.#deal(now);
  }

  /** Submits a message once for each worker, which alone may take it. */
  submitToAll(make: () => Task, frame: Frame): void {
    for (const desk of this.#desks.all) {
      const task = make();
      task.keep(frame);
      task.pinned = desk.number;
      task.isExclusive = true;
      this.#number(task);
      desk.own.push(task);
      this.#waiting++;
    }
  }

  /** The worker of this number takes tasks. */
  ready(worker: number, now: number): void {
    const { all } = this.#desks;
    all.find((desk) => desk.worker === worker)?.welcome(now);
    // It may be free before others have started: they have nothing ahead of it.
    for (const desk of all) {
      if (desk.isStarting && desk.ahead > 0) {
        this.#putBack(this.#takeBack(desk, Infinity));
      }
    }
  }

  /** A worker's initializer threw: it is about to end. */
  unfit(error: unknown): void {
    this.#failures.explain(error);
  }

  /** A worker has begun a task that is watched: its timeout counts from now. */
  started(task: Task): void {
    task.start();
    task.sink.started?.(task);
    const timeout = task.rules?.timeout;
    if (timeout !== undefined && !task.isSettled) {
      this.#hands.remind(task, timeout);
    }
  }

  /**
   * A worker has a result of a task, which took `micros` microseconds. Nothing
   * of the task is at the seat any more. `done()` or `failed()` follows.
   */
  finished(task: Task, micros: number, now: number): void {
    this.#failures.clear();
    const desk = this.#desks.at(task.seat)!;
    this.#leave(task);
    desk.finish(task, micros, now);
    if (desk.isUsedUp) this.#dismiss(desk);
    this.#usual = this.#usual === 0
      ? Math.max(micros, 0.5)
      : this.#usual + (micros - this.#usual) / 8;
    if (this.#waiting > 0 && desk.isLow(task)) this.#deal(now);
    if (task.isSettled) this.#hands.release(task);
  }

  /** A task has returned: tells its sink, unless it is settled. */
  done(task: Task, value: unknown): void {
    if (!this.#settle(task)) return;
    this.doneCount++;
    task.sink.done(task, value);
  }

  /** A task has failed: tells its sink, unless it is settled. */
  failed(task: Task, error: unknown): void {
    if (!this.#settle(task)) return;
    this.failedCount++;
    task.sink.failed(task, error);
  }

  /**
   * Drops tasks that are not wanted any more, if no worker has begun them.
   * Their sinks are not told.
   */
  withdraw(tasks: ReadonlySet<Task>, now: number): void {
    for (const task of tasks) {
      if (task.seat === 0 && this.#settle(task)) this.#forget(task);
    }
    for (const desk of this.#desks.all) {
      if (!this.#table.of(desk.number).some((task) => tasks.has(task))) {
        continue;
      }
      const taken = this.#takeBack(desk, Infinity);
      for (const task of taken) if (tasks.has(task)) this.#settle(task);
      this.#putBack(taken);
    }
    this.look(now, false);
  }

  /**
   * Fails a task with `error` that no worker has begun; false if one may have.
   * What is still in a worker's ring was not begun, and can be had back.
   */
  cancel(task: Task, error: unknown, now: number): boolean {
    if (task.isSettled || task.isStarted) return false;
    const desk = this.#desks.at(task.seat);
    if (desk === undefined) {
      this.#forget(task);
      this.failed(task, error);
      return true;
    }
    const taken = this.#takeBack(desk, Infinity);
    const isMine = taken.includes(task);
    // The others first: a sink may submit, and what comes back goes before
    // that.
    this.#putBack(taken.filter((other) => other !== task));
    if (isMine) this.failed(task, error);
    this.look(now, false);
    return isMine;
  }

  /**
   * A task failed by its timeout or signal, wherever it is. A worker that runs
   * it is told the `reason`, and killed if it does not come to an end in time.
   */
  callOff(task: Task, reason: number, error: unknown, now: number): void {
    if (task.isSettled) return;
    const { isStarted } = task;
    if (task.seat === 0) this.#forget(task);
    this.failed(task, error);
    // Looked up now: its sink may have submitted, and it was taken back.
    const desk = this.#desks.at(task.seat);
    if (desk === undefined) return;
    // A task with rules is alone at its worker: what comes back is this task.
    if (!isStarted && this.#takeBack(desk, 1).length > 0) {
      return this.#deal(now);
    }
    this.#hands.cancel(desk.number, task, reason);
    this.#hands.remind(task, TASK_GRACE);
  }

  /** A task that was called off has had its grace: its worker is killed. */
  outOfGrace(task: Task): void {
    const desk = this.#desks.at(task.seat);
    if (desk !== undefined && task.isCalledOff) this.#kill(desk);
  }

  /**
   * Another part of the program has told the worker of a seat to stop. It may
   * yet finish what it runs.
   */
  condemned(seat: number, exitCode: number | undefined, now: number): void {
    const desk = this.#desks.at(seat);
    if (desk === undefined || !desk.leave()) return;
    this.#requeue(this.#takeBack(desk, Infinity), exitCode);
    this.look(now, false);
  }

  /**
   * The worker of a seat is dead, and every result it has put was told. So:
   *
   * 1. Tasks in its ring had not begun: they go to other workers, unnoticed.
   * 2. What else it has had begun, one task at most. That is lost, and is tried
   *    again or fails.
   * 3. If the worker ended by itself and had done nothing, it counts as a
   *    failure. The third in a row breaks the pool, unless a task runs.
   * 4. The seat gets another worker if one is wanted; after a failure not
   *    before the next tick. If none is wanted, the seat goes too.
   * 5. Idle workers get the tasks that have come back.
   */
  died(seat: number, exitCode: number | undefined, now: number): void {
    const desk = this.#desks.at(seat);
    if (desk === undefined || desk.isEmpty || desk.isDue) return;
    const untouched = this.#takeBack(desk, Infinity);
    const lost = this.#table.of(seat);
    for (const task of lost) {
      desk.drop(task);
      this.#leave(task);
    }
    desk.vacate();
    this.#requeue(untouched, exitCode);
    for (const task of lost) this.#lose(task, exitCode);
    // A worker that did nothing and was not ended from outside: the next one
    // will hardly do better. If a task ended it, the next one might.
    const isUseless = !desk.isExpected && desk.finished === 0 &&
      lost.length === 0 && (exitCode === undefined || exitCode >= 0);
    const isLast = isUseless && this.#countFailure(exitCode);
    if (isLast || !this.#isWanted(desk)) this.#unseat(desk);
    else if (!isUseless) this.#summon(desk);
    this.look(now, false);
  }

  /** Decides what no result brings about: starts, ends, and long tasks. */
  tick(now: number): void {
    for (const desk of [...this.#desks.all]) {
      if (!desk.isEmpty || !this.#isWanted(desk)) continue;
      if (!this.#isPausing) this.#summon(desk);
    }
    this.hireOn();
    this.#shrink(now);
    this.look(now, false);
    if (this.#queue.length > 0) this.#growBy(Infinity, 1);
  }

  /**
   * Sees that no worker is idle while others have more than they can do, and
   * that a closed pool ends when nothing is left. If all results are told, what
   * lies ahead of a worker that is not as far as it should be is taken back.
   */
  look(now: number, areAllTold: boolean): void {
    let idle = 0;
    let isAhead = false;
    for (const desk of this.#desks.all) {
      if (desk.outstanding > 1) {
        isAhead = true;
        if (areAllTold && desk.isLate(now)) this.#recall(desk);
      } else if (desk.isIdle) {
        idle++;
      }
    }
    this.#deal(now);
    if (isAhead) {
      for (; idle > 0 && this.#waiting === 0; idle--) this.#relieve(now);
      this.#hands.lookIn(RECALL);
    }
    this.#endIfDone();
  }

  close(): void {
    if (!this.phase.close()) return;
    for (const feeder of [...this.#feeders]) feeder.hurry();
    this.#endIfDone();
  }

  /** The pool is about to be closed, and its user has gone. */
  leave(): void {
    for (const feeder of [...this.#feeders]) feeder.leave();
  }

  /** Looks whether the jobs for which a closed pool goes on are read. */
  lookAtFeeders(): void {
    for (const feeder of [...this.#feeders]) feeder.look();
  }

  terminate(): void {
    if (this.phase.terminate()) this.#failAll();
  }

  /** Ends all workers wherever they stand. */
  killAll(): void {
    for (const desk of this.#desks.all) this.#kill(desk);
    this.#unseatEmpty();
  }

  /** Fails all tasks: the pool was terminated or broken. */
  #failAll(): void {
    const { error } = this.phase;
    for (const feeder of [...this.#feeders]) feeder.stop(error);
    this.#failQueue(this.#queue, error);
    for (const desk of this.#desks.all) this.#failQueue(desk.own, error);
    for (const desk of this.#desks.all) {
      for (const task of this.#table.of(desk.number)) this.failed(task, error);
    }
    this.killAll();
  }

  #failQueue(queue: TaskQueue, error: unknown): void {
    for (const task of queue.clear()) {
      this.#waiting--;
      this.failed(task, error);
    }
  }

  #settle(task: Task): boolean {
    if (!task.settle()) return false;
    if (task.rules !== undefined || task.cargo !== undefined) {
      this.#hands.release(task);
    }
    return true;
  }

  /**
   * Gives a worker a task; false if it has no room. A refusal concerns the task
   * alone, which is to be failed when no queue has it.
   */
  #give(
    desk: Desk,
    task: Task,
    frame: Frame,
    now: number,
  ): boolean | Refusal {
    this.#table.enter(task);
    // No other worker can have what is moved to this one.
    const isMoved = task.parcel !== undefined;
    let given: boolean | Refusal;
    try {
      given = this.#hands.give(desk.number, task, frame);
    } catch (error) {
      given = new Refusal(error);
    }
    if (given !== true) {
      this.#table.leave(task);
      return given;
    }
    task.giveTo(desk.number);
    task.size = frame.bytes === undefined ? 0 : frame.bytes.length;
    if (task.triesLeft <= 0) task.bytes = undefined;
    desk.add(task, isMoved, now);
    // What lies ahead is looked at again, though there be no result.
    if (desk.outstanding === 2) this.#hands.lookIn(RECALL);
    return true;
  }

  #leave(task: Task): void {
    this.#table.leave(task);
    task.takeBack();
  }

  /** Gives the workers what they have room for, in order. */
  #deal(now: number): void {
    if (this.#waiting === 0 || this.#isDealing) return;
    // A sink that is told of a refusal may submit.
    this.#isDealing = true;
    try {
      while (this.#dealNext(now));
    } finally {
      this.#isDealing = false;
      for (const desk of this.#desks.all) desk.isRefused = false;
    }
  }

  /** Gives the first of those that wait; false if there is no room for it. */
  #dealNext(now: number): boolean {
    const first = this.#queue.peek();
    if (this.#waiting > this.#queue.length) {
      const desk = this.#desks.all.find((desk) => desk.hasTurn(first));
      if (desk !== undefined) return this.#dealFrom(desk.own, desk, now);
    }
    if (first === undefined) return false;
    const desk = this.#desks.leastBusyFor(first);
    if (desk === undefined) return false;
    if (this.#callIn(first, desk, now)) {
      return this.#dealFrom(this.#queue, desk, now);
    }
    let left = DEAL;
    let task: Task | undefined = first;
    while (task !== undefined && desk.hasRoomFor(task)) {
      this.#dealFrom(this.#queue, desk, now);
      left -= task.pace.usual;
      if (left < 0 || desk.isRefused || desk.outstanding === 0) break;
      task = this.#queue.peek();
    }
    return true;
  }

  /**
   * Has back what workers have not begun that are slow to wake, if an idle one
   * would begin `task` before. False if there is nothing.
   */
  #callIn(task: Task, idle: Desk, now: number): boolean {
    if (task.pinned !== 0 || idle.outstanding > 0 || task.isLight) return false;
    let isBack = false;
    for (const desk of this.#desks.all) {
      if (!desk.mayBeAsleep || now - desk.progressAt < SLOW) continue;
      const taken = this.#takeBack(desk, 1);
      if (taken.length === 0) desk.noteBegun();
      this.#putBack(taken);
      isBack ||= taken.length > 0;
    }
    return isBack;
  }

  /** Gives the first task of a queue to a worker that has room for it. */
  #dealFrom(queue: TaskQueue, desk: Desk, now: number): true {
    const task = queue.peek()!;
    const given = this.#give(desk, task, task, now);
    if (given === false) {
      desk.isRefused = true;
      return true;
    }
    queue.shift();
    this.#waiting--;
    if (given instanceof Refusal) this.failed(task, given.error);
    return true;
  }

  /** Gives a new task its place after all others. */
  #number(task: Task): void {
    task.place = ++this.#places;
    task.pace = this.#paces.of(task.note);
  }

  #takeBack(desk: Desk, most: number): Task[] {
    const tasks = this.#hands.takeBack(desk.number, most);
    for (const task of tasks) {
      desk.takeBack(task);
      this.#leave(task);
    }
    return tasks;
  }

  /** Puts back tasks that workers had, each to its place. */
  #putBack(tasks: readonly Task[]): void {
    const free: Task[] = [];
    for (const task of tasks) {
      if (task.isSettled) continue;
      this.#waiting++;
      if (task.pinned !== 0) this.#pin(task);
      if (task.pinned === 0) free.push(task);
      else this.#queueOf(task).insert([task]);
    }
    if (free.length > 0) this.#queue.insert(free);
  }

  /** Puts back tasks whose worker ends; what was moved to it ends with it. */
  #requeue(tasks: readonly Task[], exitCode: number | undefined): void {
    const isMoved = (task: Task) => task.rules?.transfer !== undefined;
    this.#putBack(tasks.filter((task) => !isMoved(task)));
    for (const task of tasks.filter(isMoved)) this.#lose(task, exitCode);
  }

  /** Tries a task again whose worker died with it, or fails it. */
  #lose(task: Task, exitCode: number | undefined): void {
    if (task.isSettled) return this.#hands.release(task);
    // A closed pool retries too, even if nothing else is left to do.
    if (task.triesLeft > 0 && this.phase.isGoingOn) {
      task.losses++;
      this.#hands.forgetReminder(task);
      return this.#putBack([task]);
    }
    this.failed(task, this.#hands.lossOf(task, exitCode));
  }

  /** Makes its queue pass by a task that waits: it is to be settled now. */
  #forget(task: Task): void {
    this.#waiting--;
    this.#queueOf(task).forget();
  }

  #queueOf(task: Task): TaskQueue {
    if (task.pinned === 0) return this.#queue;
    return this.#desks.at(task.pinned)?.own ?? this.#queue;
  }

  /** Lets a pinned task go anywhere if its seat is gone and it has no key. */
  #pin(task: Task): void {
    if (this.#desks.at(task.pinned) !== undefined) return;
    const key = task.rules?.key;
    task.pinned = key === undefined ? 0 : this.#seatOf(key);
  }

  /**
   * The seat of a key; 0 if there are to be no more. Were it drawn among the
   * seats that there are, one that comes would have to get keys that others
   * have, or none; so the key brings its seat along.
   */
  #seatOf(key: string | number): number {
    const number = seatOfKey(key, this.size.max);
    if (this.#desks.at(number) !== undefined) return number;
    if (this.#hands.isEnding) return 0;
    this.#summon(this.#desks.add(number));
    return number;
  }

  /** Takes back what lies ahead of a worker that runs a long task. */
  #recall(desk: Desk): void {
    this.#putBack(this.#takeBack(desk, Infinity));
    desk.shut();
  }

  /** Gives an idle worker half of what the fullest other has ahead. */
  #relieve(now: number): void {
    const fullest = this.#desks.fullest();
    if (fullest === undefined) return;
    const isWorthIt = now - fullest.progressAt > STUCK ||
      fullest.outstanding * this.#usual > WORTH;
    if (isWorthIt) {
      this.#putBack(this.#takeBack(fullest, Math.ceil(fullest.ahead / 2)));
      this.#deal(now);
    }
    // Looks again soon, whether or not there is a result until then.
    this.#hands.lookIn(STUCK * 2);
  }

  #grow(): void {
    if (this.size.max === this.size.min) return;
    // Tasks that wait for one seat do not count: no other worker can run them.
    let load = this.#queue.length;
    for (const desk of this.#desks.all) load += desk.outstanding;
    this.#growBy(load, this.#usual);
  }

  /** One worker more if the load is worth it; `usual` is what a task takes. */
  #growBy(load: number, usual: number): void {
    const count = this.workers;
    // A seat whose worker has just failed gets its next one from a tick.
    if (this.#desks.all.length >= this.size.max || this.#hands.isEnding) return;
    if (this.#isPausing) return;
    const isWorthIt = count === 0 ||
      (usual === 0 ? load > count : load * usual > LOAD * count);
    if (!isWorthIt) return;
    this.#summon(this.#desks.addLowest());
  }

  /** Dismisses workers that have been idle for long. */
  #shrink(now: number): void {
    const { min, idleTimeout } = this.size;
    // Workers that leave already do not count.
    let staying = 0;
    for (const desk of this.#desks.all) {
      if (!desk.isEmpty && !desk.isLeaving) staying++;
    }
    for (const desk of this.#desks.all) {
      if (staying <= min) return;
      if (!desk.isIdle || now - desk.idleSince < idleTimeout) continue;
      this.#dismiss(desk);
      staying--;
    }
  }

  #hire(desk: Desk): void {
    const worker = ++this.#workerCount;
    this.#hands.hire(desk.number, worker);
    desk.start(worker);
  }

  /** A free seat is to get a worker. */
  #summon(desk: Desk): void {
    desk.summon();
    this.#hands.hireInTurns();
  }

  #hireDue(desk: Desk): void {
    const isRestart = desk.wasFilled;
    try {
      this.#hire(desk);
    } catch (error) {
      this.#failures.explain(error);
      desk.vacate();
      const isMore = desk.own.length === 0 && this.workers >= this.size.min &&
        this.workers > 0;
      // If it stays, a tick tries again.
      if (isMore) this.#unseat(desk);
      else this.#countFailure(undefined);
      return;
    }
    if (isRestart) this.restarts++;
  }

  /** Whether the worker of a seat still has to come that was due. */
  #isWorthwhile(desk: Desk): boolean {
    if (!this.#isHiring) return false;
    // None but the tasks that wait can have a use for it now.
    return this.phase.isOpen || this.#feeders.size > 0 ||
      this.#queue.length > 0 || desk.own.length > 0;
  }

  /** Whether workers are started at all. */
  get #isHiring(): boolean {
    const { isOpen, isGoingOn } = this.phase;
    const isAtWork = isOpen || (isGoingOn && !this.#isDone);
    return isAtWork && !this.#hands.isEnding;
  }

  #isWanted(desk: Desk): boolean {
    if (!this.#isHiring) return false;
    const { min, max } = this.size;
    const count = this.workers;
    return count < min || (count < max && this.#queue.length > 0) ||
      desk.own.length > 0;
  }

  /**
   * Whether starts fail while a worker runs a task: that is worth more than the
   * pool's end. None starts until the task has ended, well or with its worker.
   */
  get #isPausing(): boolean {
    return this.#failures.areTooMany &&
      this.#desks.all.some((desk) => desk.isRunning);
  }

  /** Counts a failure; true if it was one too many, and broke the pool. */
  #countFailure(exitCode: number | undefined): boolean {
    const ruin = this.#failures.count(exitCode);
    if (ruin === undefined || this.#isPausing) return false;
    if (this.phase.break(ruin)) this.#failAll();
    return true;
  }

  /** Whether nothing is left to do, and nothing more will come. */
  get #isDone(): boolean {
    return !this.isBusy && this.#feeders.size === 0;
  }

  /** Dismisses the workers of a closed pool when nothing is left to do. */
  #endIfDone(): void {
    if (!this.phase.isClosed || !this.#isDone) return;
    for (const desk of this.#desks.all) this.#dismiss(desk);
    this.#unseatEmpty();
  }

  #dismiss(desk: Desk): void {
    if (desk.isDue) desk.vacate();
    if (!desk.leave()) return;
    desk.isExpected = true;
    this.#hands.dismiss(desk.number);
  }

  #kill(desk: Desk): void {
    if (desk.isDue) desk.vacate();
    if (desk.isEmpty) return;
    desk.leave();
    this.#hands.kill(desk.number);
  }

  /** Removes a seat; tasks that waited for it alone may go anywhere. */
  #unseat(desk: Desk): void {
    this.#desks.remove(desk);
    const tasks = desk.own.clear();
    for (const task of tasks) task.pinned = 0;
    if (tasks.length > 0) this.#queue.insert(tasks);
  }

  #unseatEmpty(): void {
    for (const desk of [...this.#desks.all]) {
      if (desk.isEmpty) this.#unseat(desk);
    }
  }
}

/** The error with which the hands refused a task. */
class Refusal {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}
