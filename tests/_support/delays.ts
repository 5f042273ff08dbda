// Copyright 2026 the authors. MIT license.

// The only durations in tests. A slow machine or a slow checker sets
// TEST_SLOWDOWN instead of editing them.

const slowdown = Number(Deno.env.get("TEST_SLOWDOWN") ?? 1);

/** Milliseconds in which something that should *not* happen may show itself. */
export const SHORT = 20 * slowdown;

/** Milliseconds that tell a wait that ended in time from one that did not. */
export const MEDIUM = 100 * slowdown;

/**
 * Milliseconds that outlast the stalls of a loaded machine, but not a patience.
 */
export const LONG = 2_000 * slowdown;

/** Milliseconds after which what should have ended counts as hung. */
export const HUNG = 30_000 * slowdown;

const isStress = Boolean(Deno.env.get("STRESS"));

/** How much a test does: `few` in the gate, `lots` with STRESS=1. */
export function many<T>(few: T, lots: T): T {
  return isStress ? lots : few;
}
