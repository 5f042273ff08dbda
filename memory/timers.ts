// Copyright 2026 the authors. MIT license.

// Timers, and what is made of them: a beat, an interval that can be stopped and
// started again; chores, which take turns with the event loop; an alarm, which
// may be further off than the timers of the platform can be; and a limit of a
// wait, which is an alarm and a signal.
//
// Deno loads its timers with the first look at `setTimeout`, which takes 10 ms,
// a quarter of a worker's start: so they are looked at when the first one is
// set. A beat needs none of them: it is made of signals with a timeout, the
// first of which takes 0.3 ms. A signal cannot be made to end earlier, so an
// alarm, of which a program may set and end many, is not made of one. All this
// is taken at once: a user's fake clock must not stop us.

/** A timer that is set. */
export type Timer = ReturnType<typeof setTimeout>;

type Name =
  | "setTimeout"
  | "clearTimeout"
  | "setInterval"
  | "clearInterval"
  | "setImmediate";

const timeout = accessor("setTimeout");
const noTimeout = accessor("clearTimeout");
const interval = accessor("setInterval");
const noInterval = accessor("clearInterval");
const immediate = accessor("setImmediate");

/** 24 days. The platform sets a timer of more to one millisecond. */
const LONGEST = 2 ** 31 - 1;

const signalAfter = AbortSignal.timeout.bind(AbortSignal);

/** A call that is made again and again, and keeps the program alive. */
export class Beat {
  readonly #ms: number;
  readonly #run: () => void;
  /** Pending as long as it is not aborted: a stopped beat goes on with it. */
  #signal: AbortSignal | undefined;
  #isOn = false;

  /** A beat that calls `run` every `ms` milliseconds. */
  constructor(ms: number, run: () => void) {
    this.#ms = ms;
    this.#run = run;
  }

  /** Whether it was started and not stopped since. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Starts it; its first call comes after `ms` at the latest. */
  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#listen();
  }

  /** Stops it: it leaves nothing that keeps the program alive. */
  stop(): void {
    this.#isOn = false;
    this.#signal?.removeEventListener("abort", this.#heard);
  }

  // The platform waits for a signal's timeout as long as a listener does.
  #listen(): void {
    const pending = this.#signal?.aborted === false ? this.#signal : undefined;
    const signal = pending ?? signalAfter(this.#ms);
    signal.addEventListener("abort", this.#heard);
    this.#signal = signal;
  }

  readonly #heard = () => {
    this.#listen();
    this.#run();
  };
}

/** Calls `run` every `ms` milliseconds. */
export function callEvery(ms: number, run: () => void): Timer {
  return interval()(run, ms);
}

/**
 * Calls `run` once, when the event loop has turned: 3 µs, where a timer takes a
 * millisecond.
 */
export function callAfterLoop(run: () => void): void {
  (immediate() as unknown as (run: () => void) => void)(run);
}

/**
 * Work that is done piece by piece, so that it never holds the event loop for
 * longer than a piece takes. Each call does one; false: it was the last.
 */
export type Chore = () => boolean;

/** In the order of their turns. */
const chores = new Set<Chore>();
let isTurnDue = false;

/**
 * Calls a chore once a turn of the event loop, in turn with others, until it
 * has done its last piece. A thread that blocks does it by `takeTurn()`.
 */
export function doInTurns(chore: Chore): void {
  chores.add(chore);
  awaitTurn();
}

/** A chore is not wanted any more. */
export function dropChore(chore: Chore): void {
  chores.delete(chore);
}

/** Does one piece of the chore whose turn it is; false if there is none. */
export function takeTurn(): boolean {
  const [chore] = chores;
  if (chore === undefined) return false;
  // Before the call: a piece that blocks takes turns in which it is not.
  chores.delete(chore);
  if (chore()) chores.add(chore);
  return true;
}

function awaitTurn(): void {
  if (isTurnDue || chores.size === 0) return;
  isTurnDue = true;
  callAfterLoop(() => {
    isTurnDue = false;
    takeTurn();
    awaitTurn();
  });
}

/** Ends what {@linkcode callEvery} began; undefined: there is none. */
export function cancel(timer: Timer | undefined): void {
  if (timer !== undefined) noInterval()(timer);
}

/** Calls `run` once, at a moment that may be months away, and never before. */
export class Alarm {
  readonly #deadline: number;
  readonly #run: () => void;
  #timer: Timer | undefined;
  #isUnref = false;

  /** An alarm for a moment of `performance.now()`; Infinity: for none. */
  constructor(deadline: number, run: () => void) {
    this.#deadline = deadline;
    this.#run = run;
    if (deadline !== Infinity) this.#set();
  }

  /** It no longer keeps the program alive. */
  unref(): void {
    this.#isUnref = true;
    if (this.#timer !== undefined) Deno.unrefTimer(this.#timer);
  }

  /** It is not wanted any more. */
  end(): void {
    if (this.#timer !== undefined) noTimeout()(this.#timer);
    this.#timer = undefined;
  }

  /** Goes off if its moment has come: of a thread whose timers cannot. */
  look(): void {
    if (this.#timer === undefined || performance.now() < this.#deadline) return;
    this.end();
    this.#run();
  }

  // A timer may be set to less than what is left, and go off a little early.
  #set(): void {
    const left = Math.ceil(this.#deadline - performance.now());
    const ms = Math.min(Math.max(left, 0), LONGEST);
    this.#timer = timeout()(() => {
      if (performance.now() < this.#deadline) return this.#set();
      this.#timer = undefined;
      this.#run();
    }, ms);
    if (this.#isUnref) Deno.unrefTimer(this.#timer);
  }
}

/** A wait that a {@linkcode Limit} may end. */
export interface Limited {
  /** Its deadline has come. */
  expire(): void;
  /** Its signal was aborted. */
  abort(reason: unknown): void;
}

/**
 * The deadline and the signal of one wait. Neither is heard after `end`; a
 * signal that was aborted before is not heard at all.
 */
export class Limit {
  readonly #signal: AbortSignal | undefined;
  readonly #aborted: (() => void) | undefined;
  readonly #alarm: Alarm;

  constructor(
    deadline: number,
    signal: AbortSignal | undefined,
    wait: Limited,
  ) {
    this.#signal = signal;
    if (signal !== undefined) {
      this.#aborted = () => wait.abort(signal.reason);
      signal.addEventListener("abort", this.#aborted);
    }
    this.#alarm = new Alarm(deadline, () => wait.expire());
  }

  /** The wait is over: leaves no timer and no listener behind. */
  end(): void {
    this.#alarm.end();
    if (this.#aborted === undefined) return;
    this.#signal?.removeEventListener("abort", this.#aborted);
  }
}

// Deno has `setImmediate`, its types do not say so.
function accessor<N extends Name>(
  name: N,
): () => typeof globalThis[N & keyof typeof globalThis] {
  const { get, value } = Object.getOwnPropertyDescriptor(globalThis, name)!;
  return () => value ?? get!.call(globalThis);
}
