// Copyright 2026 the authors. MIT license.

// The least that can carry items between two threads: slots of one size in
// shared memory, one writer, one reader, two counters. No close, no deadline,
// no second writer or reader, no recovery.

const HEAD = 0;
const TAIL = 1;
const READER_SLEEPS = 2;
const WRITER_SLEEPS = 3;
const HEADER_BYTES = 16;

/** Where a ring lies; crosses to a worker as it is. */
export interface RingHandle {
  memory: SharedArrayBuffer;
  slotBytes: number;
  slots: number;
}

/** A ring for one writer and one reader. */
export class Ring {
  readonly handle: RingHandle;
  /** The slots' bytes, one after another. */
  readonly bytes: Uint8Array;
  /** The same bytes as cells. */
  readonly cells: Int32Array;
  readonly #words: Int32Array;
  readonly #slots: number;
  #mine = 0;
  #theirs = 0;

  constructor(handle: RingHandle) {
    this.handle = handle;
    this.bytes = new Uint8Array(handle.memory, HEADER_BYTES);
    this.cells = new Int32Array(handle.memory, HEADER_BYTES);
    this.#words = new Int32Array(handle.memory, 0, HEADER_BYTES / 4);
    this.#slots = handle.slots;
  }

  static create(slots: number, slotBytes: number): Ring {
    const memory = new SharedArrayBuffer(HEADER_BYTES + slots * slotBytes);
    return new Ring({ memory, slotBytes, slots });
  }

  /** The writer's: waits for a free slot, and returns its index. */
  claim(): number {
    while (this.#mine - this.#theirs === this.#slots) {
      this.#theirs = Atomics.load(this.#words, HEAD);
      if (this.#mine - this.#theirs < this.#slots) break;
      this.#sleep(HEAD, WRITER_SLEEPS);
    }
    return this.#mine % this.#slots;
  }

  /** The writer's: publishes the slot it claimed. */
  publish(): void {
    this.#advance(TAIL, READER_SLEEPS);
  }

  /** The reader's: waits for a full slot, and returns its index. */
  peek(): number {
    while (this.#mine === this.#theirs) {
      this.#theirs = Atomics.load(this.#words, TAIL);
      if (this.#mine !== this.#theirs) break;
      this.#sleep(TAIL, READER_SLEEPS);
    }
    return this.#mine % this.#slots;
  }

  /** The reader's: gives the slot back. */
  release(): void {
    this.#advance(HEAD, WRITER_SLEEPS);
  }

  #advance(counter: number, sleeper: number): void {
    this.#mine++;
    Atomics.store(this.#words, counter, this.#mine);
    // After the store: a sleeper either sees it, or is seen here.
    if (Atomics.load(this.#words, sleeper) === 1) {
      Atomics.notify(this.#words, counter);
    }
  }

  #sleep(counter: number, sleeper: number): void {
    Atomics.store(this.#words, sleeper, 1);
    Atomics.wait(this.#words, counter, this.#theirs);
    Atomics.store(this.#words, sleeper, 0);
  }
}
