// Copyright 2026 the authors. MIT license.

// Short lists that processes share by name.

import { StateError } from "../errors.ts";
import { checkCount, checkOptions, printAs, shown } from "../memory/check.ts";
import { checkIndex } from "./layout.ts";
import {
  HANDLE,
  type Handle,
  revivedHandle,
  setReviver,
} from "../message/handle.ts";
import { roundUp } from "./layout.ts";
import { made } from "../program/self.ts";
import { atomicLoad, atomicStore } from "../memory/word.ts";
import { SharedMemory } from "./shared_memory.ts";

/** A value that a {@linkcode ShareableList} can hold. */
export type ShareableItem =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | undefined;

/** How a {@linkcode ShareableList} is found. */
export interface ShareableListOptions {
  /** The name of its memory; a new list without one gets one of its own. */
  name?: string | undefined;
}

/**
 * A list of fixed length in shared memory, of numbers, bigints, booleans,
 * strings, bytes and undefined.
 *
 * Python: `multiprocessing.shared_memory.ShareableList`.
 *
 * - **Room**: an element has the room of its first value: 8 bytes, strings and
 *   bytes the next multiple of 8 above their length. It may be replaced by
 *   anything that fits in that.
 * - **Exact**: strings and bytes come back as they were. (Python drops zero
 *   bytes at their ends.)
 * - **Order**: there is no lock; guard it with one if any process writes.
 * - **Life**: that of its memory: `list.shm.close()`, `list.shm.unlink()`.
 *
 * @example
 * ```ts
 * import { ShareableList } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const name = "greeting";
 * const mine = new ShareableList(["howdy", 100, undefined], { name });
 * const yours = new ShareableList(undefined, { name });
 * mine.set(0, "hello");
 * assertEquals([...yours], ["hello", 100, undefined]);
 * yours.shm.close();
 * mine.shm.close();
 * mine.shm.unlink();
 * ```
 */
export class ShareableList {
  /** The memory that it is in. */
  readonly shm: SharedMemory;

  /**
   * Makes a list, or attaches to one.
   *
   * @param sequence Its elements; undefined to attach to the list of that name.
   * @param options Its name.
   * @throws {TypeError} If there are neither elements nor a name, or an element
   * is of another kind.
   * @throws {RangeError} If a bigint does not fit in 8 bytes, or the name is
   * empty or too long.
   * @throws {StateError} If the name exists already (make), or there is no list
   * of that name (attach), or there is no room.
   */
  constructor(
    sequence?: Iterable<ShareableItem>,
    options: ShareableListOptions = {},
  ) {
    checkCount("use shareable list", arguments, 2);
    checkOptions("use shareable list", options, ["name"]);
    const handle = revivedHandle<ShareableListHandle>();
    if (handle !== undefined) {
      this.shm = handle.shm;
    } else if (sequence === undefined) {
      this.shm = new SharedMemory({ name: options.name });
      if (!isList(this.shm)) {
        this.shm.close();
        throw new StateError(
          `Cannot attach to shareable list: ${options.name} is not one`,
        );
      }
    } else {
      const items = [...sequence].map(encode);
      const start = dataStart(items.length);
      const rooms = items.map(roomFor);
      const size = rooms.reduce((sum, room) => sum + room, start);
      this.shm = new SharedMemory({ name: options.name, create: true, size });
      if (options.name === undefined) made(this);
      const words = this.#words();
      words[COUNT] = items.length;
      let at = start;
      items.forEach((item, i) => {
        const entry = HEADER_WORDS + i * ENTRY_WORDS;
        words[entry + OFFSET] = at;
        words[entry + ROOM] = rooms[i]!;
        this.#write(entry, item);
        at += rooms[i]!;
      });
      // Publishes the elements: a process that attaches earlier finds no list.
      atomicStore(words, MAGIC, MAGIC_NUMBER);
    }
  }

  /**
   * How many elements it has.
   *
   * Python: `len(list)`.
   *
   * @throws {StateError} If its memory is closed.
   */
  get length(): number {
    return this.#words()[COUNT]!;
  }

