// Copyright 2026 the authors. MIT license.

// Regions: the shared memory that objects live in. An object keeps nothing of
// its own, so a region's handle is all that has to cross to another process.
//
// There are two kinds of memory behind this one interface. Thread memory is a
// SharedArrayBuffer of its own for each region. Process memory is a memfd over
// such a buffer; small regions share one, a large one has its own.

import { madeMemory, type MemoryKind } from "./method.ts";
import {
  type Address,
  adoptMapping,
  createMapping,
  discardPages,
  type Mapping,
  openMapping,
} from "./process_memory.ts";
import { ProcessWords } from "./process_words.ts";
import { ThreadWords, type Words } from "./word.ts";

/** A stretch of shared memory: the same bytes, as words and as bytes. */
export interface Region {
  /** The bytes as Int32 cells with atomic operations and waits. */
  readonly words: Words;
  /** The region as bytes. Ownership of each stretch is settled by some word. */
  readonly bytes: Uint8Array<ArrayBufferLike>;
  /** The handle that crosses to another process in place of the region. */
  readonly handle: RegionHandle;
  /**
   * Makes whole pages hold zeroes and take no memory, as if nobody had touched
   * them; false if it cannot. Thread memory never can.
   */
  readonly discard?: (start: number, byteLength: number) => boolean;
}

/**
 * The handle that crosses to a child, which makes of it a region over the same
 * memory.
 */
export type RegionHandle = ThreadHandle | ProcessHandle;

/** Memory that reaches the threads of one OS process. */
export interface ThreadHandle {
  readonly kind: "thread";
  readonly memory: SharedArrayBuffer;
}

/** Memory that reaches other OS processes too. */
export interface ProcessHandle {
  readonly kind: "process";
  /** Where in the memfd. */
  readonly offset: number;
  readonly byteLength: number;
  readonly address: Address;
  /** The buffer over which the memfd lies: for threads of this OS process. */
  readonly memory: SharedArrayBuffer | undefined;
  /** Where in the buffer the memfd begins. */
  readonly start: number;
}

/**
 * Makes a region of zeroes. The size may be generous: pages take no memory
 * until they are touched (256 MiB cost 4 µs and nothing else).
 */
export function createRegion(
  byteLength: number,
  kind: MemoryKind = madeMemory(),
): Region {
  if (kind === "process") return createProcessRegion(byteLength);
  return openRegion({
    kind: "thread",
    memory: new SharedArrayBuffer(byteLength),
  });
}

/**
 * Makes a region of `byteLength` bytes, or of the largest half, quarter … of it
 * that the system has address space for.
 */
export function createLargeRegion(
  byteLength: number,
  kind: MemoryKind,
): Region {
  while (true) {
    try {
      return createRegion(byteLength, kind);
    } catch (error) {
      if (!(error instanceof RangeError) || byteLength <= 2 ** 26) throw error;
      byteLength /= 2;
    }
  }
}

/**
 * The region that `handle` names: one object for all views of this process, so
 * that a wait through one hears at once of a notify through another.
 */
export function openRegion(handle: RegionHandle): Region {
  if (handle.kind === "process") return openProcessRegion(handle);
  const { memory } = handle;
  return regionAt(memory, 0, () => ({
    words: new ThreadWords(new Int32Array(memory)),
    bytes: new Uint8Array(memory),
    handle,
  }));
}

/** The handle for another OS process; undefined if that cannot have one. */
export function exportHandle(handle: RegionHandle): RegionHandle | undefined {
  if (handle.kind === "thread") return undefined;
  const { address } = mappingOf(handle);
  return { ...handle, memory: undefined, start: 0, address };
}

/** Whether `value` is the handle of a region. */
export function isRegionHandle(value: unknown): value is RegionHandle {
  if (typeof value !== "object" || value === null) return false;
  const { kind, memory, address } = value as Partial<ProcessHandle>;
  if (kind as string === "thread") return memory instanceof SharedArrayBuffer;
  return kind === "process" && typeof address?.fd === "number";
}

/** Larger ones have a memfd of their own. */
const SMALL = 2 ** 16;
const SLAB_BYTES = 2 ** 22;
/** Two objects do not share a line of a processor's cache. */
const UNIT = 64;

/** The memfd in which the next small region of this thread is made. */
let slab: Mapping | undefined;
let slabUsed = 0;

function createProcessRegion(byteLength: number): Region {
  if (byteLength % 4 !== 0) {
    throw new RangeError(
      `Cannot create region: it must be whole words: got ${byteLength} bytes`,
    );
  }
  if (byteLength > SMALL) {
    return regionOf(createMapping(byteLength), 0, byteLength);
  }
  const size = Math.ceil(byteLength / UNIT) * UNIT;
  if (slab === undefined || slabUsed + size > SLAB_BYTES) {
    slab = createMapping(SLAB_BYTES);
    slabUsed = 0;
  }
  const offset = slabUsed;
  slabUsed += size;
  return regionOf(slab, offset, byteLength);
}

function openProcessRegion(handle: ProcessHandle): Region {
  const { memory, start, offset, byteLength } = handle;
  if (memory === undefined) {
    return regionOf(mappingOf(handle), offset, byteLength);
  }
  const known = regions.get(memory)?.get(start + offset);
  return known ?? regionOf(mappingOf(handle), offset, byteLength);
}

function mappingOf({ memory, start, address }: ProcessHandle): Mapping {
  return memory === undefined
    ? openMapping(address)
    : adoptMapping(memory, start, address);
}

function regionOf(
  mapping: Mapping,
  offset: number,
  byteLength: number,
): Region {
  const { memory, start, address } = mapping;
  const at = start + offset;
  return regionAt(memory, at, () => ({
    words: new ProcessWords(
      new Int32Array(memory, at, byteLength / 4),
      mapping.at + BigInt(offset),
      mapping.sleepers,
    ),
    bytes: new Uint8Array(memory, at, byteLength),
    handle: { kind: "process", offset, byteLength, address, memory, start },
    discard: (from, length) => discardPages(mapping, offset + from, length),
    // Held by what is held: its number must stay open as long as the region.
    mapping,
  }));
}

const regions = new WeakMap<SharedArrayBuffer, Map<number, Region>>();

function regionAt(
  memory: SharedArrayBuffer,
  at: number,
  make: () => Region & { mapping?: Mapping },
): Region {
  let inMemory = regions.get(memory);
  if (inMemory === undefined) regions.set(memory, inMemory = new Map());
  let region = inMemory.get(at);
  if (region === undefined) inMemory.set(at, region = make());
  return region;
}
