// Copyright 2026 the authors. MIT license.

// A command and how it is run: a program with its arguments, or a line for the
// shell.

import {
  checkBoolean,
  checkInteger,
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
  /**
   * The program that is really run, by its path or looked for in `PATH`. The
   * first word of the command stays the name that it finds for itself
   * (`argv[0]`). With `shell`, the shell to take.
   *
   * Without `shell` another Deno stands in before the program begins, for some
   * 20 ms: this program must be allowed to run `Deno.execPath()` and `/bin/sh`.
   * Windows and compiled programs do not offer it.
   *
   * @default {the first word of the command; with shell "/bin/sh"}
   */
  executable?: string | URL | undefined;
  /**
   * Whether the command begins a session of its own, and leads the group of its
   * processes: `setsid`. Then {@linkcode Popen.killGroup} reaches all that it
   * starts. It has no terminal, and the Ctrl-C of this program's terminal does
   * not reach it.
   *
   * In a Sync form as with `executable`, where that is said. Windows does not
   * offer it.
   *
   * @default {false}
   */
  startNewSession?: boolean | undefined;
  /**
   * 0: the command leads a group of its own (`setpgid`) in the session of this
   * program, as a job of a shell does: {@linkcode Popen.killGroup} reaches all
   * that it starts, Ctrl-C does not reach it, and the system stops it when it
   * reads from the terminal.
   *
   * As with `executable`, another Deno stands in first. Other groups can not be
   * joined.
   *
   * @default {the group of this program}
   */
  processGroup?: 0 | undefined;
}

/**
 * The action that fails when a command or its options are wrong, for errors.
 */
export const RUN = "run command";

/** A command as the platform takes it. */
export interface CommandLine {
  readonly file: string;
  /** What it finds as its name, if not `file`. */
  readonly name: string | undefined;
  /** What it shall be the leader of, before it begins. */
  readonly leads: "session" | "group" | undefined;
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
  const { cwd, env, shell = false, executable } = options;
  checkBoolean(RUN, "shell", shell);
  const leads = leadsOf(options);
  const given = executable === undefined ? undefined : executableOf(executable);
  if (cwd !== undefined && typeof cwd !== "string" && !(cwd instanceof URL)) {
    throw wrongKind(RUN, "cwd", "a path", cwd);
  }
  if (env !== undefined) checkEnv(env);
  const [first, ...rest] = wordsOf(args);
  const isWindows = Deno.build.os === "windows";
  const line = { cwd, env, leads, name: undefined, isRaw: shell && isWindows };
  if (!shell) {
    const file = given ?? first!;
    return {
      ...line,
      file,
      name: file === first ? undefined : first,
      args: rest,
    };
  }
  return isWindows
    ? {
      ...line,
      file: given ?? "cmd.exe",
      args: ["/d", "/s", "/c", `"${first}"`],
    }
    : { ...line, file: given ?? "/bin/sh", args: ["-c", first!, ...rest] };
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

function executableOf(executable: unknown): string {
  if (typeof executable !== "string" && !(executable instanceof URL)) {
    throw wrongKind(RUN, "executable", "a path", executable);
  }
  if (executable !== "") return wordOf(executable);
  throw new TypeError("Cannot run command: executable is an empty string");
}

function leadsOf(
  { startNewSession = false, processGroup }: CommandOptions,
): CommandLine["leads"] {
  checkBoolean(RUN, "startNewSession", startNewSession);
  if (processGroup !== undefined) {
    checkInteger(RUN, "processGroup", processGroup, 0, 0);
    if (startNewSession) {
      throw new TypeError(
        "Cannot run command: processGroup goes without startNewSession, which makes a group too",
      );
    }
    return "group";
  }
  if (!startNewSession) return undefined;
  if (Deno.build.os !== "windows") return "session";
  throw new Deno.errors.NotSupported(
    "Cannot run command: startNewSession, which Windows does not offer",
  );
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
