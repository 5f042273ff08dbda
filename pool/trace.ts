// Copyright 2026 the authors. MIT license.

// Both stacks of an error that crossed: where it was thrown, and where the task
// was submitted.

import { stackOf } from "../message/classes.ts";
import { isOurs } from "../message/target.ts";

/** The error with the stack of `trace` added; anything else as it is. */
export function withTrace(value: unknown, trace: Error | undefined): unknown {
  if (trace === undefined || !(value instanceof Error)) return value;
  const submitted = stackOf(trace)?.split("\n").slice(1)
    // A frame of this library does not help the user.
    .filter((line) => !isFrameOfOurs(line));
  if (submitted === undefined || submitted.length === 0) return value;
  const far = stackOf(value) ?? `${value.name}: ${value.message}`;
  // Refused without a throw: the error is worth more than its stack.
  Reflect.defineProperty(value, "stack", {
    value: `${far}\n    submitted to the pool:\n${submitted.join("\n")}`,
    configurable: true,
    writable: true,
  });
  return value;
}

/**
 * Whether the line of a stack, `at name (URL:LINE:COLUMN)`, is of this library.
 */
function isFrameOfOurs(line: string): boolean {
  const url = /(?:file|https?):.*(?=:\d+:\d+\)?$)/.exec(line);
  return url !== null && isOurs(url[0]);
}
