// Copyright 2026 the authors. MIT license.

// Producers and consumers that keep books in plain shared memory: what stands
// there was done, whenever they are terminated. Nothing between an operation on
// a queue and its entry in the books can end a worker; a signal can.

import { HANDLE } from "../../message/handle.ts";
import { openRegion } from "../../memory/region.ts";
import type * as mp from "../../mod.ts";

/** An item: its number, and what is made of it. */
export type Item = [id: number, body: unknown];

/** What everybody writes down. */
export interface Books {
  /** By item: 0, {@linkcode taken} by a consumer, or {@linkcode done}. */
  readonly items: mp.RawArray<"B">;
  /** By producer: how many items it has put. */
  readonly put: mp.RawArray<"i">;
}

/** The same memory, in which a writer is not asked to stop. */
function plainly(books: Books): { items: Uint8Array; put: Int32Array } {
  const items = openRegion(books.items[HANDLE]().memory.region).bytes;
  const { buffer, byteOffset } =
    openRegion(books.put[HANDLE]().memory.region).bytes;
  return { items, put: new Int32Array(buffer, byteOffset, books.put.length) };
}

/** How a consumer takes: one by one, in batches, or without blocking. */
export type Way = "sync" | "many" | "async";

/** The most items that a consumer takes at once. */
export const BATCH = 7;

/** What stands in the books of an item that a consumer has taken. */
export function taken(consumer: number): number {
  return 1 + 2 * consumer;
}

/** What stands there once it has looked at it. */
export function done(consumer: number): number {
  return 2 + 2 * consumer;
}

/** What stands there of an item that came twice, or was not whole. */
export const WRONG = 255;

/** The size of the bytes of an item: mostly small, rarely up to 3 MiB. */
function sizeOf(id: number): number {
  if (id % 5000 === 4999) return 3 << 20;
  if (id % 500 === 499) return 40_000 + id % 1000;
  return id % 97;
}

function bodyOf(id: number): unknown {
  switch (id % 5) {
    case 0:
      // Not a number: a priority queue does not mix numbers with strings.
      return [id, -0, 0.5, BigInt(id)];
    case 1:
      return `${id}:`.padEnd(id % 60, "é😀");
    case 2:
      return { id, nested: [id, { deep: new Date(id) }, null, undefined] };
    case 3:
      return new Map([[id, new Set([id, "x"])]]);
    default:
      return new Uint8Array(sizeOf(id)).fill(id % 251);
  }
}

function isWhole([id, body]: Item): boolean {
  if (!(body instanceof Uint8Array)) return isSame(body, bodyOf(id));
  if (body.length !== sizeOf(id)) return false;
  const step = body.length > 5000 ? 997 : 1;
  for (let i = 0; i < body.length; i += step) {
    if (body[i] !== id % 251) return false;
  }
  return true;
}

/** Whether two values have the same parts, of the same kinds. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isObject(one) || !isObject(other)) return false;
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  if (one instanceof Date) return Object.is(+one, +(other as Date));
  if (one instanceof Map || one instanceof Set) {
    return isSame([...one], [...other as typeof one]);
  }
  const entries = Object.entries(one);
  const others = Object.entries(other);
  return entries.length === others.length &&
    entries.every(([key, part], i) =>
      key === others[i]![0] && isSame(part, others[i]![1])
    );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Puts its share of the items: those from `first` on. */
export function produce(
  queue: mp.BaseQueue<Item>,
  books: Books,
  producer: number,
  first: number,
  count: number,
): void {
  const { put } = plainly(books);
  for (let i = 0; i < count;) {
    if (i % 3 === 0 && i + 2 <= count) {
      const batch = [0, 1].map((j): Item => [
        first + i + j,
        bodyOf(first + i + j),
      ]);
      i += queue.putManySync(batch);
    } else {
      queue.putSync([first + i, bodyOf(first + i)]);
      i++;
    }
    put[producer] = i;
  }
}

/** Takes until the queue is shut down; with `again`, items may come again. */
export async function consume(
  queue: mp.BaseQueue<Item>,
  books: Books,
  consumer: number,
  way: Way,
  again: boolean,
): Promise<void> {
  const { items: entries } = plainly(books);
  const joinable = queue as Partial<mp.JoinableQueue<Item>>;
  try {
    while (true) {
      const items = way === "sync"
        ? [queue.getSync()]
        : way === "many"
        ? queue.getManySync({ max: BATCH })
        : [await queue.get()];
      for (const [id] of items) {
        const from = again ? Atomics.load(entries, id) : 0;
        enter(entries, id, from, taken(consumer));
      }
      for (const item of items) {
        const entry = isWhole(item) ? done(consumer) : WRONG;
        enter(entries, item[0], taken(consumer), entry);
        joinable.taskDone?.();
      }
    }
  } catch (error) {
    if ((error as Error).name !== "ShutDown") throw error;
  }
}

function enter(
  entries: Uint8Array,
  id: number,
  from: number,
  to: number,
): void {
  const found = Atomics.compareExchange(entries, id, from, to);
  if (found !== from) Atomics.store(entries, id, WRONG);
}
