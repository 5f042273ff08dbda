// Copyright 2026 the authors. MIT license.

// Parts of buffers, as arguments name them.

import { BufferTooShort } from "../errors.ts";
import { checkInteger, checkNumber, typeName } from "../memory/check.ts";

/** `size` bytes of a buffer, from `offset` on; without a size, all of them. */
export function partOf(
  buffer: ArrayBuffer | ArrayBufferView,
  offset: number = 0,
  size?: number,
): Uint8Array {
  const bytes = bytesOf(buffer);
  checkInteger("use buffer", "offset", offset, 0, bytes.length);
  if (size === undefined) return bytes.subarray(offset);
  checkInteger("use buffer", "size", size, 0, bytes.length - offset);
  return bytes.subarray(offset, offset + size);
}

function bytesOf(buffer: unknown): Uint8Array {
  if (ArrayBuffer.isView(buffer)) {
    const { byteOffset, byteLength } = buffer;
    return new Uint8Array(buffer.buffer, byteOffset, byteLength);
  }
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  throw new TypeError(
    `Cannot use buffer: expected an ArrayBuffer or a view of one: got ${
      typeName(buffer)
    }`,
  );
}

/** The most bytes that a caller wants; without a limit, Infinity. */
export function mostOf(maxLength: number | undefined): number {
  if (maxLength === undefined) return Infinity;
  checkNumber("receive bytes", "maxLength", maxLength);
  if (maxLength >= 0) return maxLength;
  throw new RangeError(
    `Cannot receive bytes: maxLength must be 0 or more: got ${maxLength}`,
  );
}

/** Copies a message into a buffer; returns how many bytes it has. */
export function copyInto(target: Uint8Array, bytes: Uint8Array): number {
  if (bytes.length > target.length) {
    throw new BufferTooShort(
      `Cannot receive bytes: the message has ${bytes.length}, and there is room for ${target.length}`,
      bytes,
    );
  }
  target.set(bytes);
  return bytes.length;
}
