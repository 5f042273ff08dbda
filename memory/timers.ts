// Copyright 2026 the authors. MIT license.

// Timers, and what a wait makes of them: a limit, which is a timer and a
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

/** Calls `run` once after `ms` milliseconds, or {@linkcode LONGEST}. */
export function callAfter(ms: number, run: () => void): Timer {
  return timeout()(run, Math.min(ms, LONGEST));
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

/** Ends either kind; undefined: there is none. */
export function cancel(timer: Timer | undefined): void {
  if (timer === undefined) return;
  noTimeout()(timer);
  noInterval()(timer);
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
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  readonly #wait: Limited;
  readonly #aborted: (() => void) | undefined;
  #timer: Timer | undefined;

  constructor(
    deadline: number,
    signal: AbortSignal | undefined,
    wait: Limited,
  ) {
    this.#deadline = deadline;
    this.#signal = signal;
    this.#wait = wait;
    if (signal !== undefined) {
      this.#aborted = () => wait.abort(signal.reason);
      signal.addEventListener("abort", this.#aborted);
    }
    if (deadline !== Infinity) this.#setTimer();
  }

  /** The wait is over: leaves no timer and no listener behind. */
  end(): void {
    cancel(this.#timer);
    this.#timer = undefined;
    if (this.#aborted === undefined) return;
    this.#signal?.removeEventListener("abort", this.#aborted);
  }

  // A timer may be set to less than the deadline, and go off a little early.
  #setTimer(): void {
    const left = Math.ceil(this.#deadline - performance.now());
    this.#timer = callAfter(Math.max(left, 0), () => {
      if (performance.now() < this.#deadline) this.#setTimer();
      else this.#wait.expire();
    });
  }
}

// Deno has `setImmediate`, its types do not say so.
function accessor<N extends Name>(
  name: N,
): () => typeof globalThis[N & keyof typeof globalThis] {
  const { get, value } = Object.getOwnPropertyDescriptor(globalThis, name)!;
  return () => value ?? get!.call(globalThis);
}
