// Copyright 2026 the authors. MIT license.

/** Numbers that look random and are the same at every run. */
export interface Random {
  /** At least 0 and less than 1, as `Math.random()`. */
  (): number;
  /** An integer from 0 to `limit` - 1. */
  (limit: number): number;
}

/**
 * The random numbers of a seed.
 *
 * Source: T. Ettinger, mulberry32 (2017).
 */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (limit?: number) => {
    state = state + 0x6d2b79f5 >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    const fraction = ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
    return limit === undefined ? fraction : Math.floor(fraction * limit);
  };
}
