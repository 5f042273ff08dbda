// Copyright 2026 the authors. MIT license.

// Process memory: shared memory that other OS processes can have too, and that
// leaves nothing behind in the file system.
//
// The memory is a memfd, laid over the pages of a SharedArrayBuffer. A buffer
// of more than 32 MiB always has pages of its own (mmap(2) under malloc(3)), so
// the kernel can be told to put the memfd in the place of those pages: every
// thread that has the buffer then has the memfd's memory, and nothing else
// about the buffer changes. It is freed like any other, with its pages.
//
// Another OS process opens /proc/PID/fd/N of one that has it, which need not be
// the one that made it, and lays it over a buffer of its own.

import {
  addressOf,
  closeFile,
  openFile,
  openKernel,
  Scratch,
  SYS,
  systemCall,
} from "./kernel.ts";

/** How another process finds a memfd. */
export interface Address {
  /** The OS process that has it open. */
  readonly pid: number;
  /** As what it has it open. */
  readonly fd: number;
  /** The key at its beginning, to tell it from another's. */
  readonly key: number;
  /** How long it is. */
  readonly size: number;
}

/** A memfd that this thread has mapped. */
export interface Mapping {
  /** The buffer over which it lies. */
  readonly memory: SharedArrayBuffer;
  /** Where in the buffer it begins: after its first page, see there. */
  readonly start: number;
  /** The sleepers on each of its words. */
  readonly sleepers: Int32Array;
  /** Where the same is in this OS process. */
  readonly at: bigint;
  /** How other processes find it: this one's own number for it. */
  readonly address: Address;
}

/** Buffers from here on have pages of their own. */
const OWN_PAGES = 2 ** 26;

/** The largest page of the systems that this runs on. */
const PAGE = 2 ** 16;

// The first page: the key, then the counters of sleepers (sleepers.ts).
const SLEEPERS = 64;

/** How many counters there are; a power of two. */
const SLEEPER_WORDS = 4096;

const MFD_CLOEXEC = 1n;
const O_RDWR_CLOEXEC = 0o2000002n;
const F_DUPFD_CLOEXEC = 1030n;
const PROT_READ_WRITE = 3n;
const MAP_SHARED_FIXED = 0x11n;
const MADV_REMOVE = 9n;

const ACTION = "use process memory";

let names: Scratch | undefined;

/** Mappings of this thread by key, as long as they are in use. */
const known = new Map<number, WeakRef<Mapping>>();

/** Closes a memfd that this thread cannot hand on any more. */
const finalizer = new FinalizationRegistry<Address>(({ fd, key }) => {
  // It may have been opened again since.
  if (known.get(key)?.deref() === undefined) known.delete(key);
  closeFile(fd);
});

/** Makes a memfd of `byteLength` bytes of zeroes, sparse. */
export function createMapping(byteLength: number): Mapping {
  const size = PAGE + roundUp(byteLength);
  openKernel(ACTION);
  names ??= new Scratch(256);
  const name = names.text("multiprocessing");
  const fd = Number(systemCall(SYS.memfdCreate, name, MFD_CLOEXEC));
  if (fd < 0) throw failed("create");
  if (systemCall(SYS.ftruncate, BigInt(fd), BigInt(size)) < 0n) {
    closeFile(fd);
    throw failed("size");
  }
  const key = crypto.getRandomValues(new Int32Array(1))[0]! | 1;
  return enter({ pid: Deno.pid, fd, key, size }, true);
}

/** The mapping of another process's memfd. */
export function openMapping(address: Address): Mapping {
  const found = known.get(address.key)?.deref();
  if (found !== undefined) return found;
  const { pid, fd, key, size } = address;
  openKernel(ACTION);
  const own = openFile(`/proc/${pid}/fd/${fd}`, O_RDWR_CLOEXEC);
  if (own < 0) throw failed(`open that of process ${pid}`);
  return enter({ pid: Deno.pid, fd: own, key, size }, false);
}

/** The mapping of a memfd that another thread of this process has mapped. */
export function adoptMapping(
  memory: SharedArrayBuffer,
  start: number,
  address: Address,
): Mapping {
  const found = known.get(address.key)?.deref();
  if (found !== undefined) return found;
  // A number of its own: the other thread may close its own number earlier.
  openKernel(ACTION);
  const fd = Number(
    systemCall(SYS.fcntl, BigInt(address.fd), F_DUPFD_CLOEXEC, 0n),
  );
  if (fd < 0) throw failed("keep");
  const at = addressOf(new Uint8Array(memory)) + BigInt(start);
  return remember({ memory, start, at, address: { ...address, fd } });
}

/**
 * Gives whole pages back to the system, for all that have the memory: they hold
 * zeroes again and take none. False if the system does not.
 */
export function discardPages(
  mapping: Mapping,
  start: number,
  byteLength: number,
): boolean {
  const at = mapping.at + BigInt(start);
  return systemCall(SYS.madvise, at, BigInt(byteLength), MADV_REMOVE) === 0n;
}

/** Closes what this thread has open: it ends, and its OS process does not. */
export function closeMappings(): void {
  for (const mapping of known.values()) {
    const fd = mapping.deref()?.address.fd;
    if (fd !== undefined) closeFile(fd);
  }
}

function enter(address: Address, isNew: boolean): Mapping {
  const { size, fd, key } = address;
  const memory = new SharedArrayBuffer(Math.max(OWN_PAGES, size + PAGE));
  const buffer = addressOf(new Uint8Array(memory));
  const base = (buffer + BigInt(PAGE - 1)) & ~BigInt(PAGE - 1);
  const mapped = systemCall(
    SYS.mmap,
    base,
    BigInt(size),
    PROT_READ_WRITE,
    MAP_SHARED_FIXED,
    BigInt(fd),
    0n,
  );
  if (mapped !== base) {
    closeFile(fd);
    throw failed("map");
  }
  const first = Number(base - buffer);
  const head = new Int32Array(memory, first, 1);
  if (isNew) head[0] = key;
  else if (head[0] !== key) {
    closeFile(fd);
    throw failed("find");
  }
  const start = first + PAGE;
  return remember({ memory, start, at: base + BigInt(PAGE), address });
}

function remember(parts: Omit<Mapping, "sleepers">): Mapping {
  const at = parts.start - PAGE + SLEEPERS;
  const sleepers = new Int32Array(parts.memory, at, SLEEPER_WORDS);
  const mapping = { ...parts, sleepers };
  known.set(mapping.address.key, new WeakRef(mapping));
  finalizer.register(mapping.memory, mapping.address);
  return mapping;
}

function roundUp(size: number): number {
  return Math.ceil(size / PAGE) * PAGE;
}

function failed(what: string): Error {
  return new Error(`Cannot use process memory: the system did not ${what} it`);
}
