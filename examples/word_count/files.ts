// Copyright 2026 the authors. MIT license.

// Which files there are, and in what parts they are read.

import { textOf } from "./text.ts";

/** A piece of work: a whole file or a range of a large one. */
export interface Part {
  path: string;
  /** Where the range starts; undefined: the whole file. */
  start?: number;
  bytes: number;
}

/** What there is to do. */
export interface Plan {
  files: string[];
  parts: Part[];
  bytes: number;
}

/** A file that was left out, and why. */
export interface Skipped {
  path: string;
  why: string;
}

// One large file would keep one process busy after all others are done.
const PART_BYTES = 64 * 1024;

/**
 * Finds the files under the folders. What is hidden, and `node_modules`, is
 * passed over; of links only those to files are followed.
 */
export function plan(folders: string[], skip: (file: Skipped) => void): Plan {
  const plan: Plan = { files: [], parts: [], bytes: 0 };
  const paths = folders.flatMap((folder) => [...walk(folder, skip)]);
  for (const path of paths) {
    try {
      const { isFile, size } = Deno.statSync(path);
      if (!isFile) continue;
      plan.parts.push(...partsOf(path, size));
      plan.files.push(path);
      plan.bytes += size;
    } catch (error) {
      skip(skipped(path, error));
    }
  }
  return plan;
}

/** Reads a part; throws if it cannot be read or is not text. */
export function readPart({ path, start, bytes }: Part): string {
  return start === undefined
    ? readText(path)
    : textOf(readRange(path, start, bytes));
}

/** Reads a file; throws if it cannot be read or is not text. */
export function readText(path: string): string {
  return textOf(Deno.readFileSync(path));
}

/** Says why a file was left out. */
export function skipped(path: string, error: unknown): Skipped {
  return { path, why: error instanceof Error ? error.message : String(error) };
}

function* walk(
  folder: string,
  skip: (file: Skipped) => void,
): Generator<string, void, void> {
  let entries: Iterable<Deno.DirEntry>;
  try {
    entries = Deno.readDirSync(folder);
  } catch (error) {
    return skip(skipped(folder, error));
  }
  for (const { name, isDirectory } of entries) {
    if (name.startsWith(".") || name === "node_modules") continue;
    const path = `${folder.replace(/\/$/, "")}/${name}`;
    if (isDirectory) yield* walk(path, skip);
    else yield path;
  }
}

function partsOf(path: string, size: number): Part[] {
  if (size <= PART_BYTES) return [{ path, bytes: size }];
  const bytes = Deno.readFileSync(path);
  // Here, so that the error comes before other parts are counted.
  textOf(bytes);
  const parts: Part[] = [];
  for (let start = 0; start < bytes.length;) {
    let end = start + PART_BYTES;
    // At white space: a cut there is neither in a word nor in a character.
    while (end < bytes.length && bytes[end]! > 0x20) end++;
    end = Math.min(end, bytes.length);
    parts.push({ path, start, bytes: end - start });
    start = end;
  }
  return parts;
}

function readRange(path: string, start: number, length: number): Uint8Array {
  using file = Deno.openSync(path);
  file.seekSync(start, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const n = file.readSync(bytes.subarray(at));
    if (!n) break;
    at += n;
  }
  return bytes.subarray(0, at);
}
