// Copyright 2026 the authors. MIT license.

// Targets that are given instances of classes that their module knows the types
// of, and does not load.

import type { Connection, Lock, Queue } from "../../mod.ts";
import type { Account, Pixel } from "./shapes.ts";

/** What it sees of a pixel and an account. */
export function seen([pixel, account]: [Pixel, Account]): unknown[] {
  return [
    pixel.sum,
    pixel.constructor.name,
    account.content,
    account.constructor.name,
  ];
}

export function seenApart(pixel: Pixel, account: Account): unknown[] {
  return seen([pixel, account]);
}

export function same<T>(value: T): T {
  return value;
}

let kept: [Pixel, Account];

export function keep(...given: [Pixel, Account]): void {
  kept = given;
}

export function seenOfKept(): unknown[] {
  return seen(kept);
}

export async function tell(
  answers: Queue<unknown>,
  given: [Pixel, Account],
): Promise<void> {
  await answers.put(seen(given));
}

/** Puts an item into the queue that an account holds, under its lock. */
export async function useContent(
  account: Account<{ lock: Lock; q: Queue<unknown> }>,
): Promise<void> {
  const { lock, q } = account.content;
  using _ = await lock.hold();
  await q.put(account.constructor.name);
}

/** How long the buffer is that an account holds. */
export function bytesIn(account: Account<{ buffer: ArrayBuffer }>): number {
  return account.content.buffer.byteLength;
}

export async function tellGot(
  answers: Queue<unknown>,
  items: Queue<[Pixel, Account]>,
): Promise<void> {
  await answers.put(seen(await items.get()));
}

export async function tellGotSync(
  answers: Queue<unknown>,
  items: Queue<[Pixel, Account]>,
): Promise<void> {
  try {
    await answers.put(seen(items.getSync()));
  } catch (error) {
    await answers.put(error);
  }
  await answers.put(items.getSync());
}

export async function tellReceived(
  answers: Queue<unknown>,
  end: Connection<unknown, [Pixel, Account]>,
): Promise<void> {
  await answers.put(seen(await end.recv()));
}

export async function sendBack(end: Connection): Promise<void> {
  for await (const value of end) await end.send(value);
}

export async function putBack(
  answers: Queue<unknown>,
  value: unknown,
): Promise<void> {
  await answers.put(value);
}
