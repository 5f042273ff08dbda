// Copyright 2026 the authors. MIT license.

// Where a program's input comes from, and where its output goes. Deno connects
// a program to this one, to the terminal or to nothing; what goes to a file is
// carried there by this program.

/** A pipe between this program and the other. Python: `subprocess.PIPE`. */
export const PIPE: -1 = -1;

/** For stderr: where stdout goes. Python: `subprocess.STDOUT`. */
export const STDOUT: -2 = -2;

/** Nothing to read; or written nowhere. Python: `subprocess.DEVNULL`. */
export const DEVNULL: -3 = -3;

/** A file: open, or the path of one. */
export type File = Deno.FsFile | string | URL;

/** Where output may go; without it, where that of this program goes. */
export type OutputTo = typeof PIPE | typeof DEVNULL | File;

/** Where errors may go; without it, where those of this program go. */
export type ErrorsTo = OutputTo | typeof STDOUT;

/** What Deno is told of an output. */
export function outputMode(
  to: ErrorsTo | undefined,
  name: string,
): "inherit" | "null" | "piped" {
  if (to === undefined || to === STDOUT) return "inherit";
  if (to === DEVNULL) return "null";
  if (to === PIPE || isFile(to)) return "piped";
  throw new TypeError(
    `Cannot run program: ${name} must be PIPE, DEVNULL, a file or a path: got ${
      Deno.inspect(to)
    }`,
  );
}

/** Whether `value` is a file or the path of one. */
export function isFile(value: unknown): value is File {
  return typeof value === "string" || value instanceof URL ||
    value instanceof Deno.FsFile;
}

/** Opens a file to write, unless it is open; emptied if it is not. */
export function openOutput(file: File): [Deno.FsFile, isOurs: boolean] {
  if (file instanceof Deno.FsFile) return [file, false];
  const options = { write: true, create: true, truncate: true };
  return [Deno.openSync(file, options), true];
}

/** Writes all of `bytes`. */
export function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    at += file.writeSync(bytes.subarray(at));
  }
}
