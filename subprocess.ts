// Copyright 2026 the authors. MIT license.

/**
 * Commands: other programs that this one runs, feeds, reads and waits for.
 *
 * | you want to | take |
 * |---|---|
 * | run a command and look at how it ended | {@linkcode run}, {@linkcode call} |
 * | have a bad end thrown | {@linkcode checkCall}, `run` with `check` |
 * | have its output | {@linkcode checkOutput}, `run` with `captureOutput` |
 * | a line of the shell | {@linkcode getOutput}, or `shell` anywhere |
 * | go on while it runs, talk with it, connect several | {@linkcode Popen} |
 *
 * Names and defaults are Python's; times are milliseconds. The functions have
 * forms that block the thread: {@linkcode runSync} and its sisters.
 *
 * Python: `subprocess`.
 *
 * @example
 * ```ts
 * import { subprocess } from "./mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { stdout } = await subprocess.run(["sort"], {
 *   input: "b\na\n",
 *   captureOutput: true,
 *   text: true,
 *   check: true,
 *   timeout: 10_000,
 * });
 * assertEquals(stdout, "a\nb\n");
 * ```
 *
 * @module
 */

export {
  BrokenPipeError,
  CalledProcessError,
  type FailedCommand,
  type SlowCommand,
  StateError,
  TimeoutExpired,
} from "./errors.ts";
export * from "./subprocess/completed_process.ts";
export type { NoOptions, PopenOptions } from "./subprocess/options.ts";
export type { Args, CommandOptions } from "./subprocess/words.ts";
export {
  DEVNULL,
  type FileTarget,
  PIPE,
  type StderrOption,
  type StdinOption,
  type StdioOptions,
  STDOUT,
  type StdoutOption,
} from "./subprocess/stdio.ts";
export type {
  OptionOf,
  Output,
  OutputOf,
  TextErrors,
  TextOptions,
} from "./subprocess/text_mode.ts";
export type { LimitOptions } from "./subprocess/time_limit.ts";
export * from "./subprocess/popen.ts";
export {
  call,
  type CallOptions,
  checkCall,
  checkOutput,
  type CheckOutputOptions,
  getOutput,
  type GetOutputOptions,
  getStatusOutput,
  run,
  type RunOptions,
} from "./subprocess/run.ts";
export * from "./subprocess/run_sync.ts";
