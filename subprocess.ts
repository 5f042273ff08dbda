// Copyright 2026 the authors. MIT license.

/**
 * Other programs: run one and wait for it, or talk to it while it runs.
 *
 * Python: `subprocess`. Times are milliseconds. It needs `--allow-run`.
 *
 * | you want to | take |
 * |---|---|
 * | run a program and see what became of it | {@linkcode run} |
 * | its exit code, its output on the terminal | {@linkcode call}, {@linkcode checkCall} |
 * | its output | {@linkcode checkOutput}, {@linkcode getOutput} |
 * | talk to it while it runs | {@linkcode Popen} |
 *
 * The `…Sync` forms block this thread.
 *
 * @example
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await subprocess.call(["true"]), 0);
 * assertEquals(await subprocess.checkOutput(["echo", "hi"], { text: true }), "hi\n");
 * ```
 *
 * @module
 */

import { CalledProcessError, TimeoutExpired } from "./errors.ts";
import { checkTimeout } from "./internal/deadline.ts";
import {
  type BlockingResult,
  runBlocking,
} from "./internal/subprocess_sync.ts";
import { asBytes, asData, checkText } from "./internal/subprocess_text.ts";
import {
  type Args,
  type Data,
  type DEVNULL,
  type ErrorsTo,
  type OutputTo,
  PIPE,
  Popen,
  type PopenOptions,
  STDOUT,
} from "./popen.ts";

export * from "./popen.ts";
export { CalledProcessError, TimeoutExpired } from "./errors.ts";

/** How a program is run to its end. */
export interface RunOptions extends PopenOptions {
  /** What it reads, text or bytes; stdin is a pipe then. */
  input?: string | Uint8Array | undefined;
  /**
   * True: stdout and stderr are pipes, and what comes is in the result.
   *
   * @default {false}
   */
  captureOutput?: boolean | undefined;
  /** After so many milliseconds the program is killed. */
  timeout?: number | undefined;
  /**
   * True: a return code other than 0 is a {@linkcode CalledProcessError}.
   *
   * @default {false}
   */
  check?: boolean | undefined;
}

/** How a program is run by a `…Sync` form. */
export interface RunSyncOptions
  extends Omit<RunOptions, "stdin" | "stdout" | "stderr"> {
  /** Where its input comes from, if there is no `input`. */
  stdin?: typeof DEVNULL | string | URL | undefined;
  /** Where its output goes. */
  stdout?: OutputTo | undefined;
  /** Where its errors go. */
  stderr?: ErrorsTo | undefined;
}

/** What makes output text. */
export type AsText = { text: true } | { encoding: string };

/** What became of a program. Python: `subprocess.CompletedProcess`. */
export class CompletedProcess<T extends Data = Data> {
  /** What was run. */
  readonly args: Args;
  /** How it ended: its exit code, or -N after signal N. */
  readonly returnCode: number;
  /** What it wrote to stdout, if that was captured. */
  readonly stdout: T | undefined;
  /** What it wrote to stderr, if that was captured. */
  readonly stderr: T | undefined;

