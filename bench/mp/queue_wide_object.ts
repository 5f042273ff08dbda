// Copyright 2026 the authors. MIT license.

// A wide record into a queue and out again, in one process:
// queue_wide_object.

import * as mp from "../../mod.ts";
import { measure, wide } from "../lib.ts";

function main(scenario: string): void {
  const q = new mp.Queue<Record<string, number>>();
  const value = wide();
  measure(scenario, function batch(size) {
    for (let i = 0; i < size; i++) {
      q.putSync(value);
      q.getSync();
    }
  }, "ns");
}

if (import.meta.main) main(Deno.args[0]!);
