// Copyright 2026 the authors. MIT license.

// A command that has ended, and its output.

import { signalName } from "./signals.ts";
import { CalledProcessError } from "../errors.ts";
import { type Args, commandText } from "./words.ts";
import type { Output } from "./text_mode.ts";

/** The facts that a {@linkcode CompletedProcess} is made from. */
export interface CompletedProcessFields<T extends Output = Uint8Array> {
  /** The command, as it was called. */
  args: Args;
  /** Its exit code, −N after signal N. */
  returnCode: number;
  /** Its output, if it was piped. */
  stdout?: T | undefined;
  /** Its errors, if they were piped. */
  stderr?: T | undefined;
}

/**
 * A command that has ended: what `run` returns.
 *
 * Python: `subprocess.CompletedProcess`.
 *
 * @typeParam T Bytes, or text.
 *
 * @example
 * ```ts
 * import { subprocess } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const done = await subprocess.run(["true"]);
 * assertEquals(done.returnCode, 0);
 * ```
 */
export class CompletedProcess<T extends Output = Uint8Array> {
  /** The command, as it was called. */
  readonly args: Args;
  /** Its exit code, −N if signal N ended it. */
  readonly returnCode: number;
  /** Its output; undefined if it was not piped. */
  readonly stdout: T | undefined;
  /** Its errors; undefined if they were not piped, or went with the output. */
  readonly stderr: T | undefined;

  /** Made by `run`. */
  constructor(fields: CompletedProcessFields<T>) {
    this.args = fields.args;
    this.returnCode = fields.returnCode;
    this.stdout = fields.stdout;
    this.stderr = fields.stderr;
  }

  /**
   * Throws if the exit code is not 0.
   *
   * Python: `CompletedProcess.check_returncode()`.
   *
   * @throws {CalledProcessError} If the exit code is not 0.
   */
  checkReturnCode(): void {
    const { args, returnCode, stdout, stderr } = this;
    if (returnCode === 0) return;
    throw new CalledProcessError(
      `Cannot run ${commandText(args)}: it ${
        returnCode < 0
          ? `was ended by signal ${signalOf(-returnCode)}`
          : `returned ${returnCode}`
      }`,
      { cmd: args, returnCode, output: stdout, stderr },
    );
  }
}

/** A signal by number and, if it has one, by name. */
function signalOf(number: number): string {
  const name = signalName(number);
  return name === undefined ? `${number}` : `${number} (${name})`;
}
