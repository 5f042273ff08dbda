// Copyright 2026 the authors. MIT license.

// Which OS processes of a program live.
//
// Each holds a lock on one byte of the table's memfd, the byte of its slot, by
// a file description of its own. The kernel gives the lock back when the last
// thread of the process is gone, however it ended, and never before: so no
// process takes what another still holds. A pid says less: it may be a
// zombie's, or another process's by now.
//
// Source: open file description locks, fcntl(2).

import { StateError } from "../errors.ts";
import {
  closeFile,
  openFile,
  openKernel,
  Scratch,
  SYS,
  systemCall,
} from "../memory/kernel.ts";

const F_OFD_GETLK = 36n;
const F_OFD_SETLK = 37n;
const F_WRLCK = 1;
const F_UNLCK = 2;

// struct flock { short type, whence; off_t start, len; pid_t pid }
const START = 8;
const LENGTH = 16;

const P_PID = 1n;
const WNOHANG = 1n;
const WSTOPPED = 2n;
const WEXITED = 4n;
const WNOWAIT = 0x0100_0000n;
const CLD_EXITED = 1;

// siginfo_t of a child, on 64 bits.
const SI_CODE = 8;
const SI_PID = 16;
const SI_STATUS = 24;

const SIGKILL = 9n;

const F_SETFL = 4n;
const F_SETOWN = 8n;
const F_SETSIG = 10n;
const F_DUPFD_CLOEXEC = 1030n;
const O_NONBLOCK = 0x800n;
const O_ASYNC = 0x2000n;
const O_CLOEXEC = 0x8_0000n;

/** Larger than any of the structures above. */
const SCRATCH_BYTES = 256;

let scratch: Scratch | undefined;

/** Takes the lock of a slot, for as long as this OS process lives. */
export function holdSlot(fd: number, slot: number): void {
  const { address } = flockOf(slot);
  if (systemCall(SYS.fcntl, BigInt(fd), F_OFD_SETLK, address) === 0n) return;
  throw new StateError(
    `Cannot begin process: its slot ${slot} is held by another`,
  );
}

/** Whether another OS process holds the lock of a slot. */
export function isSlotHeld(fd: number, slot: number): boolean {
  const { address, view } = flockOf(slot);
  const result = systemCall(SYS.fcntl, BigInt(fd), F_OFD_GETLK, address);
  // A process that cannot be asked for is taken to live: nothing is taken
  // from the living.
  return result !== 0n || view.getInt16(0, true) !== F_UNLCK;
}

/**
 * How a child of this OS process ended: its exit code, or -N after signal N;
 * undefined if it has not, `"taken"` if the platform has its status already.
 * The status stays for the platform, which also wants it.
 */
export function exitCodeOf(pid: number): number | undefined | "taken" {
  const { address, view } = freshScratch();
  const flags = WEXITED | WNOHANG | WNOWAIT;
  const result = systemCall(SYS.waitId, P_PID, BigInt(pid), address, flags);
  if (result !== 0n) return "taken";
  if (view.getInt32(SI_PID, true) === 0) return undefined;
  const status = view.getInt32(SI_STATUS, true);
  return view.getInt32(SI_CODE, true) === CLD_EXITED ? status : -status;
}

// The leash: a pipe that nothing is written to, on the stdin of a new OS
// process. Its other end is a resource of the code that started the process. It
// closes when that code is over, whether or not its OS process is: under
// `--watch` the old main module ends, and a file of `deno test`.
let leash = -1n;

/**
 * Takes the leash, and leaves stdin empty. If `isTight`, the kernel kills this
 * OS process when its parent is over. False if that is so already.
 */
export function takeLeash(isTight: boolean): boolean {
  openKernel("begin process");
  // A spare took it before it was a process of the program.
  if (leash < 0n) {
    leash = systemCall(SYS.fcntl, 0n, F_DUPFD_CLOEXEC, 3n);
    const empty = openFile("/dev/null", O_CLOEXEC);
    systemCall(SYS.dup3, BigInt(empty), 0n);
    closeFile(empty);
  }
  if (isTight) {
    systemCall(SYS.fcntl, leash, F_SETOWN, BigInt(Deno.pid));
    systemCall(SYS.fcntl, leash, F_SETSIG, SIGKILL);
  }
  const flags = isTight ? O_NONBLOCK | O_ASYNC : O_NONBLOCK;
  systemCall(SYS.fcntl, leash, F_SETFL, flags);
  // A parent that was over before the call sends no signal any more.
  return !isLeashLoose();
}

/** Whether the code that started this OS process is over. */
export function isLeashLoose(): boolean {
  // Nothing to read is an error as long as the other end is open.
  return systemCall(SYS.read, leash, freshScratch().address, 1n) === 0n;
}

/** Whether `parent` still is the OS process that started this one. */
export function isChildOf(parent: number): boolean {
  return systemCall(SYS.getppid) === BigInt(parent);
}

/** Whether a child of this OS process was stopped by a signal. */
export function isStopped(pid: number): boolean {
  const { address, view } = freshScratch();
  const flags = WSTOPPED | WNOHANG | WNOWAIT;
  const result = systemCall(SYS.waitId, P_PID, BigInt(pid), address, flags);
  return result === 0n && view.getInt32(SI_PID, true) !== 0;
}

/** Kills an OS process. */
export function kill(pid: number): void {
  systemCall(SYS.kill, BigInt(pid), SIGKILL);
}

function flockOf(slot: number): Scratch {
  const flock = freshScratch();
  flock.view.setInt16(0, F_WRLCK, true);
  flock.view.setBigInt64(START, BigInt(slot), true);
  flock.view.setBigInt64(LENGTH, 1n, true);
  return flock;
}

function freshScratch(): Scratch {
  openKernel("see which processes live");
  scratch ??= new Scratch(SCRATCH_BYTES);
  scratch.bytes.fill(0);
  return scratch;
}
