// Copyright 2026 the authors. MIT license.

/**
 * Every error a user can catch.
 *
 * A call that is wrong by its kind of argument throws the built-in `TypeError`,
 * one that is out of range the built-in `RangeError`. The classes here are for
 * what those two cannot say: a call that is wrong *now*
 * ({@linkcode StateError}) and the conditions that a program is expected to
 * catch and act on.
 *
 * @module
 */

/**
 * A call that is well-formed but wrong in the present state: starting a process
 * twice, releasing a lock that is not held, putting into a closed queue.
 *
 * Python: `AssertionError` and `ValueError` where they mean "not now".
 *
 * @example Releasing what one does not hold
 * ```ts
 * import { Lock, StateError } from "./mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => new Lock().release(), StateError);
 * ```
 */
export class StateError extends Error {
  /** Always `"StateError"`. */
  override name = "StateError";
}

/**
 * A queue stayed full for as long as the caller was willing to wait. The item
 * was not put.
 *
 * Python: `queue.Full`.
 *
 * @example
 * ```ts
 * import { Full, Queue } from "./mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const q = new Queue<number>(1);
 * q.putNowait(1);
 * assertThrows(() => q.putNowait(2), Full);
 * ```
 */
export class Full extends Error {
  /** Always `"Full"`. */
  override name = "Full";
}

/**
 * A queue stayed empty for as long as the caller was willing to wait. Nothing
 * was taken.
 *
 * Python: `queue.Empty`.
 *
 * @example
 * ```ts
 * import { Empty, Queue } from "./mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => new Queue<number>().getNowait(), Empty);
 * ```
 */
export class Empty extends Error {
  /** Always `"Empty"`. */
  override name = "Empty";
}

/**
 * The queue was shut down: `put` is refused, and `get` is refused once the
 * items that were left have been taken.
 *
 * Python: `queue.ShutDown` (3.13).
 *
 * @example
 * ```ts
 * import { Queue, ShutDown } from "./mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const q = new Queue<number>();
 * q.shutdown();
 * assertThrows(() => q.putNowait(1), ShutDown);
 * ```
 */
export class ShutDown extends Error {
  /** Always `"ShutDown"`. */
  override name = "ShutDown";
}

/**
 * No process can send any more: all that held the other end of the pipe have
 * closed it or ended, and what they had sent has been received.
 *
 * Python: `EOFError`.
 *
 * @example
 * ```ts
 * import { EOFError, Pipe } from "./mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const [a, b] = Pipe<string>();
 * a.close();
 * assertThrows(() => b.recvSync(), EOFError);
 * ```
 */
export class EOFError extends Error {
  /** Always `"EOFError"`. */
  override name = "EOFError";
}

/**
 * No process can receive any more: all that held the other end of the pipe have
 * closed it or ended. The message was not sent.
 *
 * Python: `BrokenPipeError`.
 *
 * @example
 * ```ts
 * import { BrokenPipeError, Pipe } from "./mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const [a, b] = Pipe<string>();
 * a.close();
 * assertThrows(() => b.sendSync("hello"), BrokenPipeError);
 * ```
 */
export class BrokenPipeError extends Error {
  /** Always `"BrokenPipeError"`. */
  override name = "BrokenPipeError";
}

/**
 * The error of a process, or of what processes share: the base of
 * {@linkcode BufferTooShort} and of the errors that tell of a death.
 * `instanceof` says yes of a {@linkcode TimeoutError}, too.
 *
 * Python: `multiprocessing.ProcessError`.
 *
 * @example
 * ```ts
 * import { Pool, ProcessError } from "./mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await using pool = new Pool(1);
 * await assertRejects(() => pool.apply(() => Deno.exit(3)), ProcessError);
 * ```
 */
export class ProcessError extends Error {
  /** The name of its class. */
  override name: string = "ProcessError";

  /** Whether it is one, or a {@linkcode TimeoutError}. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const isOne = Function.prototype[Symbol.hasInstance].call(this, value);
    return isOne || this === ProcessError && value instanceof TimeoutError;
  }
}

/**
 * A wait that was given up because its `timeout` passed: a class to catch.
 * `instanceof` says yes of each `DOMException` of that name, by which the
 * platform's own timeouts go, too (`AbortSignal.timeout()`).
 *
 * Python: `multiprocessing.TimeoutError`.
 *
 * @example
 * ```ts
 * import { Pool, TimeoutError } from "./mod.ts";
 * import { assert, assertRejects } from "@std/assert";
 *
 * await using pool = new Pool(1);
 * const result = pool.applyAsync(() => new Promise<void>(() => {}));
 * await assertRejects(() => result.get({ timeout: 1 }), TimeoutError);
 * assert(!(new Error("late") instanceof TimeoutError));
 * pool.terminate();
 * ```
 */
export class TimeoutError extends DOMException {
  /** Makes one, for a wait of a program's own. */
  constructor(message = "The timeout passed") {
    super(message, "TimeoutError");
  }

