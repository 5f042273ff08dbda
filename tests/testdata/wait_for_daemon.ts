// Copyright 2026 the authors. MIT license.

import { Process, Queue } from "../../mod.ts";
import { MEDIUM } from "../_support/delays.ts";

/** Puts one item, late. */
export async function putLate(q: Queue<number>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2 * MEDIUM));
  await q.put(1);
}

// Nothing but the pending get keeps the program alive.
if (import.meta.main) {
  const q = new Queue<number>();
  new Process({ target: putLate, args: [q], daemon: true }).start();
  q.get().then((item) => console.log("got", item));
}
