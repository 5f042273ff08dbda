// Copyright 2026 the authors. MIT license.

// Words in process memory. Their waits are the kernel's, since those of the
// platform reach the threads of one OS process only.
//
// To wake somebody is a call to the system, and mostly nobody sleeps. So who goes
// to sleep counts up first, in a counter that a few words share, and who has
// changed a word looks there before it calls. One of the two sees the other:
//
//   sleeper: counts up, then the kernel reads the word
//   waker:   changes the word, then reads the count
//
// A sleeper that is killed leaves its count behind, which costs a call more.

import { futexWait, futexWake, PendingWait } from "./futex.ts";
import { forgetAlone, isAlone } from "./park.ts";
import { ThreadWords, type WaitResult, type Words } from "./word.ts";

/** Words in a memfd: they reach the threads of all OS processes that map it. */
export class ProcessWords extends ThreadWords {
  readonly #cells: Int32Array;
  readonly #address: bigint;
  readonly #addresses: bigint[] = [];
  readonly #sleepers: Words;
  /** Of the cells, in words; the same in all processes as far as it counts. */
  readonly #place: number;
  /** The one pending wait of this thread on each cell, and its end. */
  readonly #pending = new Map<
    number,
    [Pick<PendingWait, "cancel">, Promise<WaitResult>]
  >();

  /**
   * `address` is where `cells` begin in this OS process; `sleepers` are zeroes at
   * first, as many as a power of two, and the same for all who have the cells.
   */
  constructor(cells: Int32Array, address: bigint, sleepers: Int32Array) {
    super(cells);
    this.#sleepers = new ThreadWords(sleepers);
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
    const counter = this.#counterOf(index);
    this.#sleepers.add(counter, 1);
    const isWoken = futexWait(this.#at(index), expected, ms);
    this.#sleepers.add(counter, -1);
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
    const counter = this.#counterOf(index);
    this.#sleepers.add(counter, 1);
    const wait = PendingWait.begin(this.#at(index), expected, (isWoken) => {
      this.#sleepers.add(counter, -1);
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
    const isAnyoneThere = this.#sleepers.load(this.#counterOf(index)) !== 0;
    const woken = isAnyoneThere ? futexWake(this.#at(index), count) : 0;
    this.onNotify?.(index);
    return woken;
  }

  #counterOf(index: number): number {
    return (this.#place + index) & (this.#sleepers.length - 1);
  }

  #at(index: number): bigint {
    return this.#addresses[index] ??= this.#address + BigInt(index * 4);
  }
}
