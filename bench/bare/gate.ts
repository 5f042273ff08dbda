// Copyright 2026 the authors. MIT license.

// A start signal with a size and a done signal, for one worker that runs
// batches: the bare counterpart of a second queue.

const SIZE = 0;
const DONE = 1;

/** Starts batches in one worker and waits for their ends. */
export class Gate {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
  }

  /** Lets the worker run a batch; a size below zero ends it. */
  open(size: number): void {
    Atomics.store(this.#cells, SIZE, size);
    Atomics.notify(this.#cells, SIZE);
  }

  /** In the worker: waits for a batch, and returns its size. */
  enter(): number {
    while (Atomics.load(this.#cells, SIZE) === 0) {
      Atomics.wait(this.#cells, SIZE, 0);
    }
    return Atomics.exchange(this.#cells, SIZE, 0);
  }

  /** In the worker: tells that the batch is done. */
  leave(): void {
    Atomics.store(this.#cells, DONE, 1);
    Atomics.notify(this.#cells, DONE);
  }

  /** Waits for the end of the batch. */
  join(): void {
    while (Atomics.load(this.#cells, DONE) === 0) {
      Atomics.wait(this.#cells, DONE, 0);
    }
    Atomics.store(this.#cells, DONE, 0);
  }
}
