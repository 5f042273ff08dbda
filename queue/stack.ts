// Copyright 2026 the authors. MIT license.

// A stack of whole messages in one region, under one lock.
//
// A message is its bytes, padded to whole units of 8, and above them its
// trailer, { length or inline:32, tag:16, has bytes:1 }: so the top one can be
// found. It is put by the one store that moves TOP over it, and taken by the
// one that moves TOP below it. A process that dies before that has written only
// above TOP, where no taker looks, and COUNT, which is counted anew when the
// lock is taken back from the dead.

import { Bell } from "./bell.ts";
import type { Frame } from "../message/codec.ts";
import {
  createClosable,
  openRegion,
  type Region,
  type RegionHandle,
} from "../memory/region.ts";
import type { Locker } from "../program/locker.ts";
import { Mutex } from "../sync/mutex.ts";
import type { Park } from "../memory/park.ts";
import {
  BATCH_BYTES,
  type CloseOptions,
  Copies,
  copyMessage,
  type Entry,
  type PutResult,
  type Store,
} from "./store.ts";
import type { Words } from "../memory/word.ts";

const LOCK = 0;
const TOP = 1;
const COUNT = 2;
/** 1: a put has found too few bytes, and may wait for them. */
const SCARCE = 3;
const CLOSED = 4;
const CAPACITY = 5;
const MAX_ITEMS = 6;
// The words that sleepers poll are kept off the line of the lock.
const PUTS = 16;
const TAKES = 32;
const DATA = 48;

/** In a trailer's second word: bytes lie below it. */
const HAS_BYTES = 1 << 16;

const UNIT = 8;

/** A stack; every process has its own view of the same memory. */
export class Stack implements Store {
  readonly handle: RegionHandle;
  readonly #words: Words;
  readonly #bytes: Uint8Array;
  readonly #lock: Mutex;
  readonly #puts: Bell;
  readonly #takes: Bell;

  /** A view of a region that {@linkcode formatStack} has prepared. */
  constructor({ words, bytes, handle }: Region, locker: Locker) {
    this.handle = handle;
    this.#words = words;
    this.#bytes = bytes;
    this.#lock = new Mutex(words, LOCK, locker);
    this.#puts = new Bell(words, PUTS);
    this.#takes = new Bell(words, TAKES);
  }

  /** Reserves a stack for `maxBytes` and, if not 0, at most `maxItems`. */
  static create(maxBytes: number, maxItems: number, locker: Locker): Stack {
    const units = 2 ** Math.ceil(Math.log2(Math.max(maxBytes, 4096) / UNIT));
    const [region] = createClosable([DATA * 4 + units * UNIT]) as [Region];
    formatStack(region.words, units, maxItems);
    return new Stack(region, locker);
  }

  /** A view of the stack that `handle` names. */
  static open(handle: RegionHandle, locker: Locker): Stack {
    return new Stack(openRegion(handle), locker);
  }

