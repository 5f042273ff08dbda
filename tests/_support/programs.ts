// Copyright 2026 the authors. MIT license.

// Runs whole programs, `deno run -A` in an OS process of their own, and tells
// what came of them.

import { LONG } from "./delays.ts";

// What a program that ends by itself is given before it counts as hung.
const LIMIT = 30 * LONG;

/** How a program ended, and what it said. */
export interface Outcome {
  /** Its exit code; undefined if it had to be killed. */
  code: number | undefined;
  stdout: string;
  /** Its stdout, by lines. */
  lines: string[];
  stderr: string;
}

/** How Deno is run. */
export interface DenoOptions {
  /** Its stdin; nothing by default. */
  input?: string;
  cwd?: string;
  /** More environment. */
  env?: Record<string, string>;
  /** Milliseconds after which it counts as hung. */
  limit?: number;
}

/** How a program is run. */
export interface RunOptions extends DenoOptions {
  /** Its Deno.args. */
  args?: string[];
  /** Options of `deno run`. */
  flags?: string[];
}

/** Runs testdata/programs/NAME.ts, or the module at a URL. */
export function runProgram(
  program: string | URL,
  { args = [], flags = ["-A"], ...options }: RunOptions = {},
): Promise<Outcome> {
  const url = typeof program === "string"
    ? new URL(`../testdata/programs/${program}.ts`, import.meta.url)
    : program;
  const words = ["run", "--quiet", ...flags, url.href, ...args];
  return runDeno(words, options);
}

/** Runs the text of a program. */
export function runText(
  text: string,
  { args = [], flags = ["-A"], ...options }: RunOptions = {},
): Promise<Outcome> {
  const words = ["run", "--quiet", ...flags, "-", ...args];
  return runDeno(words, { ...options, input: text });
}

/** Runs the first of some files, in which FOLDER is where they lie. */
export function runFiles(
  files: Record<string, string>,
  flags: string[] = ["-A"],
  options: DenoOptions = {},
): Promise<Outcome> {
  return inFolder(async (folder) => {
    for (const [name, text] of Object.entries(files)) {
      const there = text.replaceAll("FOLDER", folder);
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeTextFile(path, there);
    }
    const words = ["run", ...flags, `FOLDER/${Object.keys(files)[0]}`];
    const there = words.map((word) => word.replace("FOLDER", folder));
    return await runDeno(there, options);
  });
}

/** Gives a new folder to `use`, and removes it after that. */
export async function inFolder<T>(
  use: (folder: string) => T | Promise<T>,
  options: Deno.MakeTempOptions = {},
): Promise<T> {
  const folder = await Deno.makeTempDir(options);
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs Deno with these words. */
export async function runDeno(
  args: string[],
  { input, env = {}, limit = LIMIT, ...options }: DenoOptions = {},
): Promise<Outcome> {
  const child = new Deno.Command(Deno.execPath(), {
    ...options,
    args,
    env: { NO_COLOR: "1", ...env },
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), limit);
  if (input !== undefined) {
    await ReadableStream.from([input])
      .pipeThrough(new TextEncoderStream()).pipeTo(child.stdin);
  }
  const { code, signal, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout);
  return {
    code: signal === null ? code : undefined,
    stdout: text,
    lines: text === "" ? [] : text.trimEnd().split("\n"),
    stderr: decoder.decode(stderr),
  };
}

/**
 * By how many bytes a program grows that makes or takes much, see
 * testdata/programs/growth.ts. It is one of its own, since the other test files
 * share the memory of this one.
 */
export async function growthOf(...args: string[]): Promise<number> {
  const { stdout, stderr } = await runProgram("growth", { args });
  const grown = Number(stdout);
  if (stdout !== "" && Number.isInteger(grown)) return grown;
  throw new TypeError(`Cannot tell the growth: ${stderr}`);
}
