// Copyright 2026 the authors. MIT license.

/**
 * A program that runs beside this one.
 *
 * @module
 */

import { StateError, TimeoutExpired } from "./errors.ts";
import { deadlineOf, type WaitOptions } from "./internal/deadline.ts";
import {
  type Args,
  mergingErrors,
  placeOf,
  type PlaceOptions,
  returnCodeOf,
  startFailure,
  wordsOf,
} from "./internal/subprocess_command.ts";
import {
  Keeper,
  ProgramInput,
  ProgramOutput,
} from "./internal/subprocess_streams.ts";
import {
  DEVNULL,
  type ErrorsTo,
  type File,
  isFile,
  openOutput,
  outputMode,
  type OutputTo,
  PIPE,
  STDOUT,
  writeAll,
} from "./internal/subprocess_stdio.ts";
import {
  asBytes,
  checkText,
  type Data,
  type TextOptions,
} from "./internal/subprocess_text.ts";
import { waitUntil } from "./internal/subprocess_wait.ts";

export { ProgramInput, ProgramOutput } from "./internal/subprocess_streams.ts";
export type { ErrorsTo, File, OutputTo } from "./internal/subprocess_stdio.ts";
export { DEVNULL, PIPE, STDOUT } from "./internal/subprocess_stdio.ts";
export type { Args, PlaceOptions } from "./internal/subprocess_command.ts";
export type { Data, TextOptions } from "./internal/subprocess_text.ts";
export type { WaitOptions } from "./internal/deadline.ts";

/** Where a program's input may come from. */
export type InputFrom =
  | typeof PIPE
  | typeof DEVNULL
  | File
  | ProgramOutput
  | ReadableStream<Uint8Array>;

/** How a program is started. */
export interface PopenOptions extends PlaceOptions, TextOptions {
  /**
   * Where its input comes from: a pipe, nothing, a file, or the output of
   * another program.
   *
   * @default {this program's}
   */
  stdin?: InputFrom | undefined;
  /**
   * Where its output goes: a pipe, nowhere, or a file.
   *
   * @default {where this program's goes}
   */
  stdout?: OutputTo | undefined;
  /**
   * Where its errors go: as `stdout`, or together with its output.
   *
   * @default {where this program's go}
   */
  stderr?: ErrorsTo | undefined;
}

/** What {@linkcode Popen.communicate} takes. */
export interface CommunicateOptions {
  /** What is sent to the program's stdin, which is closed after it. */
  input?: string | Uint8Array | undefined;
  /** The longest wait in milliseconds. */
  timeout?: number | undefined;
}

/**
 * A program that runs beside this one, and its input and output.
 *
 * Python: `subprocess.Popen`.
 *
 * It is started at once and not waited for: this program may end before it. A
 * file is filled from its output, or read for its input, by this program, so it
 * gets nothing after this program's end.
 *
 * @example A dialogue
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { PIPE, Popen } = subprocess;
 * const p = new Popen(["sort"], { stdin: PIPE, stdout: PIPE, text: true });
 * const [output] = await p.communicate({ input: "b\na\n" });
 * assertEquals(output, "a\nb\n");
 * assertEquals(p.returnCode, 0);
 * ```
 *
 * @example Line by line, from one program to another
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { PIPE, Popen } = subprocess;
 * await using p1 = new Popen(["printf", "1\\n2\\n3\\n"], { stdout: PIPE });
 * await using p2 = new Popen(["grep", "-v", "2"], {
 *   stdin: p1.stdout!,
 *   stdout: PIPE,
 *   text: true,
 * });
 * assertEquals(await Array.fromAsync(p2.stdout!), ["1", "3"]);
 * ```
 */
export class Popen {
  /** What was run. Python: `Popen.args`. */
  readonly args: Args;
  /** The OS process. Python: `Popen.pid`. */
  readonly pid: number;
  /** Its input, if that is a pipe. Python: `Popen.stdin`. */
  readonly stdin: ProgramInput | undefined;
  /** Its output, if that is a pipe. Python: `Popen.stdout`. */
  readonly stdout: ProgramOutput | undefined;
  /** Its errors, if they are a pipe of their own. Python: `Popen.stderr`. */
  readonly stderr: ProgramOutput | undefined;
  readonly #options: PopenOptions;
  readonly #process: Deno.ChildProcess;
  readonly #ended: Promise<void>;
  readonly #keeper: Keeper;
  #returnCode: number | undefined;
  #hasInput = false;

