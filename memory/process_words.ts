// Copyright 2026 the authors. MIT license.

// Words in process memory. Their waits are the kernel's, since those of the
// platform reach the threads of one OS process only.

import { futexWait, futexWake, PendingWait } from "./futex.ts";
import { forgetAlone, isAlone } from "./park.ts";
import { Sleepers } from "./sleepers.ts";
import { ThreadWords, type WaitResult } from "./word.ts";

/** Words in a memfd: they reach the threads of all OS processes that map it. */
export class ProcessWords extends ThreadWords {
  readonly #cells: Int32Array;
  readonly #address: bigint;
  readonly #addresses: bigint[] = [];
  readonly #sleepers: Sleepers;
  /** Of the cells, in words; the same in all processes as far as it counts. */
  readonly #place: number;
  /** The one pending wait of this thread on each cell, and its end. */
  readonly #pending = new Map<
    number,
    [Pick<PendingWait, "cancel">, Promise<WaitResult>]
  >();

  /**
   * `address` is where `cells` begin in this OS process; `sleepers` are zeroes
   * at first, as many as a power of two, and the same for all that have the
   * cells.
   */
  constructor(cells: Int32Array, address: bigint, sleepers: Int32Array) {
    super(cells);
    this.#sleepers = new Sleepers(new ThreadWords(sleepers));
    // A memfd begins at a multiple of its page wherever it is mapped, and the
    // page has more words than there are counters.
    this.#place = Number(address >> 2n & 0xffffn);
    this.#cells = cells;
    this.#address = address;
  }

  protected override sleep(
    index: number,
    expected: number,
    ms: number,
  ): WaitResult {
    this.#sleepers.enter(this.#place + index);
    const isWoken = futexWait(this.#at(index), expected, ms);
    this.#sleepers.leave(this.#place + index);
    if (isWoken) return "ok";
    return this.#cells[index] === expected ? "timed-out" : "not-equal";
  }

  override waitAsync(
    index: number,
    expected: number,
  ): Promise<WaitResult> | undefined {
    if (this.load(index) !== expected) return undefined;
    const { promise, resolve } = Promise.withResolvers<WaitResult>();
    // With a call pending, even one that may be left behind, Deno would not see
    // that the program waits for nobody.
    const hear = () => {
      forgetAlone(hear);
      resolve("timed-out");
    };
    if (isAlone(hear)) {
      this.#pending.set(index, [{ cancel: hear }, promise]);
      return promise;
    }
    this.#sleepers.enter(this.#place + index);
    const wait = PendingWait.begin(this.#at(index), expected, (isWoken) => {
      this.#sleepers.leave(this.#place + index);
      if (this.#pending.get(index)?.[0] === wait) this.#pending.delete(index);
      resolve(isWoken ? "ok" : "timed-out");
    });
    this.#pending.set(index, [wait, promise]);
    return promise;
  }

  override forget(index: number): Promise<WaitResult> | undefined {
    const pending = this.#pending.get(index);
    if (pending === undefined) return undefined;
    const [wait, end] = pending;
    wait.cancel();
    return end;
  }

  override notify(index: number, count: number): number {
    const woken = this.#sleepers.areOn(this.#place + index)
      ? futexWake(this.#at(index), count)
      : 0;
    this.onNotify?.(index);
    return woken;
  }

  #at(index: number): bigint {
    return this.#addresses[index] ??= this.#address + BigInt(index * 4);
  }
}