  /** Made by {@linkcode run}. */
  constructor(
    args: Args,
    returnCode: number,
    stdout: T | undefined,
    stderr: T | undefined,
  ) {
    this.args = args;
    this.returnCode = returnCode;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /**
   * Throws unless it ended with 0.
   *
   * Python: `CompletedProcess.check_returncode()`.
   *
   * @throws {CalledProcessError} If it did not.
   */
  checkReturnCode(): void {
    const { args: command, returnCode, stdout, stderr } = this;
    if (returnCode === 0) return;
    throw new CalledProcessError(returnCode, { command, stdout, stderr });
  }
}

/**
 * Runs a program to its end.
 *
 * Python: `subprocess.run`.
 *
 * @param args The program and its arguments; with `shell`, one string for it.
 * @param options See {@linkcode RunOptions}.
 * @throws {TimeoutExpired} After `timeout`, with the output until then. The
 * program was killed and has ended.
 * @throws {CalledProcessError} With `check`, if it did not end with 0.
 * @throws {TypeError} If options contradict each other or are of the wrong kind.
 * Nothing is started.
 * @throws {Deno.errors.NotFound} If there is no such program.
 *
 * @example
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const done = await subprocess.run(["tr", "a-z", "A-Z"], {
 *   input: "shout",
 *   captureOutput: true,
 *   text: true,
 * });
 * assertEquals(done.stdout, "SHOUT");
 * assertEquals(done.returnCode, 0);
 * ```
 */
export function run(
  args: Args,
  options: RunOptions & AsText,
): Promise<CompletedProcess<string>>;
/** The same with output as bytes. */
export function run(
  args: Args,
  options?: RunOptions & { text?: false; encoding?: undefined },
): Promise<CompletedProcess<Uint8Array<ArrayBuffer>>>;
/** The same with output as the options say. */
export function run(
  args: Args,
  options?: RunOptions,
): Promise<CompletedProcess>;
export async function run(
  args: Args,
  options: RunOptions = {},
): Promise<CompletedProcess> {
  const { input, timeout, check = false } = options;
  checkRun(options);
  if (input !== undefined) asBytes(input, options);
  const p = new Popen(args, {
    ...options,
    ...(input === undefined ? {} : { stdin: PIPE }),
    ...(options.captureOutput ? { stdout: PIPE, stderr: PIPE } : {}),
  });
  let outputs: [Data | undefined, Data | undefined];
  try {
    outputs = await p.communicate({ input, timeout });
  } catch (error) {
    p.kill();
    await p[Symbol.asyncDispose]();
    throw error;
  }
  const done = new CompletedProcess(args, p.returnCode!, ...outputs);
  if (check) done.checkReturnCode();
  return done;
}

/**
 * As {@linkcode run}, blocking this thread. `input` goes through a temporary
 * file, which needs `--allow-write`.
 *
 * Python: `subprocess.run`.
 *
 * @param args The program and its arguments; with `shell`, one string for it.
 * @param options See {@linkcode RunSyncOptions}.
 * @throws {TimeoutExpired} After `timeout`, with the output until then. The
 * program was killed and has ended.
 * @throws {CalledProcessError} With `check`, if it did not end with 0.
 * @throws {TypeError} If options contradict each other or are of the wrong kind.
 * Nothing is started.
 * @throws {Deno.errors.NotFound} If there is no such program.
 *
 * @example
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const done = subprocess.runSync(["sort"], {
 *   input: "b\na\n",
 *   captureOutput: true,
 *   text: true,
 * });
 * assertEquals(done.stdout, "a\nb\n");
 * ```
 */
export function runSync(
  args: Args,
  options: RunSyncOptions & AsText,
): CompletedProcess<string>;
/** The same with output as bytes. */
export function runSync(
  args: Args,
  options?: RunSyncOptions & { text?: false; encoding?: undefined },
): CompletedProcess<Uint8Array<ArrayBuffer>>;
/** The same with output as the options say. */
export function runSync(args: Args, options?: RunSyncOptions): CompletedProcess;
export function runSync(
  args: Args,
  options: RunSyncOptions = {},
): CompletedProcess {
  checkRun(options);
  const { input, timeout, captureOutput, check = false } = options;
  const stdout = captureOutput ? PIPE : options.stdout;
  const stderr = captureOutput ? PIPE : options.stderr;
  const result = runBlocking(args, {
    ...options,
    input: input === undefined ? undefined : asBytes(input, options),
    timeout,
    stdin: options.stdin,
    stdout,
    stderr,
  });
  const captured = (to: ErrorsTo | undefined, name: "stdout" | "stderr") =>
    to === PIPE ? asData([result[name]], options) : undefined;
  return finish(
    args,
    result,
    {
      stdout: captured(stdout, "stdout"),
      stderr: captured(stderr, "stderr"),
    },
    timeout,
    check,
  );
}

/**
 * Runs a program to its end and returns how it ended.
 *
 * Python: `subprocess.call`.
 *
 * @param args The program and its arguments.
 * @param options See {@linkcode RunOptions}. Of pipes nothing is kept.
 * @returns Its exit code, or -N after signal N.
 * @throws {TimeoutExpired} After `timeout`; the program was killed.
 * @throws {Deno.errors.NotFound} If there is no such program.
 *
 * @example
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await subprocess.call(["sh", "-c", "exit 3"]), 3);
 * ```
 */
export async function call(args: Args, options?: RunOptions): Promise<number> {
  return (await run(args, options)).returnCode;
}

/**
 * As {@linkcode call}, blocking this thread.
 *
 * Python: `subprocess.call`.
 *
 * @param args The program and its arguments.
 * @param options See {@linkcode RunSyncOptions}.
 * @returns Its exit code, or -N after signal N.
 * @throws {TimeoutExpired} After `timeout`; the program was killed.
 * @throws {Deno.errors.NotFound} If there is no such program.
 *
 * @example
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(subprocess.callSync(["false"]), 1);
 * ```
 */
export function callSync(args: Args, options?: RunSyncOptions): number {
  return runSync(args, options).returnCode;
}

/**
 * As {@linkcode call}; throws unless the program ends with 0.
 *
 * Python: `subprocess.check_call`.
 *
 * @param args The program and its arguments.
 * @param options See {@linkcode RunOptions}.
 * @returns Always 0.
 * @throws {CalledProcessError} If it did not end with 0.
 * @throws {TimeoutExpired} After `timeout`; the program was killed.
 *
 * @example
 * ```ts
 * import { CalledProcessError, subprocess } from "./mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => subprocess.checkCall(["false"]), CalledProcessError);
 * ```
 */
export function checkCall(args: Args, options?: RunOptions): Promise<number> {
  return call(args, { ...options, check: true });
}

/**
 * As {@linkcode checkCall}, blocking this thread.
 *
 * Python: `subprocess.check_call`.
 *
 * @param args The program and its arguments.
 * @param options See {@linkcode RunSyncOptions}.
 * @returns Always 0.
 * @throws {CalledProcessError} If it did not end with 0.
 * @throws {TimeoutExpired} After `timeout`; the program was killed.
 *
 * @example
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(subprocess.checkCallSync(["true"]), 0);
 * ```
 */
export function checkCallSync(args: Args, options?: RunSyncOptions): number {
  return callSync(args, { ...options, check: true });
}

/**
 * Runs a program and returns its output; throws unless it ends with 0.
 *
 * Python: `subprocess.check_output`.
 *
 * @param args The program and its arguments.
 * @param options See {@linkcode RunOptions}.
 * @throws {CalledProcessError} If it did not end with 0; with its output.
 * @throws {TimeoutExpired} After `timeout`; the program was killed.
 * @throws {TypeError} If there is a `stdout` option.
 *
 * @example
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = await subprocess.checkOutput(["printf", "ab"]);
 * assertEquals(bytes, new Uint8Array([97, 98]));
 * ```
 */
export function checkOutput(
  args: Args,
  options: RunOptions & AsText,
): Promise<string>;
/** The same with output as bytes. */
export function checkOutput(
  args: Args,
  options?: RunOptions & { text?: false; encoding?: undefined },
): Promise<Uint8Array<ArrayBuffer>>;
export async function checkOutput(
  args: Args,
  options: RunOptions = {},
): Promise<Data> {
  refuseStdout(options);
  const done = await run(args, { ...options, stdout: PIPE, check: true });
  return done.stdout!;
}

/**
 * As {@linkcode checkOutput}, blocking this thread.
 *
 * Python: `subprocess.check_output`.
 *
 * @param args The program and its arguments.
 * @param options See {@linkcode RunSyncOptions}.
 * @throws {CalledProcessError} If it did not end with 0; with its output.
 * @throws {TimeoutExpired} After `timeout`; the program was killed.
 * @throws {TypeError} If there is a `stdout` option.
 *
 * @example
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(subprocess.checkOutputSync(["echo", "hi"], { text: true }), "hi\n");
 * ```
 */
export function checkOutputSync(
  args: Args,
  options: RunSyncOptions & AsText,
): string;
/** The same with output as bytes. */
export function checkOutputSync(
  args: Args,
  options?: RunSyncOptions & { text?: false; encoding?: undefined },
): Uint8Array<ArrayBuffer>;
export function checkOutputSync(
  args: Args,
  options: RunSyncOptions = {},
): Data {
  refuseStdout(options);
  return runSync(args, { ...options, stdout: PIPE, check: true }).stdout!;
}

/**
 * Has the shell run a command, and returns how it ended and all that it wrote,
 * errors too, without the last end of a line.
 *
 * Python: `subprocess.getstatusoutput`.
 *
 * @param command For `/bin/sh`. What stands in it is code.
 *
 * @example
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await subprocess.getStatusOutput("echo hi; exit 3"), [3, "hi"]);
 * ```
 */
export async function getStatusOutput(
  command: string,
): Promise<[status: number, output: string]> {
  const options = { shell: true, stdout: PIPE, stderr: STDOUT } as const;
  const done = await run(command, { ...options, text: true });
  return [done.returnCode, done.stdout!.replace(/\n$/, "")];
}

/**
 * The output of a shell command, errors too, without the last end of a line.
 *
 * Python: `subprocess.getoutput`.
 *
 * @param command For `/bin/sh`. What stands in it is code.
 *
 * @example
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await subprocess.getOutput("echo hi | tr h H"), "Hi");
 * ```
 */
export async function getOutput(command: string): Promise<string> {
  return (await getStatusOutput(command))[1];
}

function finish(
  args: Args,
  { returnCode }: BlockingResult,
  output: { stdout: Data | undefined; stderr: Data | undefined },
  timeout: number | undefined,
  check: boolean,
): CompletedProcess {
  const { stdout, stderr } = output;
  if (returnCode === undefined) {
    throw new TimeoutExpired(timeout!, { command: args, ...output });
  }
  const done = new CompletedProcess(args, returnCode, stdout, stderr);
  if (check) done.checkReturnCode();
  return done;
}

function checkRun(options: RunOptions | RunSyncOptions): void {
  const { input, stdin, captureOutput, stdout, stderr, timeout } = options;
  checkText(options);
  if (timeout !== undefined) checkTimeout(timeout);
  if (input !== undefined && stdin !== undefined) {
    throw new TypeError("Cannot run program: it has both input and stdin");
  }
  if (captureOutput && (stdout !== undefined || stderr !== undefined)) {
    throw new TypeError(
      "Cannot run program: it has both captureOutput and stdout or stderr",
    );
  }
}

function refuseStdout({ stdout }: { stdout?: OutputTo | undefined }): void {
  if (stdout === undefined) return;
  throw new TypeError("Cannot run program: its stdout is what is returned");
}