  /**
   * The type of each element, as Python's `struct` writes it: `q` an integer,
   * `d` another number, `?` a boolean, `16s` a string or bytes with room for
   * 16; undefined is `xxxxxx?x`.
   *
   * Python: `ShareableList.format`.
   *
   * @throws {StateError} If its memory is closed.
   */
  get format(): string {
    const words = this.#words();
    let format = "";
    for (let i = 0; i < words[COUNT]!; i++) {
      const entry = HEADER_WORDS + i * ENTRY_WORDS;
      format += formatOf(words[entry + KIND] as Kind, words[entry + ROOM]!);
    }
    return format;
  }

  /**
   * The element at `index`, undefined also where there is none; -1 is the last.
   *
   * Python: `list[index]`.
   *
   * @param index From the start or, if negative, from the end.
   * @throws {TypeError} If `index` is not an integer.
   * @throws {StateError} If its memory is closed.
   */
  at(index: number): ShareableItem {
    const place = this.#place(index);
    return place === undefined ? undefined : this.#read(place);
  }

  /**
   * As {@linkcode ShareableList.at}, for an element that must be there.
   *
   * @throws {RangeError} If there is no such element.
   */
  get(index: number): ShareableItem {
    return this.#read(this.#existing(index));
  }

  /**
   * Replaces the element at `index`; -1 is the last.
   *
   * Python: `list[index] = item`.
   *
   * @param index From the start or, if negative, from the end.
   * @param item The new element; it may be of another type.
   * @throws {RangeError} If there is no such element, or the new one needs more
   * room than the first one had; nothing changes.
   * @throws {TypeError} If `index` is not an integer, or a list cannot hold
   * such an item; nothing changes.
   * @throws {StateError} If its memory is closed.
   */
  set(index: number, item: ShareableItem): void {
    const entry = this.#existing(index);
    const encoded = encode(item);
    const room = this.#words()[entry + ROOM]!;
    if (encoded.bytes.length > room) {
      throw new RangeError(
        `Cannot set element ${index}: it needs ${encoded.bytes.length} bytes, and there is room for ${room}`,
      );
    }
    this.#write(entry, encoded);
  }

  /**
   * How many elements are equal to `item`.
   *
   * Python: `ShareableList.count(value)`.
   *
   * @param item What to look for; bytes are equal if they hold the same.
   * @throws {StateError} If its memory is closed.
   */
  count(item: ShareableItem): number {
    let count = 0;
    for (const other of this) if (isSame(item, other)) count++;
    return count;
  }

  /**
   * Where the first element is that is equal to `item`.
   *
   * Python: `ShareableList.index(value)`.
   *
   * @param item What to look for; bytes are equal if they hold the same.
   * @throws {RangeError} If there is none.
   * @throws {StateError} If its memory is closed.
   */
  index(item: ShareableItem): number {
    let index = 0;
    for (const other of this) {
      if (isSame(item, other)) return index;
      index++;
    }
    throw new RangeError("Cannot find item: it is not in the list");
  }

  /** Goes through the elements as they are when it comes to them. */
  *[Symbol.iterator](): IterableIterator<ShareableItem> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  static {
    printAs(this, (list) => {
      const name = `name: ${JSON.stringify(list.shm.name)}`;
      try {
        return `${Deno.inspect([...list])}, ${name}`;
      } catch {
        return `${name}, closed`;
      }
    });
  }

  /** @internal */
  [HANDLE](): ShareableListHandle {
    return { kind: "ShareableList", shm: this.shm };
  }

  #words(): Int32Array {
    return wordsOf(this.shm);
  }

  /** Where the entry of an element is; undefined if there is none. */
  #place(index: number): number | undefined {
    checkIndex(index);
    const { length } = this;
    const place = index < 0 ? index + length : index;
    if (place < 0 || place >= length) return undefined;
    return HEADER_WORDS + place * ENTRY_WORDS;
  }

  #existing(index: number): number {
    const entry = this.#place(index);
    if (entry !== undefined) return entry;
    throw new RangeError(
      `Cannot use element ${index}: the list has ${this.length}`,
    );
  }

  #read(entry: number): ShareableItem {
    const words = this.#words();
    const start = words[entry + OFFSET]!;
    const length = words[entry + LENGTH]!;
    const bytes = this.shm.buf.slice(start, start + length);
    return decode(words[entry + KIND] as Kind, bytes);
  }

  #write(entry: number, { kind, bytes }: Encoded): void {
    const words = this.#words();
    words[entry + KIND] = kind;
    words[entry + LENGTH] = bytes.length;
    this.shm.buf.set(bytes, words[entry + OFFSET]!);
  }
}

