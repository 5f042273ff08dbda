// Copyright 2026 the authors. MIT license.

// Goes wrong while a worker imports it: for its initializer ("import"), or for
// its first task ("reading").

import { currentProcess } from "../../mod.ts";
import { faultAt, setUp, task } from "./pool_faults.ts";

// The program itself imports it unharmed.
if (currentProcess().name.startsWith("PoolWorker")) {
  await (faultAt("import") ?? faultAt("reading"));
}

export function setUpHere(...args: Parameters<typeof setUp>): Promise<void> {
  return setUp(...args);
}

export function taskHere(i: number): Promise<unknown> {
  return task(i);
}
