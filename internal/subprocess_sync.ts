// Copyright 2026 the authors. MIT license.

// A program that this thread blocks for. Deno's own blocking form knows neither
// input nor a timeout: input is a file then, and for a timeout Node's is used.

import {
  type Args,
  mergingErrors,
  placeOf,
  type PlaceOptions,
  readingFrom,
  returnCodeOf,
  startFailure,
  wordsOf,
} from "./subprocess_command.ts";
import {
  DEVNULL,
  type ErrorsTo,
  type File,
  isFile,
  openOutput,
  outputMode,
  type OutputTo,
  STDOUT,
  writeAll,
} from "./subprocess_stdio.ts";

/** What a program is to be run with. */
export interface BlockingRun extends PlaceOptions {
  readonly input: Uint8Array | undefined;
  readonly timeout: number | undefined;
  readonly stdin: typeof DEVNULL | File | undefined;
  readonly stdout: OutputTo | undefined;
  readonly stderr: ErrorsTo | undefined;
}

/** What became of it. */
export interface BlockingResult {
  /** Undefined if its time was over: then it was killed. */
  readonly returnCode: number | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** Runs a program to its end. */
export function runBlocking(args: Args, run: BlockingRun): BlockingResult {
  const words = wordsOf(args, run);
  const { input, stdin, stdout, stderr } = run;
  const modes = {
    stdout: outputMode(stdout, "stdout"),
    stderr: outputMode(stderr, "stderr"),
  };
  const source = input === undefined ? undefined : writeTemporary(input);
  try {
    let whole = stderr === STDOUT ? mergingErrors(words) : words;
    const from = source ?? pathOf(stdin);
    if (from !== undefined) whole = readingFrom(whole, from);
    const mode = stdin === DEVNULL ? "null" : "inherit";
    const result = run.timeout === undefined
      ? runWithDeno(words, whole, run, { stdin: mode, ...modes })
      : runWithNode(words, whole, run, { stdin: mode, ...modes });
    if (isFile(stdout)) save(result.stdout, stdout);
    if (isFile(stderr)) save(result.stderr, stderr);
    return result;
  } finally {
    if (source !== undefined) Deno.removeSync(source);
  }
}

interface Modes {
  readonly stdin: "inherit" | "null";
  readonly stdout: "inherit" | "null" | "piped";
  readonly stderr: "inherit" | "null" | "piped";
}

function runWithDeno(
  words: readonly string[],
  [program, ...args]: string[],
  run: BlockingRun,
  modes: Modes,
): BlockingResult {
  let output: Deno.CommandOutput;
  try {
    const options = { args, ...placeOf(run), ...modes };
    output = new Deno.Command(program!, options).outputSync();
  } catch (error) {
    throw startFailure(error, words, run);
  }
  return {
    returnCode: returnCodeOf(output),
    stdout: modes.stdout === "piped" ? output.stdout : NOTHING,
    stderr: modes.stderr === "piped" ? output.stderr : NOTHING,
  };
}

const NOTHING = new Uint8Array(0);

interface NodeResult {
  readonly status: number | null;
  readonly signal: Deno.Signal | null;
  readonly stdout: Uint8Array | null;
  readonly stderr: Uint8Array | null;
  readonly error?: Error & { code?: string };
}

interface NodeProcesses {
  spawnSync(program: string, args: string[], options: object): NodeResult;
}

interface NodeConstants {
  readonly constants: { readonly signals: Record<string, number> };
}

function runWithNode(
  words: readonly string[],
  [program, ...args]: string[],
  run: BlockingRun,
  modes: Modes,
): BlockingResult {
  const { cwd, env, timeout } = run;
  const { spawnSync } = builtin("node:child_process") as NodeProcesses;
  const result = spawnSync(program!, args, {
    ...(cwd === undefined ? {} : { cwd: cwd.toString() }),
    ...(env === undefined ? {} : { env }),
    // 0 would be no limit.
    timeout: Math.max(1, Math.ceil(timeout!)),
    killSignal: "SIGKILL",
    maxBuffer: Infinity,
    stdio: [modes.stdin, modes.stdout, modes.stderr].map(nodeMode),
  });
  const { status, signal, error } = result;
  if (error?.code === "ENOENT") {
    throw startFailure(new Deno.errors.NotFound(error.message), words, run);
  }
  const isLate = error?.code === "ETIMEDOUT";
  if (error !== undefined && !isLate) throw error;
  const { constants } = builtin("node:os") as NodeConstants;
  return {
    returnCode: isLate
      ? undefined
      : signal === null
      ? status!
      : -constants.signals[signal]!,
    stdout: result.stdout ?? NOTHING,
    stderr: result.stderr ?? NOTHING,
  };
}

function nodeMode(mode: "inherit" | "null" | "piped"): string {
  return { inherit: "inherit", null: "ignore", piped: "pipe" }[mode];
}

// Loaded at its first use, since it takes tens of milliseconds.
function builtin(name: string): unknown {
  return (globalThis as unknown as {
    process: { getBuiltinModule(name: string): unknown };
  }).process.getBuiltinModule(name);
}

function writeTemporary(bytes: Uint8Array): string {
  const path = Deno.makeTempFileSync();
  Deno.writeFileSync(path, bytes);
  return path;
}

function pathOf(stdin: BlockingRun["stdin"]): string | undefined {
  if (stdin === undefined || stdin === DEVNULL) return undefined;
  if (typeof stdin === "string") return stdin;
  if (stdin instanceof URL) return decodeURIComponent(stdin.pathname);
  throw new TypeError(
    "Cannot run program: while this thread blocks, stdin can be DEVNULL or a path: give an open file's content as input",
  );
}

function save(bytes: Uint8Array, to: File): void {
  const [file, isOurs] = openOutput(to);
  writeAll(file, bytes);
  if (isOurs) file.close();
}
