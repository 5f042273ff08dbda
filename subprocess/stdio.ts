// Copyright 2026 the authors. MIT license.

// Where a command's input comes from and its outputs go.
//
// `Deno.Command` has three words for it, "piped", "inherit" and "null", and
// takes a file descriptor besides, as it must for `node:child_process` (since
// 2.7.13; its types do not say so). So a file by its path is opened here and
// becomes the child's own: appended, sought in and kept open as the child
// likes, also after this process has ended, and in a Sync form too.
// `sh -c 'exec "$@" >file'` would do the same for one more program and the
// permission to run a shell. A pump through this process would need an event
// loop, and end with the process.
//
// Deno does not show the descriptor of a Deno.FsFile: such a file is pumped.

import { builtinModule } from "../memory/builtin.ts";

// Python's numbers: no descriptor is negative, they can be sent to a process,
// and unlike a unique symbol's their type survives `{ stdout: PIPE }`.

import { wrongKind } from "../memory/check.ts";
import { RUN } from "./words.ts";

/** A pipe to or from the command. Python: `subprocess.PIPE`. */
export const PIPE: -1 = -1;

/** stderr to where stdout goes. Python: `subprocess.STDOUT`. */
export const STDOUT: -2 = -2;

/** No input, or output that is thrown away. Python: `subprocess.DEVNULL`. */
export const DEVNULL: -3 = -3;

/** A file: its path or URL, its descriptor, or an open file of Deno's. */
export type FileTarget = string | URL | number | Deno.FsFile;

/** Where the input of a command comes from. */
export type StdinOption =
  | typeof PIPE
  | typeof DEVNULL
  | FileTarget
  | ReadableStream<Uint8Array | string>;

/** Where an output of a command goes. */
export type StdoutOption = typeof PIPE | typeof DEVNULL | FileTarget;

/** Where the errors of a command go. */
export type StderrOption = StdoutOption | typeof STDOUT;

/** The three streams of a command. */
export interface StdioOptions {
  /**
   * Where its input comes from: {@linkcode PIPE}, {@linkcode DEVNULL}, a file,
   * or a stream, such as the `stdout` of another command.
   *
   * @default {that of this process}
   */
  stdin?: StdinOption | undefined;
  /**
   * Where its output goes: {@linkcode PIPE}, {@linkcode DEVNULL}, or a file,
   * which is made or emptied if it is given by its path.
   *
   * @default {that of this process}
   */
  stdout?: StdoutOption | undefined;
  /**
   * Where its errors go: as `stdout`, or {@linkcode STDOUT}.
   *
   * @default {that of this process}
   */
  stderr?: StderrOption | undefined;
}

/** The word for one stream that `Deno.Command` is told. */
export type Stdio = "piped" | "inherit" | "null" | number;

/** Throws unless `options` are good; nothing is opened yet. */
export function checkStdio(options: StdioOptions): void {
  const { stdin, stdout, stderr } = options;
  if (stdin instanceof ReadableStream) {
    if (stdin.locked) {
      throw new TypeError(
        "Cannot run command: stdin is a stream that is locked to a reader",
      );
    }
  } else {
    checkTarget("stdin", stdin);
  }
  checkTarget("stdout", stdout);
  if (stderr !== STDOUT) checkTarget("stderr", stderr);
}

/** The three streams, with the files that were opened for the child. */
export class Redirection implements Disposable {
  readonly stdin: Stdio;
  readonly stdout: Stdio;
  readonly stderr: Stdio;
  /** Whether the child's stderr must be made the pipe that its stdout is. */
  readonly isMerged: boolean;
  #descriptors = new Map<string, number>();

