// Copyright 2026 the authors. MIT license.

// Runs the programs of examples/tutorial as a reader would, `deno run -A` in a
// process of their own, and reads what they print.

import { assert, assertEquals } from "@std/assert";
import { LONG, SHORT } from "./delays.ts";
import { inFolder } from "./programs.ts";

// What a program that ends by itself is given before it counts as hung.
const LIMIT = 30 * LONG;

const SLOWDOWN = SHORT / 20;

/** How a tutorial program is run. */
export interface ProgramOptions {
  /**
   * What a second of the program lasts here, in seconds. Where an order of
   * lines rests on one sleep being shorter than another, it is chosen so that
   * a second or so of scheduling does no harm.
   */
  scale?: number;
  /** Its Deno.args. */
  args?: string[];
  /** Seed of Math.random(), in the program and in its children. */
  seed?: number;
  /** What it says on stderr; nothing by default. */
  stderr?: string;
}

/** A running tutorial program. */
export class Program {
  /** What it has printed so far, as far as it was read. */
  readonly lines: string[] = [];
  #child: Deno.ChildProcess;
  #output: ReadableStreamDefaultReader<string>;
  #stderr: Promise<string>;
  #limit: ReturnType<typeof setTimeout>;
  #tail = "";
  readonly #complaint: string;

  /** Starts examples/tutorial/NAME.ts. */
  constructor(name: string, options: ProgramOptions = {}) {
    const { scale = 0.02, args = [], seed, stderr = "" } = options;
    this.#complaint = stderr;
    const path = new URL(
      `../../examples/tutorial/${name}.ts`,
      import.meta.url,
    ).pathname;
    const flags = seed === undefined ? [] : [`--seed=${seed}`];
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ...flags, path, ...args],
      env: { NO_COLOR: "1", TUTORIAL_SCALE: String(scale * SLOWDOWN) },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#output = this.#child.stdout
      .pipeThrough(new TextDecoderStream()).getReader();
    this.#stderr = new Response(this.#child.stderr).text();
    this.#limit = setTimeout(() => this.#child.kill("SIGKILL"), LIMIT);
  }

  /** Reads until `done` holds, or the program has ended. */
  async readUntil(done: (lines: string[]) => boolean): Promise<void> {
    while (!done(this.lines)) {
      const { value } = await this.#output.read();
      if (value === undefined) return;
      const parts = (this.#tail + value).split("\n");
      this.#tail = parts.pop()!;
      this.lines.push(...parts);
    }
  }

  /** Reads until the program ends by itself, which it must do well. */
  async end(): Promise<string[]> {
    const { status, stderr, story } = await this.#rest();
    assertEquals(status.signal, null, `it had to be killed\n${story}`);
    assertEquals(status.code, 0, story);
    assertEquals(stderr, this.#complaint, story);
    assertEquals(this.#tail, "", "it ended within a line");
    return this.lines;
  }

  /** Kills the program, which must not have ended by itself. */
  async cut(): Promise<string[]> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended already; how is seen below.
      if (!(error instanceof TypeError)) throw error;
    }
    const { status, stderr, story } = await this.#rest();
    assertEquals(status.signal, "SIGKILL", `it ended by itself\n${story}`);
    assertEquals(stderr, "", story);
    return this.lines;
  }

  async #rest() {
    await this.readUntil(() => false);
    const status = await this.#child.status;
    clearTimeout(this.#limit);
    const stderr = await this.#stderr;
    const story = `stderr: ${stderr}\nstdout: ${this.lines.join("\n")}`;
    return { status, stderr, story };
  }
}

/** Runs a program that ends by itself; gives the lines it printed. */
export function run(
  name: string,
  options: ProgramOptions = {},
): Promise<string[]> {
  return new Program(name, options).end();
}

/**
 * Runs a program whose parent prints `first` right after start(). start() is
 * only a request, so a child may overtake that line; but not time and again.
 */
export async function runWithFirstLine(
  name: string,
  first: string,
  options: ProgramOptions = {},
): Promise<string[]> {
  let lines: string[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    lines = await run(name, options);
    if (lines[0] === first) return lines;
  }
  assertEquals(lines[0], first);
  return lines;
}

/** Runs a program on a ticket file; gives the file's last content too. */
export function runTickets(
  name: string,
  options: ProgramOptions,
): Promise<{ lines: string[]; tickets: unknown }> {
  return inFolder(async (folder) => {
    const file = `${folder}/db`;
    const lines = await run(name, { ...options, args: [file] });
    return { lines, tickets: JSON.parse(await Deno.readTextFile(file)) };
  });
}

/** Asserts that the lines are these, in any order. */
export function assertSameLines(actual: string[], expected: string[]) {
  assertEquals(actual.toSorted(), expected.toSorted());
}

/** Asserts that both lines are there, `first` before `second`. */
export function assertBefore(lines: string[], first: string, second: string) {
  const story = `"${first}" before "${second}" in\n${lines.join("\n")}`;
  assert(lines.includes(first), story);
  assert(lines.includes(second), story);
  assert(lines.indexOf(first) < lines.indexOf(second), story);
}

/** The groups of `pattern` in `line`, which must match. */
export function groups(line: string | undefined, pattern: RegExp): string[] {
  const match = pattern.exec(line ?? "");
  assert(match, `${pattern} does not match "${line}"`);
  return match.slice(1);
}

/** The first group of `pattern` in each line that matches, in order. */
export function collect(lines: string[], pattern: RegExp): string[] {
  return lines.flatMap((line) => pattern.exec(line)?.slice(1, 2) ?? []);
}

/** `["0", …, "n-1"]` */
export function numbers(n: number): string[] {
  return Array.from({ length: n }, (_, i) => String(i));
}
