// Copyright 2026 the authors. MIT license.

// A command that runs beside this program.

import { StateError, TimeoutExpired } from "../errors.ts";
import { printAs, wrongKind } from "../memory/check.ts";
import { ChildInput } from "./input.ts";
import { ChildOutput, type Collector, linesOf } from "./output.ts";
import { returnCodeOf, startCommand } from "./command.ts";
import {
  checkSignalKind,
  isNumberInUse,
  isSignal,
  notSent,
  signalGroup,
} from "./signals.ts";
import { type Args, commandLineOf, commandText } from "./words.ts";
import { KeepAlive } from "./keep_alive.ts";
import {
  checkPopenOptions,
  type NoOptions,
  type PopenOptions,
} from "./options.ts";
import { checkStdio, PIPE, Redirection, sinkOf, sourceOf } from "./stdio.ts";
import {
  type Output,
  type OutputOf,
  type TextMode,
  textModeOf,
} from "./text_mode.ts";
import {
  checkLimits,
  type LimitOptions,
  TOO_LATE,
  within,
} from "./time_limit.ts";

/** The input of {@linkcode Popen.communicate}, and how long it waits. */
export interface CommunicateOptions extends LimitOptions {
  /** The command's input; a string as UTF-8. Its stdin must be a pipe. */
  input?: Uint8Array | string | undefined;
}

// As in message/handle.ts, of which this room knows nothing.
const LOCAL: unique symbol = Symbol.for("multiprocessing.local");

/**
 * A command that runs beside this program, which goes on at once. Await
 * {@linkcode Popen.wait} or {@linkcode Popen.communicate}, or let
 * `await using` do it: a pipe that is neither read nor closed stays open.
 *
 * As in Python a program does not wait at its end for a command that it does
 * not wait for in its code; the command lives on. The Ctrl-C of a terminal goes
 * to the program and its commands alike, but not to one with a group of its
 * own (`startNewSession`, `processGroup`): that one ends by
 * {@linkcode Popen.killGroup}.
 *
 * Python: `subprocess.Popen`.
 *
 * @typeParam O The options, which say whether output is bytes or text.
 *
 * @example A question and its answer
 * ```ts
 * import { subprocess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const p = new subprocess.Popen(["sort"], {
 *   stdin: subprocess.PIPE,
 *   stdout: subprocess.PIPE,
 *   text: true,
 * });
 * const [output] = await p.communicate({ input: "b\na\n" });
 * assertEquals(output, "a\nb\n");
 * assertEquals(p.returnCode, 0);
 * ```
 *
 * @example A pipeline: `echo hello | tr a-z A-Z`
 * ```ts
 * import { subprocess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { Popen, PIPE } = subprocess;
 * await using p1 = new Popen(["echo", "hello"], { stdout: PIPE });
 * await using p2 = new Popen(["tr", "a-z", "A-Z"], {
 *   stdin: p1.stdout,
 *   stdout: PIPE,
 * });
 * assertEquals(await Array.fromAsync(p2.lines()), ["HELLO"]);
 * ```
 */
