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
//
// So there are two things to give back. The pages go when the buffer is
// collected, and not before: a view, a pending wait or another thread may touch
// them until then. The file is there for those that have not mapped it yet, and
// a process may have few files, so it is closed as soon as no process can come
// for it. The file of a mapping in one thread:
//
// from     to       by
// OPEN     USED     use(): something that can be closed lies in it
// USED     KEPT     the last unuse(), if something lies in it and no child was
//                   given it: one may yet be
// USED     LENT     the last unuse(), while a child is still to open it
// USED     CLOSED   the last unuse() otherwise
// KEPT     LENT     lend()
// KEPT     CLOSED   MOST_KEPT others were kept since
// LENT     CLOSED   closeTaken(), when all of those have opened it or are dead
// LENT     USED     use()
// CLOSED   USED     use(), after openMapping() has opened it again
// any      CLOSED   the buffer is collected, or the thread ends
//
// A file in which something lies that is never closed, a Value or a Lock, stays
// OPEN. Those are few, since many such things share one (region.ts).

import { StateError } from "../errors.ts";
import {
  addressOf,
  closeFile,
  hasKernel,
  linkOf,
  neededCall,
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
  /** As what it has it open; {@linkcode CLOSED} if it has not. */
  readonly fd: number;
  /** The key at its beginning, to tell it from another's. */
  readonly key: number;
  /** How long it is. */
  readonly size: number;
  /** Whether its uses are counted: all that lies in it can be closed. */
  readonly isCounted: boolean;
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
  /** The file, as this thread has it open. */
  readonly file: MappedFile;
}

/** The number of a file that is not open. */
const CLOSED = -1;

/** The file of a mapping in this thread; its states stand above. */
export class MappedFile {
  #address: Address;
  #uses = 0;
  /** For each child that was given it, whether it has opened it. */
  readonly #loans = new Set<() => boolean>();
  #wasLent = false;

  constructor(address: Address) {
    this.#address = address;
  }

  /** How other processes find it: this one's own number for it. */
  get address(): Address {
    return this.#address;
  }

  get isOpen(): boolean {
    return this.#address.fd !== CLOSED;
  }

  reopen(fd: number): void {
    this.#address = { ...this.#address, fd };
  }

  /** Something that lies in it is open in this thread. */
  use(): void {
    this.#uses++;
  }

