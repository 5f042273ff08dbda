// Copyright 2026 the authors. MIT license.

// The hands of a pool's plan in the world, and how large a pool may be.

import type { Frame } from "../message/codec.ts";
import type { Task } from "./task.ts";

/** How many workers a pool has. */
export interface Size {
  readonly min: number;
  readonly max: number;
  /** How long a worker beyond `min` stays idle, in milliseconds. */
  readonly idleTimeout: number;
}

/** A job that submits as results are taken. */
export interface Feeder {
  /** The pool was closed: submits what is known to have an end. */
  hurry(): void;
  /** The block of the pool is left: submits nothing more if nobody reads. */
  leave(): void;
  /** The pool is joined: looks, now and then, whether anybody still reads. */
  look(): void;
  /** Submits nothing more: the pool was terminated, or gave up. */
  stop(error: unknown): void;
}

/** The hands that carry the plan out. A seat is its number, from 1. */
export interface Hands {
  /** Whether this process ends: then no worker starts any more. */
  readonly isEnding: boolean;
  /**
   * Puts a task into the ring of a seat; false if there is no room. If it
   * throws, the seat does not have the task.
   */
  give(seat: number, task: Task, frame: Frame): boolean;
  /**
   * Takes at most `most` tasks out of the ring of a seat, the oldest first, and
   * keeps their messages. A worker has not begun what is in its ring.
   */
  takeBack(seat: number, most: number): Task[];
  /**
   * Tells the worker of a seat that its running task is not wanted any more.
   */
  cancel(seat: number, task: Task, reason: number): void;
  /**
   * Calls `hireNext()` at the next turns, one call a turn, until it is false.
   */
  hireInTurns(): void;
  /** Starts a worker; throws if it cannot be started. */
  hire(seat: number, worker: number): void;
  /** Lets the worker of a seat end when it has done its tasks. */
  dismiss(seat: number): void;
  /** Ends the worker of a seat wherever it stands. */
  kill(seat: number): void;
  /** Reminds the core of a task in `ms` milliseconds; replaces a reminder. */
  remind(task: Task, ms: number): void;
  /** Gives up the reminder of a task. */
  forgetReminder(task: Task): void;
  /** Stops watching over a task with rules: it is settled. */
  release(task: Task): void;
  /** Calls `look()` after about `ms` milliseconds. */
  lookIn(ms: number): void;
  /** The error of a task that is lost with its worker for the last time. */
  lossOf(task: Task, exitCode: number | undefined): unknown;
}
