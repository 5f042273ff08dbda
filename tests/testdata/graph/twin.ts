// Copyright 2026 the authors. MIT license.

// The text of deep.ts's `scaled`, with another rate.

const RATE = 5;

export function scaled(x: number): number {
  return x * RATE;
}
