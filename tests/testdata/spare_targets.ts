// Copyright 2026 the authors. MIT license.

import * as mp from "../../mod.ts";

export function nothing(): void {}

/** What a process is that may have been a spare. */
export function describe(answers: mp.Queue<unknown>, key: string): void {
  const { name, pid } = mp.currentProcess();
  answers.putSync([name, self.name, pid, Deno.env.get(key), Deno.cwd()]);
}

export function fail(): never {
  throw new RangeError("failed on purpose");
}

export function stay(): Promise<void> {
  return mp.sleep(Infinity);
}
