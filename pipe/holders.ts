// Copyright 2026 the authors. MIT license.

// The holders of one end of a pipe: a record for every process of the program,
// in shared memory.
//
// A record is one word at the process's own slot, { generation:20, count:12 }:
// how many Connections the process has. The giver of an end counts it there
// before the receiver begins to live. The record of a dead process counts for
// nothing, and is overwritten by the next process in its slot.
//
//   record                 to                    by
//   anything old           { mine, 1 }           add: a new holder
//   { mine, n }            { mine, n + 1 }       add
//   { mine, n }            { mine, n - 1 }       leave
//
// Only a living holder adds another. So once there is none, there never will
// be one again: a process that sees that may say so for good.

import type { Locker } from "../program/locker.ts";
import { MAX_PROCESSES, slotOf } from "../program/table.ts";
import type { Words } from "../memory/word.ts";

/** How often a record was added, so that a scan can tell if it missed one. */
const ADDED = 0;
/** All records lie below it. */
const RECORDS_USED = 1;
const RECORDS = 2;

/** How many words the holders of one end take. */
export const HOLDERS_WORDS = RECORDS + MAX_PROCESSES;

const MOST = 0xfff;

/** The holders of one end. */
export class Holders {
  readonly #words: Words;
  readonly #base: number;
  readonly #locker: Locker;
  // The slot of a process that was seen to hold the end: most questions end
  // there.
  #known = 0;

  /** A view of {@linkcode HOLDERS_WORDS} words from `base` on. */
  constructor(words: Words, base: number, locker: Locker) {
    this.#words = words;
    this.#base = base;
    this.#locker = locker;
  }

  /** Counts one more Connection of a process; false if it has too many. */
  add(token: number): boolean {
    const words = this.#words;
    const used = this.#base + RECORDS_USED;
    const slot = slotOf(token);
    let seen = words.load(used);
    while (seen <= slot) {
      const found = words.cas(used, seen, slot + 1);
      if (found === seen) break;
      seen = found;
    }
    const at = this.#base + RECORDS + slot;
    while (true) {
      const old = words.load(at);
      const count = isOf(old, token) ? countOf(old) + 1 : 1;
      if (count > MOST) return false;
      if (words.cas(at, old, recordOf(token, count)) === old) break;
    }
    // After the record, and before the giver can leave: a scan that came too
    // early for the one and too late for the other sees that it must look
    // again.
    words.add(this.#base + ADDED, 1);
    return true;
  }

  /** Counts one Connection less; true if no process holds the end any more. */
  leave(token: number): boolean {
    const words = this.#words;
    const at = this.#base + RECORDS + slotOf(token);
    while (true) {
      const old = words.load(at);
      if (!isOf(old, token) || countOf(old) === 0) break;
      if (words.cas(at, old, old - 1) === old) break;
    }
    // After the own record: of two holders that leave at once, one at least
    // sees both gone.
    return !this.isHeld();
  }

  /** Whether a living process holds the end. */
  isHeld(): boolean {
    const slot = this.#known;
    const record = this.#words.peek(this.#base + RECORDS + slot);
    return this.#holds(record, slot) || this.#scan();
  }

  #scan(): boolean {
    const words = this.#words;
    while (true) {
      const added = words.load(this.#base + ADDED);
      const used = words.load(this.#base + RECORDS_USED);
      for (let slot = 0; slot < used; slot++) {
        const record = words.load(this.#base + RECORDS + slot);
        if (!this.#holds(record, slot)) continue;
        this.#known = slot;
        return true;
      }
      if (words.load(this.#base + ADDED) === added) return false;
    }
  }

  #holds(record: number, slot: number): boolean {
    if (countOf(record) === 0) return false;
    const token = tokenOf(record, slot);
    return this.#locker.isAlive(token);
  }
}

function recordOf(token: number, count: number): number {
  return token >>> 10 << 12 | count;
}

function isOf(record: number, token: number): boolean {
  return record >>> 12 === token >>> 10;
}

function countOf(record: number): number {
  return record & MOST;
}

function tokenOf(record: number, slot: number): number {
  return record >>> 12 << 10 | slot;
}
