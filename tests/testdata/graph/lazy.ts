// Copyright 2026 the authors. MIT license.

// Imports a module only when it is called.

/** The twin's function. */
export async function loadTwin(): Promise<(x: number) => number> {
  return (await import("./twin.ts")).scaled;
}
