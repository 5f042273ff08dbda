// Copyright 2026 the authors. MIT license.

// Functions that run a command to its end, blocking the thread.

import { CompletedProcess } from "./completed_process.ts";
import { TimeoutExpired } from "../errors.ts";
import { outputOf } from "./output.ts";
import { runCommand } from "./command.ts";
import { type Args, commandLineOf, commandText } from "./words.ts";
import {
  checkPopenOptions,
  type NoOptions,
  type Plan,
  planOfCall,
  planOfCheckOutput,
  planOfRun,
  type PopenOptions,
} from "./options.ts";
import {
  checkStdio,
  closeDescriptor,
  descriptorOf,
  DEVNULL,
  PIPE,
  Redirection,
} from "./stdio.ts";
import { type Output, type OutputOf, textModeOf } from "./text_mode.ts";
import {
  type CallOptions,
  type CheckOutputOptions,
  type GetOutputOptions,
  planOfGetOutput,
  type RunOptions,
  withoutNewline,
} from "./run.ts";

/**
 * As {@linkcode run}, blocking this thread: no timer, promise or signal handler
 * of it runs meanwhile, and `signal` is looked at once, before the command
 * runs.
 *
 * What needs an event loop is refused: a stream or a `Deno.FsFile` as stdin, a
 * `Deno.FsFile` as stdout or stderr; name the file by its path or descriptor.
 * The command finds `input` in a file without a name, not in a pipe: this
 * program must be allowed to write to the folder of temporary files. With a
 * `timeout` it must be allowed to read the environment, and with `input`, a
 * file as stdin or `env` besides to run `/bin/sh`; then it also waits for the
 * end of pipes that a child of the command has kept, if the command itself ends
 * in time. With a `timeout` the command leads a group of its own, which the
 * Ctrl-C of a terminal does not reach.
 *
 * Python: `subprocess.run(args, …)`.
 *
 * @throws {TypeError} As {@linkcode run}, and for what is refused here.
 *
 * @example
 * ```ts
 * import { subprocess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { stdout } = subprocess.runSync(["cat"], {
 *   input: "hello",
 *   captureOutput: true,
 *   text: true,
 * });
 * assertEquals(stdout, "hello");
 * ```
 */
export function runSync<const O extends RunOptions = NoOptions>(
  args: Args,
  options?: O,
): CompletedProcess<OutputOf<O>> {
  return runToEnd(args, planOfRun(options)) as CompletedProcess<OutputOf<O>>;
}

/**
 * As {@linkcode call}, blocking this thread: see {@linkcode runSync}.
 *
 * Python: `subprocess.call(args, …)`.
 */
export function callSync(args: Args, options?: CallOptions): number {
  return runToEnd(args, planOfCall(options)).returnCode;
}

/**
 * As {@linkcode checkCall}, blocking this thread: see {@linkcode runSync}.
 *
 * Python: `subprocess.check_call(args, …)`.
 */
export function checkCallSync(args: Args, options?: CallOptions): number {
  return runToEnd(args, { ...planOfCall(options), check: true }).returnCode;
}

/**
 * As {@linkcode checkOutput}, blocking this thread: see {@linkcode runSync}.
 *
 * Python: `subprocess.check_output(args, …)`.
 */
export function checkOutputSync<
  const O extends CheckOutputOptions = NoOptions,
>(args: Args, options?: O): OutputOf<O> {
  return runToEnd(args, planOfCheckOutput(options)).stdout as OutputOf<O>;
}

/**
 * As {@linkcode getOutput}, blocking this thread: see {@linkcode runSync}.
 *
 * Python: `subprocess.getoutput(cmd)`.
 */
export function getOutputSync(cmd: string, options?: GetOutputOptions): string {
  return getStatusOutputSync(cmd, options)[1];
}

/**
 * As {@linkcode getStatusOutput}, blocking this thread: see
 * {@linkcode runSync}.
 *
 * Python: `subprocess.getstatusoutput(cmd)`.
 */
export function getStatusOutputSync(
  cmd: string,
  options?: GetOutputOptions,
): [number, string] {
  const done = runToEnd(cmd, planOfGetOutput(options));
  return [done.returnCode, withoutNewline(done.stdout)];
}

function runToEnd(
  args: Args,
  { popen, limits, input, check }: Plan,
): CompletedProcess<Output> {
  checkPopenOptions(popen);
  const line = commandLineOf(args, popen);
  const mode = textModeOf(popen);
  checkStdio(popen);
  checkBlocking(popen);
  using stdin = new Input(popen.stdin === PIPE ? input ?? "" : undefined);
  using streams = new Redirection({
    ...popen,
    stdin: stdin.source ?? popen.stdin,
  });
  const ended = runCommand(line, streams, limits.timeout);
  const extent = ended.isExpired ? "part" : "whole";
  const stdout = ended.stdout && outputOf(ended.stdout, mode, extent);
  const stderr = ended.stderr && outputOf(ended.stderr, mode, extent);
  if (ended.isExpired) {
    const timeout = limits.timeout!;
    throw new TimeoutExpired(
      `Cannot run ${commandText(args)}: it did not end within ${timeout} ms`,
      { cmd: args, timeout, output: stdout, stderr },
    );
  }
  const returnCode = ended.code;
  const done = new CompletedProcess({ args, returnCode, stdout, stderr });
  if (check) done.checkReturnCode();
  return done;
}

// No thread can serve a pipe to a command while its caller is blocked, and the
// platform offers no pipe that holds any amount. A file does.
class Input implements Disposable {
  readonly source: number | undefined;

  constructor(input: Uint8Array | string | undefined) {
    if (input === undefined) return;
    const bytes = typeof input === "string"
      ? new TextEncoder().encode(input)
      : input;
    this.source = bytes.length === 0 ? DEVNULL : descriptorOf(bytes);
  }

  [Symbol.dispose](): void {
    const { source = DEVNULL } = this;
    if (source !== DEVNULL) closeDescriptor(source);
  }
}

function checkBlocking({ stdin, stdout, stderr }: PopenOptions): void {
  for (const [name, target] of Object.entries({ stdin, stdout, stderr })) {
    const isPumped = target instanceof ReadableStream ||
      target instanceof Deno.FsFile;
    if (!isPumped) continue;
    throw new TypeError(
      `Cannot run command: ${name} needs an event loop in a Sync form: use a path or a descriptor`,
    );
  }
}
