// Copyright 2026 the authors. MIT license.

// How a command is run, checked before anything runs.

import { checkBoolean, checkOptions, wrongKind } from "../memory/check.ts";
import { PIPE, type StdioOptions } from "./stdio.ts";
import type { TextOptions } from "./text_mode.ts";
import { checkLimits, type LimitOptions } from "./time_limit.ts";
import { type CommandOptions, RUN } from "./words.ts";

/** How a command is run. */
export interface PopenOptions
  extends CommandOptions, StdioOptions, TextOptions {}

/** No options: bytes. */
export type NoOptions = Readonly<Record<never, never>>;

/** How `call` and `checkCall` run a command. */
export interface CallOptions extends PopenOptions, LimitOptions {}

/** How `checkOutput` runs a command. */
export interface CheckOutputOptions extends CallOptions {
  /** What the command reads; a string as UTF-8. Not together with `stdin`. */
  input?: Uint8Array | string | undefined;
  /** Not here: it is the pipe that is read. */
  stdout?: undefined;
}

/** How `run` runs a command. */
export interface RunOptions extends CallOptions {
  /** What the command reads; a string as UTF-8. Not together with `stdin`. */
  input?: Uint8Array | string | undefined;
  /**
   * Whether stdout and stderr are pipes. Not together with either of them.
   *
   * @default {false}
   */
  captureOutput?: boolean | undefined;
  /**
   * Whether an exit code other than 0 is an error.
   *
   * @default {false}
   */
  check?: boolean | undefined;
}

/**
 * Throws unless `options` is an object with known names: one that is written
 * wrongly would run the command otherwise than meant.
 */
export function checkPopenOptions(options: PopenOptions): void {
  checkOptions(RUN, options, OPTIONS);
}

/** A command that is to be run to its end. */
export interface Plan {
  readonly popen: PopenOptions;
  readonly limits: LimitOptions;
  readonly input: Uint8Array | string | undefined;
  readonly check: boolean;
}

/** The options of `call`. */
export function planOfCall(options: CallOptions = {}): Plan {
  checkOptions(RUN, options, CALL_OPTIONS);
  const { timeout, signal, ...popen } = options;
  const limits = { timeout, signal };
  checkLimits(limits);
  signal?.throwIfAborted();
  return { popen, limits, input: undefined, check: false };
}

/** The options of `run`. */
export function planOfRun(options: RunOptions = {}): Plan {
  checkOptions(RUN, options, RUN_OPTIONS);
  const { input, captureOutput = false, check = false, ...rest } = options;
  checkBoolean(RUN, "captureOutput", captureOutput);
  checkBoolean(RUN, "check", check);
  const plan = planOfCall(rest);
  const popen = { ...plan.popen };
  if (input !== undefined) {
    checkInput(input, popen);
    popen.stdin = PIPE;
  }
  if (captureOutput) {
    if (popen.stdout !== undefined || popen.stderr !== undefined) {
      throw new TypeError(
        "Cannot run command: captureOutput goes without stdout and stderr",
      );
    }
    popen.stdout = popen.stderr = PIPE;
  }
  return { ...plan, popen, input, check };
}

/** The options of `checkOutput`. */
export function planOfCheckOutput(options: CheckOutputOptions = {}): Plan {
  checkOptions(RUN, options, CHECK_OUTPUT_OPTIONS);
  const { input, ...rest } = options;
  if (rest.stdout !== undefined) {
    throw new TypeError(
      "Cannot run command: checkOutput reads stdout, which cannot go elsewhere",
    );
  }
  return planOfRun({ ...rest, stdout: PIPE, input, check: true });
}

const OPTIONS = [
  "cwd",
  "env",
  "shell",
  "executable",
  "startNewSession",
  "processGroup",
  "stdin",
  "stdout",
  "stderr",
  "text",
  "universalNewlines",
  "encoding",
  "errors",
];

const CALL_OPTIONS = [...OPTIONS, "timeout", "signal"];
/** The names in the options of `getOutput`: the others it sets itself. */
export const GET_OUTPUT_OPTIONS: readonly string[] = CALL_OPTIONS.filter(
  (name) => !/^(?:shell|std.*|text|universalNewlines)$/.test(name),
);

const CHECK_OUTPUT_OPTIONS = [...CALL_OPTIONS, "input"];
const RUN_OPTIONS = [...CHECK_OUTPUT_OPTIONS, "captureOutput", "check"];

function checkInput(input: unknown, { stdin }: PopenOptions): void {
  if (stdin !== undefined) {
    throw new TypeError("Cannot run command: input goes without stdin");
  }
  if (typeof input === "string" || input instanceof Uint8Array) return;
  throw wrongKind(RUN, "input", "bytes or a string", input);
}
