// Copyright 2026 the authors. MIT license.

// Set an event, be answered by another, with `await` on both sides:
// event_wake_async.

import * as mp from "../../mod.ts";
import { batchSize, sampleAsync } from "../lib.ts";

/** The child. */
export async function answer(there: mp.Event, back: mp.Event): Promise<void> {
  while (true) {
    await there.wait();
    there.clear();
    back.set();
  }
}

async function main(scenario: "event_wake_async"): Promise<void> {
  const [there, back] = [new mp.Event(), new mp.Event()];
  const child = new mp.Process({ target: answer, args: [there, back] });
  child.start();
  await sampleAsync(
    scenario,
    async function once() {
      there.set();
      await back.wait();
      back.clear();
    },
    batchSize(scenario),
    "µs",
  );
  child.terminate();
  await child.join();
}

if (import.meta.main) await main("event_wake_async");
