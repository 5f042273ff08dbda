// Copyright 2026 the authors. MIT license.

// Exported by name, or not exported at all.

import type { Queue } from "../../../queue.ts";

const factor = 2;

export function named(q: Queue, n: number): void {
  q.putSync(n * factor);
}

export async function later(q: Queue, n: number): Promise<void> {
  await q.put(n * factor);
}

export const arrow = (q: Queue, n: number): void => q.putSync(n * factor);

function inner(q: Queue, n: number): void {
  q.putSync(n * factor + 1);
}

export { inner as outer };

/** For the tests: the function under the name that the module does not have. */
export function getInner(): typeof inner {
  return inner;
}

/** Another function under the name of an export. */
export function getNamesake(): (q: Queue, n: number) => void {
  function named(q: Queue, n: number): void {
    q.putSync(["namesake", n]);
  }
  return named;
}