  /**
   * One such thing is closed. With `isWanted`, the file stays open for a while
   * if no child was given it: what lies in it would be lost.
   */
  unuse(isWanted: boolean): void {
    this.#uses--;
    if (!this.#address.isCounted) return;
    if (isWanted && this.#uses === 0 && !this.#wasLent) keepForAWhile(this);
    else lent.add(this);
    closeTaken();
  }

  /** A child is to open it, and `isTaken` tells when it has. */
  lend(isTaken: () => boolean): void {
    if (!this.#address.isCounted) return;
    this.#wasLent = true;
    this.#endLoans();
    this.#loans.add(isTaken);
    if (kept.delete(this)) lent.add(this);
  }

  /** Closes it if no process can come for it; false if one may. */
  settle(): boolean {
    if (this.#uses > 0) return true;
    this.#endLoans();
    if (this.#loans.size > 0) return false;
    this.close();
    return true;
  }

  close(): void {
    if (!this.isOpen) return;
    closeFile(this.#address.fd);
    this.#address = { ...this.#address, fd: CLOSED };
  }

  #endLoans(): void {
    for (const isTaken of this.#loans) {
      if (isTaken()) this.#loans.delete(isTaken);
    }
  }
}

/** How many closed files may stay open because of what lies in them. */
const MOST_KEPT = 16;

/** Those, the oldest first. */
const kept = new Set<MappedFile>();

function keepForAWhile(file: MappedFile): void {
  kept.add(file);
  if (kept.size <= MOST_KEPT) return;
  const [oldest] = [...kept] as [MappedFile, ...MappedFile[]];
  kept.delete(oldest);
  lent.add(oldest);
}

/** The files that nothing here uses, and that a child may come for. */
const lent = new Set<MappedFile>();

/** Closes those for which no child comes any more. */
export function closeTaken(): void {
  for (const file of lent) if (file.settle()) lent.delete(file);
}

/** Buffers from here on have pages of their own. */
const OWN_PAGES = 2 ** 26;

/** The largest page of the systems that this runs on. */
const PAGE = 2 ** 16;

// The first page: the key, then the counters of sleepers (sleepers.ts).
const SLEEPERS = 64;

/** How many counters there are; a power of two. */
const SLEEPER_WORDS = 4096;

/**
 * After how many mappings the collector is told that there is something to
 * collect. It does not count shared buffers, though the system counts their
 * mappings (65530 in a process); a buffer of one thread it does, and this one's
 * pages are never touched.
 */
const PRESSURE = 64;
let entered = 0;

const FILE_NAME = "multiprocessing";
/** The link to such a file under /proc begins so. */
const LINK = `/memfd:${FILE_NAME}`;

const MFD_CLOEXEC = 1n;
const O_RDWR_CLOEXEC = 0o2000002n;
const F_DUPFD_CLOEXEC = 1030n;
const PROT_READ_WRITE = 3n;
const MAP_SHARED_FIXED = 0x11n;
const MADV_REMOVE = 9n;

const ACTION = "use process memory";

let names: Scratch | undefined;
let keys: Scratch | undefined;

/** Mappings of this thread by key, as long as they are in use. */
const known = new Map<number, WeakRef<Mapping>>();

/** Closes a memfd that this thread cannot hand on any more. */
const finalizer = new FinalizationRegistry<MappedFile>((file) => {
  const { key } = file.address;
  // It may have been opened again since.
  if (known.get(key)?.deref() === undefined) known.delete(key);
  file.close();
});

/**
 * Looks, once, whether the system gives such memory, and lets others open it.
 *
 * @throws {StateError} If not.
 */
export function checkProcessMemory(): void {
  if (isChecked) return;
  openKernel(ACTION);
  const fd = createFile();
  try {
    const path = `/proc/${Deno.pid}/fd/${fd}`;
    const opened = neededCall(
      ACTION,
      "/proc does not show the files of this process",
      () => BigInt(openFile(path, O_RDWR_CLOEXEC)),
    );
    closeFile(Number(opened));
  } finally {
    closeFile(Number(fd));
  }
  isChecked = true;
}

let isChecked = false;

/** Whether there is such memory, as far as this process can tell now. */
export function hasProcessMemory(): boolean {
  if (!hasKernel()) return false;
  try {
    checkProcessMemory();
    return true;
  } catch (error) {
    if (error instanceof StateError) return false;
    throw error;
  }
}

/**
 * Makes a memfd of `byteLength` bytes of zeroes, sparse. With `isCounted` it is
 * closed when the last use of it has ended.
 *
 * @throws {StateError} If the system gives none.
 */
export function createMapping(
  byteLength: number,
  isCounted: boolean,
): Mapping {
  const size = PAGE + roundUp(byteLength);
  checkProcessMemory();
  closeTaken();
  const made = createFile();
  const fd = Number(made);
  return closingOnError(fd, () => {
    neededCall(
      ACTION,
      `no ${size} bytes for it`,
      () => systemCall(SYS.ftruncate, made, BigInt(size)),
    );
    const key = crypto.getRandomValues(new Int32Array(1))[0]! | 1;
    return enter({ pid: Deno.pid, fd, key, size, isCounted }, true);
  });
}

/**
 * The mapping of another process's memfd.
 *
 * @throws {StateError} If that process does not have it any more, or this one
 * may not open it.
 */
export function openMapping(address: Address): Mapping {
  const found = known.get(address.key)?.deref();
  if (found?.file.isOpen) return found;
  // Its file may be closed here for good: the memory is all that is needed.
  if (found !== undefined && address.fd === CLOSED) return found;
  const { pid } = address;
  openKernel(ACTION);
  const path = `/proc/${pid}/fd/${address.fd}`;
  const fd = Number(neededCall(
    ACTION,
    `process ${pid} does not lend its file`,
    () => BigInt(openFile(path, O_RDWR_CLOEXEC)),
  ));
  return closingOnError(fd, () => {
    if (found === undefined) {
      return enter({ ...address, pid: Deno.pid, fd }, false);
    }
    checkKey(fd, address.key);
    found.file.reopen(fd);
    return found;
  });
}

/** The mapping of a memfd, if this thread has it, whatever its file. */
export function knownMapping({ key }: Address): Mapping | undefined {
  return known.get(key)?.deref();
}

/** Whether there is a memfd at an address. */
export function isLent({ pid, fd }: Address): boolean {
  openKernel(ACTION);
  return fd !== CLOSED && linkOf(`/proc/${pid}/fd/${fd}`).startsWith(LINK);
}

/**
 * The address of the same memfd in one of the OS processes `pids`, if one of
 * them has it open.
 */
export function searchFile(
  address: Address,
  pids: readonly number[],
): Address | undefined {
  openKernel(ACTION);
  for (const pid of pids) {
    for (let fd = 0; fd < MOST_SEARCHED; fd++) {
      const path = `/proc/${pid}/fd/${fd}`;
      // Only what is known to be a memfd is opened: the end of a pipe, say,
      // would count as one end more meanwhile.
      if (!linkOf(path).startsWith(LINK)) continue;
      const own = openFile(path, O_RDWR_CLOEXEC);
      if (own < 0) continue;
      const isIt = keyOf(own) === address.key;
      closeFile(own);
      if (isIt) return { ...address, pid, fd };
    }
  }
  return undefined;
}

/** The highest number of a file that is looked at. */
const MOST_SEARCHED = 2 ** 12;

/** The mapping of a memfd that another thread of this process has mapped. */
export function adoptMapping(
  memory: SharedArrayBuffer,
  start: number,
  address: Address,
): Mapping {
  const found = known.get(address.key)?.deref();
  if (found !== undefined) return found;
  // A number of its own: the other thread may close its own number earlier. It
  // may have done so already, and the number be another file's by now.
  openKernel(ACTION);
  const fd = copyOf(address);
  const at = addressOf(new Uint8Array(memory)) + BigInt(start);
  const file = new MappedFile({ ...address, fd });
  return remember({ memory, start, at, file });
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
  for (const mapping of known.values()) mapping.deref()?.file.close();
}

function createFile(): bigint {
  names ??= new Scratch(256);
  const name = names.text(FILE_NAME);
  return neededCall(
    ACTION,
    "no file for it",
    () => systemCall(SYS.memfdCreate, name, MFD_CLOEXEC),
  );
}

function enter(address: Address, isNew: boolean): Mapping {
  const { size, fd, key } = address;
  const memory = new SharedArrayBuffer(Math.max(OWN_PAGES, size + PAGE));
  if (++entered % PRESSURE === 0) new ArrayBuffer(OWN_PAGES);
  const buffer = addressOf(new Uint8Array(memory));
  const base = (buffer + BigInt(PAGE - 1)) & ~BigInt(PAGE - 1);
  if (!isNew) checkKey(fd, key);
  neededCall(ACTION, "it cannot be mapped", () =>
    systemCall(
      SYS.mmap,
      base,
      BigInt(size),
      PROT_READ_WRITE,
      MAP_SHARED_FIXED,
      BigInt(fd),
      0n,
    ));
  const first = Number(base - buffer);
  if (isNew) new Int32Array(memory, first, 1)[0] = key;
  const start = first + PAGE;
  const at = base + BigInt(PAGE);
  return remember({ memory, start, at, file: new MappedFile(address) });
}

function remember(parts: Omit<Mapping, "sleepers">): Mapping {
  const at = parts.start - PAGE + SLEEPERS;
  const sleepers = new Int32Array(parts.memory, at, SLEEPER_WORDS);
  const mapping = { ...parts, sleepers };
  known.set(mapping.file.address.key, new WeakRef(mapping));
  finalizer.register(mapping.memory, mapping.file);
  return mapping;
}

function roundUp(size: number): number {
  return Math.ceil(size / PAGE) * PAGE;
}

/** A number of this thread's own for a file; {@linkcode CLOSED} if none. */
function copyOf({ fd, key }: Address): number {
  if (fd === CLOSED) return CLOSED;
  const copy = systemCall(SYS.fcntl, BigInt(fd), F_DUPFD_CLOEXEC, 0n);
  const own = Number(copy);
  if (own === CLOSED || keyOf(own) === key) return own;
  closeFile(own);
  return CLOSED;
}

/** Throws unless the file begins with `key`: its number may be another's. */
function checkKey(fd: number, key: number): void {
  if (keyOf(fd) === key) return;
  throw new StateError(
    `Cannot ${ACTION}: its process has let go of it before this one had it`,
  );
}

function keyOf(fd: number): number {
  keys ??= new Scratch(64);
  keys.view.setInt32(0, 0, true);
  systemCall(SYS.pread, BigInt(fd), keys.address, 4n, 0n);
  return keys.view.getInt32(0, true);
}

function closingOnError<T>(fd: number, use: () => T): T {
  try {
    return use();
  } catch (error) {
    closeFile(fd);
    throw error;
  }
}
