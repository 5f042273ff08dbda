// Copyright 2026 the authors. MIT license.

// Bytes that processes share by name.

import { StateError } from "../errors.ts";
import {
  type Block,
  Blocks,
  DIRECTORY,
  MAX_NAME,
  type Refusal,
} from "./blocks.ts";
import {
  checkCount,
  checkInteger,
  checkNumber,
  checkOptions,
  checkString,
  printAs,
} from "../memory/check.ts";
import {
  HANDLE,
  type Handle,
  revivedHandle,
  setReviver,
} from "../message/handle.ts";
import { openRegion } from "../memory/region.ts";
import { blocks, checkpoint, made, me } from "../program/self.ts";

/** Which memory a {@linkcode SharedMemory} is. */
export interface SharedMemoryOptions {
  /**
   * Its name, at most 255 bytes. Needed to attach; a new block without one gets
   * one that nothing else has.
   */
  name?: string | undefined;
  /**
   * Whether to make a new block, rather than to attach to an existing one.
   *
   * @default {false}
   */
  create?: boolean | undefined;
  /** How many bytes a new block has; 1 or more. */
  size?: number | undefined;
}

/** A typed array, or DataView, that can be laid over bytes. */
export interface ViewConstructor<V> {
  /** Lays it over a buffer. */
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): V;
  /** The size of an element; undefined for DataView. */
  readonly BYTES_PER_ELEMENT?: number;
}

/**
 * A block of bytes that any process of the program can find by its name.
 *
 * Python: `multiprocessing.shared_memory.SharedMemory`.
 *
 * One process creates it; any other attaches to it by name alone, or is given
 * it in its arguments. All see the same bytes.
 *
 * - **Life**: it lasts until it was unlinked and every process that had it open
 *   has closed it or died; without `unlink()`, until the program ends. It is
 *   never left behind after that.
 * - **Zeroes**: a new block holds nothing of an old one.
 * - **Order**: plain bytes: guard them with a lock, or use one writer.
 * - **Limit**: 4096 blocks, about 4 GiB together, of which only what was
 *   written takes memory. It is given back with its block, but without
 *   `--allow-ffi` it is kept for the next one.
 *
 * @example
 * ```ts
 * import { SharedMemory } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * using mine = new SharedMemory({ name: "frame", create: true, size: 16 });
 * using yours = new SharedMemory("frame");
 * mine.buf[0] = 7;
 * assertEquals(yours.buf[0], 7);
 * mine.unlink();
 * ```
 */
export class SharedMemory {
  readonly #blocks: Blocks;
  readonly #block: Block;
  #isOpen = true;

  /**
   * Creates a block or attaches to one.
   *
   * @param options The name of the block to attach to, or
   * {@linkcode SharedMemoryOptions}.
   * @throws {StateError} If a block of that name exists already (create) or
   * does not (attach), or if there is no room for it.
   * @throws {TypeError} If there is no name to attach to, or an option is of
   * the wrong kind.
   * @throws {RangeError} If the size is not 1 or more, or larger than all there
   * is; or if the name is empty or too long.
   */
  constructor(options: string | SharedMemoryOptions = {}) {
    checkCount("use shared memory", arguments, 1, OPTIONS);
    const handle = revivedHandle<SharedMemoryHandle>();
    checkpoint();
    this.#blocks = programBlocks();
    if (typeof options === "string") options = { name: options };
    checkOptions("use shared memory", options, OPTIONS);
    const { name, create = false, size } = options;
    let block: Block | Refusal;
    if (handle !== undefined) {
      const { entry, generation } = handle;
      block = this.#blocks.reopen(entry, generation, handle.name);
    } else if (create) {
      if (name !== undefined) checkName(name);
      const { capacity } = this.#blocks;
      checkSize(size, capacity);
      block = this.#create(name, size);
    } else {
      checkName(name);
      block = this.#blocks.attach(name);
    }
    if (typeof block === "string") throw refused(block, handle?.name ?? name);
    this.#block = block;
    // One with a name is the program's, whoever has made it.
    if (create && name === undefined) made(this);
  }

  /**
   * The name, by which other processes attach.
   *
   * Python: `SharedMemory.name`.
   */
  get name(): string {
    return this.#block.name;
  }

  /**
   * How many bytes it has: as many as were asked for.
   *
   * Python: `SharedMemory.size`.
   */
  get size(): number {
    return this.#block.size;
  }

  /**
   * The bytes. Do not use an array taken from here after `close()`: when the
   * block is gone, the bytes may be those of another.
   *
   * Its `buffer` is the memory of all blocks; for another view of this one, use
   * {@linkcode SharedMemory.view}. `slice()` gives bytes that are not shared,
   * which most of the platform wants.
   *
   * Python: `SharedMemory.buf`.
   *
   * @throws {StateError} If it is closed.
   */
  get buf(): Uint8Array {
    checkpoint();
    this.#checkOpen("use");
    return this.#block.bytes;
  }

