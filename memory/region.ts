// Copyright 2026 the authors. MIT license.

// Regions: the shared memory that objects live in. An object keeps nothing of
// its own, so a region's handle is all that has to cross to another process.
//
// There are two kinds of memory behind this one interface. Thread memory is a
// SharedArrayBuffer of its own for each region. Process memory is a memfd over
// such a buffer. What can be closed has a memfd of its own, which is closed
// with it. All else shares: many small regions have one, and of each larger
// size the ninth and those after it are cut from one, sixteen at a time.

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
  /**
   * The number by which a thread knows it again: each time that the memory
   * comes, it comes as another object.
   */
  readonly id: number;
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
  const memory = new SharedArrayBuffer(byteLength);
  return threadRegion({ kind: "thread", memory, id: nextId++ });
}

// No two threads begin with the same, as far as chance goes.
let nextId = Math.floor(Math.random() * 2 ** 31) * 2 ** 21;

/**
 * Makes regions for something that is closed: its file is given back when no
 * thread {@linkcode useRegion uses} them any more. They have one file together.
 */
export function createClosable(
  sizes: readonly number[],
  kind: MemoryKind = madeMemory(),
): Region[] {
  const total = sizes.reduce((sum, size) => sum + roundUp(size, PAGE), 0);
  if (kind === "thread" || total <= SMALL) {
    return sizes.map((size) => createRegion(size, kind));
  }
  const mapping = createMapping(total, true);
  let offset = 0;
  return sizes.map((size) => {
    const region = regionOf(mapping, offset, size);
    offset += roundUp(size, PAGE);
    return region;
  });
}

/** An object of this thread that can be closed lies in the region. */
export function useRegion(handle: RegionHandle): void {
  if (handle.kind === "process") mappingOf(handle).file.use();
}

/**
 * It is closed. Its memory stays for what may yet touch it; with `isWanted` its
 * file as well for a while, since something lies in it.
 */
export function unuseRegion(handle: RegionHandle, isWanted = false): void {
  if (handle.kind === "process") mappingOf(handle).file.unuse(isWanted);
}

/** A child is given the region, and `isTaken` tells when it has opened it. */
export function lendRegion(
  handle: RegionHandle,
  isTaken: () => boolean,
): void {
  if (handle.kind === "process") mappingOf(handle).file.lend(isTaken);
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
  const { id, memory } = handle;
  if (!regions.has(memory)) {
    const known = threadMemory(id);
    if (known !== undefined) return threadRegion({ ...handle, memory: known });
    rememberMemory(handle);
  }
  return threadRegion(handle);
}

function threadRegion(handle: ThreadHandle): Region {
  const { memory } = handle;
  return regionAt(memory, 0, () => ({
    words: new ThreadWords(new Int32Array(memory)),
    bytes: new Uint8Array(memory),
    handle,
  }));
}

/** Thread memory that has come to this thread or has left it, by its number. */
const traveled = new Map<number, WeakRef<SharedArrayBuffer>>();

const dropped = new FinalizationRegistry<number>((id) => {
  if (traveled.get(id)?.deref() === undefined) traveled.delete(id);
});

/** Thread memory may leave this thread: it is known when it comes back. */
export function rememberMemory({ id, memory }: ThreadHandle): void {
  if (traveled.get(id)?.deref() !== undefined) return;
  traveled.set(id, new WeakRef(memory));
  dropped.register(memory, id);
}

/** Thread memory that has been here, if this thread still has it. */
export function threadMemory(id: number): SharedArrayBuffer | undefined {
  return traveled.get(id)?.deref();
}

/**
 * The handle for another OS process; undefined if that cannot have one, or this
 * one has closed what lies there.
 */
export function exportHandle(handle: RegionHandle): ProcessHandle | undefined {
  if (handle.kind === "thread") return undefined;
  const { address, isOpen } = mappingOf(handle).file;
  if (!isOpen) return undefined;
  return { ...handle, memory: undefined, start: 0, address };
}

/** Whether `value` is the handle of a region. */
export function isRegionHandle(value: unknown): value is RegionHandle {
  if (typeof value !== "object" || value === null) return false;
  const { kind, memory, address } = value as Partial<ProcessHandle>;
  if (kind as string === "thread") return memory instanceof SharedArrayBuffer;
  return kind === "process" && typeof address?.fd === "number";
}

/** Regions up to this size share memfds from the first on. */
const SMALL = 2 ** 16;
const SLAB_BYTES = 2 ** 22;
/** Two objects do not share a line of a processor's cache. */
const UNIT = 64;
/** The largest page of the systems that this runs on. */
const PAGE = 2 ** 16;

/** How many of a larger size have a memfd of their own: a few may be long. */
const ALONE = 8;
/** How many have one together after those, and in how many bytes at most. */
const TOGETHER = 16;
const MOST_TOGETHER = 2 ** 30;

/** A memfd that the next regions of a size are cut from. */
interface Sheet {
  mapping: Mapping | undefined;
  used: number;
  end: number;
  /** How many memfds there were before. */
  count: number;
}

/** The sheets of this thread, by the logarithm of the largest region. */
const sheets = new Map<number, Sheet>();

function createProcessRegion(byteLength: number): Region {
  if (byteLength % 4 !== 0) {
    throw new RangeError(
      `Cannot create region: it must be whole words: got ${byteLength} bytes`,
    );
  }
  const order = Math.ceil(Math.log2(Math.max(byteLength, SMALL)));
  let sheet = sheets.get(order);
  if (sheet === undefined) {
    sheet = { mapping: undefined, used: 0, end: 0, count: 0 };
    sheets.set(order, sheet);
  }
  const size = roundUp(byteLength, byteLength > SMALL ? PAGE : UNIT);
  if (sheet.mapping === undefined || sheet.used + size > sheet.end) {
    renew(sheet, order, size);
  }
  const { mapping, used } = sheet;
  sheet.used += size;
  const region = regionOf(mapping!, used, byteLength);
  // Nothing holds it but what lies in it, once it is used up.
  if (sheet.used === sheet.end) sheet.mapping = undefined;
  return region;
}

function renew(sheet: Sheet, order: number, size: number): void {
  const together = order === SMALL_ORDER
    ? SLAB_BYTES
    : Math.min(MOST_TOGETHER, TOGETHER * 2 ** order);
  const isAlone = order !== SMALL_ORDER && sheet.count < ALONE;
  const bytes = isAlone ? size : Math.max(size, together);
  sheet.mapping = undefined;
  sheet.mapping = createMapping(bytes, false);
  sheet.used = 0;
  sheet.end = bytes;
  sheet.count++;
}

const SMALL_ORDER = Math.log2(SMALL);

function roundUp(size: number, unit: number): number {
  return Math.ceil(size / unit) * unit;
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
  const { memory, start, file: { address } } = mapping;
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