  /** Whether it is a `DOMException` of this name. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === TimeoutError
      ? value instanceof DOMException && value.name === "TimeoutError"
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/**
 * A message is longer than the buffer it was to be received into. It was taken
 * out of the pipe and is here instead; the buffer is unchanged.
 *
 * Python: `multiprocessing.BufferTooShort`.
 *
 * @example
 * ```ts
 * import { BufferTooShort, Pipe } from "./mod.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const [a, b] = Pipe();
 * a.sendBytesSync(new Uint8Array([1, 2, 3]));
 * const error = assertThrows(
 *   () => b.recvBytesIntoSync(new Uint8Array(2)),
 *   BufferTooShort,
 * );
 * assertEquals(error.bytes, new Uint8Array([1, 2, 3]));
 * ```
 */
export class BufferTooShort extends ProcessError {
  /** Always `"BufferTooShort"`. */
  override name = "BufferTooShort";
  /** The message. */
  readonly bytes: Uint8Array;

  /** Made by the receiver, with the message that did not fit. */
  constructor(message: string, bytes: Uint8Array) {
    super(message);
    this.bytes = bytes;
  }
}

/** A process that died: a field of the errors that tell of a death. */
export interface DeadProcess {
  /** Its name; undefined if its place was given away since. */
  name: string | undefined;
  /** Its `ident`; undefined like `name`. */
  ident: number | undefined;
  /** Its exit code; undefined like `name`. */
  exitCode: number | undefined;
}

/**
 * The process that held a lock ended without releasing it. The lock is free
 * again when this is thrown, the caller does not hold it, and exactly one
 * waiter is told: what the lock protects may be half-changed, so look at it
 * before you take the lock again.
 *
 * Python has no such error: its waiters hang.
 *
 * @example Taking over from a process that died
 * ```ts
 * import { AbandonedLockError, Lock } from "./mod.ts";
 *
 * async function withRepair(lock: Lock, repair: () => void) {
 *   try {
 *     await lock.acquire();
 *   } catch (error) {
 *     if (!(error instanceof AbandonedLockError)) throw error;
 *     console.error(`${error.holder.name} died with the lock`);
 *     await lock.acquire();
 *     repair();
 *   }
 *   lock.release();
 * }
 *
 * await withRepair(new Lock(), () => {});
 * ```
 */
export class AbandonedLockError extends ProcessError {
  /** Always `"AbandonedLockError"`. */
  override name = "AbandonedLockError";
  /** The process that died. */
  readonly holder: DeadProcess;

  /** Made by a waiter that found the holder dead. */
  constructor(message: string, holder: DeadProcess) {
    super(message);
    this.holder = holder;
  }
}

/** The facts of a {@linkcode WorkerExitError}. */
export interface LostTask {
  /** The name of the task's function. */
  task: string;
  /** How the worker ended: as {@linkcode Process.exitCode}. */
  exitCode: number | undefined;
  /** Which attempt was lost: 1, or more if the task was retried. */
  attempt: number;
}

/**
 * A worker of a pool ended while it ran a task: it exited, was terminated, or
 * failed outside of the task. The task may have been done in part, and is not
 * tried again unless it was submitted with `retries`. All other tasks go on.
 *
 * Python has no such error: its pool hangs, and `concurrent.futures` gives up
 * all tasks (`BrokenProcessPool`).
 *
 * @example
 * ```ts
 * import { Pool, WorkerExitError } from "./mod.ts";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await using pool = new Pool(1);
 * const error = await assertRejects(
 *   () => pool.apply(() => Deno.exit(3)),
 *   WorkerExitError,
 * );
 * assertEquals(error.exitCode, 3);
 * ```
 */
export class WorkerExitError extends ProcessError {
  /** Always `"WorkerExitError"`. */
  override name = "WorkerExitError";
  /** The name of the task's function. */
  readonly task: string;
  /** How the worker ended: as {@linkcode Process.exitCode}. */
  readonly exitCode: number | undefined;
  /** Which attempt was lost: 1, or more if the task was retried. */
  readonly attempt: number;

