// Copyright 2026 the authors. MIT license.

import type { Queue } from "../../mod.ts";

/** An item that shows whether it is whole, and whose it is. */
export interface Sealed {
  who: number;
  n: number;
  bytes: Uint8Array<ArrayBuffer>;
  sum: number;
}

/** Item `n` of putter `who`; its size depends on both. */
export function seal(who: number, n: number): Sealed {
  const size = (who * 7919 + n * 104_729) % 257 * (n % 97 === 0 ? 64 : 1);
  const bytes = new Uint8Array(size);
  let sum = who * 31 + n;
  for (let i = 0; i < size; i++) {
    bytes[i] = who + n * i;
    sum = Math.imul(sum, 31) + bytes[i]! | 0;
  }
  return { who, n, bytes, sum };
}

/** Whether it arrived as it was sealed. */
export function isWhole({ who, n, bytes, sum }: Sealed): boolean {
  const fresh = seal(who, n);
  return fresh.sum === sum && fresh.bytes.length === bytes.length &&
    fresh.bytes.every((byte, i) => byte === bytes[i]);
}

/** Puts `count` sealed items. */
export async function putSealed(
  q: Queue<Sealed>,
  who: number,
  count: number,
  blocking: boolean,
): Promise<void> {
  for (let n = 0; n < count; n++) {
    if (blocking) q.putSync(seal(who, n));
    else await q.put(seal(who, n));
  }
}
