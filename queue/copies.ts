// Copyright 2026 the authors. MIT license.

// Room for the copies of a batch: many short arrays cut from a few long ones,
// since a new buffer costs several times what copying a short message does.

/** How long one buffer is. */
const CHUNK = 1 << 16;
/** Longer copies have a buffer of their own. */
const LONGEST = 1 << 12;

/** Cuts room for copies from buffers that nobody else uses. */
export class Copies {
  #chunk: Uint8Array<ArrayBuffer> | undefined;
  #at = 0;

  /** Bytes of any content. */
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
