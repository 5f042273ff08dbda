// Copyright 2026 the authors. MIT license.

// Timeouts and signals. A task that is called off is over for its caller at
// once. If no worker has it, that is all; if a worker runs it, the worker is
// told, and killed if it does not come to an end in time.

import type { Dispatcher } from "./dispatcher.ts";
import { ABORTED, TIMED_OUT } from "../process/pool_link.ts";
import type { Task, TaskTable } from "./task.ts";
import { callAfter, cancel } from "../memory/timers.ts";

/** How long a task that was called off may take, in milliseconds. */
const GRACE = 500;

/** What is told that a task has failed. */
export interface Concluder {
  failed(task: Task, error: unknown): void;
}

/** Sees to the rules of tasks. */
export class Warden {
  readonly #concluder: Concluder;
  readonly #dispatcher: Dispatcher;
  readonly #table: TaskTable;

  constructor(concluder: Concluder, dispatcher: Dispatcher, table: TaskTable) {
    this.#concluder = concluder;
    this.#dispatcher = dispatcher;
    this.#table = table;
  }

  /** A task was submitted: watches its signal. */
  guard(task: Task): void {
    const signal = task.rules?.signal;
    if (signal === undefined) return;
    const abort = () => this.#callOff(task, ABORTED, signal.reason);
    if (signal.aborted) {
      return this.#concluder.failed(task, signal.reason);
    }
    signal.addEventListener("abort", abort);
    task.forget = () => signal.removeEventListener("abort", abort);
  }

  /** Its worker has begun it: the timeout counts from now. */
  started(task: Task): void {
    task.isStarted = true;
    task.sink.started?.(task);
    const timeout = task.rules?.timeout;
    if (timeout === undefined || task.isOver) return;
    this.#setTimer(task, timeout, () => {
      const error = new DOMException(
        `Cannot finish task: it has run for ${timeout} ms`,
        "TimeoutError",
      );
      this.#callOff(task, TIMED_OUT, error);
    });
  }

  /** It is going to be tried again. */
  rest(task: Task): void {
    cancel(task.timer);
  }

  /** It is over, or rid of at last. */
  release(task: Task): void {
    cancel(task.timer);
    task.forget?.();
    task.forget = undefined;
  }

  #callOff(task: Task, reason: number, error: unknown): void {
    if (task.isOver) return;
    const { seat, id } = task;
    this.#concluder.failed(task, error);
    if (seat === undefined) return this.#dispatcher.forget(task);
    // It is alone there, so what comes back is this task.
    if (!task.isStarted && seat.takeBack(1).length > 0) {
      return this.#dispatcher.fill(seat, performance.now());
    }
    seat.cancel(id, reason);
    this.#setTimer(task, GRACE, () => {
      if (this.#table.get(id) === task) seat.kill();
    });
  }

  /** One that does not keep the program alive: who awaits the task does. */
  #setTimer(task: Task, ms: number, run: () => void): void {
    task.timer = callAfter(ms, run);
    Deno.unrefTimer(task.timer);
  }
}
