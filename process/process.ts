// Copyright 2026 the authors. MIT license.

// One process: how it is started, waited for and stopped.

import {
  checkArray,
  checkBoolean,
  checkCount,
  checkFunction,
  checkNumber,
  checkObject,
  checkOptions,
  printAs,
  typeName,
  wrongKind,
} from "../memory/check.ts";
import { StateError } from "../errors.ts";
import { callTarget, type OwnWork, ownWork } from "./child.ts";
import { TERMINATED } from "./ending.ts";
import { type Engine, engineOf, type Limits, TOKEN } from "./engine.ts";
import { launch } from "./launch.ts";
import { deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import { checkMethod, type StartMethod, usedMethod } from "../memory/method.ts";
import { EXPIRED, Line } from "../memory/park.ts";
import { Wait } from "../memory/wait.ts";
import { READINESS, type Readiness, type Waitable } from "../memory/ready.ts";
import { LOCAL, mark } from "../message/handle.ts";
import { type Callable, moduleOf } from "../message/target.ts";
import { checkpoint, GUARDED, isMain, me } from "../program/self.ts";
import { stateIndex } from "../program/table.ts";

export type { StartMethod } from "../memory/method.ts";
export type { WaitOptions } from "../memory/deadline.ts";
export type { Waitable } from "../memory/ready.ts";

const KILLED = -9;

/** The options of a {@linkcode Process}. */
export interface ProcessOptions {
  /**
   * The function to run: exported by a module of the program, where it runs, or
   * one that uses nothing outside itself. It may be async. Needed unless a
   * subclass has `run()`.
   */
  // deno-lint-ignore no-explicit-any -- a target takes and returns anything.
  target?: ((...args: any[]) => unknown) | undefined;
  /**
   * The arguments of its call: structured clones, and views of the shared
   * objects (locks, queues …) that stand anywhere in them.
   *
   * @default {[]}
   */
  args?: readonly unknown[] | undefined;
  /** Named arguments: an object that is passed as the last argument. */
  kwargs?: object | undefined;
  /**
   * The name, for people only.
   *
   * @default {"Process-1", "Process-2" …; the children of 2: "Process-2:1" …}
   */
  name?: string | undefined;
  /**
   * Whether it ends when the code of its parent is done, instead of being
   * waited for. A daemon may not start processes.
   *
   * @default {false}
   */
  daemon?: boolean | undefined;
  /**
   * How it runs.
   *
   * @default {the program's start method}
   */
  method?: StartMethod | undefined;
  /**
   * The permissions of the process, never more than its parent has. An OS
   * process has exactly these, or what its parent has: in full, or by the lists
   * of the command line or of a permission set (`-P`), but for lists of
   * libraries, and hosts by stars and networks. What its parent is denied it is
   * denied, too. A worker takes this only if the program was started with the
   * flag `--unstable-worker-options` on the command line, and may read
   * `/proc/self/cmdline` to see that (`--allow-all`).
   *
   * @default {what its parent may}
   */
  permissions?: Deno.PermissionOptions | undefined;
  /**
   * The most that the heap of an OS process may take, in bytes; at least 16
   * MiB. One that needs more is ended by the platform, with an exit code that
   * is not 0, and its parent lives on. A worker cannot be limited.
   *
   * @default {what the platform allows}
   */
  maxMemory?: number | undefined;
  /**
   * The URL of the module that exports `target` or the subclass:
   * `import.meta.url` there. Without it the module that makes the process, the
   * main module, and then all that these import are looked through.
   *
   * @default {the program's that exports it}
   */
  module?: string | URL | undefined;
}

const OPTIONS: readonly (keyof ProcessOptions)[] = [
  "target",
  "args",
  "kwargs",
  "name",
  "daemon",
  "method",
  "permissions",
  "maxMemory",
  "module",
];

/**
 * A function that runs beside the program, in a heap of its own.
 *
 * Python: `multiprocessing.Process`.
 *
 * The target runs with structured clones of its arguments, in a module graph of
 * its own: nothing that it changes is seen outside, except in shared objects.
 * As in Python's spawn, the child imports the module of its target anew, so
 * what starts processes stands under `if (import.meta.main)`; that is false
 * under `deno test` and `deno bench`, where it stands in `Deno.test()`. A queue
 * or lock at the top of a module is another one in each process: its use in a
 * target throws {@linkcode StateError}; `args` carry the parent's.
 *
 * A process ends when its target returns, or the promise that it returned is
 * settled; timers and promises it left behind end with it. Before that, its
 * daemons are stopped and its other children waited for.
 *
 * - **Exit code**: 0, or what `Deno.exitCode` was set to; 1 after an uncaught
 *   error, whose trace is printed on stderr under `Process NAME:`; n after
 *   `Deno.exit(n)`; -15 terminated; -9 killed. An error that the target's own
 *   `error` or `unhandledrejection` listener prevents, or that Node's `process`
 *   hears, is not uncaught.
 * - **Program end**: when the main code is done, daemons are stopped and all
 *   others waited for. An uncaught error in the main program, or `Deno.exit()`
 *   there, ends everything at once; OS processes that are no daemons go on.
 *   Where the OS process of the program goes on without it, as when `--watch`
 *   starts it anew, all that it has started is killed.
 * - **Method**: `"worker"`, or `"spawn"` for an OS process, which needs Linux,
 *   `--allow-run` and `--allow-ffi`.
 *
 * A subclass overrides `run()`. It must be exported; its own public fields are
 * cloned to the child, its constructor does not run there.
 *
 * @example A function in a process of its own
 * ```ts
 * import { Process } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const p = new Process({
 *   target: (name: string) => console.log(`hello ${name}`),
 *   args: ["bob"],
 * });
 * p.start();
 * assertEquals(await p.join(), true);
 * assertEquals(p.exitCode, 0);
 * ```
 */
export class Process implements Waitable {
  /** Given up at the start: the child has its copy. */
  #call: Call | undefined;
  readonly #module: string | undefined;
  /** The program's, from the start on, if none was given. */
  #method: StartMethod | undefined;
  readonly #limits: Limits;
  readonly #path: readonly number[];
  readonly #ending = Wait.toSee<void, true>(new Line("Process.join()"), {
    now: () => this.#reap() || EXPIRED,
    steps: () => me().table.ended(this.#token),
  });
  readonly #role: Role;
  #name: string;
  #daemon: boolean;
  #authKey: Uint8Array;
  #token = 0;
  #exitCode: number | undefined;
  #isClosed = false;
  #pid = 0;
  #ident = 0;

  /**
   * Makes a process; {@linkcode Process.start} starts it.
   *
   * @param options What it runs, with what, and how.
   * @throws {TypeError} If there is neither a target nor `run()`, or an option
   * is of the wrong kind.
   * @throws {RangeError} If there is no such start method.
   */
  constructor(options: ProcessOptions = {}) {
    checkCount(CREATE, arguments, 1, OPTIONS);
    if (!(options instanceof Being)) checkOptions(CREATE, options, OPTIONS);
    const { target, args = [], kwargs, name, daemon = false } = options;
    const { permissions, maxMemory } = options;
    this.#call = { target, args, kwargs };
    this.#limits = { permissions, maxMemory };
    this.#authKey = me().authKey;
    if (options instanceof Being) {
      const { token, name, daemon, path } = options.existing;
      this.#role = options.role;
      this.#token = token;
      this.#pid = me().table.pidOf(token);
      this.#ident = me().table.identOf(token);
      this.#name = name;
      this.#daemon = daemon;
      this.#path = path;
      return;
    }
    checkWork(options, this.run !== Process.prototype.run);
    this.#role = "child";
    this.#method = options.method;
    this.#module = moduleOf("create process", options.module);
    this.#path = [...me().path, ++me().childCount];
    this.#name = name ?? `${this.constructor.name}-${this.#path.join(":")}`;
    this.#daemon = daemon;
  }

  /**
   * The name, for people only; it may be set at any time, and crosses at the
   * start.
   *
   * Python: `Process.name`.
   */
  get name(): string {
    return this.#role === "self" ? me().name : this.#name;
  }
  set name(name: string) {
    checkName(name);
    if (this.#role === "self") me().name = name;
    else this.#name = name;
  }

  /**
   * Whether it ends when its parent's code is done. May be set before the
   * start.
   *
   * Python: `Process.daemon`.
   *
   * @throws {StateError} If it is set after the start.
   */
  get daemon(): boolean {
    return this.#daemon;
  }
  set daemon(daemon: boolean) {
    checkBoolean("set daemon", "it", daemon);
    this.#checkOpen("set daemon");
    if (this.#token !== 0) {
      throw new StateError(
        "Cannot set daemon: the process was started already",
      );
    }
    this.#daemon = daemon;
  }

  /**
   * The OS process that runs it: for a worker, the one that has started it.
   * Undefined before the start.
   *
   * Python: `Process.pid`.
   */
  get pid(): number | undefined {
    this.#checkOpen("get pid");
    return this.#token === 0 ? undefined : this.#pid;
  }

  /**
   * A number of its own: the pid of an OS process, and for workers one that no
   * pid can be. Undefined before the start.
   *
   * Python: `Process.ident`.
   */
  get ident(): number | undefined {
    this.#checkOpen("get ident");
    return this.#token === 0 ? undefined : this.#ident;
  }

  /**
   * How it ended: undefined while it has not, 0, the code of its failure, or -N
   * if signal N ended it. A worker's is decided as soon as it was terminated.
   *
   * Python: `Process.exitcode`.
   */
  get exitCode(): number | undefined {
    this.#checkOpen("get exit code");
    if (this.#role !== "child" || this.#token === 0) return undefined;
    this.#reap();
    return this.#exitCode ?? me().table.exitCode(this.#token);
  }

  /**
   * Secret bytes that the processes of a program share: 32 random ones of the
   * main process, unless set.
   *
   * Python: `Process.authkey`.
   */
  get authKey(): Uint8Array {
    return this.#role === "self" ? me().authKey : this.#authKey;
  }
  set authKey(key: Uint8Array) {
    if (!(key instanceof Uint8Array)) {
      throw wrongKind("set authKey", "it", "a Uint8Array", key);
    }
    if (this.#role === "self") me().authKey = key;
    else this.#authKey = key;
  }

  /**
   * Starts the process and returns at once; its target begins some time later.
   *
   * Python: `Process.start()`.
   *
   * @throws {StateError} If it was started already or is closed, if this
   * process is a daemon or is still importing its target's module, if too many
   * processes run, if a file of the library that it needs is not there, or if
   * it cannot be found out what an OS process must be denied. Nothing is
   * started.
   * @throws {TypeError} If the target is bound or native, a shared object is in
   * memory that an OS process cannot have, the program's flags do not allow
   * what was asked for, or a worker could not read its modules. Nothing is
   * started.
   * @throws {Deno.errors.NotCapable} If an OS process is to have more
   * `permissions` than this one. Nothing is started.
   * @throws {DOMException} `DataCloneError`, naming the argument that cannot be
   * cloned. Nothing is started.
   */
  start(): void {
    this.#checkStart();
    // Frees the slots of the children that have ended.
    reapChildren();
    this.#method ??= usedMethod();
    this.#token = launch({
      ...this.#call!,
      class: this.constructor === Process
        ? undefined
        : this.constructor as Callable,
      fields: { ...this } as unknown as Record<string, unknown>,
      module: this.#module,
      name: this.#name,
      path: this.#path,
      daemon: this.#daemon,
      authKey: this.#authKey,
      method: this.#method,
      limits: this.#limits,
    });
    this.#call = undefined;
    this.#pid = me().table.pidOf(this.#token);
    this.#ident = me().table.identOf(this.#token);
    children.add(this);
  }

  /**
   * The work of the process: calls the target. A subclass may do otherwise.
   * Calling it directly runs it here and starts nothing.
   *
   * Python: `Process.run()`.
   *
   * @returns What the target returns.
   * @throws {StateError} If it was started: its arguments are in the child.
   */
  run(): unknown {
    if (this.#call === undefined) {
      throw new StateError(
        "Cannot run process: it was started, and its arguments are in the child",
      );
    }
    const { target, args, kwargs } = this.#call;
    return callTarget(target, args, kwargs);
  }

  /**
   * Waits until it has ended.
   *
   * Python: `Process.join(timeout)`, which returns None either way.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns True if it has ended; false if `timeout` passed.
   * @throws {StateError} If it was not started, or is not a child of this
   * process.
   * @throws {RangeError} If `timeout` is negative.
   */
  async join(options?: WaitOptions): Promise<boolean> {
    const deadline = deadlineOf(options);
    this.#checkJoin();
    const ended = this.#ending.inLine(undefined, deadline, options?.signal);
    const result = ended instanceof Promise ? await ended : ended;
    if (result === EXPIRED || !this.#reap()) return false;
    if (this.#role === "child") await this.#engine().remains?.(this.#token);
    return true;
  }

  /** As {@linkcode Process.join}, blocking this thread. */
  joinSync(options?: WaitOptions): boolean {
    const deadline = deadlineOf(options);
    this.#checkJoin();
    const result = this.#ending.blocking(undefined, deadline);
    return result !== EXPIRED && this.#reap();
  }

  /**
   * Ends it without clean-up: exit code -15. Its children go on. All that it
   * held is given back: see {@linkcode Lock}.
   *
   * A worker stops when it next comes to its event loop, prints, or uses a
   * shared object; one that computes for ever and does none of that is given up
   * after 500 ms: it counts as ended, cannot keep the program alive, but burns
   * a core until the program ends. An OS process is sent SIGTERM, which it may
   * catch; it runs until the system has ended it.
   *
   * Python: `Process.terminate()`.
   *
   * @throws {StateError} If it was not started, or is not a child of this
   * process.
   */
  terminate(): void {
    this.#stop("terminate", TERMINATED);
  }

  /**
   * As {@linkcode Process.terminate}, with exit code -9 and, for an OS process,
   * SIGKILL, which none survives.
   *
   * Python: `Process.kill()`.
   */
  kill(): void {
    this.#stop("kill", KILLED);
  }

  /**
   * Lets go of an ended process. After it, everything but a second close throws
   * {@linkcode StateError}.
   *
   * Python: `Process.close()`.
   *
   * @throws {StateError} If it is still running.
   */
  close(): void {
    if (this.#isClosed) return;
    if (this.#token !== 0 && !this.#reap()) {
      throw new StateError(
        "Cannot close process: it is running: terminate() or join() it first",
      );
    }
    this.#isClosed = true;
  }

  /**
   * Whether it runs: false before the start, and from the moment a worker was
   * terminated or an OS process has ended.
   *
   * Python: `Process.is_alive()`.
   */
  isAlive(): boolean {
    this.#checkOpen("see if the process is alive");
    if (this.#token === 0 || this.#reap()) return false;
    return me().table.isRunning(this.#token);
  }

  /**
   * The object by which a wait for its end names it: `wait([p.sentinel])`,
   * which takes the process itself too.
   *
   * Python: `Process.sentinel`, a number.
   *
   * @throws {StateError} If it was not started.
   */
  get sentinel(): Waitable {
    this.#checkJoin();
    return this;
  }

  /** Waits until a started process has ended, then closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    if (this.#token !== 0) await this.join();
    this.close();
  }

  /** @internal */
  [TOKEN](): number {
    return this.#token;
  }

  /** @internal */
  [LOCAL](): string {
    return "only its parent has it";
  }

  /** @internal */
  [READINESS](): Readiness {
    this.#checkJoin();
    const { words } = me().table;
    const index = stateIndex(this.#token);
    let value = 0;
    return {
      isReady: () => {
        // Before the look: an end in between must change the word that was
        // read.
        value = words.load(index);
        return this.#reap();
      },
      park: () => ({ words, index, value }),
    };
  }

  #checkStart(): void {
    checkpoint();
    this.#checkOpen("start process");
    if (this.#token !== 0) {
      throw new StateError("Cannot start process: it was started already");
    }
    // Before the other rule: a pool's workers are daemons, and a module that
    // starts processes as it is imported is to be told of its import.
    if (me().importing) {
      throw new StateError(
        "Cannot start process: this process is still importing the module of " +
          `its target: start processes ${GUARDED}`,
      );
    }
    if (me().daemon) {
      throw new StateError(
        "Cannot start process: daemonic processes are not allowed to have children",
      );
    }
  }

  #checkJoin(): void {
    this.#checkOpen("join process");
    if (this.#token === 0) {
      throw new StateError("Cannot join process: it was not started");
    }
    if (this.#role === "self") {
      throw new StateError("Cannot join process: it is this process itself");
    }
  }

  #checkOpen(action: string): void {
    if (!this.#isClosed) return;
    throw new StateError(`Cannot ${action}: the process object is closed`);
  }

  #stop(action: string, code: number): void {
    this.#checkOpen(`${action} process`);
    if (this.#token === 0) {
      throw new StateError(`Cannot ${action} process: it was not started`);
    }
    if (this.#role !== "child") {
      throw new StateError(
        `Cannot ${action} process: it is not a child of this process`,
      );
    }
    if (!this.#reap()) this.#engine().stop(this.#token, code);
  }

  /** Takes the exit code of an ended child and gives its slot back. */
  #reap(): boolean {
    if (this.#exitCode !== undefined) return true;
    const { table } = me();
    if (table.isAlive(this.#token)) return false;
    if (this.#role !== "child") return true;
    this.#exitCode = table.exitCode(this.#token)!;
    children.delete(this);
    table.free(this.#token);
    this.#engine().release(this.#token);
    return true;
  }

  static {
    printAs(this, (process) => process.#state());
    mark(this, "Process");
  }

  #state(): string {
    const parts = [`name: ${JSON.stringify(this.name)}`];
    if (this.#token !== 0) parts.push(`pid: ${this.#pid}`);
    if (this.#isClosed) parts.push("closed");
    else if (this.#token === 0) parts.push("initial");
    else if (!this.#reap()) parts.push("started");
    else if (this.#role !== "child") parts.push("stopped");
    else parts.push("stopped", `exitCode: ${this.#exitCode}`);
    if (this.#daemon) parts.push("daemon");
    return parts.join(", ");
  }

  /** That of a child which was started. */
  #engine(): Engine {
    return engineOf(this.#method!);
  }
}

/**
 * The object of the process that runs this: `MainProcess`, or in a child the
 * object whose `run()` runs.
 *
 * Python: `multiprocessing.current_process()`.
 *
 * @example
 * ```ts
 * import { currentProcess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(currentProcess().name, "MainProcess");
 * ```
 */
export function currentProcess(): Process {
  const work = ownWork();
  // While a child imports the module of its target, it has not got its work,
  // and its object has no class of the user yet.
  if (current === undefined || current.work !== work) {
    current = { process: processOfMine(work), work };
  }
  return current.process;
}

/**
 * The process that started this one, or undefined in the main process. It can
 * be looked at and joined, but only its own parent may terminate it.
 *
 * Python: `multiprocessing.parent_process()`.
 *
 * @example
 * ```ts
 * import { parentProcess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parentProcess(), undefined);
 * ```
 */
export function parentProcess(): Process | undefined {
  if (isMain()) return undefined;
  const being = { ...me().parent!, daemon: false };
  return parent ??= new Process(new Being("parent", being));
}

/**
 * The children of this process that are alive. Those that have ended are let go
 * of, as by `join()`.
 *
 * Python: `multiprocessing.active_children()`.
 *
 * @example
 * ```ts
 * import { activeChildren } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(activeChildren(), []);
 * ```
 */
export function activeChildren(): Process[] {
  reapChildren();
  return [...children].filter((child) => child.isAlive());
}

/**
 * How many cores this machine offers the program.
 *
 * Python: `multiprocessing.cpu_count()`.
 *
 * @example
 * ```ts
 * import { cpuCount } from "../mod.ts";
 * import { assert } from "@std/assert";
 *
 * assert(cpuCount() >= 1);
 * ```
 */
export function cpuCount(): number {
  return navigator.hardwareConcurrency;
}

let current: { process: Process; work: OwnWork | undefined } | undefined;
let parent: Process | undefined;

/** The children that were started and have not been let go of. */
const children = new Set<Process>();

/** Lets go of the children that have ended. */
function reapChildren(): void {
  // To ask a child lets go of it, if it has ended.
  for (const child of children) child.isAlive();
}

/** The call of a target. */
type Call = Pick<OwnWork, "target" | "args" | "kwargs">;

/** What a process object stands for. */
type Role = "child" | "self" | "parent";

interface Existing {
  readonly token: number;
  readonly name: string;
  readonly daemon: boolean;
  readonly path: readonly number[];
}

/**
 * A process that exists already, given to the constructor in place of options.
 * Only this file can make one.
 */
class Being {
  readonly role: Role;
  readonly existing: Existing;
  readonly target: Callable | undefined;
  readonly args: readonly unknown[] | undefined;
  readonly kwargs: object | undefined;

  constructor(role: Role, existing: Existing, work?: OwnWork) {
    this.role = role;
    this.existing = existing;
    this.target = work?.target;
    this.args = work?.args;
    this.kwargs = work?.kwargs;
  }
}

/**
 * The object of this process. The constructor of Process runs, for the private
 * fields. That of a subclass does not: it ran in the parent.
 */
function processOfMine(work: OwnWork | undefined): Process {
  const being = new Being("self", me(), work);
  const process = Reflect.construct(Process, [being], work?.class ?? Process);
  return Object.assign(process, work?.fields);
}

/** Throws unless `options` are good for a process with or without `run()`. */
function checkWork(options: ProcessOptions, hasRun: boolean): void {
  const { target, args, kwargs, name, daemon, method, maxMemory } = options;
  if (target === undefined && !hasRun) {
    throw new TypeError(
      "Cannot create process: it has neither a target nor a run() method",
    );
  }
  if (target !== undefined) checkFunction(CREATE, "target", target);
  if (args !== undefined) checkArray(CREATE, "args", args);
  if (kwargs !== undefined) checkObject(CREATE, "kwargs", kwargs);
  if (name !== undefined) checkName(name);
  if (daemon !== undefined) checkBoolean(CREATE, "daemon", daemon);
  if (maxMemory !== undefined) checkNumber(CREATE, "maxMemory", maxMemory);
  if (method !== undefined) checkMethod(method, CREATE);
}

const CREATE = "create process";

/** Throws unless `name` can be one. */
function checkName(name: unknown): void {
  if (typeof name === "string") return;
  throw new TypeError(
    `Cannot name process: got ${typeName(name)}, not a string`,
  );
}
