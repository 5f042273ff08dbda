// Copyright 2026 the authors. MIT license.

/**
 * One process: how it is started, waited for and stopped.
 *
 * @module
 */

import { activeChildren } from "./current.ts";
import { StateError } from "../errors.ts";
import { setSelfMaker, type Work } from "./child.ts";
import { AT_ONCE, deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import { engineOf, type Limits } from "./engine.ts";
import { endFamilyAtExit, TERMINATED } from "./family.ts";
import { HANDLE, type Mover, pack, type Packed } from "../message/handle.ts";
import {
  type Being,
  children,
  type Role,
  setCurrent,
  setKinMaker,
} from "./kin.ts";
import {
  chosenMethod,
  type StartMethod,
  usedMethod,
} from "../memory/method.ts";
import { EXPIRED, Line, reconsider, runSync } from "../memory/park.ts";
import { checkName, checkOptions, type ProcessOptions } from "./options.ts";
import { READINESS, type Readiness, type Waitable } from "../memory/ready.ts";
import {
  blocks,
  checkpoint,
  type Identity,
  me,
  shareProgram,
} from "../program/self.ts";
import { stateIndex } from "../program/table.ts";
import { type Callable, callerModule, refer } from "../message/target.ts";
import { withPath } from "./uncloneable.ts";
import "./spawn_host.ts";
import "./worker_graph.ts";
import "./worker_host.ts";

export type { ProcessOptions } from "./options.ts";
export type { StartMethod } from "../memory/method.ts";
export type { WaitOptions } from "../memory/deadline.ts";
export type { Waitable } from "../memory/ready.ts";

const KILLED = -9;

// What the constructor that runs next makes an object for.
let being: Being | undefined;

/**
 * A function that runs beside the program, in a heap of its own.
 *
 * Python: `multiprocessing.Process`.
 *
 * The target runs with structured clones of its arguments, in a module graph of
 * its own: nothing that it changes is seen outside, except in shared objects.
 * As in Python's spawn, the child imports the module of its target anew, so
 * what starts processes stands under `if (import.meta.main)`.
 *
 * A process ends when its target returns, or the promise that it returned is
 * settled; timers and promises it left behind end with it. Before that, its
 * daemons are stopped and its other children waited for.
 *
 * - **Exit code**: 0; 1 after an uncaught error, whose trace is printed on
 *   stderr under `Process NAME:`; n after `Deno.exit(n)`; -15 terminated; -9
 *   killed.
 * - **Program end**: when the main code is done, daemons are stopped and all
 *   others waited for. An uncaught error in the main program, or `Deno.exit()`
 *   there, ends everything at once; OS processes that are no daemons go on.
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
  readonly #target: Callable | undefined;
  readonly #args: readonly unknown[];
  readonly #kwargs: object | undefined;
  readonly #module: string | undefined;
  readonly #method: StartMethod;
  readonly #limits: Limits;
  readonly #path: readonly number[];
  readonly #line = new Line();
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
    const being = takeBeing();
    const { target, args = [], kwargs, name, daemon = false } = options;
    this.#target = being?.parts?.target ?? target;
    this.#args = being?.parts?.args ?? args;
    this.#kwargs = being?.parts?.kwargs ?? kwargs;
    this.#authKey = me().authKey;
    const { permissions, maxMemory } = options;
    this.#limits = { permissions, maxMemory };
    if (being !== undefined) {
      this.#role = being.role;
      this.#token = being.token;
      this.#pid = me().table.pidOf(being.token);
      this.#ident = me().table.identOf(being.token);
      this.#name = being.name;
      this.#daemon = being.daemon;
      this.#path = being.path;
      this.#method = usedMethod();
      return;
    }
    checkOptions(options, this.run !== Process.prototype.run);
    this.#role = "child";
    this.#method = options.method ?? usedMethod();
    this.#module = options.module?.toString() ?? callerModule();
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
   * Whether it ends when its parent's code is done. May be set before the start.
   *
   * Python: `Process.daemon`.
   *
   * @throws {StateError} If it is set after the start.
   */
  get daemon(): boolean {
    return this.#daemon;
  }
  set daemon(daemon: boolean) {
    if (typeof daemon !== "boolean") {
      throw new TypeError(
        `Cannot set daemon: it must be a boolean: got ${typeof daemon}`,
      );
    }
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
      throw new TypeError("Cannot set authKey: it must be a Uint8Array");
    }
    if (this.#role === "self") me().authKey = key;
    else this.#authKey = key;
  }

  /**
   * Starts the process and returns at once; its target begins some time later.
   *
   * Python: `Process.start()`.
   *
   * @throws {StateError} If it was started already or is closed, if this process
   * is a daemon or is still importing its target's module, or if too many
   * processes run. Nothing is started.
   * @throws {TypeError} If the target is bound or native, a shared object is in
   * memory that an OS process cannot have, or the program's flags do not allow
   * what was asked for. Nothing is started.
   * @throws {Deno.errors.NotCapable} If an OS process is to have more
   * `permissions` than this one. Nothing is started.
   * @throws {DOMException} `DataCloneError`, naming the argument that cannot be
   * cloned. Nothing is started.
   */
  start(): void {
    this.#checkStart();
    const engine = engineOf(this.#method);
    engine.checkLimits(this.#limits);
    shareProgram();
    // Lets go of those that have ended, so that their slots are free.
    activeChildren();
    const { table, token, name, path, mainModule, folder } = me();
    const isSpawned = this.#method === "spawn";
    const work: Work = {
      target: this.#target && refer(this.#target, this.#module, mainModule),
      class: this.#class(),
      args: this.#args,
      kwargs: this.#kwargs,
      fields: { ...this } as unknown as Record<string, unknown>,
    };
    const child = table.allocate({
      parent: token,
      pid: Deno.pid,
      host: table.host,
      isSpawned,
      daemon: this.#daemon,
      name: this.#name,
    });
    // If this process was given up meanwhile, nobody will do what it asks for.
    if (!table.isRunning(token)) table.end(child, TERMINATED);
    const identity: Identity = {
      token: child,
      host: isSpawned ? child : table.host,
      table: table.handle,
      blocks: blocks(),
      method: chosenMethod(),
      name: this.#name,
      path: this.#path,
      daemon: this.#daemon,
      authKey: this.#authKey,
      mainModule,
      folder,
      parent: { token, name, pid: Deno.pid, ident: table.identOf(token), path },
    };
    const movers: Mover[] = [];
    let packed: Packed | undefined;
    try {
      // After its entry in the table: what it is given counts it as a user.
      packed = pack(work, child, movers);
      const start = { identity, work: packed };
      const transfer = movers.flatMap((mover) => mover.transfer);
      const limits = this.#limits;
      engine.launch({
        token: child,
        name: this.#name,
        start,
        transfer,
        limits,
      });
    } catch (error) {
      table.end(child, 1);
      table.free(child);
      if (packed === undefined) throw error;
      const { args, kwargs, fields } = packed.value as Work;
      throw withPath(error, { args, kwargs, this: fields });
    }
    for (const mover of movers) mover.moved();
    this.#token = child;
    this.#pid = table.pidOf(child);
    this.#ident = table.identOf(child);
    children.add(this);
    // A wait that nobody could have ended until now does not keep us alive yet.
    reconsider();
    endFamilyAtExit();
  }

  /**
   * What the process does: calls the target. A subclass may do otherwise.
   * Calling it directly runs it here and starts nothing.
   *
   * Python: `Process.run()`.
   *
   * @returns What the target returns.
   */
  run(): unknown {
    const kwargs = this.#kwargs === undefined ? [] : [this.#kwargs];
    // Not as a method: a target's `this` is not the process.
    const target = this.#target;
    return target?.(...this.#args, ...kwargs);
  }

  /**
   * Waits until it has ended.
   *
   * Python: `Process.join(timeout)`, which returns None either way.
   *
   * @param options `timeout` in milliseconds from the call; `signal` to give up.
   * @returns True if it has ended; false if `timeout` passed.
   * @throws {StateError} If it was not started, or is not a child of this
   * process.
   * @throws {RangeError} If `timeout` is negative.
   */
  async join(options?: WaitOptions): Promise<boolean> {
    const deadline = deadlineOf(options);
    this.#checkJoin();
    if (!this.#reap()) {
      if (deadline === AT_ONCE) return false;
      const steps = me().table.ended(this.#token);
      const result = await this.#line.run(steps, deadline, options?.signal);
      if (result === EXPIRED || !this.#reap()) return false;
    }
    await engineOf(this.#method).remains?.(this.#token);
    return true;
  }

  /**
   * As {@linkcode Process.join}, blocking this thread.
   *
   * @param options `timeout` in milliseconds from the call.
   * @returns True if it has ended; false if `timeout` passed.
   * @throws {StateError} If it was not started, or is not a child of this
   * process.
   * @throws {RangeError} If `timeout` is negative.
   */
  joinSync(options?: WaitOptions): boolean {
    const deadline = deadlineOf(options);
    this.#checkJoin();
    if (this.#reap()) return true;
    const result = runSync(me().table.ended(this.#token), deadline);
    return result !== EXPIRED && this.#reap();
  }

  /**
   * Ends it without clean-up: exit code -15. Its children go on. What it held
   * is given back: see {@linkcode Lock}.
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
   *
   * @throws {StateError} If it was not started, or is not a child of this
   * process.
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
   * What a wait for its end takes: `wait([p.sentinel])`, which takes the process
   * itself too.
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

  /**
   * A process is not a value: another process cannot be given it.
   *
   * @internal
   */
  [HANDLE](): never {
    throw new DOMException(
      "Cannot clone Process: only its parent has it",
      "DataCloneError",
    );
  }

  /**
   * How `wait()` sees whether it has ended.
   *
   * @internal
   */
  [READINESS](): Readiness {
    this.#checkJoin();
    const { words } = me().table;
    const index = stateIndex(this.#token);
    let value = 0;
    return {
      isReady: () => {
        // Before the look: what ends it in between must change it.
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
    if (me().daemon) {
      throw new StateError(
        "Cannot start process: daemonic processes are not allowed to have children",
      );
    }
    if (me().importing) {
      throw new StateError(
        "Cannot start process: this process is still importing the module of " +
          "its target: start processes only under `if (import.meta.main)`",
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

  #class() {
    if (this.constructor === Process) return undefined;
    return refer(this.constructor as Callable, this.#module, me().mainModule);
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
    if (!this.#reap()) engineOf(this.#method).stop(this.#token, code);
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
    engineOf(this.#method).release(this.#token);
    return true;
  }

  static {
    setSelfMaker((parts) => {
      const { token, name, daemon, path } = me();
      being = { role: "self", token, name, daemon, path, parts };
      const Class = (parts.class ?? Process) as typeof Process;
      // The base constructor runs, so that the object has its private fields;
      // those of the subclass do not, since it was made in the parent.
      const self = Reflect.construct(Process, [], Class) as Process;
      setCurrent(self);
      return Object.assign(self, parts.fields);
    });
    setKinMaker((kin) => {
      being = kin;
      return new Process();
    });
  }
}

function takeBeing(): Being | undefined {
  const taken = being;
  being = undefined;
  return taken;
}
