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
  /** Its stdout, by lines. */
  lines: string[];
  stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  /** Its Deno.args. */
  args?: string[];
  /** Options of `deno run`. */
  flags?: string[];
  /** More environment. */
  env?: Record<string, string>;
  /** Milliseconds after which it counts as hung. */
  limit?: number;
}

/** Runs testdata/programs/NAME.ts, or the module at a URL. */
export async function runProgram(
  program: string | URL,
  { args = [], flags = ["-A"], env = {}, limit = LIMIT }: RunOptions = {},
): Promise<Outcome> {
  const url = typeof program === "string"
    ? new URL(`../testdata/programs/${program}.ts`, import.meta.url)
    : program;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...flags, url.href, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), limit);
  const { code, signal, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout);
  return {
    code: signal === null ? code : undefined,
    lines: text === "" ? [] : text.trimEnd().split("\n"),
    stderr: decoder.decode(stderr),
  };
}
