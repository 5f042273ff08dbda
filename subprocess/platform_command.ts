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

/**
 * The platform's command. It leads what it shall lead if it is run by `spawn`:
 * the other forms do without.
 */
export function platformCommand(
  { file, args, cwd, env, isRaw, leads }: CommandLine,
  { stdin, stdout, stderr }: Omit<Streams, "isMerged">,
): Deno.Command {
  return new Deno.Command(file, {
    args: [...args],
    stdin: stdin as "piped",
    stdout: stdout as "piped",
    stderr: stderr as "piped",
    windowsRawArguments: isRaw,
    detached: leads === "session",
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

/** Throws unless the file of `line` is a program. */
export function checkThere(line: CommandLine): void {
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

// What a process must do itself before it becomes the command: take another
// name, leave its group. The platform can only have it call setsid(2), and only
// in `spawn`. So another Deno stands in for the command, does these things, and
// gives way to it (exec), so that pid, signals and exit code are the command's.

/**
 * The command, with a Deno before it where it has another name than its file,
 * or shall lead a group.
 */
export function stoodIn(line: CommandLine): CommandLine {
  const { file, args, name, leads } = line;
  if (name === undefined && leads === undefined) return line;
  const { build } = Deno;
  if (build.standalone || build.os === "windows") {
    const feature = name !== undefined
      ? "executable without shell"
      : leads === "group"
      ? "processGroup"
      : "a Sync form with startNewSession";
    const place = build.standalone ? "a compiled program" : "Windows";
    throw new Deno.errors.NotSupported(
      `Cannot run command: ${feature}, which ${place} does not offer`,
    );
  }
  checkThere(line);
  return {
    ...line,
    file: Deno.execPath(),
    args: [
      "eval",
      // Whatever lies in the command's folder is none of its business.
      "--no-config",
      "--no-lock",
      `(${standIn})()`,
      "--",
      leads ?? "",
      file,
      name ?? file,
      ...args,
    ],
    name: undefined,
    leads: undefined,
  };
}

/**
 * Runs in the other Deno, which has its text only. Its first thread has a
 * default for every signal but SIGPIPE, and Deno opens no file that it would
 * pass on.
 */
function standIn(): void {
  const [leads, file, ...words] = Deno.args;
  const isDarwin = Deno.build.os === "darwin";
  const { symbols } = Deno.dlopen(
    isDarwin ? "libSystem.B.dylib" : "libc.so.6",
    {
      execvp: { parameters: ["buffer", "buffer"], result: "i32" },
      getpgid: { parameters: ["i32"], result: "i32" },
      setpgid: { parameters: ["i32", "i32"], result: "i32" },
      setsid: { parameters: [], result: "i32" },
      signal: { parameters: ["i32", "usize"], result: "usize" },
    },
  );
  const SIGPIPE = 13;
  const SIG_DFL = 0n;
  const encoder = new TextEncoder();
  const texts = words.map((word) => encoder.encode(`${word}\0`));
  const list = new BigUint64Array(texts.length + 1);
  texts.forEach((text, i) => {
    list[i] = Deno.UnsafePointer.value(Deno.UnsafePointer.of(text));
  });
  if (leads === "session" && symbols.setsid() < 0) {
    // With a limit, Deno 2.9.6 makes a group of a command, and the leader of a
    // group cannot begin a session.
    symbols.setpgid(0, symbols.getpgid(Deno.ppid));
    symbols.setsid();
  }
  if (leads === "group") symbols.setpgid(0, 0);
  symbols.signal(SIGPIPE, SIG_DFL);
  symbols.execvp(encoder.encode(`${file}\0`), list);
  const text = `Cannot run ${file}: the system does not execute it\n`;
  Deno.stderr.writeSync(encoder.encode(text));
  Deno.exit(126);
}
