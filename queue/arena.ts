// Copyright 2026 the authors. MIT license.

// An arena: stretches of shared memory, handed out and given back. The caller
// holds the lock. The owners of the stretches are written elsewhere: after a
// death the arena is emptied, and what is owned is taken out of it again.
//
// Source: K. C. Knowlton, "A Fast Storage Allocator" (1965), the buddy system:
// free blocks have sizes and addresses of powers of two, and merge with their
// equal. One thing differs. The part of a block that a request does not need is
// given back at once, so that any size can be had; an empty arena is one block
// again.

import type { Words } from "../memory/word.ts";

/** The smallest piece, in bytes. */
export const GRANULE = 32;

/** How many words say which blocks are free. */
export const LIST_WORDS = 32;

/** Words of a free block, whose first granule holds them. */
const NEXT = 0;
const PREVIOUS = 1;

/** Where the parts of an arena lie; all are zero at first. */
export interface ArenaPlan {
  /** The word with log2 of the granules in use so far. */
  readonly order: number;
  /** {@linkcode LIST_WORDS} words: the first free block of each order. */
  readonly lists: number;
  /** The first byte of one per granule. */
  readonly map: number;
  /** The first word of the memory that is handed out. */
  readonly data: number;
  /** log2 of the granules that there are. */
  readonly lastOrder: number;
}

/** An arena. Places and sizes count granules. */
export class Arena {
  readonly #words: Words;
  readonly #bytes: Uint8Array;
  readonly #plan: ArenaPlan;

  constructor(words: Words, bytes: Uint8Array, plan: ArenaPlan) {
    this.#words = words;
    this.#bytes = bytes;
    this.#plan = plan;
  }

  /** Makes the arena one free block of 2 to the power of `order`. */
  reset(order: number): void {
    this.#words.poke(this.#plan.order, order);
    this.#clear();
    this.#insert(0, order);
  }

  /**
   * Frees all but `taken`, in the order of places. Nothing that the arena
   * itself says is used: it may be half-changed.
   */
  rebuild(taken: readonly (readonly [place: number, size: number])[]): void {
    this.#clear();
    let place = 0;
    for (const [start, size] of taken) {
      this.free(place, start - place);
      place = start + size;
    }
    this.free(place, 2 ** this.#words.peek(this.#plan.order) - place);
  }

  /** The place of a stretch of `size` granules; -1 if there is none. */
  allocate(size: number): number {
    const order = ceilLog2(size);
    if (order > this.#plan.lastOrder) return -1;
    while (true) {
      const place = this.#take(order);
      if (place >= 0) {
        this.free(place + size, 2 ** order - size);
        return place;
      }
      if (!this.#grow()) return -1;
    }
  }

  /** Gives back what was allocated, or a part of it. */
  free(place: number, size: number): void {
    while (size > 0) {
      // The largest block that begins here and does not reach too far.
      const order = Math.min(trailingZeros(place), floorLog2(size));
      this.#release(place, order);
      place += 2 ** order;
      size -= 2 ** order;
    }
  }

  /** Says that nothing is free, and touches nothing that is owned. */
  #clear(): void {
    const { lists, map, order } = this.#plan;
    for (let i = 0; i < LIST_WORDS; i++) this.#words.poke(lists + i, 0);
    this.#bytes.fill(0, map, map + 2 ** this.#words.peek(order));
  }

  /** A block of exactly this order, cut out of a larger one if need be. */
  #take(order: number): number {
    const { lists, order: now } = this.#plan;
    const last = this.#words.peek(now);
    let found = order;
    while (found <= last && this.#words.peek(lists + found) === 0) found++;
    if (found > last) return -1;
    const place = this.#words.peek(lists + found) - 1;
    this.#remove(place, found);
    while (found > order) {
      found--;
      this.#insert(place + 2 ** found, found);
    }
    return place;
  }

  /** Doubles what is in use: memory is not touched before it is needed. */
  #grow(): boolean {
    const order = this.#words.peek(this.#plan.order);
    if (order === this.#plan.lastOrder) return false;
    this.#words.poke(this.#plan.order, order + 1);
    this.#release(2 ** order, order);
    return true;
  }

  #release(place: number, order: number): void {
    const last = this.#words.peek(this.#plan.order);
    while (order < last) {
      const buddy = place ^ 2 ** order;
      if (this.#bytes[this.#plan.map + buddy] !== order + 1) break;
      this.#remove(buddy, order);
      place &= ~(2 ** order);
      order++;
    }
    this.#insert(place, order);
  }

  #insert(place: number, order: number): void {
    const words = this.#words;
    const list = this.#plan.lists + order;
    const next = words.peek(list);
    words.poke(this.#at(place) + NEXT, next);
    words.poke(this.#at(place) + PREVIOUS, 0);
    if (next !== 0) words.poke(this.#at(next - 1) + PREVIOUS, place + 1);
    words.poke(list, place + 1);
    this.#bytes[this.#plan.map + place] = order + 1;
  }

  #remove(place: number, order: number): void {
    const words = this.#words;
    const next = words.peek(this.#at(place) + NEXT);
    const previous = words.peek(this.#at(place) + PREVIOUS);
    if (previous === 0) words.poke(this.#plan.lists + order, next);
    else words.poke(this.#at(previous - 1) + NEXT, next);
    if (next !== 0) words.poke(this.#at(next - 1) + PREVIOUS, previous);
    this.#bytes[this.#plan.map + place] = 0;
  }

  #at(place: number): number {
    return this.#plan.data + place * (GRANULE / 4);
  }
}

function ceilLog2(size: number): number {
  return size <= 1 ? 0 : 32 - Math.clz32(size - 1);
}

function floorLog2(size: number): number {
  return 31 - Math.clz32(size);
}

function trailingZeros(place: number): number {
  return place === 0 ? 31 : 31 - Math.clz32(place & -place);
}
