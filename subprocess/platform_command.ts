// Copyright 2026 the authors. MIT license.

// Commands as the platform runs them: the one file that names `Deno.Command`
// for subprocess.ts.

import type { CommandLine } from "./words.ts";
import type { Redirection } from "./stdio.ts";

/** The streams of a command. */
export type Streams = Pick<
  Redirection,
  "stdin" | "stdout" | "stderr" | "isMerged"
>;

/** The platform's command. */
export function platformCommand(
  { file, args, cwd, env, isRaw }: CommandLine,
  { stdin, stdout, stderr }: Omit<Streams, "isMerged">,
): Deno.Command {
  return new Deno.Command(file, {
    args: [...args],
    stdin: stdin as "piped",
    stdout: stdout as "piped",
    stderr: stderr as "piped",
    windowsRawArguments: isRaw,
    ...cwd === undefined ? {} : { cwd },
    ...env === undefined ? {} : { env: { ...env }, clearEnv: true },
  });
}

const SHELL = "/bin/sh";

// Both outputs in one pipe: only a shell can make one the copy of the
// other, and two pipes pumped into one would lose the order of what was
// written.
const MERGED = 'exec "$@" 2>&1';

// What the shell reports of a command that is not there would be the command's
// own output. So it is looked for first, in the same PATH and folder.
const FOUND = `
set -f
case $1 in
  */*) [ -e "$1" ] || exit 1; [ -f "$1" ] && [ -x "$1" ] || exit 2; exit 0 ;;
esac
IFS=:
for folder in $PATH; do
  [ -f "\${folder:-.}/$1" ] && [ -x "\${folder:-.}/$1" ] && exit 0
done
exit 1`;

/** A command whose stderr goes where its stdout goes, if `isMerged`. */
export function merged(line: CommandLine, { isMerged }: Streams): CommandLine {
  return isMerged ? wrapped(line, MERGED, "stderr joins a piped stdout") : line;
}

/**
 * A command with a shell before it, which runs `script` and gives way to the
 * command (`exec "$@"`), so that pid, signals and exit code are the command's.
 * `feature` is what needs it, for where there is no such shell.
 */
export function wrapped(
  line: CommandLine,
  script: string,
  feature: string,
): CommandLine {
  if (Deno.build.os === "windows") {
    throw new Deno.errors.NotSupported(
      `Cannot run command: ${feature}, which Windows does not offer`,
    );
  }
  checkThere(line);
  const whole = `${restoring(line.env)} ${script}`;
  return shell(line, whole, [line.file, ...line.args]);
}

/** The variables that a shell, or Deno's Node layer, adds to an environment. */
const ADDED = ["PWD", "OLDPWD", "SHLVL", "DENO_EXTRA_STDIO_FDS"];

/** The script that gives the variables that were added their own values. */
function restoring(env: CommandLine["env"]): string {
  // Of an environment that is inherited, only Deno's own is known to be wrong.
  if (env === undefined) return "unset DENO_EXTRA_STDIO_FDS;";
  return ADDED.map((name) =>
    Object.hasOwn(env, name)
      ? `${name}=${quoted(env[name]!)}; export ${name};`
      : `unset ${name};`
  ).join(" ");
}

/** A word of a shell that stands for `text`. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function checkThere(line: CommandLine): void {
  if (line.file === SHELL) return;
  const { code } = platformCommand(shell(line, FOUND, [line.file]), {
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).outputSync();
  if (code === 1) throw new Deno.errors.NotFound(line.file);
  if (code === 2) throw new Deno.errors.PermissionDenied(line.file);
}

function shell(
  line: CommandLine,
  script: string,
  args: readonly string[],
): CommandLine {
  return { ...line, file: SHELL, args: ["-c", script, "sh", ...args] };
}
