// Copyright 2026 the authors. MIT license.

// A command and how it is run: a program with its arguments, or a line for the
// shell.

import {
  checkBoolean,
  checkObject,
  checkString,
  typeName,
  wrongKind,
} from "../memory/check.ts";

/**
 * A command: a program and its arguments, or with `shell` a line for the shell
 * and the shell's further arguments. A string is the program alone.
 */
export type Args = string | URL | readonly (string | URL)[];

/** In which surroundings a command runs. */
export interface CommandOptions {
  /**
   * The folder in which it runs.
   *
   * @default {that of this process}
   */
  cwd?: string | URL | undefined;
  /**
   * All of its environment.
   *
   * @default {that of this process}
   */
  env?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether the command is a line for the shell: `/bin/sh`, `cmd.exe` on
   * Windows. Never build such a line from words that others have chosen.
   *
   * @default {false}
   */
  shell?: boolean | undefined;
}

/**
 * The action that fails when a command or its options are wrong, for errors.
 */
export const RUN = "run command";

/** A command as the platform takes it. */
export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string | URL | undefined;
  readonly env: Readonly<Record<string, string>> | undefined;
  /** Whether the arguments are one raw line: only Windows knows such. */
  readonly isRaw: boolean;
}

/** Checks a command and its surroundings. */
export function commandLineOf(
  args: Args,
  options: CommandOptions,
): CommandLine {
  const { cwd, env, shell = false } = options;
  checkBoolean(RUN, "shell", shell);
  if (cwd !== undefined && typeof cwd !== "string" && !(cwd instanceof URL)) {
    throw wrongKind(RUN, "cwd", "a path", cwd);
  }
  if (env !== undefined) checkEnv(env);
  const [file, ...rest] = wordsOf(args);
  const isWindows = Deno.build.os === "windows";
  const line = { cwd, env, isRaw: shell && isWindows };
  if (!shell) return { ...line, file: file!, args: rest };
  return isWindows
    ? { ...line, file: "cmd.exe", args: ["/d", "/s", "/c", `"${file}"`] }
    : { ...line, file: "/bin/sh", args: ["-c", file!, ...rest] };
}

/** A command as people write it, for errors. */
export function commandText(args: Args): string {
  return wordsOf(args)
    .map((word) => PLAIN.test(word) ? word : JSON.stringify(word))
    .join(" ");
}

const PLAIN = /^[\w@%+=:,./-]+$/;

function wordsOf(args: Args): string[] {
  const words = (Array.isArray(args) ? args : [args]).map(wordOf);
  if (words.length === 0) {
    throw new TypeError("Cannot run command: it has no program");
  }
  if (words[0] === "") {
    throw new TypeError("Cannot run command: its program is an empty string");
  }
  return words;
}

function wordOf(word: unknown): string {
  if (word instanceof URL) return pathOf(word);
  if (typeof word !== "string") {
    throw new TypeError(
      `Cannot run command: its words must be strings: got ${typeName(word)}`,
    );
  }
  if (word.includes("\0")) {
    throw new TypeError(
      "Cannot run command: a word of it has a null character",
    );
  }
  return word;
}

function pathOf(url: URL): string {
  if (url.protocol !== "file:") {
    throw new TypeError(`Cannot run command: ${url.href} is not a file's URL`);
  }
  const path = decodeURIComponent(url.pathname);
  return Deno.build.os === "windows" ? path.slice(1) : path;
}

function checkEnv(env: unknown): void {
  checkObject(RUN, "env", env);
  for (const [name, value] of Object.entries(env)) {
    // The command would find a variable of another name.
    if (name.includes("=")) {
      throw new TypeError(
        `Cannot run command: env has a name with a "=": ${name}`,
      );
    }
    checkString(RUN, `env.${name}`, value);
  }
}
