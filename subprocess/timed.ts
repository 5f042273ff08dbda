// Copyright 2026 the authors. MIT license.

// A command with a timeout, for a thread that blocks.

import { builtinModule } from "../memory/builtin.ts";
import type { CommandLine } from "./words.ts";
import { type Streams, wrapped } from "./platform_command.ts";
import { signalNumber } from "./signals.ts";
import type { Stdio } from "./stdio.ts";

/** How a command ended that was waited for in a blocking form. */
export interface Ended {
  /** Its exit code, −N after signal N. */
  readonly code: number;
  /** Its output, if it was piped. */
  readonly stdout: Uint8Array | undefined;
  /** Its errors, if they were piped. */
  readonly stderr: Uint8Array | undefined;
  /** Whether it was killed because its time was up. */
  readonly isExpired: boolean;
}

/** Python's return code: −N after signal N, which Deno counts as 128 + N. */
export function returnCodeOf(status: Deno.CommandStatus): number {
  return status.signal === null ? status.code : 128 - status.code;
}

/**
 * Runs a command to its end, or kills it. Undefined: it could not be started,
 * and it is not known why.
 */
//
// `outputSync` knows no timeout, and while it blocks no other code can kill the
// command. Node's does, and gives what came out so far. Its kill is SIGKILL, so
// it matters not that it reports the signal it sent, whatever the command did.
//
// But in Deno 2.9.6 it cannot take its input from a descriptor, and writes all
// of its own `input` before it reads any output. It adds `env` to the
// environment instead of replacing it, and drops most errors. So the input
// comes as descriptor 3, which a shell makes descriptor 0, and `env` takes out
// what is too much.
export function runInTime(
  line: CommandLine,
  streams: Streams,
  timeout: number,
): Ended | undefined {
  const { stdin, stdout, stderr } = streams;
  const { file, args, cwd, env, isRaw } = withInput(exactly(line), stdin);
  const { error, status, signal, ...output } = builtinModule<ChildProcesses>(
    "node:child_process",
  ).spawnSync(file, args, {
    ...cwd === undefined ? {} : { cwd },
    ...env === undefined ? {} : { env },
    stdio: [
      ...typeof stdin === "number" ? ["ignore"] : [nodeStdio(stdin)],
      nodeStdio(stdout),
      nodeStdio(stderr),
      ...typeof stdin === "number" ? [stdin] : [],
    ],
    maxBuffer: Infinity,
    // Zero would be no limit.
    timeout: Math.max(1, Math.ceil(timeout)),
    killSignal: "SIGKILL",
    windowsVerbatimArguments: isRaw,
  });
  const isExpired = error?.code === "ETIMEDOUT";
  if (!isExpired && (error !== undefined || status === undefined)) {
    return undefined;
  }
  return {
    code: signal ? -signalNumber(signal) : status ?? 0,
    stdout: stdout === "piped" ? bytesOf(output.stdout) : undefined,
    stderr: stderr === "piped" ? bytesOf(output.stderr) : undefined,
    isExpired,
  };
}

function withInput(line: CommandLine, stdin: Stdio): CommandLine {
  if (typeof stdin !== "number") return line;
  return wrapped(
    line,
    'exec "$@" <&3 3<&-',
    "a Sync form with timeout and input",
  );
}

/** The command, in an environment that is `env` and not what is added to it. */
function exactly(line: CommandLine): CommandLine {
  const { env } = line;
  if (env === undefined) return line;
  const rest = Object.keys(Deno.env.toObject())
    .filter((name) => !Object.hasOwn(env, name))
    .flatMap((name) => ["-u", name]);
  // The shell comes last: `env` would take a file with a "=" for a variable.
  const inner = wrapped(line, 'exec "$@"', "a Sync form with timeout and env");
  return {
    ...inner,
    file: "/usr/bin/env",
    args: [...rest, inner.file, ...inner.args],
  };
}

function nodeStdio(stdio: Stdio): "inherit" | "pipe" | "ignore" | number {
  if (stdio === "piped") return "pipe";
  return stdio === "null" ? "ignore" : stdio;
}

/** Without Node's Buffer around them. */
function bytesOf(buffer: Uint8Array | null | undefined): Uint8Array {
  if (!buffer) return new Uint8Array();
  const { buffer: bytes, byteOffset, byteLength } = buffer;
  return new Uint8Array(bytes, byteOffset, byteLength);
}

interface ChildProcesses {
  spawnSync(
    file: string,
    args: readonly string[],
    options: Record<string, unknown>,
  ): {
    error?: Error & { code?: string };
    status?: number | null;
    signal?: string | null;
    stdout?: Uint8Array | null;
    stderr?: Uint8Array | null;
  };
}
