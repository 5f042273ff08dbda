// Copyright 2026 the authors. MIT license.

// A world for the plan of a pool: workers that are a list of tasks each, a
// clock that only steps move, and histories drawn from a seed. After each step
// it is checked what must be true of any pool.

import { assert, assertEquals } from "@std/assert";
import type { Frame } from "../../message/codec.ts";
import type { Hands, Size } from "../../pool/hands.ts";
import type { Plan } from "../../pool/plan.ts";
import { Task, type TaskRules } from "../../pool/task.ts";
import { type Random, randomOf } from "./random.ts";

/** The class under test, or a copy of it with a mistake. */
export type PlanClass = new (
  hands: Hands,
  size: Size,
  maxTasks: number,
) => Plan;

/** A worker, as far as a plan can tell. */
interface Worker {
  readonly seat: number;
  readonly number: number;
  /** What it was given and has not taken. */
  ring: Task[];
  /** What it has taken and has no result of. */
  running: Task | undefined;
  isReady: boolean;
  isDismissed: boolean;
  isKilled: boolean;
  /** Tasks that it was given and that were not taken back. */
  given: number;
  /** When it last had a result. */
  progressAt: number;
  /** The task that it runs, if that holds up others. */
  held: Task | undefined;
}

/** What the world knows of a task. */
interface Record {
  readonly task: Task;
  readonly place: number;
  readonly key: string | undefined;
  readonly retries: number;
  /** Whether it must go to the worker of one seat. */
  readonly isPinned: boolean;
  isSubmitted: boolean;
  /** How often its sink was told. */
  ends: number;
  isWithdrawn: boolean;
  /** When a worker was given it. */
  givenAt: number;
  /** Whether its function was known to be short then. */
  wasShort: boolean;
  isBegun: boolean;
  losses: number;
}

/** The functions of the tasks: how long one takes, in microseconds. */
const LENGTHS: readonly ((random: Random) => number)[] = [
  (random) => random(100),
  (random) => 1000 + random(5000),
  (random) => random(2000) / (1 + random(100)),
  (random) => random(5) === 0 ? 3000 : 20,
];
/** The one that is always long. */
const LONG = 1;
/** How many results in a row must be short before others wait behind one. */
const FEW = 3;
/** After how many milliseconds a worker should have begun what it has. */
const AWAKE = 20;
/** After how many milliseconds tasks are late that lie behind another. */
const LATE = 5;

const MEBIBYTE = 2 ** 20;
const NO_ARGS = { bytes: new Uint8Array(0), beside: [] };
/** Bytes of which only the length counts: to keep them is no copy. */
const BUFFERS = [undefined, bytesOf(10), bytesOf(3 * MEBIBYTE)];

/** The world of one plan. */
export class World implements Hands {
  isEnding = false;
  readonly steps: string[] = [];
  readonly plan: Plan;
  readonly #random: Random;
  readonly #size: Size;
  readonly #maxTasks: number;
  readonly #workers = new Map<number, Worker>();
  readonly #records = new Map<Task, Record>();
  /** Those that wait for their end. */
  readonly #pending = new Set<Record>();
  readonly #reminders = new Map<Task, number>();
  readonly #homes = new Map<string, number>();
  /** How often, of a hundred, something that may fail does. */
  readonly #trouble: number;
  /** Which function all tasks have; undefined: any. */
  readonly #func: number | undefined;
  /** The results of each function. */
  readonly #results: number[][] = LENGTHS.map(() => []);
  #now = 1000;
  #count = 0;
  #lastWorker = 0;
  #isRefused = false;
  /** The worker whose death the plan is hearing of. */
  #dying: Worker | undefined;
  /** The task whose end the plan is hearing of. */
  #finishing: Task | undefined;
  #isOpening = true;
  /** Whether the plan wants to be asked for starts. */
  #isTurnDue = false;
  /** Whether a worker may be started now: one, and only if it was asked for. */
  #mayHire = true;
  /** The seats whose worker did not start, with nothing else since. */
  readonly #unfilled = new Set<number>();
  /** The first promise that was broken in what the plan had done. */
  #wrong: unknown;

