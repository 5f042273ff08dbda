// Copyright 2026 the authors. MIT license.

// Set an event, be answered by another: two wakes: event_wake.

import * as mp from "../../mod.ts";
import { batchSize, sample } from "../lib.ts";

/** The child. */
export function answer(there: mp.Event, back: mp.Event): void {
  while (true) {
    there.waitSync();
    there.clear();
    back.set();
  }
}

async function main(scenario: "event_wake"): Promise<void> {
  const [there, back] = [new mp.Event(), new mp.Event()];
  const child = new mp.Process({ target: answer, args: [there, back] });
  child.start();
  sample(
    scenario,
    function once() {
      there.set();
      back.waitSync();
      back.clear();
    },
    batchSize(scenario),
    "µs",
  );
  child.terminate();
  await child.join();
}

if (import.meta.main) await main("event_wake");
