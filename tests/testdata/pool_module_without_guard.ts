// Copyright 2026 the authors. MIT license.

// Starts a process as it is imported by a child.

import { parentProcess, Process } from "../../mod.ts";

export function double(x: number): number {
  return x * 2;
}

if (parentProcess() !== undefined) {
  new Process({ target: double, args: [1] }).start();
}