/** The kinds of elements; a closed list, since a kind stands in memory. */
const UNDEFINED = 0;
const INTEGER = 1;
const FLOAT = 2;
const BIGINT = 3;
const BOOLEAN = 4;
const STRING = 5;
const BYTES = 6;

type Kind = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** What `struct` writes for a kind; for one that is missing, its room. */
const FORMATS: Readonly<Partial<Record<Kind, string>>> = {
  [UNDEFINED]: "xxxxxx?x",
  [INTEGER]: "q",
  [FLOAT]: "d",
  [BIGINT]: "q",
  [BOOLEAN]: "xxxxxxx?",
};

interface Encoded {
  readonly kind: Kind;
  readonly bytes: Uint8Array;
}

interface ShareableListHandle extends Handle {
  readonly shm: SharedMemory;
}

// The words of the header.
const MAGIC = 0;
const COUNT = 1;
const HEADER_WORDS = 4;

// The words of an entry: where the element is, and what.
const OFFSET = 0;
const ROOM = 1;
const KIND = 2;
const LENGTH = 3;
const ENTRY_WORDS = 4;

const MAGIC_NUMBER = 0x4c6973;

/** The room of everything that is not a string or bytes, and of their steps. */
const ROOM_STEP = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

setReviver("ShareableList", ShareableList);

function isList(shm: SharedMemory): boolean {
  return shm.size >= HEADER_WORDS * 4 &&
    atomicLoad(wordsOf(shm), MAGIC) === MAGIC_NUMBER;
}

function wordsOf(shm: SharedMemory): Int32Array {
  return shm.view(Int32Array);
}

function dataStart(count: number): number {
  return (HEADER_WORDS + count * ENTRY_WORDS) * 4;
}

function roomFor({ kind, bytes }: Encoded): number {
  const isText = kind === STRING || kind === BYTES;
  return isText ? roundUp(bytes.length + 1, ROOM_STEP) : ROOM_STEP;
}

function encode(item: ShareableItem): Encoded {
  switch (typeof item) {
    case "undefined":
      return { kind: UNDEFINED, bytes: new Uint8Array(ROOM_STEP) };
    case "number": {
      const bytes = new Uint8Array(new Float64Array([item]).buffer);
      return { kind: Number.isInteger(item) ? INTEGER : FLOAT, bytes };
    }
    case "bigint": {
      if (BigInt.asIntN(64, item) !== item) {
        throw new RangeError(
          `Cannot store item: ${item} does not fit in a signed integer of 8 bytes`,
        );
      }
      const bytes = new Uint8Array(new BigInt64Array([item]).buffer);
      return { kind: BIGINT, bytes };
    }
    case "boolean": {
      const bytes = new Uint8Array(ROOM_STEP);
      bytes[0] = Number(item);
      return { kind: BOOLEAN, bytes };
    }
    case "string":
      if (!item.isWellFormed()) {
        throw new TypeError("Cannot store item: the string is not well-formed");
      }
      return { kind: STRING, bytes: encoder.encode(item) };
  }
  if (item instanceof Uint8Array) return { kind: BYTES, bytes: item };
  throw new TypeError(
    `Cannot store item: a list holds numbers, bigints, booleans, strings, bytes and undefined: got ${
      shown(item)
    }`,
  );
}

function decode(kind: Kind, bytes: Uint8Array): ShareableItem {
  switch (kind) {
    case UNDEFINED:
      return undefined;
    case INTEGER:
    case FLOAT:
      return new Float64Array(bytes.buffer)[0];
    case BIGINT:
      return new BigInt64Array(bytes.buffer)[0];
    case BOOLEAN:
      return bytes[0] !== 0;
    case STRING:
      return decoder.decode(bytes);
    case BYTES:
      return bytes;
  }
}

function formatOf(kind: Kind, room: number): string {
  return FORMATS[kind] ?? `${room}s`;
}

function isSame(a: ShareableItem, b: ShareableItem): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, i) => b[i] === byte);
  }
  return Object.is(a, b) || a === b;
}
