// Copyright 2026 the authors. MIT license.

// The shell of every waiting method: look once, unless others stand in line;
// with no time to wait, give up; else wait until the deadline or the signal.
// Once for promises, once for a thread that blocks.
//
// A call may overtake the promises that stand in line in three cases:
//
//  - It blocks its thread. They are promises of this very thread: none of them
//    can go on before the call has returned, so a call that stood behind them
//    would wait for itself.
//  - It does not wait at all. "Behind the others" is an answer for a caller
//    that comes again; to this one it would say that there is nothing.
//  - It only sees what it waits for: an event that is set, a process that has
//    ended. That stays, and no call gets less of it for being later.
//
// Between processes there is no line: there a gate (sync/gate.ts) bounds it.

import { AT_ONCE } from "./deadline.ts";
import { block, EXPIRED, type Line, type Steps } from "./park.ts";

/** The state that one kind of call of one object waits for. */
export interface Awaited<A, T> {
  /** It, if it is there now; else {@linkcode EXPIRED}. */
  now(argument: A): T | typeof EXPIRED;
  /** The wait for it. */
  steps(argument: A): Steps<T>;
}

/** One kind of waiting call of one object, made once for all its calls. */
export class Wait<A, T> {
  readonly #awaited: Awaited<A, T>;
  readonly #line: Line;
  /** Whether what one has seen is still there for the others. */
  readonly #stays: boolean;

  private constructor(line: Line, awaited: Awaited<A, T>, stays: boolean) {
    this.#line = line;
    this.#awaited = awaited;
    this.#stays = stays;
  }

  /**
   * A wait for something that a call takes, so that there is less of it for the
   * others. Calls of several kinds may stand in one `line`.
   */
  static toTake<A, T>(line: Line, awaited: Awaited<A, T>): Wait<A, T> {
    return new Wait(line, awaited, false);
  }

  /** A wait for something that a call only sees; `line` as of `toTake`. */
  static toSee<A, T>(line: Line, awaited: Awaited<A, T>): Wait<A, T> {
    return new Wait(line, awaited, true);
  }

  /**
   * Whether a call that gives a promise may look at once. For those of a lock's
   * speed, which look themselves before they come here: 10 ns of 80.
   */
  mayLook(deadline: number): boolean {
    return this.#line.length === 0 || deadline === AT_ONCE || this.#stays;
  }

  /**
   * A call that gives a promise. Its result is given as it is if it need not
   * wait: a promise of it is the caller's to make.
   */
  inLine(
    argument: A,
    deadline: number,
    signal?: AbortSignal,
  ): T | typeof EXPIRED | Promise<T | typeof EXPIRED> {
    const awaited = this.#awaited;
    if (this.mayLook(deadline)) {
      const result = awaited.now(argument);
      if (result !== EXPIRED || deadline === AT_ONCE) return result;
    }
    return this.#line.run(awaited.steps(argument), deadline, signal);
  }

  /** A call that blocks its thread; `slice` as of {@linkcode block}. */
  blocking(
    argument: A,
    deadline: number,
    slice?: number,
  ): T | typeof EXPIRED {
    const awaited = this.#awaited;
    const result = awaited.now(argument);
    if (result !== EXPIRED || deadline === AT_ONCE) return result;
    return block(awaited.steps(argument), deadline, slice);
  }
}