export class Popen<const O extends PopenOptions = NoOptions>
  implements AsyncDisposable {
  /** The command, as it was called. */
  readonly args: Args;
  /** Its number in the operating system; with `shell` that of the shell. */
  readonly pid: number;
  #child: Deno.ChildProcess;
  #leads: boolean;
  // Its processes are known to be gone: another group may have its number.
  #isGroupOver = false;
  #mode: TextMode | undefined;
  #input: ChildInput | undefined;
  #output: ChildOutput<OutputOf<O>> | undefined;
  #errors: ChildOutput<OutputOf<O>> | undefined;
  #returnCode: number | undefined;
  #end = new AbortController();
  #ended: Promise<number>;
  // Files and streams that go through this process.
  #pumps: Promise<void>[] = [];
  #keepAlive: KeepAlive;
  #communication: Communication<OutputOf<O>> | undefined;

  /**
   * Starts the command.
   *
   * @param args The program and its arguments; with `shell` a line for the
   * shell.
   * @param options {@linkcode PopenOptions}.
   * @throws {TypeError} If an argument or option is of the wrong kind.
   * @throws {Deno.errors.NotFound} If there is no such command or folder, or no
   * such file for stdin.
   * @throws {Deno.errors.PermissionDenied} If it is no program for this user.
   * @throws {Deno.errors.NotCapable} If this program may not run the command
   * (for `shell`, and for {@linkcode STDOUT} with a pipe: `/bin/sh`) or open a
   * file.
   * @throws {Deno.errors.NotSupported} For what the system does not offer: see
   * the options, and on Windows {@linkcode STDOUT} with a pipe.
   */
  constructor(args: Args, options?: O) {
    const all: PopenOptions = options === undefined ? {} : options;
    checkPopenOptions(all);
    const line = commandLineOf(args, all);
    this.#mode = textModeOf(all);
    checkStdio(all);
    this.args = args;
    using streams = new Redirection(all);
    const child = startCommand(line, streams);
    this.#child = child;
    this.#leads = line.leads !== undefined;
    this.#keepAlive = new KeepAlive(child);
    this.pid = child.pid;
    this.#ended = this.#watch();
    // The platform has no name for a real-time signal, and so no status of a
    // command that it ended: the waits are told.
    this.#ended.catch(() => {});
    this.#connect(all);
  }

  /**
   * Writes to the command's input, strings as UTF-8. A write throws
   * {@linkcode BrokenPipeError} if the command has closed it. Undefined unless
   * stdin is {@linkcode PIPE}.
   */
  get stdin(): WritableStream<Uint8Array | string> | undefined {
    return this.#input?.stream;
  }

  /** The command's output; undefined unless stdout is {@linkcode PIPE}. */
  get stdout(): ReadableStream<OutputOf<O>> | undefined {
    return this.#output?.stream;
  }

  /** The command's errors; undefined unless stderr is {@linkcode PIPE}. */
  get stderr(): ReadableStream<OutputOf<O>> | undefined {
    return this.#errors?.stream;
  }

  /**
   * Its exit code, −N if signal N ended it, undefined while it is not known to
   * have ended.
   *
   * Python: `Popen.returncode`.
   */
  get returnCode(): number | undefined {
    return this.#returnCode;
  }

  /**
   * As {@linkcode Popen.returnCode}. The end of a command is learnt from the
   * event loop, so a loop of polls must await something in between.
   *
   * Python: `Popen.poll()`.
   *
   * @returns The exit code, undefined while it is not known to have ended.
   */
  poll(): number | undefined {
    return this.#returnCode;
  }

  /**
   * Waits until the command has ended, and what goes from it into a
   * `Deno.FsFile` is written. If the command writes more to a pipe than the
   * pipe holds, and no code reads it, the command never ends: see
   * {@linkcode Popen.communicate}.
   *
   * Python: `Popen.wait(timeout)`.
   *
   * @param options `timeout` in milliseconds, `signal`.
   * @returns The exit code, −N if signal N ended it.
   * @throws {TimeoutExpired} If it did not end in time; it goes on.
   * @throws {RangeError} If `timeout` is negative.
   * @throws {TypeError} If a real-time signal ended it, which Deno cannot tell.
   * @throws {DOMException} `AbortError`, or the reason of `signal`.
   * @throws {Error} If the stream that is its stdin fails.
   */
  async wait(options: LimitOptions = {}): Promise<number> {
    checkLimits(options);
    const code = await this.#keepAlive.during(
      within(this.#finished(), options),
    );
    if (code !== TOO_LATE) return code;
    throw this.#timeoutExpired(options.timeout!);
  }

  /**
   * Sends `input` and the end of the input, and reads outputs until they end
   * and the command has too. All at once, so neither side can block the other.
   * A command that does not read all of its input is no error.
   *
   * After {@linkcode TimeoutExpired} it may be called again, without `input`:
   * nothing is lost.
   *
   * Python: `Popen.communicate(input, timeout)`.
   *
   * @param input The input, or all options: `input`, `timeout` in milliseconds,
   * `signal`.
   * @param options After an input: `timeout` in milliseconds, `signal`.
   * @returns Output and errors, each undefined if it is not {@linkcode PIPE}.
   * @throws {TimeoutExpired} If it did not end in time; it goes on.
   * @throws {TypeError} If there is input and stdin is not {@linkcode PIPE}, or
   * output that should be text and is not; the command has ended then.
   * @throws {StateError} If there is input in a second call, or a reader has
   * stdout or stderr now.
   * @throws {RangeError} If `timeout` is negative.
   * @throws {DOMException} `AbortError`, or the reason of `signal`; as with a
   * timeout nothing is lost.
   */
  async communicate(
    input?: Uint8Array | string | CommunicateOptions,
    options?: LimitOptions,
  ): Promise<[OutputOf<O> | undefined, OutputOf<O> | undefined]> {
    const { input: sent, ...limits } = communicationOf(input, options);
    const { done, output, errors } = this.#communicating(sent);
    const end = await this.#keepAlive.during(within(done, limits));
    if (end !== TOO_LATE) {
      return [output?.all(), errors?.all()];
    }
    throw this.#timeoutExpired(limits.timeout!);
  }

  /**
   * The lines of an output as they come, without their ends; decoded as UTF-8
   * or in `encoding`. Leaving the loop closes the pipe.
   *
   * Python: `for line in p.stdout`.
   *
   * @param from Which output; it must be {@linkcode PIPE}.
   * @throws {TypeError} If it is not.
   *
   * @example
   * ```ts
   * import { subprocess } from "../mod.ts";
   * import { assertEquals } from "@std/assert";
   *
   * await using p = new subprocess.Popen("echo one; echo two", {
   *   shell: true,
   *   stdout: subprocess.PIPE,
   * });
   * const lines = [];
   * for await (const line of p.lines()) lines.push(line);
   * assertEquals(lines, ["one", "two"]);
   * ```
   */
  lines(
    from: "stdout" | "stderr" = "stdout",
  ): AsyncGenerator<string, void, void> {
    const output = from === "stderr" ? this.#errors : this.#output;
    if (output === undefined) {
      throw new TypeError(`Cannot read lines: ${from} is not a pipe`);
    }
    const mode = this.#mode ?? { encoding: "utf-8", errors: "strict" };
    return linesOf(output.stream, mode);
  }

  /**
   * Sends it a signal. Nothing happens if it has ended.
   *
   * Python: `Popen.send_signal(signal)`.
   *
   * @param signal Its name, or its number.
   * @throws {TypeError} If there is no such signal, or Deno does not send it (a
   * real-time signal).
   */
  sendSignal(signal: Deno.Signal | number): void {
    checkSignalKind(signal);
    if (this.#returnCode !== undefined) return;
    try {
      // The types know the names only.
      this.#child.kill(signal as Deno.Signal);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      if (!(error instanceof TypeError)) throw error;
      // The platform has one class for a signal that is none, for one that it
      // does not send, and for a command that has ended.
      if (isSignal(signal) && !this.#isRunning()) return;
      throw notSent(signal, error);
    }
  }

  /**
   * Asks it to end: SIGTERM. Nothing happens if it has ended.
   *
   * Python: `Popen.terminate()`.
   */
  terminate(): void {
    this.sendSignal("SIGTERM");
  }

  /**
   * Ends it: SIGKILL. Nothing happens if it has ended.
   *
   * Python: `Popen.kill()`.
   */
  kill(): void {
    this.sendSignal("SIGKILL");
  }

  /**
   * Sends a signal to its process group: to the command, and to all that it has
   * started, at any remove, and that has not left the group. The command must
   * have been started with `startNewSession` or `processGroup`; otherwise its
   * group is that of this program.
   *
   * It may be called after the command has ended, and reaches what it has left
   * behind. Nothing happens if the whole group has ended. A number is given out
   * again once its group is gone, so another process that has the command's is
   * taken for the proof that it is, and spared with all its group.
   *
   * Python: `os.killpg(p.pid, signal)`, which has no default.
   *
   * @param signal Its name, or its number; SIGKILL if not given.
   * @throws {StateError} If the command does not lead a group.
   * @throws {TypeError} As {@linkcode Popen.sendSignal}.
   * @throws {Deno.errors.NotCapable} If this program may not run all commands
   * (`--allow-run` without a list).
   *
   * @example
   * ```ts
   * import { subprocess } from "../mod.ts";
   * import { assertEquals } from "@std/assert";
   *
   * const p = new subprocess.Popen("sleep 60 | cat", {
   *   shell: true,
   *   startNewSession: true,
   * });
   * p.killGroup();
   * assertEquals(await p.wait(), -9);
   * ```
   */
  killGroup(signal: Deno.Signal | number = "SIGKILL"): void {
    checkSignalKind(signal);
    if (!this.#leads) {
      throw new StateError(
        "Cannot kill group: the command is in that of this program: start it with startNewSession or processGroup",
      );
    }
    if (this.#isGroupOver) return;
    const isReaped = !this.#isRunning();
    if (isReaped && isNumberInUse(this.pid)) this.#isGroupOver = true;
    else if (!signalGroup(this.pid, signal)) {
      // A stand-in for the command has made no group yet, and started nothing.
      if (isReaped) this.#isGroupOver = true;
      else this.sendSignal(signal);
    }
  }

  /**
   * Closes its pipes and waits until it has ended.
   *
   * Python: the end of `with Popen(...) as p:`.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      this.#output?.close(),
      this.#errors?.close(),
      this.#input?.close(),
    ]);
    // Its waiters are told how it ended: an error from here would hide theirs.
    await this.#keepAlive.during(this.#ended.catch(() => {}));
    await Promise.allSettled(this.#pumps);
  }

  /** @internal */
  [LOCAL](): string {
    return "only the process that made it has it";
  }

  static {
    printAs(this, ({ args, pid, returnCode }) => {
      const end = returnCode === undefined
        ? "running"
        : `returnCode: ${returnCode}`;
      return `args: ${Deno.inspect(args)}, pid: ${pid}, ${end}`;
    });
  }

  async #watch(): Promise<number> {
    try {
      const code = returnCodeOf(await this.#child.status);
      return this.#returnCode = code;
    } finally {
      // The code that feeds it would otherwise learn of its end with the next
      // write.
      this.#end.abort();
    }
  }

  /**
   * Whether it has not ended, or the platform has not learnt of it yet. The
   * platform knows it before the promise of it is settled.
   */
  #isRunning(): boolean {
    if (this.#returnCode !== undefined) return false;
    try {
      // No signal: the types know names only.
      this.#child.kill(0 as unknown as Deno.Signal);
      return true;
    } catch {
      return false;
    }
  }

  #connect({ stdin, stdout, stderr }: PopenOptions): void {
    const child = this.#child;
    if (stdin === PIPE) {
      this.#input = new ChildInput(child.stdin);
    } else if (stdin instanceof ReadableStream || isFile(stdin)) {
      const source = isFile(stdin) ? sourceOf(stdin) : stdin;
      this.#pump(new ChildInput(child.stdin).pump(source, this.#end.signal));
    }
    if (stdout === PIPE) {
      this.#output = new ChildOutput(child.stdout, this.#mode, this.#keepAlive);
    } else if (isFile(stdout)) {
      this.#pump(this.#keepAlive.during(child.stdout.pipeTo(sinkOf(stdout))));
    }
    if (stderr === PIPE) {
      this.#errors = new ChildOutput(child.stderr, this.#mode, this.#keepAlive);
    } else if (isFile(stderr)) {
      this.#pump(this.#keepAlive.during(child.stderr.pipeTo(sinkOf(stderr))));
    }
  }

  // Its failure is thrown by the calls that wait, and only there.
  #pump(pumped: Promise<void>): void {
    pumped.catch(() => {});
    this.#pumps.push(pumped);
  }

  async #finished(): Promise<number> {
    const code = await this.#ended;
    await Promise.all(this.#pumps);
    return code;
  }

  #communicating(
    input: Uint8Array | string | undefined,
  ): Communication<OutputOf<O>> {
    if (input !== undefined) this.#checkInput(input);
    if (this.#communication !== undefined) return this.#communication;
    const isTaken = this.#output?.isLocked || this.#errors?.isLocked;
    if (isTaken) {
      throw new StateError(
        "Cannot communicate: stdout or stderr is locked to a reader, which must release it first",
      );
    }
    const output = this.#output?.collect();
    const errors = this.#errors?.collect();
    const done = Promise.all([
      this.#input?.feed(input),
      output?.done,
      errors?.done,
      this.#finished(),
    ]);
    return this.#communication = { done, output, errors };
  }

  #checkInput(input: unknown): void {
    if (typeof input !== "string" && !(input instanceof Uint8Array)) {
      throw wrongKind("communicate", "input", "bytes or a string", input);
    }
    if (this.#input === undefined) {
      throw new TypeError("Cannot communicate: stdin is not a pipe");
    }
    if (this.#communication !== undefined) {
      throw new StateError("Cannot communicate: input was sent already");
    }
  }

  #timeoutExpired(timeout: number): TimeoutExpired {
    return new TimeoutExpired(
      `Cannot wait for ${
        commandText(this.args)
      }: it did not end within ${timeout} ms`,
      {
        cmd: this.args,
        timeout,
        output: this.#communication?.output?.soFar(),
        stderr: this.#communication?.errors?.soFar(),
      },
    );
  }
}

interface Communication<T extends Output> {
  readonly done: Promise<unknown>;
  readonly output: Collector<T> | undefined;
  readonly errors: Collector<T> | undefined;
}

/** The options of a communication, of which the first may be the input. */
function communicationOf(
  input: unknown = {},
  options: LimitOptions | undefined,
): CommunicateOptions {
  if (typeof input === "string" || input instanceof Uint8Array) {
    checkLimits(options ?? {});
    return { ...options, input };
  }
  if (typeof input !== "object" || input === null) {
    throw wrongKind("communicate", "input", "bytes or a string", input);
  }
  if (options !== undefined && Object.keys(input).length > 0) {
    throw new TypeError(
      "Cannot communicate: both arguments are options: give the input first, or one object with all",
    );
  }
  const all: CommunicateOptions = options ?? input;
  checkLimits(all, ["input", "timeout", "signal"]);
  return all;
}

function isFile(target: unknown): target is Deno.FsFile {
  return target instanceof Deno.FsFile;
}
