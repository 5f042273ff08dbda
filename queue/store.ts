// Copyright 2026 the authors. MIT license.

// Stores: what queues keep their items in, and the two loops that wait at one.
// A store is memory and the order in which items leave it. For how long a
// caller waits, and which calls are refused, is the business of base_queue.ts.

import { type Frame, wantsOwn } from "../message/codec.ts";
import type { RegionHandle } from "../memory/region.ts";
import type { Key } from "./order.ts";
import type { Park, Steps } from "../memory/park.ts";

/** The most bytes of messages a store may be asked for: 1 GiB. */
export const MAX_BYTES = 2 ** 30;

/** An encoded item on its way into a store. */
export interface Entry extends Frame {
  /** Its place among the others, in a store that sorts them. */
  readonly key?: Key | undefined;
}

/**
 * The result of `tryPut`: it is put, there is no room, or the store is closed.
 */
export type PutResult = "put" | "full" | "closed";

/** How a store is closed. */
export interface CloseOptions {
  /**
   * Whether what is in it is thrown away.
   *
   * @default {false}
   */
  readonly drain?: boolean | undefined;
}

/** A store: the memory of a queue, with the methods that the queue needs. */
export interface Store {
  /** The handle that crosses to another process in place of the store. */
  readonly handle: RegionHandle;
  /** The longest message that can ever fit, its key included, in bytes. */
  readonly maxMessage: number;
  /** The most messages it takes; 0: no limit. */
  readonly maxItems: number;
  /** Puts a message whole, or not at all. */
  tryPut(entry: Entry): PutResult;
  /**
   * Puts as many of `entries` as there is room for, from the one at `from` on
   * and in order, under one lock. Returns how many, or that the store is
   * closed.
   */
  tryPutMany(entries: readonly Entry[], from: number): number | "closed";
  /**
   * Takes the next message; undefined if there is none. Its bytes are valid
   * until the next message is taken.
   */
  tryTake(): Frame | undefined;
  /**
   * Takes up to `max` messages under one lock, in their order. Their bytes stay
   * valid.
   */
  tryTakeMany(max: number): Frame[];
  /** A mark behind all messages that there are; in a store with an order. */
  mark?(): number;
  /** Whether all messages before the mark have left. */
  isPast?(mark: number): boolean;
  /** How many messages there are. */
  count(): number;
  /** Whether there is no message. */
  isEmpty(): boolean;
  /** Whether it takes no more messages. */
  isClosed(): boolean;
  /** Whether nothing can come back into a store that is closed and empty. */
  isOver?(): boolean;
  /** Refuses messages from now on. */
  close(options?: CloseOptions): void;
  /** Where to sleep until a message comes; undefined: look again. */
  parkForMessage(): Park | undefined;
  /** A word to be read before a put finds no room; for `parkForRoom`. */
  seenRoom(): number;
  /** Where to sleep until something was taken; undefined: try again. */
  parkForRoom(seen: number): Park | undefined;
}

/**
 * Calls `tryPut` until it returns something, and sleeps in between while there
 * is no room in `store`, which may be the link of a pipe as well.
 */
export function* putting<T>(
  store: Pick<Store, "seenRoom" | "parkForRoom">,
  tryPut: () => T | undefined,
): Steps<T> {
  while (true) {
    // Read before the put finds no room: a take in between must change it.
    const seen = store.seenRoom();
    const result = tryPut();
    if (result !== undefined) return result;
    const park = store.parkForRoom(seen);
    if (park !== undefined) yield park;
  }
}

/**
 * Calls `tryTake` until it returns something, and sleeps in between while there
 * is no message in `store`. `tryTake` is told where the loop slept last: if it
 * takes nothing, it must hand the wake on, see `passOn()` of memory/ready.ts.
 */
export function* taking<T>(
  store: Pick<Store, "parkForMessage">,
  tryTake: (slept: Park | undefined) => T | undefined,
): Steps<T> {
  let slept: Park | undefined;
  while (true) {
    const result = tryTake(slept);
    if (result !== undefined) return result;
    const park = store.parkForMessage();
    if (park === undefined) continue;
    slept = park;
    yield park;
  }
}

/** The result of `takeNext` if there is no message and there will be none. */
export const OVER: unique symbol = Symbol("over");

/** Takes the next message; undefined if there is none now. */
export function takeNext(store: Store): Frame | typeof OVER | undefined {
  // Closed is read before empty: what was put before the close is still there.
  const isClosed = store.isClosed();
  const message = store.tryTake();
  if (message !== undefined || !isClosed) return message;
  return store.isOver?.() === false ? undefined : OVER;
}

/**
 * How many bytes a batch may copy under one lock, beyond the first message: a
 * process that is told to stop must come out of it in time.
 */
export const BATCH_BYTES = 2 ** 22;

// The buffer that a message is copied to before it is decoded.
const SCRATCH_BYTES = 1 << 16;
const scratch = new Uint8Array(SCRATCH_BYTES);

/**
 * A buffer for the bytes of a message that is taken out of shared memory.
 * Without `copies`, they may be valid only until the next message is taken.
 */
export function roomFor(
  tag: number,
  length: number,
  copies: Copies | undefined,
): Uint8Array<ArrayBuffer> {
  return length > SCRATCH_BYTES || wantsOwn(tag)
    ? new Uint8Array(length)
    : copies?.room(length) ?? scratch.subarray(0, length);
}

/** Copies a message out of shared memory; see {@linkcode roomFor}. */
export function copyMessage(
  tag: number,
  inline: number,
  bytes: Uint8Array | undefined,
  copies: Copies | undefined,
): Frame {
  if (bytes === undefined) return { tag, inline, bytes };
  const copy = roomFor(tag, bytes.length, copies);
  copy.set(bytes);
  return { tag, inline: 0, bytes: copy };
}

/** How long a buffer of {@linkcode Copies} is, in bytes. */
const CHUNK = 1 << 16;
/** The longest copy that shares a buffer with others, in bytes. */
const LONGEST = 1 << 12;

/**
 * Room for the copies of a batch: many short arrays cut from a few long ones,
 * since a new buffer costs several times what copying a short message does.
 */
export class Copies {
  #chunk: Uint8Array<ArrayBuffer> | undefined;
  #at = 0;

  /** An array for `length` bytes, of any content. */
  room(length: number): Uint8Array<ArrayBuffer> {
    if (length > LONGEST) return new Uint8Array(length);
    if (this.#chunk === undefined || this.#at + length > CHUNK) {
      this.#chunk = new Uint8Array(CHUNK);
      this.#at = 0;
    }
    const start = this.#at;
    this.#at += length;
    return this.#chunk.subarray(start, start + length);
  }

  /** A copy of `bytes`. */
  of(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const copy = this.room(bytes.length);
    copy.set(bytes);
    return copy;
  }
}
