// Copyright 2026 the authors. MIT license.

// Whether a pool takes tasks, and what it says if it does not.

import { type BrokenPoolError, StateError } from "../errors.ts";

// from      to           by
// OPEN      CLOSED       close(): waits for what was submitted
// OPEN      TERMINATED   terminate(): fails what was submitted
// CLOSED    TERMINATED   the same
// OPEN      BROKEN       workers that end at their start, again and again
// CLOSED    BROKEN       the same
//
// In every state but OPEN, no task is taken. The pool has ended when it is not
// OPEN and has no worker left.

/** The pool takes tasks. */
const OPEN = 0;
/** The pool takes no more tasks; its workers end when all are done. */
const CLOSED = 1;
/** The pool kills its workers. */
const TERMINATED = 2;
/** The pool gave up. */
const BROKEN = 3;

/** The phase of its life that a pool is in. */
export class Phase {
  #state: number = OPEN;
  #error: unknown;

  get isOpen(): boolean {
    return this.#state === OPEN;
  }

  get isClosed(): boolean {
    return this.#state === CLOSED;
  }

  /** Whether what was submitted is still to be done. */
  get isGoingOn(): boolean {
    return this.#state < TERMINATED;
  }

  /** The error with which the tasks of a pool that does not go on fail. */
  get error(): unknown {
    return this.#error;
  }

  /** Its name, for people. */
  get name(): string {
    return ["open", "closed", "terminated", "broken"][this.#state]!;
  }

  /** @throws {StateError} If no tasks are taken any more. */
  checkOpen(): void {
    if (this.#state === OPEN) return;
    if (this.#state === BROKEN) throw this.#error;
    const how = this.#state === CLOSED ? "closed" : "terminated";
    throw new StateError(`Cannot submit task: the pool is ${how}`);
  }

  /** Throws if not even the rest of a call that was made in time is taken. */
  checkGoingOn(): void {
    if (!this.isGoingOn) throw this.#error;
  }

  /** Closes the pool; false if it is not open. */
  close(): boolean {
    if (this.#state !== OPEN) return false;
    this.#state = CLOSED;
    return true;
  }

  /** Terminates the pool; false if it has ended work already. */
  terminate(): boolean {
    const error = new DOMException(
      "Cannot finish task: the pool was terminated",
      "AbortError",
    );
    return this.#stop(TERMINATED, error);
  }

  /** Breaks the pool; false if it has ended work already. */
  break(error: BrokenPoolError): boolean {
    return this.#stop(BROKEN, error);
  }

  #stop(state: number, error: unknown): boolean {
    if (this.#state >= TERMINATED) return false;
    this.#state = state;
    this.#error = error;
    return true;
  }
}