  /** Made by a pool that found a worker dead. */
  constructor(message: string, { task, exitCode, attempt }: LostTask) {
    super(message);
    this.task = task;
    this.exitCode = exitCode;
    this.attempt = attempt;
  }
}

/**
 * The workers of a pool ended at their start several times in a row, so the
 * pool has given up: all its tasks failed with this, and it takes no more. Its
 * `cause` is what the initializer threw, if that was the reason.
 *
 * Python has no such error: its pool starts workers for ever.
 *
 * @example
 * ```ts
 * import { BrokenPoolError, Pool } from "./mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const pool = new Pool({ processes: 1, initializer: () => Deno.exit(1) });
 * await assertRejects(() => pool.apply(() => 1), BrokenPoolError);
 * pool.close();
 * await pool.join();
 * ```
 */
export class BrokenPoolError extends Error {
  /** Always `"BrokenPoolError"`. */
  override name = "BrokenPoolError";
}

/**
 * A future was cancelled before a worker began its task.
 *
 * Python: `concurrent.futures.CancelledError`.
 *
 * @example
 * ```ts
 * import { CancelledError, ThreadPoolExecutor } from "./mod.ts";
 * import { assert, assertRejects } from "@std/assert";
 *
 * await using executor = new ThreadPoolExecutor(1);
 * const first = executor.submit(() => 1);
 * const second = executor.submit(() => 2);
 * assert(second.cancel());
 * await assertRejects(() => second.result(), CancelledError);
 * await first.result();
 * ```
 */
export class CancelledError extends Error {
  /** Always `"CancelledError"`. */
  override name = "CancelledError";
}

/**
 * A barrier was broken while the caller waited, or before: by a timeout, by
 * `abort()` or `reset()`, by an action that threw, or by the death of a party.
 *
 * Python: `threading.BrokenBarrierError`.
 *
 * @example
 * ```ts
 * import { Barrier, BrokenBarrierError } from "./mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const barrier = new Barrier(2);
 * await assertRejects(() => barrier.wait({ timeout: 1 }), BrokenBarrierError);
 * ```
 */
export class BrokenBarrierError extends Error {
  /** Always `"BrokenBarrierError"`. */
  override name = "BrokenBarrierError";
  /** Whose death broke it; undefined if it was no death. */
  readonly party: DeadProcess | undefined;

  /** Made by a party of a broken barrier. */
  constructor(message: string, party?: DeadProcess) {
    super(message);
    this.party = party;
  }
}

/** A process that died with tasks: see {@linkcode AbandonedTaskError}. */
export interface DeadConsumer extends DeadProcess {
  /** How many tasks it had taken and not done. */
  count: number;
}

/**
 * Processes ended that had taken tasks from a queue and not done them, so the
 * queue's `join` would wait for ever. The tasks do not count any more when this
 * is thrown: another `join` waits for the rest.
 *
 * Python has no such error: its `join` hangs.
 *
 * @example A consumer that dies with a task in hand
 * ```ts
 * import { AbandonedTaskError, JoinableQueue, Process } from "./mod.ts";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const q = new JoinableQueue<string>();
 * await q.put("task");
 * const p = new Process({
 *   target: (q: JoinableQueue<string>) => {
 *     q.getSync();
 *     Deno.exit(3);
 *   },
 *   args: [q],
 * });
 * p.start();
 * const error = await assertRejects(() => q.join(), AbandonedTaskError);
 * assertEquals(error.count, 1);
 * assertEquals(error.consumers[0]?.exitCode, 3);
 * await p.join();
 * ```
 */
export class AbandonedTaskError extends ProcessError {
  /** Always `"AbandonedTaskError"`. */
  override name = "AbandonedTaskError";
  /** The processes that died, at most the last sixteen. */
  readonly consumers: readonly DeadConsumer[];
  /** How many tasks they had taken and not done. */
  readonly count: number;

