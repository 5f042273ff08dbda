// Copyright 2026 the authors. MIT license.

// The tasks of the pools that name a file.

export default function same(value) {
  return value;
}

export function size(bytes) {
  return bytes.byteLength;
}
