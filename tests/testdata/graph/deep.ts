// Copyright 2026 the authors. MIT license.

// Functions that only work in their own module, two imports away from the test.

import type { Queue } from "../../../mod.ts";

const RATE = 3;
const fetch = (what: string): string => `mine: ${what}`;

export function scaled(x: number): number {
  return x * RATE;
}

export function loaded(what: string): string {
  return fetch(what);
}

export const ops = {
  deeper: { scaled: (x: number): number => x * RATE + 1 },
  raised(x: number): number {
    return x + RATE;
  },
};

export class Rates {
  static rate(x: number): number {
    return x / RATE;
  }
}

function hidden(what: string): string {
  return fetch(what);
}

/** A function that this module does not export, and that uses its `fetch`. */
export function getHidden(): typeof hidden {
  return hidden;
}

/** The same as a target. */
export function tell(q: Queue<string>, what: string): void {
  q.putSync(fetch(what));
}
