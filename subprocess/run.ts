// Copyright 2026 the authors. MIT license.

// Functions that run a command to its end.

import { CompletedProcess } from "./completed_process.ts";
import { checkOptions } from "../memory/check.ts";
import { type Args, type CommandOptions, RUN } from "./words.ts";
import {
  type CallOptions,
  type CheckOutputOptions,
  GET_OUTPUT_OPTIONS,
  type NoOptions,
  type Plan,
  planOfCall,
  planOfCheckOutput,
  planOfRun,
  type RunOptions,
} from "./options.ts";
import { PIPE, STDOUT } from "./stdio.ts";
import type { Output, OutputOf, TextOptions } from "./text_mode.ts";
import type { LimitOptions } from "./time_limit.ts";
import { Popen } from "./popen.ts";

export type { CallOptions, CheckOutputOptions, RunOptions } from "./options.ts";

/** How {@linkcode getOutput} runs a line of the shell. */
export interface GetOutputOptions
  extends
    Omit<CommandOptions, "shell">,
    Pick<TextOptions, "encoding" | "errors">,
    LimitOptions {}

/**
 * Runs a command to its end and returns what it has left behind. Both streams
 * of a pipe are served at once, so no amount of input and output can block it.
 *
 * Python: `subprocess.run(args, …)`.
 *
 * @typeParam O The options, which say whether output is bytes or text.
 * @param args The program and its arguments; with `shell` a line for the shell.
 * @param options {@linkcode RunOptions}; `timeout` in milliseconds.
 * @returns The exit code, and what came out of the pipes.
 * @throws {TypeError} If an argument or option is of the wrong kind, or two do
 * not go together; or if output should be text and is not: the command has
 * ended then.
 * @throws {CalledProcessError} If `check` is true and the exit code is not 0.
 * @throws {TimeoutExpired} If it did not end in time; it was killed, and it
 * alone: what it has started goes on, with `shell` the command itself, unless
 * the shell gave way to it. To end all, take {@linkcode Popen} with
 * `startNewSession` and {@linkcode Popen.killGroup}. The output so far is in
 * the error.
 * @throws {RangeError} If `timeout` is negative.
 * @throws {Deno.errors.NotFound} If there is no such command, folder or file.
 * @throws {Deno.errors.PermissionDenied} If it is no program for this user.
 * @throws {Deno.errors.NotCapable} If this program may not run it: see
 * {@linkcode Popen}.
 * @throws {DOMException} `AbortError`, or the reason of `signal`; the command
 * was killed.
 *
 * @example
 * ```ts
 * import { subprocess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { stdout, returnCode } = await subprocess.run(["cat"], {
 *   input: "hello",
 *   captureOutput: true,
 *   text: true,
 * });
 * assertEquals([stdout, returnCode], ["hello", 0]);
 * ```
 */
export async function run<const O extends RunOptions = NoOptions>(
  args: Args,
  options?: O,
): Promise<CompletedProcess<OutputOf<O>>> {
  return await runToEnd(args, planOfRun(options)) as CompletedProcess<
    OutputOf<O>
  >;
}

/**
 * Runs a command to its end and returns its exit code. The output of pipes is
 * dropped.
 *
 * Python: `subprocess.call(args, …)`.
 *
 * @param args As of {@linkcode run}.
 * @param options {@linkcode CallOptions}; `timeout` in milliseconds.
 * @returns The exit code, −N if signal N ended it.
 * @throws {TimeoutExpired} If it did not end in time; it was killed.
 * @throws {TypeError} As {@linkcode run}, like all but a bad exit code.
 *
 * @example
 * ```ts
 * import { subprocess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await subprocess.call(["false"]), 1);
 * ```
 */
export async function call(args: Args, options?: CallOptions): Promise<number> {
  return (await runToEnd(args, planOfCall(options))).returnCode;
}