  /**
   * Starts a program.
   *
   * @param args The program and its arguments; with `shell`, one string for it.
   * @param options See {@linkcode PopenOptions}.
   * @throws {TypeError} If there is no command, or an option is of the wrong
   * kind. Nothing is started.
   * @throws {Deno.errors.NotFound} If there is no such program, or no such
   * folder.
   * @throws {Deno.errors.NotCapable} If this program may not run it.
   */
  constructor(args: Args, options: PopenOptions = {}) {
    checkText(options);
    const { stdin, stdout, stderr } = options;
    const words = wordsOf(args, options);
    const merged = stderr === STDOUT ? mergingErrors(words) : words;
    const modes = {
      stdin: inputMode(stdin),
      stdout: outputMode(stdout, "stdout"),
      stderr: outputMode(stderr, "stderr"),
    };
    const input = isFile(stdin) ? openInput(stdin) : undefined;
    try {
      this.#process = new Deno.Command(merged[0]!, {
        args: merged.slice(1),
        ...placeOf(options),
        ...modes,
      }).spawn();
    } catch (error) {
      input?.cancel();
      throw startFailure(error, words, options);
    }
    const process = this.#process;
    this.args = args;
    this.#options = options;
    this.pid = process.pid;
    const keeper = this.#keeper = new Keeper(process);
    const flows: Promise<void>[] = [];
    const source = input ?? streamOf(stdin);
    if (source !== undefined) flows.push(feed(source, process.stdin));
    else if (stdin === PIPE) this.stdin = new ProgramInput(process.stdin);
    if (stdout === PIPE) {
      this.stdout = new ProgramOutput(process.stdout, options, keeper);
    } else if (isFile(stdout)) flows.push(save(process.stdout, stdout));
    if (stderr === PIPE) {
      this.stderr = new ProgramOutput(process.stderr, options, keeper);
    } else if (isFile(stderr)) flows.push(save(process.stderr, stderr));
    this.#ended = process.status.then(async (status) => {
      this.#returnCode = returnCodeOf(status);
      await Promise.all(flows);
    });
    // What goes to a file is lost if this program ends before it.
    if (flows.length > 0) keeper.during(Promise.all(flows)).catch(() => {});
    this.#ended.catch(() => {});
  }

  /**
   * How it ended: its exit code, or -N after signal N; undefined while it runs.
   *
   * Python: `Popen.returncode`.
   */
  get returnCode(): number | undefined {
    return this.#returnCode;
  }

  /**
   * How it ended, as far as is known without waiting. It becomes known in the
   * event loop: a loop that polls must `await` something.
   *
   * Python: `Popen.poll()`.
   */
  poll(): number | undefined {
    return this.#returnCode;
  }

  /**
   * Waits until it has ended, and what goes to files is there. A program whose
   * output fills a pipe that nobody reads does not end: use
   * {@linkcode Popen.communicate}.
   *
   * Python: `Popen.wait(timeout)`.
   *
   * @param options `timeout` in milliseconds from the call; `signal` to give up.
   * @returns Its return code.
   * @throws {TimeoutExpired} After `timeout`; the program runs on.
   */
  async wait(options?: WaitOptions): Promise<number> {
    await this.#hold(this.#ended, options);
    return this.#returnCode!;
  }

  /**
   * Sends all of `input`, reads all output, and waits for the end: all at once,
   * so that no pipe can fill up while the other side waits. A program that does
   * not read its input to the end is no error.
   *
   * Python: `Popen.communicate(input, timeout)`.
   *
   * @param options `input`; `timeout` in milliseconds from the call.
   * @returns What it wrote to stdout and to stderr; undefined for what is no
   * pipe.
   * @throws {TimeoutExpired} After `timeout`, with the output until then. The
   * program runs on, and another call goes on where this one gave up.
   * @throws {StateError} If there is `input` and stdin is no pipe, or input was
   * given before.
   */
  async communicate(
    options: CommunicateOptions = {},
  ): Promise<[stdout: Data | undefined, stderr: Data | undefined]> {
    const { input, timeout } = options;
    deadlineOf({ timeout });
    this.#send(input);
    const outputs = [this.stdout, this.stderr];
    const all = Promise.all([
      this.#ended,
      ...outputs.map((output) => output?.collect()),
    ]);
    await this.#hold(all, { timeout });
    return [this.stdout?.collected, this.stderr?.collected];
  }

  /**
   * Asks it to end: SIGTERM. Does nothing if it has ended.
   *
   * Python: `Popen.terminate()`.
   */
  terminate(): void {
    this.sendSignal("SIGTERM");
  }

  /**
   * Ends it: SIGKILL. Does nothing if it has ended.
   *
   * Python: `Popen.kill()`.
   */
  kill(): void {
    this.sendSignal("SIGKILL");
  }

  /**
   * Sends it a signal. Does nothing if it has ended.
   *
   * Python: `Popen.send_signal(signal)`.
   *
   * @param signal Its name.
   * @throws {TypeError} If there is no such signal.
   */
  sendSignal(signal: Deno.Signal): void {
    if (this.#returnCode !== undefined) return;
    try {
      this.#process.kill(signal);
    } catch (error) {
      const { message } = error as Error;
      // It has, and its status is on its way.
      if (/already (?:terminated|closed)|No such process/.test(message)) return;
      if (error instanceof Deno.errors.NotFound) return;
      throw error;
    }
  }

  /** Closes its input, drops what it writes to pipes, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stdin?.close();
    await this.stdout?.close();
    await this.stderr?.close();
    await this.wait();
  }

  #send(input: string | Uint8Array | undefined): void {
    if (input === undefined) {
      if (!this.#hasInput) this.stdin?.close();
      return;
    }
    const bytes = asBytes(input, this.#options);
    if (this.stdin === undefined) {
      throw new StateError("Cannot send input: stdin is not a pipe");
    }
    if (this.#hasInput) {
      throw new StateError("Cannot send input: it was sent already");
    }
    this.#hasInput = true;
    this.stdin.sendAll(bytes);
  }

  /** Waits, and keeps this program alive for as long as that takes. */
  async #hold(
    end: Promise<unknown>,
    options: WaitOptions | undefined,
  ): Promise<void> {
    if (await this.#keeper.during(waitUntil(end, options))) return;
    throw new TimeoutExpired(options!.timeout ?? 0, {
      command: this.args,
      stdout: this.stdout?.collected,
      stderr: this.stderr?.collected,
    });
  }
}

