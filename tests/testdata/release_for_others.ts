// Copyright 2026 the authors. MIT license.

import { type Lock, type Queue, StateError } from "../../mod.ts";

/** Releases what it does not hold, and says how that went. */
export function releaseForOthers(lock: Lock, said: Queue<string>): void {
  try {
    lock.release();
    said.putSync("released");
  } catch (error) {
    said.putSync(error instanceof StateError ? error.message : `${error}`);
  }
}
