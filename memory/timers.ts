// Copyright 2026 the authors. MIT license.

// Timers, and what is made of them: an alarm, which may be further off than the
// timers of the platform can be; and a limit of a wait, which is an alarm and a
// signal.
//
// Deno loads its timers with the first look at `setTimeout`, which takes 10 ms,
// a quarter of a worker's start: so they are looked at when the first one is
// set. Their accessors are taken at once: a user's fake clock must not stop us.

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