/**
 * Runs a command to its end, which must be good.
 *
 * Python: `subprocess.check_call(args, …)`.
 *
 * @param args As of {@linkcode run}.
 * @param options {@linkcode CallOptions}; `timeout` in milliseconds.
 * @returns 0.
 * @throws {CalledProcessError} If the exit code is not 0.
 * @throws {TimeoutExpired} If it did not end in time; it was killed.
 * @throws {TypeError} As {@linkcode run}, like all else.
 *
 * @example
 * ```ts
 * import { subprocess } from "../mod.ts";
 *
 * await subprocess.checkCall(["true"]);
 * ```
 */
export async function checkCall(
  args: Args,
  options?: CallOptions,
): Promise<number> {
  const plan = { ...planOfCall(options), check: true };
  return (await runToEnd(args, plan)).returnCode;
}

/**
 * Runs a command to its end, which must be good, and returns its output.
 *
 * Python: `subprocess.check_output(args, …)`.
 *
 * @typeParam O The options, which say whether output is bytes or text.
 * @param args As of {@linkcode run}.
 * @param options {@linkcode CheckOutputOptions}; `timeout` in milliseconds.
 * @returns What it wrote to stdout.
 * @throws {CalledProcessError} If the exit code is not 0.
 * @throws {TimeoutExpired} If it did not end in time; it was killed.
 * @throws {TypeError} As {@linkcode run}, like all else.
 *
 * @example
 * ```ts
 * import { subprocess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = await subprocess.checkOutput(["echo", "hello"], { text: true });
 * assertEquals(text, "hello\n");
 * ```
 */
export async function checkOutput<
  const O extends CheckOutputOptions = NoOptions,
>(args: Args, options?: O): Promise<OutputOf<O>> {
  const { stdout } = await runToEnd(args, planOfCheckOutput(options));
  return stdout as OutputOf<O>;
}

/**
 * Runs a line of the shell and returns what it wrote to stdout and stderr, as
 * text without the newline at its end, however it ended.
 *
 * Python: `subprocess.getoutput(cmd)`.
 *
 * @param cmd The line.
 * @param options {@linkcode GetOutputOptions}; `timeout` in milliseconds.
 * @returns The text.
 * @throws {TypeError} As {@linkcode run}, like all but a bad exit code.
 *
 * @example
 * ```ts
 * import { subprocess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await subprocess.getOutput("echo hello"), "hello");
 * ```
 */
export async function getOutput(
  cmd: string,
  options?: GetOutputOptions,
): Promise<string> {
  return (await getStatusOutput(cmd, options))[1];
}

/**
 * As {@linkcode getOutput}, with the exit code.
 *
 * Python: `subprocess.getstatusoutput(cmd)`.
 *
 * @param cmd The line.
 * @param options {@linkcode GetOutputOptions}; `timeout` in milliseconds.
 * @returns The exit code, and the text.
 * @throws {TypeError} As {@linkcode run}, like all but a bad exit code.
 *
 * @example
 * ```ts
 * import { subprocess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const result = await subprocess.getStatusOutput("echo no >&2; exit 2");
 * assertEquals(result, [2, "no"]);
 * ```
 */
export async function getStatusOutput(
  cmd: string,
  options?: GetOutputOptions,
): Promise<[number, string]> {
  const done = await runToEnd(cmd, planOfGetOutput(options));
  return [done.returnCode, withoutNewline(done.stdout)];
}

/** The options of {@linkcode getOutput}. */
export function planOfGetOutput(options: GetOutputOptions = {}): Plan {
  checkOptions(RUN, options, GET_OUTPUT_OPTIONS);
  return planOfCall({
    ...options,
    shell: true,
    text: true,
    stdout: PIPE,
    stderr: STDOUT,
  });
}

/** Text as {@linkcode getOutput} returns it. */
export function withoutNewline(output: Output | undefined): string {
  return String(output).replace(/\n$/, "");
}

async function runToEnd(
  args: Args,
  { popen, limits, input, check }: Plan,
): Promise<CompletedProcess<Output>> {
  await using p = new Popen(args, popen);
  try {
    const [stdout, stderr] = await p.communicate({ ...limits, input });
    const returnCode = p.returnCode!;
    const done = new CompletedProcess({ args, returnCode, stdout, stderr });
    if (check) done.checkReturnCode();
    return done;
  } catch (error) {
    p.kill();
    throw error;
  }
}
