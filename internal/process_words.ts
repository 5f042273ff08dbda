// Copyright 2026 the authors. MIT license.

// Words in process memory. Their waits are the kernel's, since those of the
// platform reach the threads of one OS process only.

import { futexWait, futexWake, PendingWait } from "./futex.ts";
import { forgetAlone, isAlone } from "./park.ts";
import { ThreadWords, type WaitResult } from "./word.ts";

/** Words in a memfd: they reach the threads of all OS processes that map it. */
export class ProcessWords extends ThreadWords {
  readonly #cells: Int32Array;
  readonly #address: bigint;
  readonly #addresses: bigint[] = [];
  /** The one pending wait of this thread on each cell, and its end. */
  readonly #pending = new Map<
    number,
    [Pick<PendingWait, "cancel">, Promise<WaitResult>]
  >();

  /** `address` is where `cells` begin in this OS process. */
  constructor(cells: Int32Array, address: bigint) {
    super(cells);
    this.#cells = cells;
    this.#address = address;
  }

  protected override sleep(
    index: number,
    expected: number,
    ms: number,
  ): WaitResult {
    if (futexWait(this.#at(index), expected, ms)) return "ok";
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
    const wait = PendingWait.begin(this.#at(index), expected, (isWoken) => {
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
    const woken = futexWake(this.#at(index), count);
    this.onNotify?.(index);
    return woken;
  }

  #at(index: number): bigint {
    return this.#addresses[index] ??= this.#address + BigInt(index * 4);
  }
}
