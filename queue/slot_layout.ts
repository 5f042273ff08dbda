// Copyright 2026 the authors. MIT license.

// Where things lie in a region of slots (slots.ts), and in what order the
// messages in them leave.

import { Arena, GRANULE, LIST_WORDS } from "./arena.ts";
import { IN_HAND_WORDS } from "./in_hand.ts";
import type { Region } from "../memory/region.ts";
import type { Words } from "../memory/word.ts";

// The words of the header; all but the lock, CLOSED and the bells are plain.
export const LOCK = 0;
export const LIVE_COUNT = 1;
export const HELD_COUNT = 2;
export const SLOTS_IN_USE = 3;
export const FREE_SLOT = 4;
export const TURN_HIGH = 5;
export const TURN_LOW = 6;
export const STAMP = 7;
export const KINDS = 8;
export const ARENA_ORDER = 9;
/** 1: a put has found too little memory, and may wait for it. */
export const SCARCE = 10;
export const CLOSED = 11;
// Never changed.
export const MAX_ITEMS = 12;
export const SLOT_LIMIT = 13;
export const LAST_ORDER = 14;
export const FLAGS = 15;
// The words that sleepers poll are kept off the line of the lock.
export const PUTS = 16;
export const TAKES = 32;
export const DONE = 48;
export const LISTS = 64;
export const HANDS = LISTS + LIST_WORDS;

// The words of a slot.
export const STATE = 0;
export const PLACE = 1;
export const SIZE = 2;
export const FIRST = 3;
export const SECOND = 4;
export const KEY_HIGH = 5;
export const KEY_LOW = 6;
export const KEY_REST = 7;
export const SLOT_TURN_HIGH = 8;
export const SLOT_TURN_LOW = 9;
/** When it was taken; of a free slot, the next one. */
export const SLOT_STAMP = 10;
export const LINK = 11;
export const SLOT_WORDS = 12;

export const FREE = 0;
export const LIVE = 1;
export const TAKEN = 2;

/** In a slot's second word: it has bytes. */
export const HAS_BYTES = 1 << 16;

export const FIRST_ORDER = 7;

/** In the flags: a message that was taken is held until it is done. */
export const HOLDS = 1;
/** In the flags: what the dead held goes back. Only with {@linkcode HOLDS}. */
export const REDELIVERS = 2;
/** In the flags: free for the queue on top; every view has it. */
export const USER_FLAG = 4;

/** A granule of the arena, in words. */
export const GRANULE_WORDS = GRANULE / 4;

/** Prepares a region of zeroes that is as large as {@linkcode planOf} says. */
export function formatSlots(
  { words, bytes }: Pick<Region, "words" | "bytes">,
  options: {
    limit: number;
    lastOrder: number;
    maxItems: number;
    flags: number;
  },
): void {
  const { limit, lastOrder, maxItems, flags } = options;
  const { map, data } = planOf(limit, lastOrder, flags);
  words.poke(SLOT_LIMIT, limit);
  words.poke(LAST_ORDER, lastOrder);
  words.poke(FLAGS, flags);
  const plan = { order: ARENA_ORDER, lists: LISTS, map, data, lastOrder };
  new Arena(words, bytes, plan).reset(Math.min(FIRST_ORDER, lastOrder));
  words.store(MAX_ITEMS, maxItems);
}

/** Where things lie, in words; `map` and `byteLength` are in bytes. */
export function planOf(
  limit: number,
  lastOrder: number,
  flags: number,
): {
  heap: number;
  slots: number;
  map: number;
  data: number;
  byteLength: number;
} {
  const heap = HANDS + ((flags & HOLDS) === 0 ? 0 : IN_HAND_WORDS);
  const slots = heap + limit;
  const map = (slots + limit * SLOT_WORDS) * 4;
  const granules = 2 ** lastOrder;
  const data = Math.ceil((map + granules) / GRANULE) * GRANULE_WORDS;
  return {
    heap,
    slots,
    map,
    data,
    byteLength: (data * 4) + granules * GRANULE,
  };
}

/** Whether the slot at word `left` comes before that at `right`. */
export function isBefore(
  words: Words,
  left: number,
  right: number,
  data: number,
): boolean {
  let difference = compare(words, left, right, KEY_HIGH) ||
    compare(words, left, right, KEY_LOW);
  if (difference !== 0) return difference < 0;
  difference = compareRest(words, left, right, data);
  if (difference !== 0) return difference < 0;
  difference = compare(words, left, right, SLOT_TURN_HIGH) ||
    compare(words, left, right, SLOT_TURN_LOW);
  return difference < 0;
}

function compare(
  words: Words,
  left: number,
  right: number,
  word: number,
): number {
  return (words.peek(left + word) >>> 0) - (words.peek(right + word) >>> 0);
}

/** Compares what keys have behind their slots; behind its end a key has 0. */
function compareRest(
  words: Words,
  left: number,
  right: number,
  data: number,
): number {
  const leftLength = words.peek(left + KEY_REST);
  const rightLength = words.peek(right + KEY_REST);
  if (leftLength + rightLength === 0) return 0;
  const leftStart = data + words.peek(left + PLACE) * GRANULE_WORDS;
  const rightStart = data + words.peek(right + PLACE) * GRANULE_WORDS;
  for (let i = 0; i < leftLength || i < rightLength; i++) {
    const a = i < leftLength ? words.peek(leftStart + i) >>> 0 : 0;
    const b = i < rightLength ? words.peek(rightStart + i) >>> 0 : 0;
    if (a !== b) return a - b;
  }
  return 0;
}
