// Copyright 2026 the authors. MIT license.

// Runs one schedule: gives turns to the threads as the schedule says, goes on
// without preemption when it has no more to say, and notes every other choice
// that there was on the way.

import {
  ASLEEP,
  type Control,
  ENDED,
  Op,
  RUN,
  SLEEPS,
  type Step,
  UNWIND,
} from "./control.ts";
import type { Scenario } from "./scenario.ts";
import { KILL, STEP, TIMEOUT } from "./trace.ts";
import { StillWords } from "./words.ts";

/** No thread can run, yet not all have ended. */
export const DEADLOCK = "DEADLOCK";
/** A thread, the invariant or `finally` threw. */
export const ASSERTION = "ASSERTION";
/** The threads go on and on. */
export const LIVELOCK = "LIVELOCK";
/** A thread neither ends nor touches its words. */
export const STUCK = "STUCK";
/** The same choices led elsewhere this time: the scenario is random. */
export const DIVERGED = "DIVERGED";

/** What can be wrong with a schedule. */
export type Fault =
  | typeof DEADLOCK
  | typeof ASSERTION
  | typeof LIVELOCK
  | typeof STUCK
  | typeof DIVERGED;

/** How far the schedules of a scenario may go. */
export interface Bounds {
  readonly preemptions: number;
  readonly timeouts: number;
  readonly sliceMs: number;
  readonly kills: number;
  readonly victims: readonly number[];
  readonly maxSteps: number;
}

/** A choice that was not taken. */
interface Choice {
  /** How many choices of the path come before it. */
  length: number;
  choice: number;
  /** Preemptions, time-outs and kills on the way, this choice included. */
  cost: number;
}

/** The schedule that takes it: `path[0..length)` and then `choice`. */
export interface Branch extends Choice {
  path: Uint8Array;
}

/** How a schedule went. */
export interface Outcome {
  /** Every choice that was made. */
  path: Uint8Array;
  /** Choices not made after those that were prescribed. */
  branches: Branch[];
  fault: Fault | undefined;
  /** What the fault says for itself. */
  text: string;
}

/** Everything a schedule runs on. */
export interface Stage {
  readonly control: Control;
  readonly cells: Int32Array;
  readonly scenario: Scenario;
  readonly bounds: Bounds;
  /** How long a thread may run without an operation, in milliseconds. */
  readonly patience: number;
}

/**
 * A thread that times out this often while nothing changes is only looking
 * round; more will not help it.
 */
const IDLE_ROUNDS = 2;

/** Where a thread is, as of the step that is being looked at. */
interface Actor {
  asleep: boolean;
  ended: boolean;
  dead: boolean;
  /** Milliseconds of the wait it sleeps in. */
  ms: number;
  /** It is inside the scenario's function, and must be got out of it. */
  inside: boolean;
  /** Time-outs after a death since anything changed. */
  idle: number;
}

/** One schedule. */
export class Schedule {
  readonly #stage: Stage;
  readonly #prescribed: ArrayLike<number>;
  readonly #actors: Actor[];
  readonly #path: number[] = [];
  readonly #branches: Choice[] = [];
  readonly #still: StillWords;
  #current: number | undefined;
  #preemptions = 0;
  #timeouts = 0;
  #kills = 0;

