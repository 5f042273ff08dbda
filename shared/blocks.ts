// Copyright 2026 the authors. MIT license.

// Blocks of memory that the processes of a program find by name.
//
// Thread memory reaches a child only by message, so all blocks come from one
// large region that every child is given at its start. It begins with a
// directory; the rest is the blocks. One mutex guards it all.
//
// There is no list of free memory: all that no entry of the directory has is
// free. An entry counts by its state word alone, { generation:29, phase:2 }:
//
// from              to                  by
// FREE     (gen g)  LIVE     (gen g+1)  create, after it filled the entry in
// LIVE              UNLINKED            unlink
// UNLINKED          FREE                a process that finds that no living
//                                       process has the block open
//
// So each operation takes effect by one store, and when a process dies in the
// middle of one, its mutex is taken over without repair: what it had written of
// a FREE entry means nothing, and no process waits for what it had open.

import type { Region } from "../memory/region.ts";
import type { Locker } from "../program/locker.ts";
import { Mutex } from "../sync/mutex.ts";
import { checkpoint } from "../program/self.ts";
import { MAX_PROCESSES, slotOf } from "../program/table.ts";
import type { Words } from "../memory/word.ts";

/** No block. */
const FREE = 0;
/** A block that is found by its name. */
const LIVE = 1;
/** A block without a name, in use for as long as a process has it open. */
const UNLINKED = 2;

// The words of the header.
const LOCK = 0;
/** Entries from here on were never used. */
const ENTRIES_USED = 1;
/** Blocks from here on were never written, and hold zeroes. */
const HIGH = 2;
const HEADER_WORDS = 16;

// The words of an entry; after the name, its holders: each token by its slot.
const STATE = 0;
const START = 1;
const UNITS = 2;
const SIZE_LOW = 3;
const SIZE_HIGH = 4;
const NAME_LENGTH = 5;
const NAME = 8;
const HOLDERS = NAME + 64;

/** The longest name, in bytes. */
export const MAX_NAME = 255;

/** Blocks begin at multiples of this, so that views of any type fit on them. */
const UNIT = 64;

/** How many bytes are cleared between two looks at the stop word: a few ms. */
const CLEARED_AT_ONCE = 2 ** 24;

/** The bytes of a page, the unit in which the system gives memory. */
const PAGE = 4096;

/** How large the directory is. */
export interface DirectoryShape {
  /** How many blocks there may be. */
  readonly entries: number;
  /** How many processes there may be. */
  readonly holders: number;
}

/** A program's directory: one look at each entry takes a microsecond or two. */
export const DIRECTORY: DirectoryShape = {
  entries: 4096,
  holders: MAX_PROCESSES,
};

/** A block that this process has open. */
export interface Block {
  /** Its place in the directory. */
  readonly entry: number;
  /** Tells it from those that had the place before. */
  readonly generation: number;
  readonly name: string;
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** Why there is no block. */
export type Refusal =
  | "exists"
  | "missing"
  | "too many blocks"
  | "no space";

/** The blocks of a program, as one process sees them. */
export class Blocks {
  readonly #words: Words;
  readonly #bytes: Uint8Array;
  readonly #discard: Region["discard"];
  readonly #locker: Locker;
  readonly #mutex: Mutex;
  readonly #entries: number;
  readonly #entryWords: number;
  readonly #firstUnit: number;
  readonly #lastUnit: number;
  // How often this process has each block open: the directory says only if.
  readonly #opened = new Map<number, number>();

  constructor(
    { words, bytes, discard }: Omit<Region, "handle">,
    locker: Locker,
    shape: DirectoryShape,
  ) {
    this.#words = words;
    this.#bytes = bytes;
    this.#discard = discard;
    this.#locker = locker;
    this.#mutex = new Mutex(words, LOCK, locker);
    this.#entries = shape.entries;
    this.#entryWords = HOLDERS + shape.holders;
    const directory = HEADER_WORDS + this.#entries * this.#entryWords;
    this.#firstUnit = Math.ceil(directory * 4 / UNIT);
    this.#lastUnit = Math.floor(bytes.length / UNIT);
  }