  constructor(Class: PlanClass, seed: number) {
    const random = this.#random = randomOf(seed);
    const min = 1 + random(3);
    this.#size = { min, max: min + random(3), idleTimeout: random(100) };
    this.#maxTasks = random(3) === 0 ? 1 + random(5) : Infinity;
    this.#trouble = random(16) === 0 ? 60 : random(2) * random(10);
    this.#func = random(2) === 0 ? undefined : random(LENGTHS.length);
    this.plan = new Class(this, this.#size, this.#maxTasks);
    this.plan.open();
    this.#isOpening = this.#mayHire = false;
    this.#check(false);
  }

  /** Does one thing that may happen to a pool, and checks. */
  step(): void {
    this.#now += this.#random() * this.#random(5);
    this.#isRefused = false;
    const isLooked = this.#happen();
    this.#check(isLooked);
  }

  /** Closes the pool, and lets its workers finish: it must end. */
  end(): void {
    if (this.plan.phase.isOpen) this.#close();
    for (let i = 0; !this.plan.hasEnded; i++) {
      assert(i < 5000, "a closed pool does not end");
      this.#now += 1;
      this.#isRefused = false;
      for (const worker of [...this.#workers.values()]) this.#advance(worker);
      this.#turn();
      if (i % 10 === 9) this.#tick();
      this.#look();
      this.#check(true);
    }
    assertEquals(this.#workers.size, 0, "workers outlive the pool");
    for (const { ends, isWithdrawn } of this.#records.values()) {
      assertEquals(ends, isWithdrawn ? 0 : 1, "a task has no end");
    }
  }

  give(seat: number, task: Task, frame: Frame): boolean {
    try {
      if (this.#tryGive(seat, task, frame)) return true;
    } catch (error) {
      // The plan is to live with a throw; the history is not.
      this.#wrong ??= error;
      throw error;
    }
    this.#isRefused = true;
    if (this.#random(2) === 0) throw new TypeError("Cannot give: not this one");
    return false;
  }

  #tryGive(seat: number, task: Task, frame: Frame): boolean {
    const worker = this.#workers.get(seat);
    assert(worker !== undefined, "a seat without a worker gets a task");
    assert(!leaves(worker), "a worker that leaves gets a task");
    if (this.#random(100) < this.#trouble) return false;
    const record = this.#records.get(task)!;
    const has = tasksOf(worker);
    assert(!has.includes(task), "a task is given twice");
    record.wasShort = this.#isShort(task);
    if (has.length > 0) {
      assert(worker.held !== has[0], "a task is put behind a long one");
      assert(worker.isReady, "more than one task before the start");
      const work = has.length * task.pace.usual;
      assert(work < 2000 && has.length < 4096, "over the window");
      const bytes = has.reduce((sum, { size }) => sum + size, 0);
      assert(bytes < 4 * MEBIBYTE, "over the bytes");
      assert(![task, ...has].some((one) => one.isExclusive), "not alone");
      const areShort = [task, ...has].every((one) =>
        this.#records.get(one)!.wasShort
      );
      assert(areShort, "a task waits behind one that may be long");
    }
    assert(++worker.given <= this.#maxTasks, "more than a worker may run");
    this.#checkPlace(record, worker);
    if (record.key !== undefined) {
      const home = this.#homes.get(record.key) ?? seat;
      assert(seat === home, "a key has moved");
      this.#homes.set(record.key, seat);
    }
    assert(frame !== task || task.tag === 7, "a message was not kept");
    record.givenAt = this.#now;
    task.parcel = undefined;
    worker.ring.push(task);
    return true;
  }

  takeBack(seat: number, most: number): Task[] {
    const ring = this.#workers.get(seat)!.ring;
    const taken = ring.splice(0, Math.min(most, ring.length));
    this.#workers.get(seat)!.given -= taken.length;
    for (const task of taken) {
      task.keep({ tag: 7, inline: 0, bytes: undefined });
    }
    return taken;
  }

  cancel(seat: number, task: Task, _reason: number): void {
    assert(tasksOf(this.#workers.get(seat)!).includes(task), "not its task");
  }

  hireInTurns(): void {
    this.#isTurnDue = true;
  }

  hire(seat: number, number: number): void {
    try {
      this.#tryHire(seat, number);
    } catch (error) {
      this.#wrong ??= error;
      throw error;
    }
    if (!this.#isOpening && this.#random(100) < this.#trouble) {
      this.#unfilled.add(seat);
      throw new TypeError("Cannot start worker: the world says no");
    }
    this.#workers.set(seat, {
      seat,
      number,
      ring: [],
      running: undefined,
      isReady: false,
      isDismissed: false,
      isKilled: false,
      given: 0,
      progressAt: 0,
      held: undefined,
    });
  }

  #tryHire(seat: number, number: number): void {
    assert(this.#mayHire, "a worker starts out of turn");
    this.#mayHire = false;
    const { phase } = this.plan ?? {};
    assert(phase?.isGoingOn ?? true, "a pool that has ended starts a worker");
    const isOfUse = (phase?.isOpen ?? true) || this.#isTaskWaiting();
    assert(isOfUse, "a closed pool starts a worker for nothing");
    assert(!this.#unfilled.has(seat), "a start that failed is tried at once");
    assert(seat >= 1 && seat <= this.#size.max, "no such seat");
    const sitting = this.#workers.get(seat);
    const isFree = sitting === undefined || sitting === this.#dying;
    assert(isFree, "two workers in one seat");
    assert(number > this.#lastWorker, "a worker's number comes twice");
    this.#lastWorker = number;
  }

  dismiss(seat: number): void {
    this.#workers.get(seat)!.isDismissed = true;
  }

  kill(seat: number): void {
    this.#workers.get(seat)!.isKilled = true;
  }

  remind(task: Task, ms: number): void {
    this.#reminders.set(task, this.#now + ms);
  }

  forgetReminder(task: Task): void {
    this.#reminders.delete(task);
  }

  release(task: Task): void {
    this.#reminders.delete(task);
  }

  lookIn(_ms: number): void {}

  lossOf(task: Task, _exitCode: number | undefined): unknown {
    const { losses, retries } = this.#records.get(task)!;
    const isMoved = task.rules?.transfer !== undefined;
    assert(
      isMoved || losses > retries || !this.plan.phase.isGoingOn,
      "a task is given up too early",
    );
    return "lost";
  }

  /** True if the plan has looked again since. */
  #happen(): boolean {
    const random = this.#random;
    const worker = [...this.#workers.values()][random(this.#size.max)];
    const task = this.#anyTask();
    switch (random(26)) {
      case 0:
        this.#tick();
        return true;
      case 1:
        if (worker === undefined || random(3) > 0) return false;
        this.#die(worker);
        return true;
      case 2:
        if (worker === undefined || leaves(worker)) return false;
        if (random(4) > 0) return false;
        this.#note(`condemn ${worker.seat}`);
        worker.isKilled = true;
        this.plan.condemned(worker.seat, -15, this.#now);
        return true;
      case 3:
        // Only what has a timeout or a signal is called off.
        if (task?.rules?.timeout === undefined) return false;
        this.#note(`call off ${this.#name(task)}`);
        this.plan.callOff(task, 1, "called off", this.#now);
        return false;
      case 4:
        if (task === undefined) return false;
        this.#cancel(task);
        return false;
      case 5:
        if (task === undefined) return false;
        this.#withdraw(task);
        return false;
      case 6:
        this.#now += random(40);
        return this.#remind();
      case 7:
        if (random(60) === 0) this.#close();
        else if (random(100) === 0) this.#terminate();
        else if (random(10) === 0) this.#submitToAll();
        return false;
      case 8:
      case 9:
      case 10:
      case 11:
      case 12:
        if (this.#pending.size < 40) this.#submit();
        return false;
      case 13:
      case 14:
        return this.#turn();
      default:
        if (worker === undefined) return false;
        this.#advance(worker);
        this.#look();
        return true;
    }
  }

  /**
   * The event loop has turned, or a thread that blocks takes its turn. True if
   * the plan has looked since.
   */
  #turn(): boolean {
    if (!this.#isTurnDue) return false;
    this.#note("turn");
    this.#mayHire = true;
    this.#isTurnDue = false;
    // It may ask for turns while it is in one.
    if (this.plan.hireNext(this.#now)) this.#isTurnDue = true;
    this.#mayHire = false;
    return true;
  }

  #isTaskWaiting(): boolean {
    return this.#pending.values().some(({ task, isSubmitted }) =>
      isSubmitted && task.seat === 0 && !task.isSettled
    );
  }

  /** The worker does the next thing that a worker does. */
  #advance(worker: Worker): void {
    if (worker.isKilled) return this.#die(worker);
    if (!worker.isReady) {
      if (this.#random(100) < this.#trouble) {
        this.plan.unfit("unfit");
        return this.#die(worker);
      }
      worker.isReady = true;
      this.#note(`ready ${worker.seat}`);
      this.plan.ready(worker.number, this.#now);
    } else if (worker.running !== undefined) {
      this.#finish(worker, worker.running);
    } else if (worker.ring.length > 0) {
      const task = worker.running = worker.ring.shift()!;
      this.#note(`start ${this.#name(task)} at ${worker.seat}`);
      this.#begin(this.#records.get(task)!);
      if (task.rules !== undefined) this.plan.started(task);
    } else if (worker.isDismissed) {
      this.#die(worker);
    }
  }

  #finish(worker: Worker, task: Task): void {
    const micros = LENGTHS[task.note]!(this.#random);
    this.#note(`finish ${this.#name(task)} at ${worker.seat}`);
    worker.running = undefined;
    worker.progressAt = this.#now;
    this.#results[task.note]!.push(micros);
    const { plan } = this;
    assert(plan.taskOf(task.id) === task, "a task is lost sight of");
    this.#finishing = task;
    plan.finished(task, micros, this.#now);
    this.#finishing = undefined;
    if (this.#random(4) === 0) plan.failed(task, "error");
    else plan.done(task, "value");
    const isUsedUp = worker.given >= this.#maxTasks;
    if (isUsedUp && worker.ring.length === 0) assert(leaves(worker), "used up");
  }

  #die(worker: Worker): void {
    const exitCode = worker.isKilled || this.#random(2) === 0 ? -15 : 1;
    this.#note(`die ${worker.seat} with ${exitCode}`);
    if (worker.running !== undefined) {
      const record = this.#records.get(worker.running)!;
      record.losses++;
      record.isBegun = false;
    }
    // Its ring can still be read; the world forgets it when the plan has.
    const { ring } = worker;
    this.#dying = worker;
    this.plan.died(worker.seat, exitCode, this.#now);
    this.#dying = undefined;
    assertEquals(ring.length, 0, "tasks stay with a dead worker");
    if (this.#workers.get(worker.seat) === worker) {
      this.#workers.delete(worker.seat);
    }
  }

  #submit(): void {
    const random = this.#random;
    const has = (share: number) => random(share) === 0;
    const key = has(4) ? `key ${random(5)}` : undefined;
    const retries = has(3) ? random(3) : undefined;
    const transfer = has(12) ? [] : undefined;
    const timeout = has(6) ? random(30) : undefined;
    const hasRules = [key, retries, transfer, timeout].some((rule) =>
      rule !== undefined
    );
    const rules = hasRules ? { key, retries, transfer, timeout } : undefined;
    const task = this.#task(rules, key !== undefined);
    this.#note(`submit ${this.#name(task)} ${JSON.stringify(rules) ?? ""}`);
    this.#records.get(task)!.isSubmitted = true;
    if (!this.plan.phase.isOpen) return this.plan.failed(task, "closed");
    const frame = { tag: 7, inline: 0, bytes: BUFFERS[random(3)] };
    if (transfer !== undefined) task.parcel = { packed: NO_ARGS, transfer };
    if (task.triesLeft > 0) task.keep({ ...frame, bytes: undefined });
    this.plan.submit(task, frame, this.#now);
  }

  #submitToAll(): void {
    if (!this.plan.phase.isOpen) return;
    this.#note("submit to all");
    const frame = { tag: 7, inline: 0, bytes: undefined };
    this.plan.submitToAll(() => {
      const task = this.#task(undefined, true);
      this.#records.get(task)!.isSubmitted = true;
      return task;
    }, frame);
  }

  #task(rules: TaskRules | undefined, isPinned: boolean): Task {
    const end = (task: Task) => {
      const record = this.#records.get(task)!;
      assert(record.isSubmitted, "a task ends before it was submitted");
      assert(!record.isWithdrawn, "a task ends that nobody wants");
      assert(++record.ends === 1, "a task ends twice");
      this.#pending.delete(record);
      // As an imap does, which submits when it has a result.
      if (this.#random(20) === 0 && this.plan.phase.isOpen) this.#submit();
      // Or as a callback that blocks.
      if (this.#random(20) === 0) this.#turn();
    };
    const func = this.#func ?? this.#random(LENGTHS.length);
    const task = new Task(func, { done: end, failed: end }, rules, this.#now);
    const record: Record = {
      task,
      place: this.#count++,
      key: rules?.key as string | undefined,
      retries: rules?.transfer === undefined ? rules?.retries ?? 0 : 0,
      isPinned,
      isSubmitted: false,
      ends: 0,
      isWithdrawn: false,
      givenAt: 0,
      wasShort: false,
      isBegun: false,
      losses: 0,
    };
    this.#records.set(task, record);
    this.#pending.add(record);
    return task;
  }

  #cancel(task: Task): void {
    this.#note(`cancel ${this.#name(task)}`);
    const isBegun = [...this.#workers.values()].some((worker) =>
      worker.running === task
    );
    const isCancelled = this.plan.cancel(task, "cancelled", this.#now);
    assertEquals(isCancelled, !isBegun, "cancelled, or not");
  }

  #withdraw(task: Task): void {
    this.#note(`withdraw ${this.#name(task)}`);
    const isBegun = [...this.#workers.values()].some((worker) =>
      worker.running === task
    );
    if (!isBegun) {
      const record = this.#records.get(task)!;
      record.isWithdrawn = true;
      this.#pending.delete(record);
    }
    this.plan.withdraw(new Set([task]), this.#now);
  }

  #remind(): boolean {
    for (const [task, due] of this.#reminders) {
      if (due > this.#now) continue;
      this.#reminders.delete(task);
      this.#note(`remind of ${this.#name(task)}`);
      if (task.isSettled) this.plan.outOfGrace(task);
      else this.plan.callOff(task, 2, "timeout", this.#now);
    }
    return false;
  }

  #tick(): void {
    this.#now += this.#random(100);
    this.#note("tick");
    this.plan.tick(this.#now);
  }

  #close(): void {
    this.#note("close");
    this.plan.close();
  }

  #terminate(): void {
    this.#note("terminate");
    this.plan.terminate();
  }

  #anyTask(): Task | undefined {
    const place = this.#random(this.#pending.size * 6 + 1);
    if (place >= this.#pending.size) return undefined;
    return this.#pending.values().drop(place).next().value?.task;
  }

  /** Takes in the results of all workers, and looks what to do. */
  #look(): void {
    for (const worker of this.#workers.values()) {
      if (this.#isLate(worker)) worker.held = worker.running;
    }
    this.plan.look(this.#now, true);
    for (const worker of this.#workers.values()) {
      assert(!this.#isLate(worker), "a task lies behind a long one");
    }
  }

  /** Whether others wait for long behind the task that it runs. */
  #isLate({ running, ring, progressAt }: Worker): boolean {
    if (running === undefined || ring.length === 0) return false;
    const { givenAt } = this.#records.get(ring[0]!)!;
    return this.#now - Math.max(givenAt, progressAt) > LATE;
  }

  /** Whether the tasks of its function were short of late. */
  #isShort(task: Task): boolean {
    const last = this.#results[task.note]!.slice(-FEW);
    return last.length === FEW && last.some((micros) => micros < 1000);
  }

  /** The first goes first, whether it is new or has come back. */
  #checkPlace(record: Record, worker: Worker): void {
    const { isPinned, place, wasShort } = record;
    const isFirstStart = [...this.#workers.values()].every((other) =>
      !other.isReady || leaves(other) || other === this.#dying
    );
    assert(
      isPinned || worker.isReady || isFirstStart,
      "a task waits for a start while a worker is there",
    );
    const mayOvertake = isPinned || wasShort || !worker.isReady;
    for (const other of this.#workers.values()) {
      const { ring, running, isReady, progressAt } = other;
      if (mayOvertake || !isReady || leaves(other)) continue;
      if (running !== undefined) continue;
      const [first] = ring;
      if (first === undefined || this.#isBound(first)) continue;
      const { place: earlier, givenAt } = this.#records.get(first)!;
      const isAsleep = ring.length === 1 &&
        this.#now - Math.max(givenAt, progressAt) >= AWAKE;
      assert(
        !isAsleep || earlier > place,
        "a task overtakes one whose worker sleeps",
      );
    }
    for (const other of this.#pending) {
      const { task } = other;
      const isWaiting = other.isSubmitted && task.seat === 0 &&
        task !== this.#finishing && other.place < place;
      if (!isWaiting) continue;
      assert(other.isPinned, "a task has overtaken another");
      assert(
        isPinned || task.pinned !== worker.seat,
        "a task has overtaken one that waits for this worker",
      );
    }
  }

  /** Long tasks begin in order, but for those of which each worker has one. */
  #begin(record: Record): void {
    record.isBegun = true;
    if (this.#func !== LONG || record.isPinned) return;
    let earlier = 0;
    for (const { isBegun, isPinned, place } of this.#pending) {
      if (!isBegun && !isPinned && place < record.place) earlier++;
    }
    assert(earlier < this.#size.max, "a task begins too early");
  }

  #check(isLooked: boolean): void {
    if (this.#wrong !== undefined) throw this.#wrong;
    const { plan } = this;
    const workers = [...this.#workers.values()];
    assert(workers.length <= this.#size.max, "too many workers");
    const due = plan.workers - workers.length;
    assert(due >= 0, "workers are miscounted");
    assert(due === 0 || this.#isTurnDue, "a worker that is due is forgotten");
    assert(due === 0 || plan.phase.isGoingOn, "a worker of no use is due");
    let held = 0;
    for (const worker of workers) {
      for (const task of tasksOf(worker)) {
        held++;
        assert(task.seat === worker.seat, "a task is elsewhere");
        assert(plan.taskOf(task.id) === task, "a task is unknown");
      }
    }
    let waiting = 0;
    const wanted = new Set<number>();
    for (const { task } of this.#pending) {
      if (task.seat !== 0) continue;
      waiting++;
      wanted.add(task.pinned);
    }
    assert(
      plan.queued + plan.running === held + waiting,
      "tasks are miscounted",
    );
    assert(plan.isBusy === held + waiting > 0, "busy, or not");
    if (!plan.phase.isGoingOn) {
      assert(this.#pending.size === 0, "a task outlives the pool");
      assert(workers.every(({ isKilled }) => isKilled), "a worker goes on");
    }
    if (!isLooked || this.#isRefused) return;
    const present = workers.filter((worker) =>
      worker.isReady && !leaves(worker)
    );
    for (const worker of present) {
      if (tasksOf(worker).length > 0) continue;
      const isWanted = wanted.has(0) || wanted.has(worker.seat);
      assert(!isWanted, "a worker is idle while a task waits");
    }
    if (present.length === 0) return;
    for (const worker of workers) {
      const areBound = worker.isReady ||
        tasksOf(worker).every((task) => this.#isBound(task));
      assert(areBound, "a task waits for a start while a worker is there");
    }
  }

  /** Whether no other worker could have it. */
  #isBound(task: Task): boolean {
    return task.pinned !== 0 || task.rules?.transfer !== undefined;
  }

  #note(step: string): void {
    if (step !== "turn") this.#unfilled.clear();
    this.steps.push(step);
  }

  #name(task: Task): string {
    return `task ${this.#records.get(task)!.place}`;
  }
}

function bytesOf(length: number): Uint8Array {
  const bytes = { length, slice: () => bytes } as unknown as Uint8Array;
  return bytes;
}

/** Whether it was told to leave. */
function leaves({ isDismissed, isKilled }: Worker): boolean {
  return isDismissed || isKilled;
}

function tasksOf({ ring, running }: Worker): Task[] {
  return running === undefined ? ring : [running, ...ring];
}