  constructor(stage: Stage, prescribed: ArrayLike<number>) {
    this.#stage = stage;
    this.#prescribed = prescribed;
    this.#still = new StillWords(stage.cells, stage.control);
    this.#actors = stage.scenario.threads.map(() => ({
      asleep: false,
      ended: false,
      dead: false,
      ms: 0,
      inside: false,
      idle: 0,
    }));
  }

  /** Runs it to its end or to its fault. */
  run(): Outcome {
    const { control, cells, scenario } = this.#stage;
    control.reset();
    cells.fill(0);
    scenario.init?.(this.#still, bytesOf(cells));
    let fault: Fault | undefined;
    let text = "";
    try {
      while (!this.#actors.every((actor) => actor.ended)) this.#advance();
      this.#judge();
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      ({ fault, text } = error);
    }
    const path = Uint8Array.from(this.#path);
    const branches = this.#branches.map((branch) => ({ ...branch, path }));
    return { path, branches, fault, text };
  }

  /** Where the threads are now: one line each. */
  describe(): string[] {
    const { control, cells } = this.#stage;
    return this.#actors.map((actor, thread) => {
      if (actor.dead) return `T${thread} was killed`;
      if (actor.ended) return `T${thread} has ended`;
      if (!actor.asleep) return `T${thread} can run`;
      const { index, value } = control.sleepsOn(thread);
      return `T${thread} sleeps on [${index}] while ${value}: it is ${
        cells[index]
      }`;
    });
  }

  /**
   * Gets the threads that are still in the scenario's functions out of them.
   */
  clear(): void {
    const { control } = this.#stage;
    this.#actors.forEach((actor, thread) => {
      if (actor.inside) this.#give(thread, UNWIND, 0);
      actor.inside = false;
    });
    control.reset();
  }

  #advance(): void {
    const position = this.#path.length;
    const choice = position < this.#prescribed.length
      ? this.#obey(position)
      : this.#choose();
    if (choice < TIMEOUT) this.#turn(choice - STEP);
    else if (choice < KILL) this.#timeOut(choice - TIMEOUT);
    else this.#kill(choice - KILL);
    const text = this.#stage.control.failure();
    if (text !== undefined) throw new Stop(ASSERTION, text);
    if (this.#stage.control.length >= this.#stage.bounds.maxSteps) {
      const { maxSteps } = this.#stage.bounds;
      throw new Stop(LIVELOCK, `no end after ${maxSteps} steps`);
    }
  }

  #obey(position: number): number {
    const choice = this.#prescribed[position] ?? 0;
    const thread = choice % TIMEOUT;
    const actor = this.#actors[thread];
    const possible = choice < TIMEOUT
      ? this.#canRun(thread)
      : choice < KILL
      ? actor?.asleep
      : actor !== undefined && !actor.ended;
    if (!possible) {
      throw new Stop(DIVERGED, `T${thread} cannot do step ${position}`);
    }
    return choice;
  }

  /** Goes on with the thread that ran last, if it can. */
  #choose(): number {
    const runnable = this.#runnable();
    const first = runnable[0];
    if (first !== undefined) {
      const goesOn = this.#current !== undefined && this.#canRun(this.#current);
      return STEP + (goesOn ? this.#current! : first);
    }
    const [sleeper] = this.#lastResorts();
    if (sleeper === undefined) {
      throw new Stop(DEADLOCK, "nobody can run");
    }
    return TIMEOUT + sleeper;
  }

  /** Lets a thread run for as long as the schedule wants it to. */
  #turn(thread: number): void {
    const { control } = this.#stage;
    const actor = this.#actors[thread]!;
    const from = control.length;
    actor.inside = true;
    // While one thread runs no other changes, so all steps of a turn can be
    // taken at once; what else was possible at each is worked out afterwards.
    this.#give(thread, RUN, this.#turnLength(thread));
    // Code that ends without another operation is a step too: a thread that
    // was woken for nothing but its end must be chosen for that.
    if (control.length === from) {
      control.log(thread, Op.END, 0, 0, 0, 0, 0, false);
    }
    for (let i = from; i < control.length; i++) {
      this.#note(STEP + thread);
      this.#apply(control.step(i));
    }
    if (control.state(thread) === ENDED) {
      actor.ended = true;
      actor.inside = false;
      this.#progress();
    }
  }

  #turnLength(thread: number): number {
    const { control, bounds } = this.#stage;
    const rest = bounds.maxSteps - control.length;
    const position = this.#path.length;
    let end = position;
    while (
      end < this.#prescribed.length && this.#prescribed[end] === STEP + thread
    ) end++;
    if (end >= this.#prescribed.length) return rest;
    return Math.min(end - position, rest);
  }

  #timeOut(thread: number): void {
    const { control } = this.#stage;
    const isFree = this.#kills > 0 && this.#runnable().length === 0;
    this.#note(TIMEOUT + thread);
    const actor = this.#actors[thread]!;
    if (isFree) actor.idle++;
    else this.#timeouts++;
    const { index } = control.sleepsOn(thread);
    control.log(thread, Op.TIMEOUT, index, 0, 0, 0, 0, false);
    control.timeOut(thread);
    actor.asleep = false;
  }

  #kill(thread: number): void {
    const { control, scenario } = this.#stage;
    this.#note(KILL + thread);
    this.#kills++;
    control.log(thread, Op.KILL, 0, 0, 0, 0, 0, false);
    control.kill(thread);
    const actor = this.#actors[thread]!;
    actor.asleep = false;
    actor.ended = true;
    actor.dead = true;
    this.#progress();
    scenario.died?.(this.#still, thread);
    // `died` may have woken sleepers.
    this.#actors.forEach((other, number) => {
      other.asleep = control.state(number) === ASLEEP;
    });
  }

  /** Records a choice, and what else could have been chosen. */
  #note(choice: number): void {
    if (this.#path.length >= this.#prescribed.length) this.#branch(choice);
    if (choice < TIMEOUT) {
      const thread = choice - STEP;
      if (this.#isPreemption(thread)) this.#preemptions++;
      this.#current = thread;
    }
    this.#path.push(choice);
  }

  #branch(taken: number): void {
    const { bounds } = this.#stage;
    const runnable = this.#runnable();
    for (const thread of runnable) {
      const extra = this.#isPreemption(thread) ? 1 : 0;
      if (this.#preemptions + extra > bounds.preemptions) continue;
      this.#offer(taken, STEP + thread, extra);
    }
    const sleepers = runnable.length === 0
      ? this.#lastResorts()
      : this.#expirable();
    for (const thread of sleepers) this.#offer(taken, TIMEOUT + thread, 1);
    if (this.#kills >= bounds.kills) return;
    for (const thread of bounds.victims) {
      if (!this.#actors[thread]!.ended) this.#offer(taken, KILL + thread, 1);
    }
  }

  #offer(taken: number, choice: number, extra: number): void {
    if (choice === taken) return;
    this.#branches.push({
      length: this.#path.length,
      choice,
      cost: this.#preemptions + this.#timeouts + this.#kills + extra,
    });
  }

  #apply(step: Step): void {
    const actor = this.#actors[step.thread]!;
    if (step.op === Op.WAIT && step.result === SLEEPS) {
      actor.asleep = true;
      actor.ms = step.b;
    }
    if (step.changed) this.#progress();
    this.#actors.forEach((other, thread) => {
      if ((step.woken >> thread & 1) === 1) other.asleep = false;
    });
  }

  #progress(): void {
    for (const actor of this.#actors) actor.idle = 0;
  }

  #judge(): void {
    const { scenario, cells, control } = this.#stage;
    try {
      scenario.finally?.(this.#still, {
        bytes: bytesOf(cells),
        assert(condition, text) {
          if (!condition) throw new Stop(ASSERTION, `at the end: ${text}`);
        },
        isDead: (thread) => control.isDead(thread),
      });
    } catch (error) {
      if (error instanceof Stop) throw error;
      throw new Stop(ASSERTION, `at the end: ${error}`);
    }
  }

  #give(thread: number, command: number, budget: number): void {
    const { control, patience } = this.#stage;
    if (control.give(thread, command, budget, patience)) return;
    throw new Stop(STUCK, `T${thread} does nothing for ${patience} ms`);
  }

  #canRun(thread: number): boolean {
    const actor = this.#actors[thread];
    return actor !== undefined && !actor.asleep && !actor.ended;
  }

  #runnable(): number[] {
    return numbersOf(this.#actors, (actor) => !actor.asleep && !actor.ended);
  }

  #isPreemption(thread: number): boolean {
    const current = this.#current;
    return current !== undefined && current !== thread && this.#canRun(current);
  }

  /** Sleepers whose own deadline may pass now. */
  #expirable(): number[] {
    const { control, bounds } = this.#stage;
    if (this.#timeouts >= bounds.timeouts) return [];
    return numbersOf(
      this.#actors,
      (actor, thread) =>
        actor.asleep && actor.ms < bounds.sliceMs && control.isFinite(thread),
    );
  }

  /**
   * Sleepers that may time out when no thread can run. After a death slices
   * count too: they are what wakes the survivors.
   */
  #lastResorts(): number[] {
    if (this.#kills === 0) return this.#expirable();
    const { control } = this.#stage;
    return numbersOf(
      this.#actors,
      (actor, thread) =>
        actor.asleep && actor.idle < IDLE_ROUNDS && control.isFinite(thread),
    );
  }
}

/** Ends a schedule early. */
class Stop extends Error {
  readonly fault: Fault;
  readonly text: string;

  constructor(fault: Fault, text: string) {
    super(text);
    this.fault = fault;
    this.text = text;
  }
}

function numbersOf(
  actors: readonly Actor[],
  holds: (actor: Actor, thread: number) => boolean,
): number[] {
  const numbers: number[] = [];
  actors.forEach((actor, thread) => {
    if (holds(actor, thread)) numbers.push(thread);
  });
  return numbers;
}

function bytesOf(cells: Int32Array): Uint8Array {
  return new Uint8Array(cells.buffer);
}