  /**
   * The bytes as elements of another type: `shm.view(Float64Array)`. The rules
   * of {@linkcode SharedMemory.buf} hold for it.
   *
   * Python: `numpy.ndarray(shape, dtype, buffer=shm.buf)`.
   *
   * @param View The typed array, or DataView.
   * @param byteOffset Where it begins; a multiple of the size of an element.
   * @param length How many elements it has; as many as fit if not given.
   * @throws {StateError} If it is closed.
   * @throws {TypeError} If `byteOffset` or `length` is not a number.
   * @throws {RangeError} If it would begin or end outside of the block, or
   * between two elements.
   *
   * @example
   * ```ts
   * import { SharedMemory } from "../mod.ts";
   * import { assertEquals } from "@std/assert";
   *
   * using shm = new SharedMemory({ create: true, size: 24 });
   * const numbers = shm.view(Float64Array);
   * numbers[2] = 0.5;
   * assertEquals([...numbers], [0, 0, 0.5]);
   * shm.unlink();
   * ```
   */
  view<V>(
    View: ViewConstructor<V>,
    byteOffset = 0,
    length?: number,
  ): V {
    checkNumber("view shared memory", "byteOffset", byteOffset);
    if (length !== undefined) {
      checkNumber("view shared memory", "length", length);
    }
    const { buffer, byteOffset: start } = this.buf;
    const step = View.BYTES_PER_ELEMENT ?? 1;
    const count = length ?? Math.floor((this.size - byteOffset) / step);
    const end = byteOffset + count * step;
    if (
      !Number.isInteger(byteOffset / step) || !Number.isInteger(count) ||
      byteOffset < 0 || count < 0 || end > this.size
    ) {
      throw new RangeError(
        `Cannot view shared memory: ${count} elements of ${step} bytes from ${byteOffset} are not within its ${this.size}`,
      );
    }
    return new View(buffer, start + byteOffset, count);
  }

  /**
   * Says that this object is done with the block. A second close does nothing.
   *
   * Python: `SharedMemory.close()`.
   */
  close(): void {
    checkpoint();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#blocks.close(this.#block);
  }

  /**
   * Takes the name away, so that a new block can have it. Processes that have
   * the block open keep it. Call it once, in one process, also after `close()`.
   *
   * Python: `SharedMemory.unlink()`.
   *
   * @throws {StateError} If that was done already.
   */
  unlink(): void {
    checkpoint();
    if (this.#blocks.unlink(this.#block)) return;
    throw new StateError(
      `Cannot unlink shared memory: ${this.name} was unlinked already`,
    );
  }

  /** Closes it: `using shm = new SharedMemory(…)`. */
  [Symbol.dispose](): void {
    this.close();
  }

  static {
    printAs(this, (memory) => {
      const { name, size } = memory.#block;
      const state = memory.#isOpen ? "" : ", closed";
      return `name: ${JSON.stringify(name)}, size: ${size}${state}`;
    });
  }

  /** @internal */
  [HANDLE](): SharedMemoryHandle {
    this.#checkOpen("give away");
    const { entry, generation, name } = this.#block;
    return { kind: "SharedMemory", entry, generation, name };
  }

  #create(name: string | undefined, size: number): Block | Refusal {
    if (name !== undefined) return this.#blocks.create(name, size);
    while (true) {
      const block = this.#blocks.create(newName(), size);
      if (block !== "exists") return block;
    }
  }

  #checkOpen(action: string): void {
    if (this.#isOpen) return;
    throw new StateError(
      `Cannot ${action} shared memory: this process has closed ${this.name}`,
    );
  }
}

interface SharedMemoryHandle extends Handle {
  readonly entry: number;
  readonly generation: number;
  readonly name: string;
}

const OPTIONS = ["name", "create", "size"];

setReviver("SharedMemory", SharedMemory);

let own: Blocks | undefined;

/** The blocks of the program, as this process sees it. */
function programBlocks(): Blocks {
  return own ??= new Blocks(openRegion(blocks()), me().locker, DIRECTORY);
}

function newName(): string {
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  return `psm_${number!.toString(16).padStart(8, "0")}`;
}

function checkName(name: unknown): asserts name is string {
  checkString("use shared memory", "its name", name);
  const { length } = new TextEncoder().encode(name);
  if (length > 0 && length <= MAX_NAME) return;
  throw new RangeError(
    `Cannot use shared memory: its name must have from 1 to ${MAX_NAME} bytes: got ${length}`,
  );
}

function checkSize(size: unknown, most: number): asserts size is number {
  if (Number.isNaN(size)) {
    throw new TypeError(
      "Cannot create shared memory: its size must be a number: got NaN",
    );
  }
  checkInteger("create shared memory", "its size", size, 1, most);
}

function refused(refusal: Refusal, name: string | undefined): StateError {
  return new StateError(
    {
      "exists": `Cannot create shared memory: ${name} exists already`,
      "missing": `Cannot attach to shared memory: there is no ${name}`,
      "too many blocks":
        `Cannot create shared memory: there are ${DIRECTORY.entries} blocks already`,
      "no space":
        "Cannot create shared memory: there is no free space of that size",
    }[refusal],
  );
}
