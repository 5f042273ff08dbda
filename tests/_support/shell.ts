// Copyright 2026 the authors. MIT license.

/** The command that runs a script of the shell, with its arguments from $1. */
export function sh(script: string, ...args: string[]): string[] {
  return ["sh", "-c", script, "sh", ...args];
}
