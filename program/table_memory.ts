// Copyright 2026 the authors. MIT license.

// The memory that the table of processes lies in: that of threads, until a
// program starts its first OS process.

import {
  createRegion,
  exportHandle,
  type ProcessHandle,
  type RegionHandle,
} from "../memory/region.ts";
import type { MemoryKind } from "../memory/method.ts";
import { ThreadWords } from "../memory/word.ts";
import { holdSlot, isSlotHeld } from "./liveness.ts";
import { TABLE_WORDS, type TableMemory } from "./table.ts";

const BYTES = TABLE_WORDS * 4;

/** Memory for a new table. */
export function createTableMemory(kind: MemoryKind): TableMemory {
  return tableMemoryOf(createRegion(BYTES, kind).handle);
}

/** The memory that `handle` names, which is open in this OS process. */
export function tableMemoryOf(handle: RegionHandle): TableMemory {
  const at = handle.kind === "process" ? handle.start + handle.offset : 0;
  const memory = handle.memory!;
  return {
    // Always words of threads: a change by another OS process is found at the
    // next look. See docs/decisions/0014-process-memory.md.
    words: new ThreadWords(new Int32Array(memory, at, TABLE_WORDS)),
    bytes: new Uint8Array(memory, at, BYTES),
    handle,
    occupy: (slot: number) => holdSlot(addressOf(handle).fd, slot),
    isOccupied(slot: number): boolean {
      // No other OS process has memory of threads.
      if (handle.kind === "thread") return true;
      return isSlotHeld(addressOf(handle).fd, slot);
    },
  };
}

function addressOf(handle: RegionHandle): ProcessHandle["address"] {
  return (exportHandle(handle) as ProcessHandle).address;
}
