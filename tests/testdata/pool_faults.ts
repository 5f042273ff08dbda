// Copyright 2026 the authors. MIT license.

// What goes wrong in the crash matrix, and where. What to do is told by a
// variable of the environment, which a module sees even while it is imported.

import { currentProcess, type RawArray } from "../../mod.ts";
import { LONG } from "../_support/delays.ts";

/** What goes wrong in one cell of the matrix. */
export interface Plan {
  /** A folder for the claims of those that have gone wrong. */
  readonly folder: string;
  readonly fault: string;
  readonly place: string;
  /** How often it goes wrong. */
  readonly times: number;
  /** The number of the first worker of this cell: others may be late. */
  readonly first: number;
}

/** The milliseconds of an endless loop: longer than any test waits. */
export const LOOP = LONG * 4;

/** The variable that holds the plan, as JSON. */
export const PLAN = "POOL_FAULTS";

let runs: RawArray<"i"> | undefined;

/** True this many times in all workers together: making a folder is atomic. */
function claim({ folder, times, first }: Plan): boolean {
  const number = Number(/\d+$/.exec(currentProcess().name));
  if (number < first) return false;
  for (let i = 0; i < times; i++) {
    try {
      Deno.mkdirSync(`${folder}/${i}`);
    } catch {
      continue;
    }
    Deno.writeTextFileSync(`${folder}/${i}/name`, currentProcess().name);
    return true;
  }
  return false;
}

/** Goes wrong if it is planned so; a promise if it takes its time. */
export function faultAt(place: string): Promise<never> | undefined {
  const plan: Plan = JSON.parse(Deno.env.get(PLAN)!);
  // What cannot be cloned is no code: it is an argument or a result.
  if (plan.fault === "uncloneable" || plan.place !== place) return undefined;
  if (!claim(plan)) return undefined;
  const isSync = place === "sending";
  switch (plan.fault) {
    case "exit":
      return Deno.exit(7);
    case "error":
      if (isSync) throw new TypeError("from the getter");
      queueMicrotask(() => {
        throw new TypeError("beside the task");
      });
      return new Promise(() => {});
    case "never":
      return new Promise(() => {});
    case "terminate":
      if (!isSync) return new Promise(() => {});
  }
  // A worker that never ends would burn a core until the last test.
  const end = performance.now() + LOOP;
  while (performance.now() < end);
  return undefined;
}

export async function setUp(counts: RawArray<"i">): Promise<void> {
  runs = counts;
  await faultAt("initializer");
}

export async function task(i: number): Promise<unknown> {
  await faultAt("task");
  const plan: Plan = JSON.parse(Deno.env.get(PLAN)!);
  if (plan.place === "between") setTimeout(() => faultAt("between"));
  runs?.set(i, runs.get(i) + 1);
  if (plan.place !== "sending") return i;
  if (plan.fault === "uncloneable") return claim(plan) ? () => i : i;
  return {
    get i() {
      faultAt("sending");
      return i;
    },
  };
}