  get maxMessage(): number {
    return (this.#words.peek(CAPACITY) - 1) * UNIT;
  }

  get maxItems(): number {
    return this.#words.peek(MAX_ITEMS);
  }

  tryPut(entry: Entry): PutResult {
    let result: PutResult;
    const wasScarce = this.#acquire();
    try {
      if (this.#words.peek(CLOSED) !== 0) return "closed";
      result = this.#push(entry) ? "put" : "full";
    } finally {
      this.#release(wasScarce);
    }
    if (result === "put") this.#puts.ring(1);
    return result;
  }

  tryPutMany(entries: readonly Entry[], from: number): number | "closed" {
    let at = from;
    const wasScarce = this.#acquire();
    try {
      if (this.#words.peek(CLOSED) !== 0) return "closed";
      for (let budget = BATCH_BYTES; at < entries.length && budget > 0;) {
        const entry = entries[at]!;
        if (!this.#push(entry)) break;
        budget -= UNIT + (entry.bytes?.length ?? 0);
        at++;
      }
    } finally {
      this.#release(wasScarce);
    }
    if (at > from) this.#puts.ring(at - from);
    return at - from;
  }

  tryTake(): Frame | undefined {
    let message: Frame | undefined;
    let wasScarce = false;
    this.#acquire();
    try {
      if (this.#words.peek(TOP) === 0) return undefined;
      message = this.#pop();
      wasScarce = this.#easeIfEmpty();
    } finally {
      this.#lock.release();
    }
    this.#takes.ring(wasScarce ? Infinity : 1);
    return message;
  }

  tryTakeMany(max: number): Frame[] {
    const messages: Frame[] = [];
    const copies = new Copies();
    let wasScarce = false;
    this.#acquire();
    try {
      const words = this.#words;
      let budget = BATCH_BYTES;
      while (messages.length < max && words.peek(TOP) !== 0 && budget > 0) {
        const message = this.#pop(copies);
        messages.push(message);
        budget -= UNIT + (message.bytes?.length ?? 0);
      }
      if (messages.length === 0) return messages;
      wasScarce = this.#easeIfEmpty();
    } finally {
      this.#lock.release();
    }
    this.#takes.ring(wasScarce ? Infinity : messages.length);
    return messages;
  }

  /** How many messages there are. Exact: the lock mends what a death left. */
  count(): number {
    this.#acquire();
    const count = this.#words.peek(COUNT);
    this.#lock.release();
    return count;
  }

  isEmpty(): boolean {
    return this.#words.load(TOP) === 0;
  }

  isClosed(): boolean {
    return this.#words.load(CLOSED) !== 0;
  }

  close({ drain = false }: CloseOptions = {}): void {
    const words = this.#words;
    this.#acquire();
    words.store(CLOSED, 1);
    if (drain) {
      words.poke(COUNT, 0);
      words.store(TOP, 0);
    }
    this.#lock.release();
    this.#puts.ring(Infinity);
    this.#takes.ring(Infinity);
  }

  parkForMessage(): Park | undefined {
    const seen = this.#puts.seen();
    return this.isEmpty() && !this.isClosed()
      ? this.#puts.park(seen)
      : undefined;
  }

  seenRoom(): number {
    return this.#takes.seen();
  }

  parkForRoom(seen: number): Park | undefined {
    return this.#takes.park(seen);
  }

  /** Takes the lock. Returns whether a put has found too few bytes before. */
  #acquire(): boolean {
    if (this.#lock.acquireSync() !== 0) this.#recount();
    return this.#words.peek(SCARCE) !== 0;
  }

  /**
   * Gives the lock back after puts. A take that frees a place wakes one waiter.
   * If that waiter wants bytes, and there are too few, the place is for the
   * next waiter, which has not been woken: this wakes all.
   */
  #release(wasScarce: boolean): void {
    const isScarce = this.#words.peek(SCARCE) !== 0;
    this.#lock.release();
    if (isScarce && !wasScarce) this.#takes.ring(Infinity);
  }

  #push(entry: Entry): boolean {
    const words = this.#words;
    const limit = words.peek(MAX_ITEMS);
    const count = words.peek(COUNT);
    if (limit !== 0 && count >= limit) return false;
    const top = words.peek(TOP);
    const { tag, inline, bytes } = entry;
    const length = bytes === undefined ? 0 : bytes.length;
    const trailer = top + unitsOf(length);
    if (trailer >= words.peek(CAPACITY)) {
      words.poke(SCARCE, 1);
      return false;
    }
    if (bytes !== undefined) this.#bytes.set(bytes, byteAt(top));
    words.poke(wordAt(trailer), bytes === undefined ? inline : length);
    words.poke(
      wordAt(trailer) + 1,
      bytes === undefined ? tag : tag | HAS_BYTES,
    );
    words.poke(COUNT, count + 1);
    words.store(TOP, trailer + 1);
    return true;
  }

  #pop(copies?: Copies): Frame {
    const words = this.#words;
    const trailer = words.peek(TOP) - 1;
    const first = words.peek(wordAt(trailer));
    const second = words.peek(wordAt(trailer) + 1);
    const hasBytes = (second & HAS_BYTES) !== 0;
    const bottom = trailer - (hasBytes ? unitsOf(first) : 0);
    const start = byteAt(bottom);
    const bytes = hasBytes
      ? this.#bytes.subarray(start, start + first)
      : undefined;
    const message = copyMessage(second & 0xffff, first, bytes, copies);
    words.poke(COUNT, words.peek(COUNT) - 1);
    words.store(TOP, bottom);
    return message;
  }

  /**
   * Whether a take must wake all waiters for room. A put that wants bytes may
   * need many takes: as long as one may wait, every take wakes all. In an empty
   * stack its message fits, or it notes its want anew.
   */
  #easeIfEmpty(): boolean {
    const words = this.#words;
    if (words.peek(SCARCE) === 0) return false;
    if (words.peek(TOP) === 0) words.poke(SCARCE, 0);
    return true;
  }

  #recount(): void {
    const words = this.#words;
    let count = 0;
    for (let top = words.peek(TOP); top > 0; count++) {
      const trailer = wordAt(top - 1);
      const hasBytes = (words.peek(trailer + 1) & HAS_BYTES) !== 0;
      top -= 1 + (hasBytes ? unitsOf(words.peek(trailer)) : 0);
    }
    words.poke(COUNT, count);
    // Whether the dead process still had to ring cannot be known.
    words.poke(SCARCE, 1);
  }
}

/** Prepares a region of zeroes with room for `units`. */
export function formatStack(
  words: Words,
  units: number,
  maxItems: number,
): void {
  words.poke(CAPACITY, units);
  words.store(MAX_ITEMS, maxItems);
}

function unitsOf(bytes: number): number {
  return (bytes + UNIT - 1) >>> 3;
}

function byteAt(unit: number): number {
  return DATA * 4 + unit * UNIT;
}

function wordAt(unit: number): number {
  return DATA + unit * 2;
}