function inputMode(from: InputFrom | undefined): "inherit" | "null" | "piped" {
  if (from === undefined) return "inherit";
  if (from === DEVNULL) return "null";
  if (from === PIPE || isFile(from) || streamOf(from) !== undefined) {
    return "piped";
  }
  throw new TypeError(
    `Cannot run program: stdin must be PIPE, DEVNULL, a file, a path or a stream: got ${
      Deno.inspect(from)
    }`,
  );
}

function streamOf(
  from: InputFrom | undefined,
): ReadableStream<Uint8Array> | undefined {
  if (from instanceof ProgramOutput) return from.readable;
  return from instanceof ReadableStream ? from : undefined;
}

function openInput(file: File): ReadableStream<Uint8Array> {
  return file instanceof Deno.FsFile
    ? file.readable
    : Deno.openSync(file).readable;
}

/** Carries a stream to a program, which may stop reading when it likes. */
async function feed(
  from: ReadableStream<Uint8Array>,
  to: WritableStream<Uint8Array>,
): Promise<void> {
  try {
    await from.pipeTo(to);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

async function save(
  from: ReadableStream<Uint8Array>,
  to: File,
): Promise<void> {
  const [file, isOurs] = openOutput(to);
  try {
    for await (const chunk of from) writeAll(file, chunk);
  } finally {
    if (isOurs) file.close();
  }
}
