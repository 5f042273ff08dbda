// Copyright 2026 the authors. MIT license.

import { SHORT } from "../../_support/delays.ts";

/** Blocks this thread for `n` times SHORT. */
export function sleepSync(n: number) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, n * SHORT);
}
