// Copyright 2026 the authors. MIT license.

// Which seat the tasks of a key go to.

/**
 * The number of a key's seat, from 1 to `max`. It follows from the key alone,
 * so that nothing need be remembered of keys, of which there may be endlessly
 * many.
 */
export function seatOfKey(key: string | number, max: number): number {
  return hash(`${typeof key}:${key}`) % max + 1;
}

/** FNV-1a, stirred: 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  value = Math.imul(value ^ value >>> 16, 0x85ebca6b);
  return (value ^ value >>> 13) >>> 0;
}