  /** Made by a join that found a consumer dead. */
  constructor(message: string, consumers: readonly DeadConsumer[]) {
    super(message);
    this.consumers = consumers;
    this.count = consumers.reduce((sum, { count }) => sum + count, 0);
  }
}

/** The facts of a {@linkcode LostObjectError}. */
export interface LostObject {
  /** The name of its class: "Queue", say. */
  readonly kind: string;
  /** The message, with undefined in its place. */
  readonly value: unknown;
  /** Why its memory could not be had. */
  readonly cause?: unknown;
}

/**
 * A message was received with a shared object in it, a Queue or a Lock say,
 * whose memory no process has any more: its sender ended before the message was
 * received. The rest of the message is in `value`.
 *
 * Python: FileNotFoundError or ConnectionRefusedError, out of the unpickling.
 *
 * @example A sender that does not live to see it received
 * ```ts
 * import { LostObjectError } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new LostObjectError("Cannot receive Lock", {
 *   kind: "Lock",
 *   value: { task: 1, lock: undefined },
 * });
 * assertEquals(error.value, { task: 1, lock: undefined });
 * ```
 */
export class LostObjectError extends ProcessError {
  /** Always `"LostObjectError"`. */
  override name = "LostObjectError";
  /** The name of the class of the lost object. */
  readonly kind: string;
  /** The message, with undefined in the place of what is lost. */
  readonly value: unknown;

  /** Made by the receipt of such a message. */
  constructor(message: string, { kind, value, cause }: LostObject) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.value = value;
  }
}

/** The facts of a {@linkcode CalledProcessError}. */
export interface FailedCommand {
  /** The command, as it was called. */
  cmd: string | URL | readonly (string | URL)[];
  /** Its exit code, −N after signal N. */
  returnCode: number;
  /** Its output; undefined if it was not piped. */
  output: Uint8Array | string | undefined;
  /** Its errors; undefined if they were not piped. */
  stderr: Uint8Array | string | undefined;
}

/**
 * A command that was to succeed has returned another code than 0, or was ended
 * by a signal.
 *
 * Python: `subprocess.CalledProcessError`.
 *
 * @example
 * ```ts
 * import { CalledProcessError, subprocess } from "./mod.ts";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const error = await assertRejects(
 *   () => subprocess.checkCall(["sh", "-c", "exit 3"]),
 *   CalledProcessError,
 * );
 * assertEquals(error.returnCode, 3);
 * ```
 */
export class CalledProcessError extends Error {
  /** Always `"CalledProcessError"`. */
  override name = "CalledProcessError";
  /** The command, as it was called. */
  readonly cmd: string | URL | readonly (string | URL)[];
  /** Its exit code, −N after signal N. */
  readonly returnCode: number;
  /** Its output; undefined if it was not piped. */
  readonly output: Uint8Array | string | undefined;
  /** Its errors; undefined if they were not piped. */
  readonly stderr: Uint8Array | string | undefined;

  /** Made by a call that checks how its command ended. */
  constructor(
    message: string,
    { cmd, returnCode, output, stderr }: FailedCommand,
  ) {
    super(message);
    this.cmd = cmd;
    this.returnCode = returnCode;
    this.output = output;
    this.stderr = stderr;
  }

  /** As `output`. */
  get stdout(): Uint8Array | string | undefined {
    return this.output;
  }
}

/** The facts of a {@linkcode TimeoutExpired}. */
export interface SlowCommand {
  /** The command, as it was called. */
  cmd: string | URL | readonly (string | URL)[];
  /** How long it was given, in milliseconds. */
  timeout: number;
  /** Its output so far; undefined if it was not collected. */
  output: Uint8Array | string | undefined;
  /** Its errors so far; undefined if they were not collected. */
  stderr: Uint8Array | string | undefined;
}

/**
 * A command did not end in the time it was given. `run` and its sisters have
 * killed it when this is thrown, `Popen.wait` and `Popen.communicate` have not.
 *
 * Python: `subprocess.TimeoutExpired`.
 *
 * @example
 * ```ts
 * import { subprocess, TimeoutExpired } from "./mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => subprocess.run(["sleep", "60"], { timeout: 10 }),
 *   TimeoutExpired,
 * );
 * ```
 */
export class TimeoutExpired extends Error {
  /** Always `"TimeoutExpired"`. */
  override name = "TimeoutExpired";
  /** The command, as it was called. */
  readonly cmd: string | URL | readonly (string | URL)[];
  /** How long it was given, in milliseconds. */
  readonly timeout: number;
  /** Its output so far; undefined if it was not collected. */
  readonly output: Uint8Array | string | undefined;
  /** Its errors so far; undefined if they were not collected. */
  readonly stderr: Uint8Array | string | undefined;

  /** Made by a wait that has lasted long enough. */
  constructor(message: string, { cmd, timeout, output, stderr }: SlowCommand) {
    super(message);
    this.cmd = cmd;
    this.timeout = timeout;
    this.output = output;
    this.stderr = stderr;
  }

  /** As `output`. */
  get stdout(): Uint8Array | string | undefined {
    return this.output;
  }
}
