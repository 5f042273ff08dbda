// Copyright 2026 the authors. MIT license.

// Regions: the shared memory that objects live in. An object keeps nothing of
// its own, so a region's handle is all that has to cross to another process.

import { ThreadWords, type Words } from "./word.ts";

/** A stretch of shared memory: the same bytes, as words and as bytes. */
export interface Region {
  /** The bytes as Int32 cells with atomic operations and waits. */
  readonly words: Words;
  /** The same bytes. Ownership of each stretch is settled by some word. */
  readonly bytes: Uint8Array<ArrayBufferLike>;
  /** What crosses to another process in place of the region. */
  readonly handle: RegionHandle;
}

/** What crosses to a child, which makes a region over the same memory of it. */
export interface RegionHandle {
  readonly kind: "thread";
  readonly memory: SharedArrayBuffer;
}

/**
 * Makes a region of zeroes. The size may be generous: pages take no memory
 * until they are touched (256 MiB cost 4 µs and nothing else).
 */
export function createRegion(byteLength: number): Region {
  return openRegion({
    kind: "thread",
    memory: new SharedArrayBuffer(byteLength),
  });
}

/**
 * Makes a region of `byteLength` bytes, or of the largest half, quarter … of it
 * that the system has address space for.
 */
export function createLargeRegion(byteLength: number): Region {
  while (true) {
    try {
      return createRegion(byteLength);
    } catch (error) {
      if (!(error instanceof RangeError) || byteLength <= 2 ** 26) throw error;
      byteLength /= 2;
    }
  }
}

/**
 * The region that `handle` names: one object for all views of this process, so
 * that those who wait through one hear at once of a notify through another.
 */
export function openRegion(handle: RegionHandle): Region {
  const { memory } = handle;
  let region = regions.get(memory);
  if (region === undefined) {
    region = {
      words: new ThreadWords(new Int32Array(memory)),
      bytes: new Uint8Array(memory),
      handle,
    };
    regions.set(memory, region);
  }
  return region;
}

const regions = new WeakMap<SharedArrayBuffer, Region>();
