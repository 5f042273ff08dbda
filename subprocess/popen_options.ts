// Copyright 2026 the authors. MIT license.

// How a command is run, whoever waits for it.

import { checkObject } from "../memory/check.ts";
import { type CommandOptions, RUN } from "./words.ts";
import type { StdioOptions } from "./stdio.ts";
import type { TextOptions } from "./text_mode.ts";

/** How a command is run. */
export interface PopenOptions
  extends CommandOptions, StdioOptions, TextOptions {}

/** No options: bytes. */
export type NoOptions = Readonly<Record<never, never>>;

const OPTIONS = [
  "cwd",
  "env",
  "shell",
  "stdin",
  "stdout",
  "stderr",
  "text",
  "universalNewlines",
  "encoding",
  "errors",
];

/**
 * Throws unless `options` is an object with known names: one that is written
 * wrongly would run the command otherwise than meant.
 */
export function checkPopenOptions(options: PopenOptions): void {
  checkObject(RUN, "options", options);
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`Cannot run command: there is no option ${unknown}`);
}
