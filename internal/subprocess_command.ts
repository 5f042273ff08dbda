// Copyright 2026 the authors. MIT license.

// What is to be run: the words of a command, its folder and its variables.

/** Where a program runs. */
export interface PlaceOptions {
  /**
   * Its working folder.
   *
   * @default {that of this program}
   */
  cwd?: string | URL | undefined;
  /**
   * All of its environment.
   *
   * @default {that of this program}
   */
  env?: Readonly<Record<string, string>> | undefined;
  /**
   * True: `/bin/sh` reads the command, which then is one string. What stands in
   * it is code: quote what comes from others.
   *
   * @default {false}
   */
  shell?: boolean | undefined;
}

/** A program, or a program and its arguments. */
export type Args = string | readonly string[];

/** The words of a command. Throws a TypeError if it is none. */
export function wordsOf(args: Args, { shell = false }: PlaceOptions): string[] {
  const words = typeof args === "string" ? [args] : [...args];
  if (words.length === 0 || words[0] === "") {
    throw new TypeError("Cannot run program: there is no command");
  }
  for (const word of words) {
    if (typeof word !== "string" || word.includes("\0")) {
      throw new TypeError(
        `Cannot run program: a command is made of strings without NUL: got ${
          Deno.inspect(word)
        }`,
      );
    }
  }
  return shell ? ["/bin/sh", "-c", ...words] : words;
}

/** The same command with its stderr going where its stdout goes. */
export function mergingErrors(words: readonly string[]): string[] {
  return throughShell(words, "2>&1");
}

/** The same command, reading `file`. */
export function readingFrom(words: readonly string[], file: string): string[] {
  return throughShell(words, `<'${file.replaceAll("'", "'\\''")}'`);
}

// The shell becomes the program: it is not a process between us and it.
function throughShell(words: readonly string[], redirection: string) {
  requireProgram(words[0]!);
  return ["/bin/sh", "-c", `exec "$0" "$@" ${redirection}`, ...words];
}

/** What Deno.Command must know of the place. */
export function placeOf({ cwd, env }: PlaceOptions): Deno.CommandOptions {
  return {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env: { ...env }, clearEnv: true }),
  };
}

/** Gives a failure to start its name. */
export function startFailure(
  error: unknown,
  words: readonly string[],
  { cwd }: PlaceOptions,
): unknown {
  if (!(error instanceof Deno.errors.NotFound)) return error;
  const where = cwd === undefined ? "" : ` (in ${cwd})`;
  return new Deno.errors.NotFound(
    `Cannot run program: there is no ${words[0]}${where}`,
    { cause: error },
  );
}

/** The return code of what ended so. */
export function returnCodeOf(
  { code, signal }: { code: number; signal: Deno.Signal | null },
): number {
  return signal === null ? code : SIGNALLED - code;
}

/** What a status adds to the number of a signal. */
const SIGNALLED = 128;

/** A shell that finds no program would say so in its own words. */
function requireProgram(name: string): void {
  const places = name.includes("/")
    ? [name]
    : (Deno.env.get("PATH") ?? "/usr/bin:/bin").split(":")
      .map((folder) => `${folder || "."}/${name}`);
  if (places.some(isFile)) return;
  throw new Deno.errors.NotFound(`Cannot run program: there is no ${name}`);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
