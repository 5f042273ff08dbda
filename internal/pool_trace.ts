// Copyright 2026 the authors. MIT license.

// Both stacks of an error that crossed: where it was thrown, and where the task
// was submitted.

/** The error with the stack of `trace` added; anything else as it is. */
export function withTrace(value: unknown, trace: Error | undefined): unknown {
  if (trace === undefined || !(value instanceof Error)) return value;
  const submitted = trace.stack?.split("\n").slice(1)
    // What is ours helps nobody.
    .filter((line) => !OURS.test(line));
  if (submitted === undefined || submitted.length === 0) return value;
  const far = value.stack ?? `${value.name}: ${value.message}`;
  Object.defineProperty(value, "stack", {
    value: `${far}\n    submitted to the pool:\n${submitted.join("\n")}`,
    configurable: true,
    writable: true,
  });
  return value;
}

const HOUSE = new URL("..", import.meta.url).href;
const OURS = new RegExp(
  `${
    HOUSE.replace(/[.*+?^${"$"}{}()|[\]\\]/g, "\\$&")
  }(internal/\\w+|\\w+)\\.ts:`,
);
