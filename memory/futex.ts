// Copyright 2026 the authors. MIT license.

// The kernel's waits on a word in memory: for a thread that blocks, and for one
// in its event loop, whose wait sleeps on a thread of the platform's pool.
//
// That one can be called off. It waits for a second word too, which is its own;
// the kernel looks at both before it sleeps, so a wait that is called off
// before it has begun does not begin. Kernels before 5.16 and some containers
// let a process wait for one word only: there it ends with its slice.
//
// Source: futex(2), futex_waitv(2); U. Drepper, "Futexes Are Tricky" (2011).

import { Scratch, SYS, systemCall, systemCallLater } from "./kernel.ts";

const FUTEX_WAIT = 0n;
const FUTEX_WAKE = 1n;
const FUTEX2_SIZE_U32 = 2;
const CLOCK_MONOTONIC = 1n;

const MOST = 2 ** 31 - 1;

/**
 * The longest that a pending wait sleeps, in milliseconds, since it takes a
 * thread meanwhile and outlives a worker that is ended.
 */
const SLICE = 100;

/** Blocks while the word at `address` is `expected`; true if it was woken. */
export function futexWait(
  address: bigint,
  expected: number,
  ms: number,
): boolean {
  let timeout = 0n;
  if (ms !== Infinity) {
    sleepTime ??= new Scratch(64);
    timeout = writeTime(sleepTime, 0, Math.max(0, ms));
  }
  const word = BigInt(expected >>> 0);
  return systemCall(SYS.futex, address, FUTEX_WAIT, word, timeout) === 0n;
}

/** Wakes up to `count` that wait on the word at `address`; returns how many. */
export function futexWake(address: bigint, count: number): number {
  const most = BigInt(Math.min(count, MOST));
  return Number(systemCall(SYS.futex, address, FUTEX_WAKE, most));
}

let sleepTime: Scratch | undefined;

/** Waits that are not used. */
const spare: PendingWait[] = [];

/** A wait of the event loop. */
export class PendingWait {
  readonly #scratch = new Scratch(128);
  #isOver = false;
  #waiting: Promise<bigint> | undefined;

  /**
   * Waits while the word at `address` is `expected`; `done` hears whether it
   * was woken.
   */
  static begin(
    address: bigint,
    expected: number,
    done: (isWoken: boolean) => void,
  ): PendingWait {
    const wait = spare.pop() ?? new PendingWait();
    wait.#begin(address, expected, done);
    return wait;
  }

  /** Calls it off; its end is told all the same, and before the program's. */
  cancel(): void {
    if (this.#isOver) return;
    core?.refOpPromise?.(this.#waiting!);
    if (!hasWaitV()) return;
    const { view, address } = this.#scratch;
    view.setInt32(OWN_WORD, 1, true);
    futexWake(address + BigInt(OWN_WORD), 1);
  }

  #begin(
    address: bigint,
    expected: number,
    done: (isWoken: boolean) => void,
  ): void {
    this.#isOver = false;
    const scratch = this.#scratch;
    const own = scratch.address + BigInt(OWN_WORD);
    let waiting: Promise<bigint>;
    if (hasWaitV()) {
      scratch.view.setInt32(OWN_WORD, 0, true);
      writeWaiter(scratch, 0, address, expected);
      writeWaiter(scratch, 1, own, 0);
      waiting = systemCallLater(
        SYS.futexWaitV,
        scratch.address,
        2n,
        0n,
        writeTime(scratch, TIME, clockOffset() + performance.now() + SLICE),
        CLOCK_MONOTONIC,
      );
    } else {
      waiting = systemCallLater(
        SYS.futex,
        address,
        FUTEX_WAIT,
        BigInt(expected >>> 0),
        writeTime(scratch, TIME, SLICE),
      );
    }
    const begunAt = performance.now();
    // The program may end although this call is pending, as it may with a
    // pending wait of the platform. Where the platform's own switch is missing,
    // it ends when the slice does.
    core?.unrefOpPromise?.(waiting);
    this.#waiting = waiting;
    waiting.then((woken) => {
      this.#isOver = true;
      // The word had changed before it slept, or it was not let sleep.
      if (woken < 0n && performance.now() - begunAt < SLICE) probeWaitV();
      spare.push(this);
      // The first of the two words; and one word alone is the first.
      done(woken === 0n);
    });
  }
}

// struct futex_waitv { u64 val, uaddr; u32 flags, reserved }, two of them
const WAITER_BYTES = 24;
const TIME = 48;
const OWN_WORD = 64;

function writeWaiter(
  { view }: Scratch,
  place: number,
  address: bigint,
  expected: number,
): void {
  const at = place * WAITER_BYTES;
  view.setBigUint64(at, BigInt(expected >>> 0), true);
  view.setBigUint64(at + 8, address, true);
  view.setUint32(at + 16, FUTEX2_SIZE_U32, true);
}

/** Writes a struct timespec, and returns where it is. */
function writeTime({ view, address }: Scratch, at: number, ms: number): bigint {
  view.setBigInt64(at, BigInt(Math.floor(ms / 1000)), true);
  view.setBigInt64(at + 8, BigInt(Math.floor((ms % 1000) * 1e6)), true);
  return address + BigInt(at);
}

let offset: number | undefined;

/** The kernel's clock at our time 0, in milliseconds. */
function clockOffset(): number {
  if (offset !== undefined) return offset;
  const { view, address } = new Scratch(64);
  systemCall(SYS.clockGetTime, CLOCK_MONOTONIC, address);
  const seconds = Number(view.getBigInt64(0, true));
  const nanoseconds = Number(view.getBigInt64(8, true));
  return offset = seconds * 1000 + nanoseconds / 1e6 - performance.now();
}

let canWaitV: boolean | undefined;

/** How often the call is tried before it is trusted. */
const TRIALS = 3;
let trials = 0;

function hasWaitV(): boolean {
  return canWaitV ??= isKernelFrom(5, 16);
}

/**
 * Tries whether a wait for words sleeps: where the call is forbidden it returns
 * at once, as it does for a word that has changed. A waiter that took one for
 * the other would look again and again and never sleep.
 */
function probeWaitV(): void {
  if (!hasWaitV() || trials === TRIALS) return;
  trials++;
  const scratch = new Scratch(128);
  const own = scratch.address + BigInt(OWN_WORD);
  writeWaiter(scratch, 0, own, 0);
  const start = performance.now();
  const end = writeTime(scratch, TIME, clockOffset() + start + PROBE);
  systemCall(
    SYS.futexWaitV,
    scratch.address,
    1n,
    0n,
    end,
    CLOCK_MONOTONIC,
  );
  canWaitV = performance.now() - start >= PROBE / 2;
}

/** How long it should sleep, in milliseconds. */
const PROBE = 0.25;

function isKernelFrom(major: number, minor: number): boolean {
  // struct utsname: fields of 65 bytes; the third is the release.
  const { bytes, address } = new Scratch(512);
  systemCall(SYS.uname, address);
  const release = new TextDecoder().decode(bytes.subarray(130, 195));
  const [own = 0, ownMinor = 0] = release.split(/[^0-9]/).map(Number);
  return own > major || (own === major && ownMinor >= minor);
}

const { core } = (Deno as unknown as Record<symbol, Internal>)[
  (Deno as unknown as { internal: symbol }).internal
] ?? {};

interface Internal {
  readonly core?: {
    refOpPromise?(promise: Promise<unknown>): void;
    unrefOpPromise?(promise: Promise<unknown>): void;
  };
}
