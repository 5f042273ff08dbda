// Copyright 2026 the authors. MIT license.

// Seeded walks through all the primitives at once, and what they must come to:
// `stroll` does it beside others, `foretell` alone and without any lock.

import type {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RawArray,
  RLock,
} from "../../mod.ts";
import { randomOf } from "../_support/random.ts";

/** What the strollers share. */
export interface Park {
  readonly lock: Lock;
  readonly rlock: RLock;
  readonly lanes: BoundedSemaphore;
  readonly condition: Condition;
  readonly started: Event;
  readonly barrier: Barrier;
  /** The words below, guarded by the primitive of each. */
  readonly cells: RawArray<"i">;
}

/** How many may be in the lanes at once. */
export const LANES = 2;
/**
 * The numbers of strollers and rounds, and the seed of their steps.
 */
export interface Walk {
  readonly seed: number;
  readonly strollers: number;
  readonly rounds: number;
}

/**
 * Words: sums made under a lock, and canaries that show which stroller is
 * inside.
 */
export const LOCKED = 0;
export const NESTED = 1;
export const BALANCE = 2;
const INSIDE_LOCK = 3;
const INSIDE_RLOCK = 4;
const INSIDE_LANES = 5;
export const WORDS = 6;

/** One round in how many all meet at the barrier. */
const MEETING = 16;

/** Walks as the stroller `me`. */
export function stroll(park: Park, me: number, walk: Walk): void {
  const random = randomOf(walk.seed + me);
  park.started.waitSync();
  for (let round = 0; round < walk.rounds; round++) {
    const step = random(4);
    const amount = random(100);
    if (step === 0) underLock(park, amount);
    else if (step === 1) underRLock(park, amount, random(4));
    else if (step === 2) throughTheLanes(park);
    else exchange(park, amount, me);
    if (round % MEETING === 0) park.barrier.waitSync();
  }
}

/** What the sums must be in the end. */
export function foretell(walk: Walk): number[] {
  const sums = [0, 0, 0];
  for (let me = 0; me < walk.strollers; me++) {
    const random = randomOf(walk.seed + me);
    for (let round = 0; round < walk.rounds; round++) {
      const step = random(4);
      const amount = random(100);
      if (step === 0) sums[LOCKED]! += amount;
      else if (step === 1) sums[NESTED]! += amount * (random(4) + 1);
      else if (step === 3) sums[BALANCE]! += me % 2 === 0 ? amount : 0;
    }
  }
  return sums;
}

function underLock({ lock, cells }: Park, amount: number): void {
  using _ = lock.holdSync();
  alone(cells, INSIDE_LOCK, () => grow(cells, LOCKED, amount));
}

function underRLock(park: Park, amount: number, depth: number): void {
  using _ = park.rlock.holdSync();
  const { cells } = park;
  alone(cells, INSIDE_RLOCK, () => grow(cells, NESTED, amount));
  if (depth > 0) underRLock(park, amount, depth - 1);
}

function throughTheLanes({ lanes, cells }: Park): void {
  using _ = lanes.holdSync();
  const inside = cells.add(INSIDE_LANES, 1);
  cells.add(INSIDE_LANES, -1);
  if (inside >= LANES) throw new RangeError(`${inside + 1} are in the lanes`);
}

/** The even give, the odd borrow what is there and give it back. */
function exchange(park: Park, amount: number, me: number): void {
  const { condition, cells } = park;
  using _ = condition.holdSync();
  if (me % 2 === 0) {
    grow(cells, BALANCE, amount);
    condition.notify();
    return;
  }
  const isThere = () => cells.get(BALANCE) >= amount;
  if (!condition.waitForSync(isThere, { timeout: 1 })) return;
  grow(cells, BALANCE, -amount);
  condition.waitSync({ timeout: 1 });
  grow(cells, BALANCE, amount);
  condition.notifyAll();
}

/** Not atomic: only the holder of the lock does it. */
function grow(cells: RawArray<"i">, index: number, amount: number): void {
  cells.set(index, cells.get(index) + amount);
}

function alone(cells: RawArray<"i">, canary: number, act: () => void): void {
  if (cells.add(canary, 1) !== 0) {
    throw new RangeError("two are inside");
  }
  act();
  if (cells.add(canary, -1) !== 1) {
    throw new RangeError("somebody came in");
  }
}
