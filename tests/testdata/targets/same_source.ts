// Copyright 2026 the authors. MIT license.

// Two exports with the same source, but not with the same name.

import type { Queue } from "../../../queue.ts";

function scaled(factor: number): (q: Queue, n: number) => void {
  return (q, n) => q.putSync(n * factor);
}

function renamed<F>(name: string, f: F): F {
  return Object.defineProperty(f, "name", { value: name }) as F;
}

export const twice: (q: Queue, n: number) => void = renamed("twice", scaled(2));
export const thrice: (q: Queue, n: number) => void = renamed(
  "thrice",
  scaled(3),
);

/** A decorator that keeps the name of what it wraps. */
export const ambiguous: (q: Queue, n: number) => void = scaled(4);
