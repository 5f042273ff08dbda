// Copyright 2026 the authors. MIT license.

// Words: the shared Int32 cells that every lock, ring and table is made of, and
// the one file that names Atomics. Beside them, what users' own numbers need:
// single operations on integers of every width, without waits. The model
// checker of the tests puts another `Words` in its place and so runs the real
// code under every schedule.
//
// JavaScript atomics are sequentially consistent. The two plain accesses,
// `peek` and `poke`, promise nothing by themselves: `peek` is a hint that an
// atomic will confirm, or reads what only the holder of a lock may change;
// `poke` writes such a cell, and a later atomic publishes it.

/** The end of a blocking wait; `"ok"` means that it used up a notify. */
export type WaitResult = "ok" | "not-equal" | "timed-out";

/** Shared Int32 cells, by index. */
export interface Words {
  /** How many cells there are. */
  readonly length: number;
  /** Plain read. */
  peek(index: number): number;
  /** Plain write. */
  poke(index: number, value: number): void;
  /** Atomic read. */
  load(index: number): number;
  /** Atomic write. */
  store(index: number, value: number): void;
  /** Adds, and returns the old value. */
  add(index: number, delta: number): number;
  /** Writes, and returns the old value. */
  exchange(index: number, value: number): number;
  /**
   * Writes `replacement` if the cell holds `expected`; returns the old value.
   */
  cas(index: number, expected: number, replacement: number): number;
  /**
   * Blocks this thread while the cell holds `expected`, `ms` at most. It may
   * look a few times before it sleeps.
   */
  wait(index: number, expected: number, ms: number): WaitResult;
  /**
   * Resolves at a notify; undefined if the cell does not hold `expected`. It
   * may also resolve with `"timed-out"` when nothing has happened.
   */
  waitAsync(index: number, expected: number): Promise<unknown> | undefined;
  /**
   * The last {@linkcode Words.waitAsync} on the cell is not needed any more: it
   * may resolve with `"timed-out"` now. Returns what to wait for until then, if
   * it is something that a program should not end with.
   */
  forget?(index: number): Promise<unknown> | undefined;
  /** Wakes up to `count` waiters, first come first served; returns how many. */
  notify(index: number, count: number): number;
  /**
   * Called after each notify by this view, for those that `waitAsync` on it.
   */
  onNotify?: ((index: number) => void) | undefined;
}

/** Words in a SharedArrayBuffer: they reach threads, not other OS processes. */
export class ThreadWords implements Words {
  readonly #cells: Int32Array;
  onNotify: ((index: number) => void) | undefined;

  constructor(cells: Int32Array) {
    this.#cells = cells;
  }

  get length(): number {
    return this.#cells.length;
  }

  peek(index: number): number {
    return this.#cells[index]!;
  }

  poke(index: number, value: number): void {
    this.#cells[index] = value;
  }

  load(index: number): number {
    return Atomics.load(this.#cells, index);
  }

  store(index: number, value: number): void {
    Atomics.store(this.#cells, index, value);
  }

  add(index: number, delta: number): number {
    return Atomics.add(this.#cells, index, delta);
  }

  exchange(index: number, value: number): number {
    return Atomics.exchange(this.#cells, index, value);
  }

  cas(index: number, expected: number, replacement: number): number {
    return Atomics.compareExchange(this.#cells, index, expected, replacement);
  }

  wait(index: number, expected: number, ms: number): WaitResult {
    const cells = this.#cells;
    if (spinner.isChanged(cells, index, expected)) return "not-equal";
    const start = performance.now();
    const result = this.sleep(index, expected, ms);
    spinner.slept(performance.now() - start);
    return result;
  }

  /** Blocks this thread; a view of memory of another kind has its own way. */
  protected sleep(index: number, expected: number, ms: number): WaitResult {
    return Atomics.wait(this.#cells, index, expected, ms);
  }

  waitAsync(index: number, expected: number): Promise<unknown> | undefined {
    const result = Atomics.waitAsync(this.#cells, index, expected);
    return result.async ? result.value : undefined;
  }

  /** The platform's waits cost nothing: they stay for the next to come. */
  forget(_index: number): Promise<unknown> | undefined {
    return undefined;
  }

  notify(index: number, count: number): number {
    const woken = Atomics.notify(this.#cells, index, count);
    this.onNotify?.(index);
    return woken;
  }
}

/** How often a wait looks before it sleeps: about 10 µs, at most. */
const MOST_SPINS = 200;
const LEAST_SPINS = 16;

/** A sleep so short, in milliseconds, would rather have been a longer spin. */
const SHORT_SLEEP = 0.5;

/**
 * How long a wait of this thread spins before it sleeps. To fall asleep and be
 * woken takes tens of microseconds, an answer from another core one or two. A
 * spin in vain shortens the next one, so that a thread whose waits are long
 * spends little on it; one that paid off, or a sleep that was short, restores
 * it.
 *
 * Source of the idea: glibc's PTHREAD_MUTEX_ADAPTIVE_NP.
 */
class Spinner {
  #spins = MOST_SPINS;

  /** Whether the cell got another value within the spin. */
  isChanged(cells: Int32Array, index: number, expected: number): boolean {
    for (let i = 0; i < this.#spins; i++) {
      if (cells[index] !== expected) {
        this.#grow();
        return true;
      }
      pause();
    }
    this.#spins = Math.max(this.#spins - LEAST_SPINS, LEAST_SPINS);
    return false;
  }

  /** Learns from a sleep of `ms`. */
  slept(ms: number): void {
    if (ms < SHORT_SLEEP) this.#grow();
  }

  #grow(): void {
    this.#spins = MOST_SPINS;
  }
}

const spinner = new Spinner();

/** Integers that take atomic operations: of 1, 2, 4 or 8 bytes. */
export type IntegerCells =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/**
 * What one of them holds: a bigint in those of 8 bytes, a number in the rest.
 */
export type IntegerCell = number | bigint;

/** Atomic read. */
export function atomicLoad(cells: IntegerCells, index: number): IntegerCell {
  return Atomics.load(cells as Int32Array, index);
}

/** Atomic write. */
export function atomicStore(
  cells: IntegerCells,
  index: number,
  value: IntegerCell,
): void {
  Atomics.store(cells as Int32Array, index, value as number);
}

/** Adds, wrapping round as in C, and returns the old value. */
export function atomicAdd(
  cells: IntegerCells,
  index: number,
  delta: IntegerCell,
): IntegerCell {
  return Atomics.add(cells as Int32Array, index, delta as number);
}

/** Writes, and returns the old value. */
export function atomicExchange(
  cells: IntegerCells,
  index: number,
  value: IntegerCell,
): IntegerCell {
  return Atomics.exchange(cells as Int32Array, index, value as number);
}

/** Writes `replacement` if the cell holds `expected`; returns the old value. */
export function atomicCompareExchange(
  cells: IntegerCells,
  index: number,
  expected: IntegerCell,
  replacement: IntegerCell,
): IntegerCell {
  return Atomics.compareExchange(
    cells as Int32Array,
    index,
    expected as number,
    replacement as number,
  );
}

/** Tells the processor that this thread spins. */
export function pause(): void {
  spinHint?.();
}

// Newer than TypeScript's library; a no-op where the platform lacks it.
const spinHint = (Atomics as unknown as { pause?: () => void }).pause;
