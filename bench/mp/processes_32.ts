// Copyright 2026 the authors. MIT license.

// 32 processes at once that do nothing, from the start of the first to the end
// of all: processes_32.

import * as mp from "../../mod.ts";
import { batchSize, measureFirst, measureHold } from "../lib.ts";

/** The child. */
export function nothing(): void {}

async function main(scenario: "processes_32"): Promise<void> {
  const all = Array.from(
    { length: batchSize(scenario) },
    () => new mp.Process({ target: nothing }),
  );
  await measureHold(scenario, () =>
    measureFirst(scenario, async () => {
      for (const child of all) child.start();
      for (const child of all) await child.join();
    }));
}

if (import.meta.main) await main("processes_32");
