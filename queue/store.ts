// Copyright 2026 the authors. MIT license.

// Stores: what queues keep their items in. A store is memory and the order in
// which items leave it; who waits, for how long, and what is refused to whom is
// the business of base_queue.ts.

import { type Frame, wantsOwn } from "../message/codec.ts";
import type { Copies } from "./copies.ts";
import type { RegionHandle } from "../memory/region.ts";
import type { Key } from "./order.ts";
import type { Park } from "../memory/park.ts";
import type { Message as RingMessage, PutResult } from "./ring.ts";

/** An encoded item on its way into a store. */
export interface Entry extends Frame {
  /** Its place among the others, in a store that sorts them. */
  readonly key?: Key | undefined;
}

/** A message that was taken. `bytes` is valid until the next one is taken. */
export type Message = Pick<RingMessage, "tag" | "inline" | "bytes">;

/** A message of a batch: its `bytes` stay valid. */
export type OwnMessage = Readonly<Message>;

/** What a queue needs of its memory. */
export interface Store {
  /** What crosses to another process in its place. */
  readonly handle: RegionHandle;
  /** The longest message that can ever fit, its key included, in bytes. */
  readonly maxMessage: number;
  /** The most messages it takes; 0: no limit. */
  readonly maxItems: number;
  /** Puts a message whole, or not at all. */
  tryPut(entry: Entry): PutResult;
  /**
   * Puts as many of `entries` as there is room for, from the one at `from` on
   * and in order, under one lock; how many, or that the store is closed.
   */
  tryPutMany(entries: readonly Entry[], from: number): number | "closed";
  /** Takes the next message; undefined if there is none. */
  tryTake(): Message | undefined;
  /** Takes up to `max` messages under one lock: those that would be next. */
  tryTakeMany(max: number): OwnMessage[];
  /** How many messages there are. */
  count(): number;
  /** Whether there is no message. */
  isEmpty(): boolean;
  /** Whether it takes no more messages. */
  isClosed(): boolean;
  /** Of a closed and empty store: whether nothing can come back into it. */
  isOver?(): boolean;
  /** Refuses messages from now on; throws away what it holds if `drain`. */
  close(drain: boolean): void;
  /** Where to sleep until a message comes; undefined: look again. */
  parkForMessage(): Park | undefined;
  /** What `parkForRoom` must be given: to be read before a put finds no room. */
  seenHead(): number;
  /** Where to sleep until something was taken; undefined: try again. */
  parkForRoom(seen: number): Park | undefined;
}

/**
 * How many bytes one lock may be held for in a batch, above the first message:
 * a process that is told to stop must come out of it in time.
 */
export const BATCH_BYTES = 2 ** 22;

const NO_BYTES = new Uint8Array(0);

// What a message is copied to before it is decoded, if nothing of it stays.
const SCRATCH_BYTES = 1 << 16;
const scratch = new Uint8Array(SCRATCH_BYTES);

/**
 * Copies a message out of shared memory. Without `copies` its bytes may be valid
 * only until the next is copied.
 */
export function copyMessage(
  tag: number,
  inline: number,
  bytes: Uint8Array | undefined,
  copies: Copies | undefined,
): Message {
  if (bytes === undefined) return { tag, inline, bytes: NO_BYTES };
  const { length } = bytes;
  const copy = length > SCRATCH_BYTES || wantsOwn(tag)
    ? new Uint8Array(length)
    : copies?.room(length) ?? scratch.subarray(0, length);
  copy.set(bytes);
  return { tag, inline: 0, bytes: copy };
}