  /** The most bytes that a block can have. */
  get capacity(): number {
    return (this.#lastUnit - this.#firstUnit) * UNIT;
  }

  /** Makes a block of zeroes and opens it. */
  create(name: string, size: number): Block | Refusal {
    const encoded = encoder.encode(name);
    return this.#locked(() => {
      if (this.#find(encoded) !== undefined) return "exists";
      this.#sweep();
      const entry = this.#freeEntry();
      if (entry === undefined) return "too many blocks";
      const units = Math.ceil(size / UNIT);
      const start = this.#freeUnits(units);
      if (start === undefined) return "no space";
      this.#clear(start, units);
      this.#fill(entry, start, units, size, encoded);
      const words = this.#words;
      const at = this.#at(entry);
      const generation = next(generationOf(words.peek(at + STATE)));
      // Publishes the entry: until here there is no block.
      words.store(at + STATE, stateOf(generation, LIVE));
      return this.#open(entry, name);
    });
  }

  /** Opens the block of that name. */
  attach(name: string): Block | Refusal {
    const encoded = encoder.encode(name);
    return this.#locked(() => {
      const entry = this.#find(encoded);
      return entry === undefined ? "missing" : this.#open(entry, name);
    });
  }

  /**
   * Opens a block that another process had open when it gave it to this one.
   */
  reopen(entry: number, generation: number, name: string): Block | Refusal {
    return this.#locked(() => {
      const state = this.#words.peek(this.#at(entry) + STATE);
      if (generationOf(state) !== generation || phaseOf(state) === FREE) {
        return "missing";
      }
      return this.#open(entry, name);
    });
  }

  /** Gives an opened block back. */
  close({ entry }: Block): void {
    const times = this.#opened.get(entry)!;
    if (times > 1) {
      this.#opened.set(entry, times - 1);
      return;
    }
    this.#locked(() => {
      this.#opened.delete(entry);
      this.#words.store(this.#holder(entry), 0);
      this.#freeIfUnused(entry);
    });
  }

  /** Takes the name away; false if that was done before. */
  unlink({ entry, generation }: Block): boolean {
    return this.#locked(() => {
      const at = this.#at(entry);
      const live = stateOf(generation, LIVE);
      if (this.#words.peek(at + STATE) !== live) return false;
      this.#words.store(at + STATE, stateOf(generation, UNLINKED));
      this.#freeIfUnused(entry);
      return true;
    });
  }

  /** How many blocks there are, and the bytes they take. */
  usage(): { blocks: number; bytes: number } {
    return this.#locked(() => {
      this.#sweep();
      const used = this.#used();
      const units = used.reduce((sum, { units }) => sum + units, 0);
      return { blocks: used.length, bytes: units * UNIT };
    });
  }

  #locked<T>(action: () => T): T {
    // A holder that died left nothing to mend: see above.
    this.#mutex.acquireSync();
    try {
      return action();
    } finally {
      this.#mutex.release();
    }
  }

  #open(entry: number, name: string): Block {
    const words = this.#words;
    const at = this.#at(entry);
    this.#opened.set(entry, (this.#opened.get(entry) ?? 0) + 1);
    words.store(this.#holder(entry), this.#locker.token);
    const size = words.peek(at + SIZE_HIGH) * 2 ** 30 +
      words.peek(at + SIZE_LOW);
    const start = words.peek(at + START) * UNIT;
    return {
      entry,
      generation: generationOf(words.peek(at + STATE)),
      name,
      size,
      bytes: this.#bytes.subarray(start, start + size),
    };
  }

  #fill(
    entry: number,
    start: number,
    units: number,
    size: number,
    name: Uint8Array,
  ): void {
    const words = this.#words;
    const at = this.#at(entry);
    words.poke(at + START, start);
    words.poke(at + UNITS, units);
    words.poke(at + SIZE_LOW, size % 2 ** 30);
    words.poke(at + SIZE_HIGH, Math.floor(size / 2 ** 30));
    words.poke(at + NAME_LENGTH, name.length);
    this.#bytes.set(name, (at + NAME) * 4);
    if (entry >= words.peek(ENTRIES_USED)) words.poke(ENTRIES_USED, entry + 1);
  }

  /** Makes the units hold zeroes, as if they had never been written. */
  #clear(start: number, units: number): void {
    const words = this.#words;
    const high = this.#high();
    const end = start + units;
    const first = start * UNIT;
    const last = Math.min(end, high) * UNIT;
    const [from, to] = this.#giveBack(first, last);
    this.#fillWithZeroes(first, from);
    this.#fillWithZeroes(to, last);
    // Before the block is published: no process writes above the mark.
    if (end > high) words.store(HIGH, end);
  }

  #fillWithZeroes(start: number, end: number): void {
    for (let at = start; at < end; at += CLEARED_AT_ONCE) {
      clear(this.#bytes, at, Math.min(at + CLEARED_AT_ONCE, end));
      // A process that was told to stop counts as dead after a grace, and then
      // another takes the mutex: this one must not still be writing here.
      checkpoint();
    }
  }

  /**
   * Gives what lies between two bytes back to the system, as far as it can, and
   * returns from where to where: that holds zeroes now.
   */
  #giveBack(start: number, end: number): [start: number, end: number] {
    const from = Math.ceil(start / PAGE) * PAGE;
    const length = Math.floor(end / PAGE) * PAGE - from;
    if (length <= 0) return [end, end];
    // As above: not by one that counts as dead.
    checkpoint();
    return this.#discard?.(from, length) ? [from, from + length] : [end, end];
  }

  #high(): number {
    return Math.max(this.#words.peek(HIGH), this.#firstUnit);
  }

  #find(name: Uint8Array): number | undefined {
    const words = this.#words;
    const used = words.peek(ENTRIES_USED);
    for (let entry = 0; entry < used; entry++) {
      const at = this.#at(entry);
      if (phaseOf(words.peek(at + STATE)) !== LIVE) continue;
      if (words.peek(at + NAME_LENGTH) !== name.length) continue;
      const start = (at + NAME) * 4;
      if (name.every((byte, i) => this.#bytes[start + i] === byte)) {
        return entry;
      }
    }
    return undefined;
  }

  #freeEntry(): number | undefined {
    for (let entry = 0; entry < this.#entries; entry++) {
      const state = this.#words.peek(this.#at(entry) + STATE);
      if (phaseOf(state) === FREE) return entry;
    }
    return undefined;
  }

  /** The first place where `units` units in a row are free. */
  #freeUnits(units: number): number | undefined {
    let start = this.#firstUnit;
    for (const block of this.#used()) {
      if (block.start - start >= units) return start;
      start = block.start + block.units;
    }
    return this.#lastUnit - start >= units ? start : undefined;
  }

  /** The blocks that are not free, from the beginning of the region. */
  #used(): { start: number; units: number }[] {
    const words = this.#words;
    const entriesUsed = words.peek(ENTRIES_USED);
    const used: { start: number; units: number }[] = [];
    for (let entry = 0; entry < entriesUsed; entry++) {
      const at = this.#at(entry);
      if (phaseOf(words.peek(at + STATE)) === FREE) continue;
      const start = words.peek(at + START);
      used.push({ start, units: words.peek(at + UNITS) });
    }
    return used.sort((a, b) => a.start - b.start);
  }

  /** Frees what the dead had open. */
  #sweep(): void {
    const used = this.#words.peek(ENTRIES_USED);
    for (let entry = 0; entry < used; entry++) this.#freeIfUnused(entry);
  }

  #freeIfUnused(entry: number): void {
    const words = this.#words;
    const at = this.#at(entry);
    const state = words.peek(at + STATE);
    if (phaseOf(state) !== UNLINKED) return;
    for (let i = HOLDERS; i < this.#entryWords; i++) {
      const holder = words.peek(at + i);
      if (holder === 0) continue;
      if (this.#locker.isAlive(holder)) return;
    }
    const start = words.peek(at + START) * UNIT;
    this.#giveBack(start, start + words.peek(at + UNITS) * UNIT);
    words.store(at + STATE, stateOf(generationOf(state), FREE));
  }

  /** Where this process says that it has a block open. */
  #holder(entry: number): number {
    return this.#at(entry) + HOLDERS + slotOf(this.#locker.token);
  }

  #at(entry: number): number {
    return HEADER_WORDS + entry * this.#entryWords;
  }
}

const encoder = new TextEncoder();

// A page of thread memory that was never written takes no memory, and writing
// zeroes would change that. So each page is looked at first.
function clear(bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at += PAGE) {
    const { buffer, byteOffset } = bytes;
    const length = Math.min(PAGE, end - at) / 4;
    const cells = new Int32Array(buffer, byteOffset + at, length);
    if (!isClear(cells)) cells.fill(0);
  }
}

function isClear(cells: Int32Array): boolean {
  for (let i = 0; i < cells.length; i++) if (cells[i] !== 0) return false;
  return true;
}

function stateOf(generation: number, phase: number): number {
  return generation << 2 | phase;
}

function generationOf(state: number): number {
  return state >>> 2;
}

function phaseOf(state: number): number {
  return state & 3;
}

function next(generation: number): number {
  return generation + 1 & 2 ** 29 - 1;
}
