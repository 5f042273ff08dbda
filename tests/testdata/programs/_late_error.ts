// Copyright 2026 the authors. MIT license.

// Takes as long to load as `loading` says, if a program has set that. Its
// workers have not.

export class LateError extends Error {
  override name = "LateError";
}

export function fail(): never {
  throw new LateError("late");
}

await (globalThis as { loading?: () => Promise<void> }).loading?.();
