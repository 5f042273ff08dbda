// Copyright 2026 the authors. MIT license.

// How a command is run to its end, checked before anything runs.

import type { PopenOptions } from "./popen_options.ts";
import { PIPE } from "./stdio.ts";
import { checkLimits, type LimitOptions } from "./time_limit.ts";

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

/** A command that is to be run to its end. */
export interface Plan {
  readonly popen: PopenOptions;
  readonly limits: LimitOptions;
  readonly input: Uint8Array | string | undefined;
  readonly check: boolean;
}

/** What `call` is to do. */
export function planOfCall(options: CallOptions = {}): Plan {
  const { timeout, signal, ...popen } = checkedObject(options);
  const limits = { timeout, signal };
  checkLimits(limits);
  signal?.throwIfAborted();
  return { popen, limits, input: undefined, check: false };
}

/** What `run` is to do. */
export function planOfRun(options: RunOptions = {}): Plan {
  const { input, captureOutput = false, check = false, ...rest } =
    checkedObject(options);
  checkFlag("captureOutput", captureOutput);
  checkFlag("check", check);
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

/** What `checkOutput` is to do. */
export function planOfCheckOutput(options: CheckOutputOptions = {}): Plan {
  const { input, ...rest } = checkedObject(options);
  if (rest.stdout !== undefined) {
    throw new TypeError(
      "Cannot run command: checkOutput reads stdout, which cannot go elsewhere",
    );
  }
  for (const name of ["check", "captureOutput"]) {
    if (!(name in rest)) continue;
    throw new TypeError(`Cannot run command: there is no option ${name}`);
  }
  return planOfRun({ ...rest, stdout: PIPE, input, check: true });
}

function checkedObject<T extends object>(options: T): T {
  if (typeof options === "object" && options !== null) return options;
  throw new TypeError(
    `Cannot run command: options must be an object: got ${typeof options}`,
  );
}

function checkFlag(name: string, value: unknown): void {
  if (typeof value === "boolean") return;
  throw new TypeError(
    `Cannot run command: ${name} must be a boolean: got ${typeof value}`,
  );
}

function checkInput(input: unknown, { stdin }: PopenOptions): void {
  if (stdin !== undefined) {
    throw new TypeError("Cannot run command: input goes without stdin");
  }
  if (typeof input === "string" || input instanceof Uint8Array) return;
  throw new TypeError(
    `Cannot run command: input must be bytes or a string: got ${typeof input}`,
  );
}