  /** Opens the files of `options`, which were checked. */
  constructor({ stdin, stdout, stderr }: StdioOptions) {
    this.isMerged = stderr === STDOUT &&
      (stdout === PIPE || stdout instanceof Deno.FsFile);
    try {
      this.stdin = this.#stdioOf(stdin, "r");
      this.stdout = this.#stdioOf(stdout, "w");
      this.stderr = stderr !== STDOUT
        ? this.#stdioOf(stderr, "w")
        : this.stdout === "inherit"
        ? 1
        : this.isMerged
        ? "inherit"
        : this.stdout;
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Closes this process's side of them; the child has its own. */
  [Symbol.dispose](): void {
    for (const descriptor of this.#descriptors.values()) {
      fs().closeSync(descriptor);
    }
    this.#descriptors.clear();
  }

  #stdioOf(
    option: StdinOption | StdoutOption | undefined,
    flags: "r" | "w",
  ): Stdio {
    if (option === undefined) return "inherit";
    if (option === PIPE) return "piped";
    if (option === DEVNULL) return "null";
    if (typeof option === "number") return option;
    if (typeof option === "string" || option instanceof URL) {
      return this.#open(option, flags);
    }
    return "piped";
  }

  // Both outputs in one file have one position in it, or they would overwrite
  // each other.
  #open(path: string | URL, flags: "r" | "w"): number {
    const key = `${flags} ${path}`;
    let descriptor = this.#descriptors.get(key);
    if (descriptor === undefined) {
      descriptor = openFile(path, flags);
      this.#descriptors.set(key, descriptor);
    }
    return descriptor;
  }
}

/**
 * A descriptor from which `input` can be read, to be closed by the caller. The
 * file has no name any more: nothing is left, however this process ends.
 */
export function descriptorOf(input: Uint8Array): number {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(path, input);
    return openFile(path, "r");
  } finally {
    Deno.removeSync(path);
  }
}

/** Closes a descriptor. */
export function closeDescriptor(descriptor: number): void {
  fs().closeSync(descriptor);
}

/** The content of `file` from where it stands, read as it is wanted. */
export function sourceOf(file: Deno.FsFile): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const chunk = new Uint8Array(CHUNK);
      const size = await file.read(chunk);
      if (size === null) controller.close();
      else controller.enqueue(chunk.subarray(0, size));
    },
  }, { highWaterMark: 0 });
}

/** Writes to `file`, which stays open. */
export function sinkOf(file: Deno.FsFile): WritableStream<Uint8Array> {
  return new WritableStream({
    async write(chunk) {
      for (let done = 0; done < chunk.length;) {
        done += await file.write(chunk.subarray(done));
      }
    },
  });
}

const CHUNK = 2 ** 16;

// The words that users of `Deno.Command` will write. Each would name a file.
const WORDS: Readonly<Record<string, string>> = {
  piped: "PIPE",
  null: "DEVNULL",
  inherit: "undefined",
};

function checkTarget(name: string, target: unknown): void {
  if (target === undefined || target === PIPE || target === DEVNULL) return;
  if (target instanceof URL || target instanceof Deno.FsFile) return;
  if (typeof target === "string") {
    if (!Object.hasOwn(WORDS, target)) return;
    throw new TypeError(
      `Cannot run command: ${name} is "${target}", which would be a file: use ${
        WORDS[target]
      }, or "./${target}" for the file`,
    );
  }
  if (typeof target !== "number") {
    throw wrongKind(RUN, name, "PIPE, DEVNULL or a file", target);
  }
  if (Number.isInteger(target) && target >= 0) return;
  throw new TypeError(
    `Cannot run command: ${name} must be a file descriptor: got ${target}`,
  );
}

// Node's, since Deno's own `open` shows no descriptor. Its errors get the class
// that Deno would have given them.
function openFile(path: string | URL, flags: "r" | "w"): number {
  try {
    return fs().openSync(path, flags);
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === "ENOENT") {
      throw new Deno.errors.NotFound(
        `Cannot open ${path}: there is no such file or folder`,
        { cause },
      );
    }
    if (code === "EACCES") {
      throw new Deno.errors.PermissionDenied(
        `Cannot open ${path}: permission denied`,
        { cause },
      );
    }
    throw cause;
  }
}

interface Fs {
  openSync(path: string | URL, flags: string): number;
  closeSync(descriptor: number): void;
}

// Loaded with the first file.
function fs(): Fs {
  return builtinModule("node:fs");
}
