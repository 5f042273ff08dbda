// Copyright 2026 the authors. MIT license.

// The draft that messages are written into: bytes, numbers and strings, in
// the alphabet of message/wire.ts.

import * as wire from "./wire.ts";

/** How long the draft is at first, and again after a huge message. */
const USUAL_BYTES = 16 * 1024;
/** A draft longer than this is not kept for the next message. */
const MOST_BYTES = 1024 * 1024;
/**
 * The longest text that is copied here, in characters: below it, copying is
 * cheaper than a TextEncoder.
 */
const SHORT_STRING = 40;
/** Any byte that says what follows, and the numbers after it, fit in this. */
const HEAD = 32;

const encoder = new TextEncoder();

/**
 * A growing array of bytes.
 *
 * **Room**: {@linkcode Draft.head} makes room for a head, and every method
 * that takes a string or a length makes its own; the rest check nothing.
 */
export class Draft {
  #bytes = new Uint8Array(USUAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  /** Where the next byte goes. Setting it back unwrites what came after. */
  at = 0;

  /** The bytes written so far: good until the draft is used again. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.at);
  }

  /** Gives a huge draft away to the holder of the message in it. */
  shrink(): void {
    if (this.#bytes.length > MOST_BYTES) this.#renew(USUAL_BYTES);
  }

  /** Makes room for so many bytes at once. */
  makeRoom(length: number): void {
    if (length > USUAL_BYTES) this.#reserve(length + USUAL_BYTES);
  }

  head(): void {
    if (this.at + HEAD > this.#bytes.length) this.#grow(HEAD);
  }

  byte(value: number): void {
    this.#bytes[this.at++] = value;
  }

  uint32(value: number): void {
    this.#view.setUint32(this.at, value, true);
    this.at += 4;
  }

  /** Writes over four bytes that were written. */
  uint32At(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  float64(value: number): void {
    this.#view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  number(value: number): void {
    // Minus zero is not the integer zero.
    if ((value | 0) !== value || (value === 0 && 1 / value < 0)) {
      this.byte(wire.FLOAT64);
      this.float64(value);
    } else if (value >= 0 && value < 128) {
      this.byte(wire.SMALL + value);
    } else {
      this.byte(wire.INT32);
      this.#view.setInt32(this.at, value, true);
      this.at += 4;
    }
  }

  bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.byte(wire.INT64);
      this.#view.setBigInt64(this.at, value, true);
      this.at += 8;
    } else {
      this.byte(wire.BIGINT);
      this.byte(value < 0n ? 1 : 0);
      this.string((value < 0n ? -value : value).toString(16));
    }
  }

  string(value: string): void {
    const start = this.at++;
    if (value.length <= SHORT_STRING && this.#ascii(value)) {
      this.#bytes[start] = wire.SHORT;
      return;
    }
    this.at = start + 5;
    // UTF-8 has no form for a surrogate without its other half.
    if (value.isWellFormed()) {
      this.#utf8(value);
      this.#bytes[start] = wire.TEXT;
      this.#view.setUint32(start + 1, this.at - start - 5, true);
    } else {
      this.#units(value);
      this.#bytes[start] = wire.UNITS;
      this.#view.setUint32(start + 1, value.length, true);
    }
  }

  key(key: string): void {
    if (key.length < wire.LONG_KEY && this.#ascii(key)) return;
    this.head();
    this.byte(wire.LONG_KEY);
    this.string(key);
  }

  /** Ends what began with keys. */
  lastKey(): void {
    this.#reserve(1);
    this.byte(wire.LAST_KEY);
  }

  /** Writes another byte at `place`, where one was written. */
  replace(place: number, value: number): void {
    this.#bytes[place] = value;
  }

  /** Writes `value`, which is well-formed, and nothing else. */
  text(value: string): Uint8Array<ArrayBuffer> {
    this.at = 0;
    if (value.length <= SHORT_STRING && this.#ascii(value)) {
      return this.#bytes.subarray(1, this.at);
    }
    this.at = 0;
    this.#utf8(value);
    const bytes = this.take();
    this.shrink();
    return bytes;
  }

  /** The bytes of `value` and nothing more. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.at);
    this.at += value.length;
  }

  #utf8(value: string): void {
    this.#reserve(value.length);
    const target = this.#bytes.subarray(this.at);
    const { read, written } = encoder.encodeInto(value, target);
    this.at += written;
    if (read === value.length) return;
    // Most text is ASCII. The rest takes up to three bytes a unit.
    const rest = value.slice(read);
    this.#reserve(rest.length * 3);
    this.at += encoder.encodeInto(rest, this.#bytes.subarray(this.at)).written;
  }

  #units(value: string): void {
    this.#reserve(value.length * 2);
    for (let i = 0; i < value.length; i++) {
      this.#view.setUint16(this.at, value.charCodeAt(i), true);
      this.at += 2;
    }
  }

  /** Length and characters, or nothing if there is another character. */
  #ascii(value: string): boolean {
    const { length } = value;
    this.#reserve(1 + length);
    const bytes = this.#bytes;
    let at = this.at;
    bytes[at++] = length;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) return false;
      bytes[at++] = unit;
    }
    this.at = at;
    return true;
  }

  #reserve(length: number): void {
    if (this.at + length > this.#bytes.length) this.#grow(length);
  }

  #grow(length: number): void {
    const old = this.#bytes;
    this.#renew(Math.max(old.length * 2, this.at + length));
    this.#bytes.set(old);
  }

  #renew(length: number): void {
    this.#bytes = new Uint8Array(length);
    this.#view = new DataView(this.#bytes.buffer);
  }
}
